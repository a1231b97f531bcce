"""Which lines a statement is about. Every statement, list, file and bundle reads the ledger through here,
and so through the one rule of who sees which lines.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

import msgspec
from litestar.params import Parameter
from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import statements as wire
from backend.contracts.settlement import Party
from backend.db.models import Dispute, LedgerLine, Member, Region
from backend.features.platform.actor import Actor
from backend.features.platform.errors import BadRequest, NotFound
from backend.features.platform.pages import after
from backend.features.settlement.access import in_branch, lines_in_sight
from backend.features.settlement.naming import Names, list_regions, load_departments, map_members, name_party
from backend.features.statements.spans import LONGEST_KEY, read_key, sort_keys

PARTY_KINDS = ("member", "department", "region", "partner", "account", "project")
Kind = Literal["member", "department", "region", "partner", "account", "project"]
CHUNK = 500
MOST_PERIODS = 400

Key = Annotated[str | None, Parameter(max_length=LONGEST_KEY, description="Such as `2026-11` or `2026-W47`")]
RegionId = Annotated[str | None, Parameter(max_length=120)]


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The lines in sight, of one region where one is named; `limited` when they may not be all of a
    party's."""

    actor: Actor
    clauses: tuple[ColumnElement[bool], ...]
    regions: tuple[Region, ...]
    region: Region | None = None

    def is_limited(self, kind: str, key: str) -> bool:
        """Whether the reader may see only a part of this party's lines."""
        if self.region is not None:
            return True
        return (kind, key) != ("member", self.actor.member_id) and self.actor.reach("settle", "view") != "/"


async def read_scope(*, actor: Actor, reading: AsyncSession, region_id: RegionId = None) -> Scope:
    """Raises NotFound for a region out of sight."""
    regions = tuple(await list_regions(reading, actor.workspace_id))
    clauses = [lines_in_sight(actor)]
    region = None
    if region_id is not None:
        region = next((each for each in regions if each.id == region_id), None)
        reach = actor.reach("settle", "view")
        if region is None or reach is None or not region.path.startswith(reach):
            raise NotFound()
        clauses.append(in_branch(actor.workspace_id, region.path))
    return Scope(actor=actor, clauses=tuple(clauses), regions=regions, region=region)


def read_party(party: str) -> tuple[str, str]:
    """`member:<id>`. Raises BadRequest."""
    kind, colon, key = party.partition(":")
    if kind not in PARTY_KINDS or not colon or not key:
        raise BadRequest("invalid_parameter", extras={"parameter": "party"})
    return kind, key


async def list_periods(
    session: AsyncSession, scope: Scope, party: tuple[str, str] | None = None
) -> list[str]:
    """Keys of the periods with lines in sight, the newest first."""
    statement = select(LedgerLine.period).where(*scope.clauses).distinct().limit(MOST_PERIODS)
    if party is not None:
        statement = statement.where(of_party(*party))
    return sort_keys((await session.execute(statement)).scalars())


def of_party(kind: str, key: str) -> ColumnElement[bool]:
    """Lines of one party, both sides."""
    return (LedgerLine.party_kind == kind) & (LedgerLine.party_id == key)


_RECEIVED = func.coalesce(func.sum(case((LedgerLine.counter.is_(False), LedgerLine.amount), else_=0)), 0)
_BORNE = func.coalesce(func.sum(case((LedgerLine.counter.is_(True), LedgerLine.amount), else_=0)), 0)
_LATE = func.coalesce(func.sum(case((LedgerLine.earned_period.is_not(None), 1), else_=0)), 0)


async def list_parties(
    session: AsyncSession,
    scope: Scope,
    period: str,
    *,
    kind: str | None = None,
    cursor: tuple[Any, ...] | None = None,
    limit: int | None = None,
    locale: str,
) -> list[wire.StatementItem]:
    """Sums by party and currency, in order of the parties."""
    columns = (LedgerLine.party_kind, LedgerLine.party_id, LedgerLine.currency)
    tickets = func.count(LedgerLine.ticket_id.distinct())
    statement = (
        select(*columns, _RECEIVED, _BORNE, func.count(), tickets, _LATE)
        .where(*scope.clauses, LedgerLine.period == period)
        .group_by(*columns)
        .order_by(*columns)
    )
    if kind is not None:
        statement = statement.where(LedgerLine.party_kind == kind)
    if cursor is not None:
        statement = statement.where(after(columns, cursor, descending=False))
    if limit is not None:
        statement = statement.limit(limit)
    rows = (await session.execute(statement)).all()
    names = await load_party_names(session, scope, {row[1] for row in rows if row[0] == "member"})
    asked = await _count_questions(session, scope, period)
    return [
        wire.StatementItem(
            party=Party(kind=row[0], id=row[1], name=name_party(names, row[0], row[1], locale)),
            currency=row[2],
            received=int(row[3]),
            borne=int(row[4]),
            net=int(row[3]) + int(row[4]),
            lines=row[5],
            tickets=row[6],
            late=int(row[7]),
            questions=asked.get((row[0], row[1], row[2]), 0),
        )
        for row in rows
    ]


async def load_party_names(session: AsyncSession, scope: Scope, members: set[str]) -> Names:
    """What parties are called."""
    return Names(
        members=await map_members(session, scope.actor.workspace_id, members),
        region_keys={region.key: region for region in scope.regions},
        departments=await load_departments(session, scope.actor.workspace_id),
    )


async def _count_questions(
    session: AsyncSession, scope: Scope, period: str
) -> dict[tuple[str, str, str], int]:
    columns = (LedgerLine.party_kind, LedgerLine.party_id, LedgerLine.currency)
    statement = (
        select(*columns, func.count())
        .join(Dispute, Dispute.line_id == LedgerLine.id)
        .where(*scope.clauses, LedgerLine.period == period, Dispute.state == "open")
        .group_by(*columns)
    )
    return {(row[0], row[1], row[2]): row[3] for row in (await session.execute(statement)).all()}


async def count_questions_of(session: AsyncSession, scope: Scope, kind: str, key: str, period: str) -> int:
    """Open questions about one statement."""
    statement = (
        select(func.count())
        .select_from(Dispute)
        .join(LedgerLine, Dispute.line_id == LedgerLine.id)
        .where(*scope.clauses, of_party(kind, key), LedgerLine.period == period, Dispute.state == "open")
    )
    return (await session.execute(statement)).scalar_one()


async def require_party(session: AsyncSession, scope: Scope, kind: str, key: str) -> None:
    """Raises NotFound for a party without any line in sight; one's own statement is there from the first
    day."""
    if (kind, key) == ("member", scope.actor.member_id):
        return
    found = await session.execute(select(LedgerLine.id).where(*scope.clauses, of_party(kind, key)).limit(1))
    if found.first() is None and not await _may_look_ahead(session, scope, kind, key):
        raise NotFound()


async def _may_look_ahead(session: AsyncSession, scope: Scope, kind: str, key: str) -> bool:
    """A member of the workspace who has not earned anything yet, for those who see everything."""
    if kind != "member" or scope.actor.reach("settle", "view") != "/":
        return False
    statement = select(Member.id).where(Member.workspace_id == scope.actor.workspace_id, Member.id == key)
    return (await session.execute(statement)).first() is not None


async def sum_by_period(
    session: AsyncSession, scope: Scope, kind: str, key: str
) -> list[tuple[str, str, int, int]]:
    """(period, currency, received, borne) of everything in sight."""
    statement = (
        select(LedgerLine.period, LedgerLine.currency, _RECEIVED, _BORNE)
        .where(*scope.clauses, of_party(kind, key))
        .group_by(LedgerLine.period, LedgerLine.currency)
    )
    rows = (await session.execute(statement)).all()
    return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


async def sum_by_component(
    session: AsyncSession, scope: Scope, kind: str, key: str, period: str
) -> list[tuple[str | None, int | None, str, str, str, int, int]]:
    """(tariff, newest revision, row, component, currency, amount, lines)."""
    columns = (LedgerLine.tariff_id, LedgerLine.row, LedgerLine.component, LedgerLine.currency)
    statement = (
        select(
            LedgerLine.tariff_id,
            func.max(LedgerLine.tariff_revision),
            LedgerLine.row,
            LedgerLine.component,
            LedgerLine.currency,
            func.sum(LedgerLine.amount),
            func.count(),
        )
        .where(*scope.clauses, of_party(kind, key), LedgerLine.period == period)
        .group_by(*columns)
        .order_by(*columns)
    )
    rows = (await session.execute(statement)).all()
    return [(row[0], row[1], row[2], row[3], row[4], int(row[5]), row[6]) for row in rows]


async def list_rules(
    session: AsyncSession, scope: Scope, kind: str, key: str, period: str
) -> list[tuple[str, int, str]]:
    """(tariff, revision, row) of every rule that booked something here."""
    columns = (LedgerLine.tariff_id, LedgerLine.tariff_revision, LedgerLine.row)
    statement = (
        select(*columns)
        .where(*scope.clauses, of_party(kind, key), LedgerLine.period == period)
        .where(LedgerLine.tariff_id.is_not(None))
        .distinct()
        .order_by(*columns)
    )
    rows = (await session.execute(statement)).all()
    return [(str(row[0]), row[1] or 0, row[2]) for row in rows]


def select_lines(scope: Scope, kind: str, key: str, period: str) -> Select[LedgerLine]:
    """The lines of a statement in the order of booking."""
    return (
        select(LedgerLine)
        .where(*scope.clauses, of_party(kind, key), LedgerLine.period == period)
        .order_by(LedgerLine.id)
    )


async def read_chunks(
    session: AsyncSession, statement: Select[LedgerLine], most: int
) -> AsyncIterator[list[LedgerLine]]:
    """At most `most` lines, some hundred at a time."""
    last, left = "", most
    while left > 0:
        page = statement.where(LedgerLine.id > last).limit(min(CHUNK, left))
        rows = list((await session.execute(page)).scalars())
        if not rows:
            return
        yield rows
        left -= len(rows)
        last = rows[-1].id
        session.expunge_all()


async def hash_lines(session: AsyncSession, scope: Scope, kind: str, key: str, period: str) -> str:
    """SHA-256 over every line in the order of booking: what makes two statements the same."""
    digest = hashlib.sha256(f"{kind}:{key}|{period}\n".encode())
    columns = (
        LedgerLine.id,
        LedgerLine.posting_id,
        LedgerLine.account,
        LedgerLine.component,
        LedgerLine.amount,
        LedgerLine.currency,
    )
    statement = (
        select(*columns)
        .where(*scope.clauses, of_party(kind, key), LedgerLine.period == period)
        .order_by(LedgerLine.id)
        .execution_options(yield_per=5_000)
    )
    async for row in await session.stream(statement):
        digest.update(("|".join(str(value) for value in row) + "\n").encode())
    return digest.hexdigest()


async def choose_period(
    session: AsyncSession, scope: Scope, period: str | None, party: tuple[str, str] | None
) -> tuple[str | None, list[str]]:
    """The asked one, else the newest with lines; and all there are. Raises BadRequest."""
    periods = await list_periods(session, scope, party)
    if period is not None:
        return read_key(period).key, periods
    return (periods[0] if periods else None), periods
