"""Reading what a backtest needs: a tariff's postings in the order of booking, with their lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.models import (
    WHOLE_STATE,
    LedgerLine,
    Member,
    Posting,
    Region,
    SettlementPeriod,
    TariffBacktest,
    Ticket,
)
from backend.runtime.books.basis import Basis
from backend.runtime.books.periods import DEFAULT_ZONE
from backend.runtime.books.replay import Entry, Line, rebuild
from backend.settlement.posting import list_row_references
from backend.settlement.tariff import Tariff

OF_TICKET = frozenset({"assignee", "node_worker", "role", "contributors"})
"""References that only the ticket's state can resolve."""


class Span(NamedTuple):
    """Moments: the report covers `since` to before `until`; periods begin to be gathered at `begins`."""

    begins: datetime
    since: datetime
    until: datetime
    zone: ZoneInfo


class Posted(NamedTuple):
    """A posting with what it booked. `undoes_at`: when that was booked which it reverses."""

    entry: Entry
    booked_at: datetime
    region_path: str
    lines: list[Line]
    undoes_at: datetime | None


class Batch(NamedTuple):
    """`size` counts postings without lines too; `cursor` is behind the last one."""

    posted: list[Posted]
    size: int
    cursor: str


async def find_span(session: AsyncSession, backtest: TariffBacktest, tariff: Tariff) -> Span:
    """Days as the topmost region has them. A tariff that sums up needs its periods from their beginning."""
    statement = select(Region.zone).where(Region.workspace_id == backtest.workspace_id).order_by(Region.path)
    zone = ZoneInfo((await session.execute(statement.limit(1))).scalar_one_or_none() or DEFAULT_ZONE)
    first = backtest.first
    if tariff.accumulation == "period":
        first = await _find_beginning(session, backtest, tariff)

    def at(day: date) -> datetime:
        return datetime.combine(day, time(), zone)

    until = at(backtest.last + timedelta(days=1))
    return Span(at(first), at(backtest.first), min(until, backtest.created_at), zone)


async def _find_beginning(session: AsyncSession, backtest: TariffBacktest, tariff: Tariff) -> date:
    first = backtest.first
    if tariff.period == "week":
        return first - timedelta(days=first.weekday())
    if tariff.period == "quarter":
        return first.replace(month=(first.month - 1) // 3 * 3 + 1, day=1)
    month = first.replace(day=1)
    if tariff.period == "month":
        return month
    statement = select(func.min(SettlementPeriod.starts_on)).where(
        SettlementPeriod.workspace_id == backtest.workspace_id,
        SettlementPeriod.starts_on <= first.isoformat(),
        SettlementPeriod.ends_on >= first.isoformat(),
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return date.fromisoformat(found) if found else month


def _clauses(backtest: TariffBacktest, span: Span) -> ColumnElement[bool]:
    """Postings of the tariff; those from before postings said which one are told by their lines."""
    told = exists().where(LedgerLine.posting_id == Posting.id, LedgerLine.tariff_id == backtest.tariff_id)
    return and_(
        Posting.workspace_id == backtest.workspace_id,
        or_(Posting.tariff_id == backtest.tariff_id, and_(Posting.tariff_id.is_(None), told)),
        Posting.booked_at >= span.begins,
        Posting.booked_at < span.until,
    )


async def count_postings(session: AsyncSession, backtest: TariffBacktest, span: Span) -> int:
    statement = select(func.count()).select_from(Posting).where(_clauses(backtest, span))
    return (await session.execute(statement)).scalar_one()


def _select(backtest: TariffBacktest, span: Span, cursor: str, most: int) -> Select[Any]:
    original = aliased(Posting)
    statement = (
        select(
            Posting.id,
            Posting.ticket_id,
            Posting.booked_at,
            Posting.basis,
            Posting.reversal_of,
            original.basis,
            original.booked_at,
        )
        .outerjoin(original, original.id == Posting.reversal_of)
        .where(_clauses(backtest, span))
        .order_by(Posting.booked_at, Posting.id)
        .limit(most)
    )
    if not cursor:
        return statement
    moment, _, last = cursor.partition(" ")
    at = datetime.fromisoformat(moment)
    return statement.where(or_(Posting.booked_at > at, and_(Posting.booked_at == at, Posting.id > last)))


async def read_batch(
    session: AsyncSession, backtest: TariffBacktest, span: Span, cursor: str, most: int
) -> Batch:
    """The next postings behind the cursor."""
    rows = (await session.execute(_select(backtest, span, cursor, most))).all()
    wanted = {row[0] for row in rows} | {row[4] for row in rows if row[4] and row[5] is None}
    lines: dict[str, list[Any]] = {}
    statement = (
        select(LedgerLine)
        .where(LedgerLine.posting_id.in_(wanted), LedgerLine.workspace_id == backtest.workspace_id)
        .order_by(LedgerLine.id)
    )
    for line in (await session.execute(statement)).scalars():
        lines.setdefault(line.posting_id, []).append(line)
    found = [_read(row, lines, span) for row in rows]
    session.expunge_all()
    if rows:
        cursor = f"{rows[-1][2].isoformat()} {rows[-1][0]}"
    return Batch([posted for posted in found if posted is not None], len(rows), cursor)


def _read(row: Any, lines: dict[str, list[LedgerLine]], span: Span) -> Posted | None:
    """None for a posting without lines: it came to nothing before zeros were kept."""
    posting_id, ticket_id, booked_at, basis, reversal_of, original, original_at = row
    own = lines.get(posting_id)
    if not own:
        return None
    stored = original if reversal_of else basis
    source = lines.get(reversal_of, own)[0] if reversal_of else own[0]
    read = msgspec.convert(stored, Basis) if stored is not None else _rebuild(source, span)
    entry = Entry(
        id=posting_id,
        ticket_id=ticket_id,
        booked_at=booked_at,
        period=own[0].earned_period or own[0].period,
        region=read.region_path[-1] if read.region_path else "all",
        basis=read,
        undoes=reversal_of is not None,
    )
    return Posted(
        entry=entry,
        booked_at=booked_at,
        region_path=own[0].region_path,
        lines=[_read_line(line) for line in own if not line.counter],
        undoes_at=original_at if reversal_of else None,
    )


def _rebuild(line: LedgerLine, span: Span) -> Basis:
    day = line.booked_at.astimezone(span.zone).date()
    return rebuild(
        line.inputs,
        line.tariff_id or "",
        line.tariff_revision or 0,
        line.row,
        line.currency,
        line.region_path,
        day,
        line.booked_at,
    )


def _read_line(line: LedgerLine) -> Line:
    return Line(
        party=(line.party_kind, line.party_id),
        amount=line.amount,
        currency=line.currency,
        component=line.component,
        row=line.row,
        tier=line.tier,
        code=str(line.formula.get("code", "")),
        params=dict(line.formula.get("params") or {}),
    )


def needs_state(tariff: Tariff, entry: Entry) -> bool:
    """Whether the document asks of the ticket what its booking did not."""
    known = entry.basis.find_parties()
    for row in tariff.rows:
        if any(each.when.strip() and each.when not in entry.basis.conditions for each in row.modifiers):
            return True
        if any(ref.party in OF_TICKET and not known.get(ref) for ref in list_row_references(row)):
            return True
    return False


async def read_states(session: AsyncSession, workspace_id: str, wanting: Iterable[Posted]) -> dict[str, str]:
    """States of these tickets as text, also of archived ones."""
    ids: Sequence[str] = list({each.entry.ticket_id for each in wanting if each.entry.ticket_id})
    if not ids:
        return {}
    statement = select(Ticket.id, WHOLE_STATE).where(Ticket.workspace_id == workspace_id, Ticket.id.in_(ids))
    return {row[0]: row[1] for row in (await session.execute(statement)).all() if row[1]}


async def read_roles(session: AsyncSession, workspace_id: str) -> dict[str, frozenset[str]]:
    """Of every member, also of those who left."""
    statement = select(Member.id, Member.roles).where(Member.workspace_id == workspace_id)
    return {row[0]: frozenset(row[1]) for row in (await session.execute(statement)).all()}
