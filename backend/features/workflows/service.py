"""Creating workflows, editing drafts, publishing, restoring, entry links."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import workflows as wire
from backend.contracts.common import Text
from backend.db.models import Draft, DraftEdit, EntryLink, Release, Workflow
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, Invalid, NotFound, invalid_field
from backend.features.workflows import queries
from backend.features.workflows.checks import Verdict, read_definition
from backend.graph.canonical import canonical_json, content_hash
from backend.graph.merge_patch import apply, inverse
from backend.graph.model import Definition
from backend.messages import render
from backend.runtime.audit import append

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
MAX_NAME = 200
CHANNEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


def make_blank_definition(name: Text) -> dict[str, Any]:
    """Start and end, connected: the smallest workflow that is sound."""

    def label(code: str) -> dict[str, str]:
        return {locale: render(code, {}, locale) for locale in ("zh", "en")}

    return {
        "format": "tierflow.workflow/1",
        "name": {"zh": name.zh, "en": name.en},
        "graph": {
            "format": "tierflow.graph/1",
            "nodes": {
                "n_start": {
                    "type": "start",
                    "v": 1,
                    "label": label("start_label"),
                    "config": {},
                    "position": {"x": 80, "y": 160},
                },
                "n_end": {
                    "type": "end",
                    "v": 1,
                    "label": label("end_label"),
                    "config": {},
                    "position": {"x": 480, "y": 160},
                },
            },
            "edges": {"e_start": {"source": "n_start", "port": "next", "target": "n_end", "order": 0}},
        },
        "forms": {},
        "settings": {"title": "", "priority": "normal", "tariff_policy": "at_completion"},
    }


def _complete(cleaned: dict[str, Any]) -> dict[str, Any]:
    """What the format may leave out stands in every draft, since edits are patches of it and screens read
    it."""
    graph = cleaned.get("graph", {})
    nodes = {
        key: {"v": 1, "label": {"zh": "", "en": ""}, **node} for key, node in graph.get("nodes", {}).items()
    }
    graph = {"format": "tierflow.graph/1", "edges": {}, **graph, "nodes": nodes}
    return {"forms": {}, "settings": {}, **cleaned, "graph": graph}


# --- drafts ---


async def create_workflow(
    session: AsyncSession, actor: Actor, request: wire.CreateWorkflow, now: datetime
) -> Workflow:
    """A workflow with revision 1 of its draft. Raises Invalid, Conflict (`workflow_key_taken`)."""
    name = _check_name(request.name)
    raw = request.definition or make_blank_definition(name)
    cleaned, _ = read_definition({**raw, "name": {"zh": name.zh, "en": name.en}})
    cleaned = _complete(cleaned)
    key = await _choose_key(session, actor.workspace_id, request.key, name)
    workflow = await add_workflow(
        session, actor.workspace_id, key=key, definition=cleaned, member_id=actor.member_id, now=now
    )
    await append(
        session,
        actor.workspace_id,
        actor.member_id,
        "workflow.created",
        f"workflow:{workflow.id}",
        {"key": key},
    )
    announce(session, actor.workspace_id, "workflows", f"workflow:{workflow.id}")
    return workflow


async def add_workflow(
    session: AsyncSession,
    workspace_id: str,
    *,
    key: str,
    definition: dict[str, Any],
    member_id: str | None,
    now: datetime,
    template: str | None = None,
) -> Workflow:
    """The rows of a workflow and its draft; the definition was read before."""
    workflow = Workflow(
        id=new_id(),
        workspace_id=workspace_id,
        key=key,
        name=read_name(definition),
        template=template,
        created_at=now,
        updated_at=now,
    )
    session.add(workflow)
    await session.flush()
    session.add(
        Draft(
            workflow_id=workflow.id,
            workspace_id=workspace_id,
            revision=1,
            definition=definition,
            updated_at=now,
            updated_by=member_id,
        )
    )
    await session.flush()
    return workflow


async def edit_draft(
    session: AsyncSession,
    actor: Actor,
    workflow_id: str,
    patch: dict[str, Any],
    *,
    revision: int,
    now: datetime,
) -> tuple[Draft, Definition, dict[str, Any]]:
    """The draft after the edit, as a value, and the patch that undoes it.

    Raises NotFound, Conflict (`stale_revision` with the other side's edits), Invalid.
    """
    draft = await queries.find_draft(session, actor, workflow_id, lock=True)
    await check_revision(session, draft, revision)
    undo = inverse(draft.definition, patch)
    cleaned, definition = read_definition(apply(draft.definition, patch))
    _check_name(Text(definition.name.zh, definition.name.en))
    await _save(session, actor, draft, cleaned, patch=patch, now=now)
    return draft, definition, undo


async def _save(
    session: AsyncSession,
    actor: Actor,
    draft: Draft,
    definition: dict[str, Any],
    *,
    patch: dict[str, Any],
    now: datetime,
) -> None:
    draft.revision += 1
    draft.definition = definition
    draft.updated_at = now
    draft.updated_by = actor.member_id
    workflow = await queries.find_workflow(session, actor, draft.workflow_id)
    workflow.updated_at = now
    workflow.name = read_name(definition)
    session.add(
        DraftEdit(
            workflow_id=draft.workflow_id,
            revision=draft.revision,
            workspace_id=draft.workspace_id,
            patch=patch,
            member_id=actor.member_id,
            at=now,
        )
    )
    await session.flush()
    announce(session, actor.workspace_id, f"workflow:{draft.workflow_id}")


async def check_revision(session: AsyncSession, draft: Draft, revision: int) -> None:
    """Raises Conflict with what the other side has changed since."""
    if revision == draft.revision:
        return
    changes = await queries.list_edits(session, draft, revision)
    extras = {"current_revision": draft.revision, "changes": msgspec.to_builtins(changes)}
    raise Conflict("stale_revision", extras=extras)


# --- releases ---


async def publish(
    session: AsyncSession,
    actor: Actor,
    workflow_id: str,
    request: wire.PublishRequest,
    *,
    verdict: Verdict,
    definition: Definition,
    now: datetime,
) -> Release:
    """Freeze the draft. The verdict and the definition are of the very revision that is published.

    Raises NotFound, Conflict (`stale_revision`, `nothing_to_publish`), Invalid (`unsound`).
    """
    draft = await queries.find_draft(session, actor, workflow_id, lock=True)
    await check_revision(session, draft, request.revision)
    if verdict.blocked:
        raise Invalid("unsound")
    latest = await queries.find_release(session, actor, workflow_id, None)
    if latest is not None and latest[0].hash == content_hash(definition):
        raise Conflict("nothing_to_publish")
    release = await add_release(
        session,
        actor.workspace_id,
        workflow_id,
        definition,
        note=request.note,
        member_id=actor.member_id,
        now=now,
    )
    workflow = await queries.find_workflow(session, actor, workflow_id)
    workflow.updated_at = now
    detail = {"number": release.number, "hash": release.hash}
    await append(
        session, actor.workspace_id, actor.member_id, "workflow.published", f"workflow:{workflow_id}", detail
    )
    announce(session, actor.workspace_id, "workflows", f"workflow:{workflow_id}")
    return release


async def add_release(
    session: AsyncSession,
    workspace_id: str,
    workflow_id: str,
    definition: Definition,
    *,
    note: str,
    member_id: str | None,
    now: datetime,
) -> Release:
    """The next release of a workflow; the definition was checked before."""
    highest = select(func.max(Release.number)).where(Release.workflow_id == workflow_id)
    number = ((await session.execute(highest)).scalar_one() or 0) + 1
    release = Release(
        id=new_id(),
        workspace_id=workspace_id,
        workflow_id=workflow_id,
        number=number,
        hash=content_hash(definition),
        definition=canonical_json(definition).decode(),
        note=note,
        created_at=now,
        created_by=member_id,
    )
    session.add(release)
    await session.flush()
    return release


async def restore(  # noqa: PLR0917 - who, what, to which
    session: AsyncSession,
    actor: Actor,
    workflow_id: str,
    number: int,
    cleaned: dict[str, Any],
    now: datetime,
) -> Draft:
    """The draft becomes a release's definition (already read): one edit more, which can be undone. Raises
    NotFound."""
    draft = await queries.find_draft(session, actor, workflow_id, lock=True)
    patch = make_patch(draft.definition, cleaned)
    await _save(session, actor, draft, cleaned, patch=patch, now=now)
    detail = {"number": number, "revision": draft.revision}
    await append(
        session, actor.workspace_id, actor.member_id, "workflow.restored", f"workflow:{workflow_id}", detail
    )
    return draft


def make_patch(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The merge patch that leads from one document to another; neither holds nulls."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        known = before.get(name)
        if isinstance(value, dict) and isinstance(known, dict):
            if inner := make_patch(known, value):
                patch[name] = inner
        elif name not in before or known != value:
            patch[name] = value
    return patch


# --- entry links ---


async def add_entry_link(
    session: AsyncSession, actor: Actor, workflow_id: str, request: wire.CreateEntryLink, now: datetime
) -> EntryLink:
    """Raises NotFound, Conflict (`publish_first`), Invalid."""
    await queries.find_workflow(session, actor, workflow_id)
    if not CHANNEL.fullmatch(request.channel):
        raise invalid_field("/channel", "invalid_channel")
    region = await queries.find_region_of(session, actor, request.region_id)
    if region is None:
        raise invalid_field("/region_id", "unknown_region")
    actor.require("publish", region.path)
    if await queries.find_release(session, actor, workflow_id, None) is None:
        raise Conflict("publish_first")
    link = EntryLink(
        id=new_id(),
        workspace_id=actor.workspace_id,
        workflow_id=workflow_id,
        region_id=region.id,
        channel=request.channel,
        name=request.name.strip(),
        token=secrets.token_urlsafe(32),
        active=True,
        created_at=now,
    )
    session.add(link)
    await session.flush()
    await append(
        session, actor.workspace_id, actor.member_id, "entry_link.created", f"entry_link:{link.id}", {}
    )
    return link


async def change_entry_link(
    session: AsyncSession, actor: Actor, link_id: str, change: wire.UpdateEntryLink
) -> EntryLink:
    """Raises NotFound, NotAllowed."""
    found = await session.execute(queries.select_links(actor).where(EntryLink.id == link_id))
    link: EntryLink | None = found.scalar_one_or_none()
    if link is None:
        raise NotFound()
    region = await queries.find_region_of(session, actor, link.region_id) if link.region_id else None
    actor.require("publish", region.path if region else "/")
    if not isinstance(change.active, msgspec.UnsetType):
        link.active = change.active
    if not isinstance(change.name, msgspec.UnsetType):
        link.name = change.name.strip()
    detail = {"active": link.active}
    await append(
        session, actor.workspace_id, actor.member_id, "entry_link.changed", f"entry_link:{link.id}", detail
    )
    return link


def read_name(definition: dict[str, Any]) -> dict[str, str]:
    """As it is listed: each language stands in for a missing other one."""
    zh, en = (str(definition.get("name", {}).get(locale, "")).strip() for locale in ("zh", "en"))
    return {"zh": zh or en, "en": en or zh}


def _check_name(name: Text) -> Text:
    zh, en = name.zh.strip(), name.en.strip()
    if not (zh or en):
        raise invalid_field("/name", "workflow_name_required")
    if max(len(zh), len(en)) > MAX_NAME:
        raise invalid_field("/name", "name_too_long", limit=MAX_NAME)
    return Text(zh=zh or en, en=en or zh)


async def _choose_key(session: AsyncSession, workspace_id: str, wanted: str | None, name: Text) -> str:
    """The given key, or one from the English name; a derived one gets a number when it is taken."""
    taken = set(
        (await session.execute(select(Workflow.key).where(Workflow.workspace_id == workspace_id))).scalars()
    )
    if wanted is not None:
        if not KEY.fullmatch(wanted):
            raise invalid_field("/key", "workflow_key_invalid")
        if wanted in taken:
            raise Conflict("workflow_key_taken", params={"key": wanted})
        return wanted
    base = re.sub(r"[^a-z0-9]+", "-", name.en.lower()).strip("-")[:50] or "workflow"
    return next(key for key in _number(base) if key not in taken)


def _number(base: str) -> Iterator[str]:
    yield base
    at = 2
    while True:
        yield f"{base}-{at}"
        at += 1
