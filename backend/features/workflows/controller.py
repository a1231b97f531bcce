"""Routes of the palette, workflows, drafts, releases and entry links."""

from __future__ import annotations

import io
import re
from typing import Annotated, Any

import msgspec
import segno
from litestar import Controller, Response, Router, get, patch, post
from litestar.params import Body, HeaderParameter, Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import workflows as wire
from backend.contracts.common import Page, Text
from backend.db.models import EntryLink, Release, Workflow
from backend.db.session import Database
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import BadRequest, Invalid, NotFound, PreconditionRequired
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.workflows import checks, queries, service
from backend.features.workflows.fields import list_fields
from backend.features.workflows.naming import list_names
from backend.features.workflows.people import find_missing
from backend.graph.clocks import ClockConfig
from backend.graph.diff import diff
from backend.graph.expressions import ROOTS, check_expression
from backend.graph.model import Boundary, Definition
from backend.graph.registry import Registry, config_schema, struct_schema
from backend.messages import render
from backend.runtime.triggers.config import NAMES

MERGE_PATCH = "application/merge-patch+json"
IfMatch = Annotated[
    str | None, HeaderParameter(name="If-Match", description='The draft\'s revision, such as `"42"`')
]
ReleaseNumber = Annotated[int, Parameter(ge=1, le=2**31 - 1)]


def read_if_match(value: str | None) -> int:
    """The revision of an If-Match header. Raises PreconditionRequired, BadRequest."""
    if value is None:
        raise PreconditionRequired()
    found = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', value.strip())
    if found is None:
        raise BadRequest("precondition_required")
    return int(found[1])


@get("/clock-schema", guards=[requires("view", "edit")], tags=["workflows"])
async def show_clock_schema() -> wire.ClockSchema:
    """JSON Schema of a service level clock in a workflow's settings, for its panel."""
    return wire.ClockSchema(config_schema=struct_schema(ClockConfig))


@get("/node-types", guards=[requires("view", "edit")], tags=["workflows"])
async def list_node_types(registry: Registry) -> wire.NodeTypes:
    """The palette: every node type with its config schema and default ports, and the boundary's schema."""
    items = [present_node_type(node_type) for node_type in registry]
    return wire.NodeTypes(items=items, boundary_schema=struct_schema(Boundary))


def present_node_type(node_type: Any) -> wire.NodeType:
    """A palette entry. The ports are those of a freshly dropped node."""
    try:
        fresh = msgspec.convert(node_type.defaults, node_type.config)
        ports = [msgspec.convert(msgspec.to_builtins(port), wire.Port) for port in node_type.ports(fresh)]
    except msgspec.ValidationError:
        ports = []
    return wire.NodeType(
        type=node_type.type,
        v=node_type.version,
        family=node_type.family,
        shape=node_type.shape,
        label=Text(zh=node_type.label.zh, en=node_type.label.en),
        summary=Text(zh=node_type.help.zh, en=node_type.help.en),
        icon=node_type.icon,
        config_schema=config_schema(node_type),
        config_ui=node_type.config_ui,
        defaults=node_type.defaults,
        ports=ports,
        waits=node_type.waits,
    )


class WorkflowController(Controller):
    """Workflows and their drafts."""

    path = "/workflows"
    tags = ("workflows",)

    @get("", guards=[requires("view", "edit", "run")])
    async def list_workflows(
        self, actor: Actor, reading: AsyncSession, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[wire.WorkflowItem]:
        """Newest first."""
        statement = queries.select_items(actor).limit(limit + 1)
        if cursor:
            statement = statement.where(after((Workflow.id,), decode_cursor(cursor, str), descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(rows, limit, queries.present_item, lambda row: (row[0].id,))

    @post("", guards=[requires("edit")], status_code=201)
    async def create_workflow(
        self, data: wire.CreateWorkflow, actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.WorkflowItem:
        """A new workflow: start and end, or the definition that is given."""
        workflow = await service.create_workflow(session, actor, data, clock())
        return await queries.find_item(session, actor, workflow.id)

    @get("/{workflow_id:str}", guards=[requires("view", "edit", "run")])
    async def show_workflow(self, workflow_id: str, actor: Actor, reading: AsyncSession) -> wire.WorkflowItem:
        """One workflow."""
        return await queries.find_item(reading, actor, workflow_id)

    @get("/{workflow_id:str}/draft", guards=[requires("view", "edit")])
    async def show_draft(
        self, workflow_id: str, actor: Actor, database: Database, registry: Registry, locale: str
    ) -> Response[wire.Draft]:
        """The draft with its findings. The ETag is what an edit must send as If-Match."""
        async with database.reading() as session:
            draft = await queries.find_draft(session, actor, workflow_id)
            names = await list_names(session, actor)
            _, definition = checks.read_definition(draft.definition)
            strangers = await find_missing(session, actor, definition)
        verdict = await checks.check(definition, registry, strangers)
        answer = wire.Draft(
            workflow_id=workflow_id,
            revision=draft.revision,
            definition=draft.definition,
            derived=checks.present_derived(definition, registry, names),
            findings=checks.present_findings(verdict.issues, locale),
            soundness=checks.present_soundness(verdict),
        )
        return Response(answer, headers={"etag": f'"{draft.revision}"'})

    @patch("/{workflow_id:str}/draft", guards=[requires("edit")])
    async def edit_draft(
        self,
        *,
        workflow_id: str,
        data: Annotated[dict[str, Any], Body(media_type=MERGE_PATCH)],
        actor: Actor,
        database: Database,
        registry: Registry,
        clock: Clock,
        locale: str,
        if_match: IfMatch = None,
    ) -> Response[wire.DraftSaved]:
        """Apply an RFC 7396 merge patch to the definition. A stale revision answers with the other side's
        edits.
        """
        revision = read_if_match(if_match)
        async with database.unit_of_work() as session:
            draft, definition, undo = await service.edit_draft(
                session, actor, workflow_id, data, revision=revision, now=clock()
            )
            saved = draft.revision
            names = await list_names(session, actor)
            strangers = await find_missing(session, actor, definition)
        verdict = await checks.check(definition, registry, strangers)
        answer = wire.DraftSaved(
            revision=saved,
            inverse=undo,
            derived=checks.present_derived(definition, registry, names),
            findings=checks.present_findings(verdict.issues, locale),
            soundness=checks.present_soundness(verdict),
        )
        return Response(answer, headers={"etag": f'"{saved}"'})

    @get("/{workflow_id:str}/fields", guards=[requires("view", "edit")])
    async def show_fields(
        self, workflow_id: str, actor: Actor, reading: AsyncSession, registry: Registry
    ) -> Page[wire.DataField]:
        """The fields that settings may name: those of all forms, what steps compute, and the ticket's own."""
        draft = await queries.find_draft(reading, actor, workflow_id)
        _, definition = checks.read_definition(draft.definition)
        return Page(items=list_fields(definition, registry))

    @post("/{workflow_id:str}/expression-checks", guards=[requires("view", "edit")], status_code=200)
    async def check_text(
        self, workflow_id: str, data: wire.ExpressionText, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.ExpressionCheck:
        """Whether a CEL text compiles within the limits."""
        await queries.find_workflow(reading, actor, workflow_id)
        failed = check_expression(data.text, NAMES if data.scope == "trigger" else ROOTS)
        if failed is None:
            return wire.ExpressionCheck(ok=True)
        is_name = data.scope == "trigger" and failed.code == "expression_unknown_name"
        code = "trigger_unknown_name" if is_name else failed.code
        return wire.ExpressionCheck(ok=False, message=render(code, failed.params, locale))


def present_changes(known: Definition | None, definition: Definition) -> list[wire.PublishChange]:
    """What differs between two definitions; without an earlier one, everything is new."""
    return [
        wire.PublishChange(
            kind=change.kind,
            subject=change.subject,
            id=change.id,
            label=Text(**change.label),
            detail=", ".join(change.detail) or None,
        )
        for change in diff(known, definition)
    ]


class ReleaseController(Controller):
    """Publishing."""

    path = "/workflows/{workflow_id:str}"
    tags = ("releases",)

    @get("/publish-preview", guards=[requires("view", "publish")])
    async def preview(
        self, workflow_id: str, actor: Actor, database: Database, registry: Registry, locale: str
    ) -> wire.PublishPreview:
        """What publishing would change, and what stands in its way."""
        async with database.reading() as session:
            draft = await queries.find_draft(session, actor, workflow_id)
            latest = await queries.find_release(session, actor, workflow_id, None)
            _, definition = checks.read_definition(draft.definition)
            strangers = await find_missing(session, actor, definition)
        known = msgspec.json.decode(latest[0].definition, type=Definition) if latest else None
        verdict = await checks.check(definition, registry, strangers)
        return wire.PublishPreview(
            revision=draft.revision,
            next_number=(latest[0].number if latest else 0) + 1,
            blocked=verdict.blocked,
            changes=present_changes(known, definition),
            findings=checks.present_findings(verdict.issues, locale),
        )

    @post("/releases", guards=[requires("publish")], status_code=201)
    async def publish(
        self,
        *,
        workflow_id: str,
        data: wire.PublishRequest,
        actor: Actor,
        database: Database,
        registry: Registry,
        clock: Clock,
        locale: str,
    ) -> wire.Release:
        """Freeze this revision as the next release. Refused while any finding is an error.

        The check may take a second, so it comes before the transaction, which then compares the revision.
        """
        async with database.reading() as reading:
            draft = await queries.find_draft(reading, actor, workflow_id)
            await service.check_revision(reading, draft, data.revision)
            _, definition = checks.read_definition(draft.definition)
            strangers = await find_missing(reading, actor, definition)
        verdict = await checks.check(definition, registry, strangers)
        if verdict.blocked:
            findings = checks.present_findings(verdict.issues, locale)
            raise Invalid("unsound", extras={"findings": msgspec.to_builtins(findings)})
        async with database.unit_of_work() as session:
            release = await service.publish(
                session, actor, workflow_id, data, verdict=verdict, definition=definition, now=clock()
            )
            found = await queries.find_release(session, actor, workflow_id, release.number)
        if found is None:
            raise NotFound()
        return queries.present_release(found)

    @get("/releases", guards=[requires("view", "edit", "publish")])
    async def list_releases(
        self, workflow_id: str, actor: Actor, reading: AsyncSession, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[wire.Release]:
        """Newest first."""
        await queries.find_workflow(reading, actor, workflow_id)
        statement = queries.select_releases(actor, workflow_id).limit(limit + 1)
        if cursor:
            statement = statement.where(after((Release.number,), decode_cursor(cursor, int), descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(rows, limit, queries.present_release, lambda row: (row[0].number,))

    @get("/releases/{number:int}", guards=[requires("view", "edit", "publish")])
    async def show_release(
        self,
        *,
        workflow_id: str,
        number: ReleaseNumber,
        actor: Actor,
        reading: AsyncSession,
        registry: Registry,
    ) -> wire.Release:
        """One release with its definition."""
        found = await queries.find_release(reading, actor, workflow_id, number)
        if found is None:
            raise NotFound()
        definition: dict[str, Any] = msgspec.json.decode(found[0].definition)
        _, known = checks.read_definition(definition)
        return msgspec.structs.replace(
            queries.present_release(found),
            definition=definition,
            derived=checks.present_derived(known, registry, await list_names(reading, actor)),
        )

    @get("/releases/{number:int}/changes", guards=[requires("view", "edit", "publish")])
    async def list_changes(
        self, workflow_id: str, number: ReleaseNumber, actor: Actor, reading: AsyncSession
    ) -> Page[wire.PublishChange]:
        """What a release changed against the one before it."""
        found = await queries.find_release(reading, actor, workflow_id, number)
        if found is None:
            raise NotFound()
        before = await queries.find_release(reading, actor, workflow_id, number - 1) if number > 1 else None
        known = msgspec.json.decode(before[0].definition, type=Definition) if before else None
        definition = msgspec.json.decode(found[0].definition, type=Definition)
        return Page(items=present_changes(known, definition))

    @post("/restore", guards=[requires("edit")], status_code=200)
    async def restore(
        self, workflow_id: str, data: wire.RestoreRequest, actor: Actor, database: Database, clock: Clock
    ) -> wire.WorkflowItem:
        """Make a release's definition the draft again; publishing it is a separate step."""
        async with database.reading() as reading:
            await queries.find_workflow(reading, actor, workflow_id)
            found = await queries.find_release(reading, actor, workflow_id, data.number)
        if found is None:
            raise NotFound()
        wanted, _ = checks.read_definition(msgspec.json.decode(found[0].definition))
        async with database.unit_of_work() as session:
            await service.restore(session, actor, workflow_id, data.number, wanted, clock())
            return await queries.find_item(session, actor, workflow_id)

    @get("/entry-links", guards=[requires("view", "publish", "run")])
    async def list_links(
        self, workflow_id: str, actor: Actor, reading: AsyncSession, base_url: str
    ) -> Page[wire.EntryLink]:
        """The doors through which customers open tickets."""
        await queries.find_workflow(reading, actor, workflow_id)
        statement = queries.select_links(actor).where(EntryLink.workflow_id == workflow_id).limit(500)
        links = (await reading.execute(statement)).scalars()
        return Page(items=[queries.present_link(link, base_url) for link in links])

    @post("/entry-links", guards=[requires("publish")], status_code=201)
    async def add_link(
        self,
        *,
        workflow_id: str,
        data: wire.CreateEntryLink,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        base_url: str,
    ) -> wire.EntryLink:
        """A new door for one region and channel."""
        link = await service.add_entry_link(session, actor, workflow_id, data, clock())
        return queries.present_link(link, base_url)


@patch("/entry-links/{link_id:str}", guards=[requires("publish")], tags=["releases"])
async def change_link(
    link_id: str, data: wire.UpdateEntryLink, actor: Actor, session: AsyncSession, base_url: str
) -> wire.EntryLink:
    """Switch a door off or on, or rename it. What is printed keeps its address."""
    return queries.present_link(await service.change_entry_link(session, actor, link_id, data), base_url)


@get("/entry-links/{link_id:str}/qr.svg", guards=[requires("view", "publish", "run")], tags=["releases"])
async def show_qr(link_id: str, actor: Actor, reading: AsyncSession, base_url: str) -> Response[bytes]:
    """The address as a QR code, error correction M, for print and screen."""
    found = await reading.execute(queries.select_links(actor).where(EntryLink.id == link_id))
    link = found.scalar_one_or_none()
    if link is None:
        raise NotFound()
    out = io.BytesIO()
    segno.make(queries.present_link(link, base_url).url, error="m").save(out, kind="svg", scale=8, border=4)
    return Response(out.getvalue(), media_type="image/svg+xml")


ROUTER = Router(
    path="/",
    route_handlers=[
        list_node_types,
        show_clock_schema,
        WorkflowController,
        ReleaseController,
        change_link,
        show_qr,
    ],
)
