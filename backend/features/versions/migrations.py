"""Routes of migrations: running tickets moved to another release of their workflow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from litestar import Controller, get, post
from litestar.params import Parameter, QueryParameter
from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import versions as wire
from backend.contracts.common import Page
from backend.db.models import Member, Migration, MigrationTicket, Release, Ticket
from backend.db.session import Database, announce
from backend.db.types import new_id
from backend.engine.matching import suggest
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import Conflict, Invalid, NotFound, invalid_field
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.features.versions import queries
from backend.features.versions.piles import present_migration, present_ticket
from backend.features.versions.queries import Names
from backend.graph.model import Definition
from backend.runtime.audit import append
from backend.runtime.runtime import Runtime

BUSY = ("checking", "running", "undoing")
RUNNING = ("running", "suspended")
Pile = Literal["green", "amber", "red", "migrated", "left", "undone", "kept"]
ChosenPile = Annotated[Pile | None, QueryParameter(name="pile", description="Only these tickets")]
FromNumber = Annotated[
    int | None, QueryParameter(name="from", ge=1, le=2**31 - 1, description="The one before, when absent")
]
ToNumber = Annotated[int | None, Parameter(ge=1, le=2**31 - 1, description="The newest, when absent")]


class WorkflowMigrationController(Controller):
    """Migrations of one workflow."""

    path = "/workflows/{workflow_id:str}/migrations"
    tags = ("versions",)

    @get("/suggestion", guards=[requires("view", "edit", "publish")])
    async def suggest_mapping(
        self,
        workflow_id: str,
        actor: Actor,
        reading: AsyncSession,
        origin: FromNumber = None,
        to: ToNumber = None,
    ) -> wire.MappingSuggestion:
        """Which node of the one release is which of the other, and how many tickets stand where."""
        new = await queries.find_release(reading, actor, workflow_id, to)
        old = await queries.find_release(reading, actor, workflow_id, origin or max(1, new.number - 1))
        before, target = (msgspec.json.decode(each.definition, type=Definition) for each in (old, new))
        statement = select(Ticket.state).where(
            Ticket.workspace_id == actor.workspace_id,
            Ticket.release_id == old.id,
            Ticket.status.in_(RUNNING),
        )
        states = (await reading.execute(statement.limit(5000))).scalars()
        return wire.MappingSuggestion(
            origin=old.number,
            target=new.number,
            matches=[wire.NodeMatch(old=m.old, new=m.new, kind=m.kind) for m in suggest(before, target)],
            standing=count_standing(states),
        )

    @post("", guards=[requires("publish")], status_code=201)
    async def start(
        self,
        *,
        workflow_id: str,
        data: wire.StartMigration,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        clock: Clock,
        locale: str,
    ) -> wire.Migration:
        """Judge every running ticket of the chosen releases. Nothing moves before `run`, unless `dry_run` is
        false."""
        async with database.unit_of_work() as session:
            target = await queries.find_release(session, actor, workflow_id, data.to)
            actor.require("publish", "/")
            sources = await _choose_sources(session, actor, workflow_id, data)
            await _refuse_busy(session, actor, workflow_id)
            await _check_mapping(session, workflow_id, sources, target, data.mapping)
            migration = Migration(
                id=new_id(),
                workspace_id=actor.workspace_id,
                workflow_id=workflow_id,
                target_id=target.id,
                target_number=target.number,
                sources=sources,
                mapping=data.mapping,
                amber=False,
                status="checking",
                total=await _count_running(session, actor, workflow_id, sources),
                done=0,
                counts={},
                created_at=clock(),
                created_by=actor.member_id,
            )
            session.add(migration)
            await session.flush()
            row = await find_migration(session, actor, migration.id)
            announce(session, actor.workspace_id, f"migrations:{workflow_id}")
        payload = {"migration": migration.id, "act": "check", "by": actor.member_id, "go": not data.dry_run}
        await runtime.add_job(actor.workspace_id, "migration", payload)
        return present_migration(row, locale)

    @get("", guards=[requires("view", "edit", "publish")])
    async def list_migrations(  # noqa: PLR0917 - what a list needs
        self,
        workflow_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        cursor: Cursor = None,
        limit: Limit = 20,
    ) -> Page[wire.Migration]:
        """Newest first."""
        await queries.find_workflow(reading, actor, workflow_id)
        statement = select_migrations(actor).where(Migration.workflow_id == workflow_id).limit(limit + 1)
        if cursor:
            statement = statement.where(after((Migration.id,), decode_cursor(cursor, str), descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(rows, limit, lambda row: present_migration(row, locale), lambda row: (row[0].id,))


class MigrationController(Controller):
    """One migration."""

    path = "/migrations/{migration_id:str}"
    tags = ("versions",)

    @get("", guards=[requires("view", "edit", "publish")])
    async def show(
        self, migration_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.Migration:
        """Progress and the piles."""
        return present_migration(await find_migration(reading, actor, migration_id), locale)

    @get("/tickets", guards=[requires("view", "edit", "publish")])
    async def list_tickets(  # noqa: PLR0917 - what a list needs
        self,
        migration_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        pile: ChosenPile = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.MigrationTicket]:
        """Tickets of a pile with every reason, in the order in which they were opened."""
        migration: Migration = (await find_migration(reading, actor, migration_id))[0]
        statement = select(MigrationTicket).where(
            MigrationTicket.migration_id == migration_id,
            MigrationTicket.region_path.startswith(queries.reach_of(actor), autoescape=True),
        )
        if pile in {"green", "amber", "red"}:
            statement = statement.where(MigrationTicket.verdict == pile)
        elif pile is not None:
            statement = statement.where(MigrationTicket.status == pile)
        if cursor:
            place = decode_cursor(cursor, int)
            statement = statement.where(after((MigrationTicket.seq,), place, descending=False))
        names = await name_releases(reading, actor, migration)
        rows = (
            (await reading.execute(statement.order_by(MigrationTicket.seq).limit(limit + 1))).scalars().all()
        )
        return make_page(rows, limit, lambda row: present_ticket(row, names, locale), lambda row: (row.seq,))

    @post("/run", guards=[requires("publish")], status_code=200)
    async def run(
        self,
        *,
        migration_id: str,
        data: wire.RunMigration,
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
    ) -> wire.Migration:
        """Take the green tickets over (and the amber ones where asked), one transaction each. A run that was
        stopped goes on."""
        return await self._change(
            (migration_id, "run", ("ready", "stopped", "done")),
            actor,
            database,
            runtime,
            locale,
            amber=data.amber,
        )

    @post("/stop", guards=[requires("publish")], status_code=200)
    async def stop(
        self, migration_id: str, actor: Actor, session: AsyncSession, locale: str
    ) -> wire.Migration:
        """Stop after the ticket at hand. What has moved stays moved."""
        row = await find_migration(session, actor, migration_id, lock=True)
        migration: Migration = row[0]
        if migration.status in {"running", "undoing"}:
            migration.status = "stopped"
            announce(session, actor.workspace_id, f"migration:{migration_id}")
        elif migration.status == "checking":
            migration.status, migration.finished_at = "failed", session.info["clock"]()
            migration.error = "migration_stopped"
            announce(session, actor.workspace_id, f"migration:{migration_id}")
        return present_migration(row, locale)

    @post("/undo", guards=[requires("publish")], status_code=200)
    async def undo(
        self, migration_id: str, actor: Actor, database: Database, runtime: Runtime, locale: str
    ) -> wire.Migration:
        """Bring every ticket back that was moved: exactly where nothing has happened to it since, else
        through the triage."""
        return await self._change(
            (migration_id, "undo", ("stopped", "done", "undone")), actor, database, runtime, locale
        )

    async def _change(
        self,
        wanted: tuple[str, str, tuple[str, ...]],
        actor: Actor,
        database: Database,
        runtime: Runtime,
        locale: str,
        *,
        amber: bool | None = None,
    ) -> wire.Migration:
        migration_id, act, allowed = wanted
        async with database.unit_of_work() as session:
            row = await find_migration(session, actor, migration_id, lock=True)
            actor.require("publish", "/")
            migration: Migration = row[0]
            if migration.status not in allowed:
                raise Conflict("migration_busy")
            await _refuse_busy(session, actor, migration.workflow_id)
            migration.status = {"run": "running", "undo": "undoing"}[act]
            migration.amber = migration.amber if amber is None else amber
            migration.finished_at = None
            detail = {"to": migration.target_number, "amber": migration.amber}
            subject = f"workflow:{migration.workflow_id}"
            await append(session, actor.workspace_id, actor.member_id, f"migration.{act}", subject, detail)
            announce(session, actor.workspace_id, f"migration:{migration_id}")
        payload = {"migration": migration_id, "act": act, "by": actor.member_id}
        await runtime.add_job(actor.workspace_id, "migration", payload)
        return present_migration(row, locale)


# --- reading ---


def select_migrations(actor: Actor) -> Select[Migration, str]:
    """With who asked for them, newest first."""
    return (
        select(Migration, Member.name)
        .outerjoin(Member, Member.id == Migration.created_by)
        .where(Migration.workspace_id == actor.workspace_id)
        .order_by(Migration.id.desc())
    )


async def find_migration(
    session: AsyncSession, actor: Actor, migration_id: str, *, lock: bool = False
) -> Row[Migration, str]:
    """Raises NotFound."""
    statement = select_migrations(actor).where(Migration.id == migration_id)
    if lock:
        statement = statement.with_for_update(of=Migration)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound()
    return found


async def _choose_sources(
    session: AsyncSession, actor: Actor, workflow_id: str, data: wire.StartMigration
) -> list[int]:
    known = select(Release.number).where(
        Release.workspace_id == actor.workspace_id, Release.workflow_id == workflow_id
    )
    numbers = set((await session.execute(known)).scalars()) - {data.to}
    wanted = set(data.origins) or numbers
    if not wanted <= numbers:
        raise invalid_field("/from", "release_unknown")
    if not wanted:
        raise invalid_field("/from", "release_lonely")
    return sorted(wanted)


async def _refuse_busy(session: AsyncSession, actor: Actor, workflow_id: str) -> None:
    """One at a time: two could pull at one ticket."""
    statement = select_migrations(actor).where(
        Migration.workflow_id == workflow_id, Migration.status.in_(BUSY)
    )
    if (await session.execute(statement.limit(1))).first() is not None:
        raise Conflict("migration_busy")


async def _check_mapping(
    session: AsyncSession, workflow_id: str, sources: list[int], target: Release, mapping: dict[str, str]
) -> None:
    """Raises Invalid for nodes that neither side has."""
    statement = select(Release.definition).where(
        Release.workflow_id == workflow_id, Release.number.in_(sources)
    )
    known: set[str] = set()
    for text in (await session.execute(statement)).scalars():
        known |= set(msgspec.json.decode(text, type=Definition).graph.nodes)
    nodes = msgspec.json.decode(target.definition, type=Definition).graph.nodes
    if not (mapping.keys() <= known and set(mapping.values()) <= set(nodes)):
        raise Invalid("mapping_unknown_node")


async def _count_running(session: AsyncSession, actor: Actor, workflow_id: str, sources: list[int]) -> int:
    statement = (
        select(func.count())
        .select_from(Ticket)
        .join(Release, Release.id == Ticket.release_id)
        .where(
            Ticket.workspace_id == actor.workspace_id,
            Ticket.workflow_id == workflow_id,
            Ticket.status.in_(RUNNING),
            Release.number.in_(sources),
        )
    )
    found: int = (await session.execute(statement)).scalar_one()
    return found


class _Place(msgspec.Struct):
    node: str


class _Standing(msgspec.Struct):
    tokens: dict[str, _Place] = {}


def count_standing(states: Iterable[str]) -> dict[str, int]:
    """Tickets by node where one of their tokens stands."""
    counts: dict[str, int] = {}
    for text in states:
        if text:
            state = msgspec.json.decode(text, type=_Standing)
            for node in {token.node for token in state.tokens.values()}:
                counts[node] = counts.get(node, 0) + 1
    return counts


async def name_releases(session: AsyncSession, actor: Actor, migration: Migration) -> Names:
    """The nodes and fields of both sides; the old ones go before."""
    statement = (
        select(Release.definition)
        .where(Release.workflow_id == migration.workflow_id, Release.workspace_id == actor.workspace_id)
        .order_by(Release.number.in_(migration.sources), Release.number)
    )
    texts = list((await session.execute(statement)).scalars())
    return queries.name_definitions(Names(members={}, regions={}, departments={}), texts)
