"""The lines of a period, a stretch of postings at a time: what they come to, and what is wrong with them.

A posting is never cut: the cursor is a posting's id. Each stretch is a short query of its own, so nobody
waits for it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from backend.db.models import Accumulator, LedgerLine, Posting
from backend.settlement.totals import Account, Total

CHUNK_LINES = 20_000
MOST_SUSPECTS = 500
REBOOKING = len("rebooking:") + 1
"""Where in a cause the id begins of the posting that was booked anew."""


class Stretch(NamedTuple):
    """Sums of the lines up to and with the posting `last`; None: there are no more."""

    last: str
    lines: int
    postings: int
    totals: dict[Account, Total]
    unbalanced: list[str]
    sums: dict[tuple[str, str], tuple[int, int]]
    """(key, period) of an accumulator -> what these postings added to it, and how many there are."""


async def read_stretch(session: AsyncSession, period_id: str, cursor: str) -> Stretch | None:
    """The next lines after the posting `cursor`, at least `CHUNK_LINES` of them if there are."""
    last = await _find_last(session, period_id, cursor)
    if last is None:
        return None
    here = and_(
        LedgerLine.period_id == period_id, LedgerLine.posting_id > cursor, LedgerLine.posting_id <= last
    )
    totals = await sum_accounts(session, here)
    postings, unbalanced = await _check_postings(session, here)
    return Stretch(
        last=last,
        lines=sum(total.lines for total in totals.values()),
        postings=postings,
        totals=totals,
        unbalanced=unbalanced,
        sums=await _sum_accumulated(session, here),
    )


async def _find_last(session: AsyncSession, period_id: str, cursor: str) -> str | None:
    ahead = select(LedgerLine.posting_id).where(
        LedgerLine.period_id == period_id, LedgerLine.posting_id > cursor
    )
    at = ahead.order_by(LedgerLine.posting_id).offset(CHUNK_LINES - 1).limit(1)
    found: str | None = (await session.execute(at)).scalar_one_or_none()
    if found is not None:
        return found
    end: str | None = (
        await session.execute(ahead.order_by(LedgerLine.posting_id.desc()).limit(1))
    ).scalar_one_or_none()
    return end


async def sum_accounts(session: AsyncSession, here: ColumnElement[bool]) -> dict[Account, Total]:
    """By party, account, currency and side."""
    columns = (
        LedgerLine.party_kind,
        LedgerLine.party_id,
        LedgerLine.account,
        LedgerLine.currency,
        LedgerLine.counter,
    )
    statement = select(*columns, func.sum(LedgerLine.amount), func.count()).where(here).group_by(*columns)
    return {
        Account(row[0], row[1], row[2], row[3], bool(row[4])): Total(int(row[5]), row[6])
        for row in (await session.execute(statement)).all()
    }


async def _check_postings(session: AsyncSession, here: ColumnElement[bool]) -> tuple[int, list[str]]:
    """How many there are, and those whose lines do not come to nothing in a currency, or of which not all
    lines are here."""
    by_currency = (
        select(
            LedgerLine.posting_id,
            func.count().label("lines"),
            case((func.sum(LedgerLine.amount) != 0, 1), else_=0).label("uneven"),
        )
        .where(here)
        .group_by(LedgerLine.posting_id, LedgerLine.currency)
        .subquery()
    )
    whole = (
        select(
            by_currency.c.posting_id,
            func.sum(by_currency.c.lines).label("lines"),
            func.max(by_currency.c.uneven).label("uneven"),
        )
        .group_by(by_currency.c.posting_id)
        .subquery()
    )
    joined = whole.join(Posting, Posting.id == whole.c.posting_id)
    wrong = or_(whole.c.uneven == 1, whole.c.lines != Posting.lines)
    counts = select(func.count(), func.sum(case((wrong, 1), else_=0))).select_from(joined)
    postings, faults = (await session.execute(counts)).one()
    if not faults:
        return postings, []
    named = select(Posting.id).select_from(joined).where(wrong).order_by(Posting.id)
    return postings, list((await session.execute(named)).scalars())


async def _sum_accumulated(
    session: AsyncSession, here: ColumnElement[bool]
) -> dict[tuple[str, str], tuple[int, int]]:
    key, period = (_place_part(session, at) for at in (0, 1))
    turned = func.sum(LedgerLine.amount)
    statement = (
        select(key, period, turned, func.count(LedgerLine.posting_id.distinct()))
        .join(Posting, Posting.id == LedgerLine.posting_id)
        .where(here, LedgerLine.counter.is_(False), key.is_not(None))
        .group_by(key, period)
    )
    return {(row[0], row[1]): (int(row[2]), row[3]) for row in (await session.execute(statement)).all()}


def _place_part(session: AsyncSession, at: int, table: str = "postings") -> ColumnElement[Any]:
    """Of `basis.place`: the key and the period of the sums that a posting was added to."""
    if session.get_bind().dialect.name == "sqlite":
        return literal_column(f"json_extract({table}.basis, '$.place[{at}]')")
    return literal_column(f"({table}.basis -> 'place' ->> {at})")


async def find_wrong_sums(
    session: AsyncSession, workspace_id: str, sums: dict[tuple[str, str], tuple[int, int]]
) -> list[str]:
    """Accumulators of which all postings are here, and which do not hold what their lines come to."""
    suspects: dict[tuple[str, str], tuple[int, int]] = {}
    periods = sorted({period for _, period in sums})
    statement = select(Accumulator).where(
        Accumulator.workspace_id == workspace_id, Accumulator.period.in_(periods)
    )
    for stored in (await session.execute(statement)).scalars():
        found = sums.get((stored.key, stored.period))
        if found is None or found[1] != stored.tickets:
            continue  # some of its postings count in another period, or were taken back
        if found[0] != sum(stored.booked.values()):
            suspects[stored.key, stored.period] = sum(stored.booked.values()), stored.tickets
    if not suspects:
        return []
    whole = await _sum_everywhere(session, workspace_id, sorted(suspects)[:MOST_SUSPECTS])
    return [
        f"{key} {period}"
        for (key, period), (booked, tickets) in suspects.items()
        if (found := whole.get((key, period))) is not None and found[1] == tickets and found[0] != booked
    ]


async def _sum_everywhere(
    session: AsyncSession, workspace_id: str, places: list[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """What all postings of these sums come to and how many of them stand, in whatever period they count:
    corrections of a closed one count in a later one, and what a reversal takes out is what its original had
    put in. Sums that hold a posting from before places were kept are not told, for it cannot be found."""
    origin, replaced = aliased(Posting, name="origin"), aliased(Posting, name="replaced")
    key, period = (
        func.coalesce(_place_part(session, at), _place_part(session, at, "origin")) for at in (0, 1)
    )
    taken_back = Posting.reversal_of.is_not(None)
    heads = (
        select(
            Posting.id.label("id"),
            key.label("key"),
            period.label("period"),
            case((taken_back, -1), else_=1).label("stands"),
            case((and_(replaced.id.is_not(None), replaced.basis.is_(None)), 1), else_=0).label("older"),
        )
        .outerjoin(origin, origin.id == Posting.reversal_of)
        .outerjoin(
            replaced,
            and_(Posting.cause.like("rebooking:%"), replaced.id == func.substr(Posting.cause, REBOOKING)),
        )
        .where(Posting.workspace_id == workspace_id, key.in_([place[0] for place in places]))
        .subquery()
    )
    received = (
        select(LedgerLine.posting_id, func.sum(LedgerLine.amount).label("amount"))
        .join(heads, heads.c.id == LedgerLine.posting_id)
        .where(LedgerLine.counter.is_(False))
        .group_by(LedgerLine.posting_id)
        .subquery()
    )
    statement = (
        select(
            heads.c.key,
            heads.c.period,
            func.sum(received.c.amount),
            func.sum(heads.c.stands),
            func.sum(heads.c.older),
        )
        .join(received, received.c.posting_id == heads.c.id)
        .group_by(heads.c.key, heads.c.period)
    )
    return {
        (row[0], row[1]): (int(row[2]), int(row[3]))
        for row in (await session.execute(statement)).all()
        if not row[4]
    }
