"""Backtests of tariffs: begun, stopped, taken up again, and told in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_drafts as wire
from backend.contracts.common import MoneyValue, Reference, Text
from backend.db.models import (
    LedgerLine,
    Region,
    Tariff,
    TariffBacktest,
    TariffBacktestTicket,
    Ticket,
)
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.features.settlement.approvers import require_writer
from backend.features.settlement.checking import require_valid
from backend.features.settlement.naming import (
    Names,
    list_regions,
    load_departments,
    map_members,
    name_party,
)
from backend.features.settlement.tariffs import read_document
from backend.messages import render
from backend.settlement.diff_words import name_row

MOST_DAYS = 731
MOVERS = 10
MOST_GROUPS = 200
"""Of regions, people or tiers in one answer: those that differ most."""


async def start_backtest(
    session: AsyncSession, actor: Actor, record: Tariff, request: wire.StartBacktest, now: datetime
) -> TariffBacktest:
    """Raises NotAllowed, Conflict (`backtest_running`), Invalid with every error of the document."""
    require_writer(actor)
    if request.last < request.first:
        raise invalid_field("/to", "dates_reversed")
    if (request.last - request.first).days > MOST_DAYS:
        raise invalid_field("/to", "backtest_too_long", days=MOST_DAYS)
    document = request.document
    if document is None:
        document = await read_document(session, record, None, drafted=True)
    await require_valid(session, actor, document, record.key)
    busy = select(TariffBacktest.id).where(
        TariffBacktest.tariff_id == record.id, TariffBacktest.status.in_(("pending", "running"))
    )
    if (await session.execute(busy.limit(1))).first() is not None:
        raise Conflict("backtest_running")
    backtest = TariffBacktest(
        id=new_id(),
        workspace_id=actor.workspace_id,
        tariff_id=record.id,
        document=document,
        first=request.first,
        last=request.last,
        region_path=await _find_region(session, actor, request.region_id),
        status="pending",
        total=0,
        done=0,
        cursor="",
        report={},
        sums={},
        created_at=now,
        created_by=actor.member_id,
    )
    session.add(backtest)
    await session.flush()
    announce(session, actor.workspace_id, f"backtests:{record.id}")
    return backtest


async def _find_region(session: AsyncSession, actor: Actor, region_id: str | None) -> str:
    if region_id is None:
        return "/"
    statement = select(Region.path).where(Region.workspace_id == actor.workspace_id, Region.id == region_id)
    path = (await session.execute(statement)).scalar_one_or_none()
    if path is None:
        raise invalid_field("/region_id", "unknown_region")
    return path


def select_backtests(actor: Actor) -> Select[TariffBacktest]:
    """Newest first."""
    return (
        select(TariffBacktest)
        .where(TariffBacktest.workspace_id == actor.workspace_id)
        .order_by(TariffBacktest.id.desc())
    )


async def find_backtest(
    session: AsyncSession, actor: Actor, backtest_id: str, *, lock: bool = False
) -> TariffBacktest:
    """Raises NotAllowed, NotFound."""
    require_writer(actor)
    statement = select_backtests(actor).where(TariffBacktest.id == backtest_id)
    if lock:
        statement = statement.with_for_update()
    found: TariffBacktest | None = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def stop_backtest(session: AsyncSession, actor: Actor, backtest_id: str) -> TariffBacktest:
    """What was found so far stays. Raises NotFound."""
    backtest = await find_backtest(session, actor, backtest_id, lock=True)
    if backtest.status in {"pending", "running"}:
        backtest.status = "stopped"
        announce(session, actor.workspace_id, f"backtest:{backtest_id}")
    return backtest


async def resume_backtest(session: AsyncSession, actor: Actor, backtest_id: str) -> TariffBacktest:
    """From where it stands. Raises NotFound, Conflict (`backtest_over`)."""
    backtest = await find_backtest(session, actor, backtest_id, lock=True)
    if backtest.status not in {"stopped", "failed"}:
        raise Conflict("backtest_over")
    backtest.status, backtest.error, backtest.finished_at = "pending", None, None
    announce(session, actor.workspace_id, f"backtest:{backtest_id}")
    return backtest


# --- telling ---


class Book(NamedTuple):
    """Everything that a page of it names."""

    regions: Mapping[str, Region]
    """By path."""
    names: Names
    tickets: Mapping[str, tuple[str, str]]
    locale: str
    document: Mapping[str, Any] = {}
    """What is tried: it names its rows."""


async def open_book(
    session: AsyncSession,
    actor: Actor,
    locale: str,
    members: Iterable[str] = (),
    tickets: Iterable[str] = (),
) -> Book:
    """Names of these members and tickets, and of every region and department."""
    regions = await list_regions(session, actor.workspace_id)
    statement = select(Ticket.id, Ticket.number, Ticket.title).where(
        Ticket.workspace_id == actor.workspace_id, Ticket.id.in_(set(tickets))
    )
    return Book(
        regions={region.path: region for region in regions},
        names=Names(
            members=await map_members(session, actor.workspace_id, set(members)),
            regions={region.id: region for region in regions},
            region_keys={region.key: region for region in regions},
            departments=await load_departments(session, actor.workspace_id),
        ),
        tickets={row[0]: (row[1], row[2]) for row in (await session.execute(statement)).all()},
        locale=locale,
    )


async def describe_backtest(
    session: AsyncSession, actor: Actor, backtest: TariffBacktest, locale: str
) -> wire.Backtest:
    """With the sums so far and those that differ most."""
    statement = select_moved(backtest.id, "moved").limit(MOVERS)
    moved = list((await session.execute(statement)).scalars())
    report = backtest.report
    people = {key.split("|")[0].split(":", 1)[-1] for key in report.get("person", {})}
    members = {*people, *([backtest.created_by] if backtest.created_by else [])}
    tickets = [row.ticket_id for row in moved if row.ticket_id]
    book = await open_book(session, actor, locale, members, tickets)
    book = book._replace(document=backtest.document)
    by = backtest.created_by
    return wire.Backtest(
        id=backtest.id,
        tariff_id=backtest.tariff_id,
        status=backtest.status,
        first=backtest.first,
        last=backtest.last,
        done=backtest.done,
        total=backtest.total,
        created_at=backtest.created_at,
        created_by=Reference(id=by, name=book.names.members.get(by, "")) if by else None,
        finished_at=backtest.finished_at,
        region_path=_name_path(book, backtest.region_path),
        before=_present_sums(report.get("before", {})),
        after=_present_sums(report.get("after", {})),
        moved=report.get("moved", 0),
        unmatched=report.get("unmatched", 0),
        left_out=_present_sums(report.get("left_out", {})),
        by_region=_present_groups(book, report, "region"),
        by_person=_present_groups(book, report, "person"),
        by_tier=_present_groups(book, report, "tier"),
        movers=[present_mover(book, row) for row in moved],
        error=render(backtest.error, {}, locale) if backtest.error else None,
    )


def _present_sums(sums: Mapping[str, int]) -> list[MoneyValue]:
    return [MoneyValue(amount=sums[currency], currency=currency) for currency in sorted(sums)]


def _present_groups(book: Book, report: Mapping[str, Any], group: str) -> list[wire.Difference]:
    found = []
    for name, (before, after, postings) in report.get(group, {}).items():
        key, _, currency = name.rpartition("|")
        found.append(
            wire.Difference(
                key=key,
                label=_label(book, group, key),
                currency=currency,
                before=before,
                after=after,
                tickets=postings,
            )
        )
    found.sort(key=lambda each: (-abs(each.after - each.before), each.key))
    return found[:MOST_GROUPS]


def _label(book: Book, group: str, key: str) -> str:
    if group == "person":
        kind, _, party = key.partition(":")
        return name_party(book.names, kind, party, book.locale)
    if group == "tier":
        row, _, tier = key.rpartition("|")
        params = {"row": name_row(book.document, row), "tier": tier}
        return render("backtest.tier" if tier else "backtest.row", params, book.locale)
    region = book.regions.get(key)
    return str(region.name.get(book.locale) or region.name.get("zh") or region.key) if region else key


def _name_path(book: Book, path: str) -> list[Text]:
    """From the root to the region."""
    parts = [part for part in path.split("/") if part]
    paths = ["/" + "/".join(parts[: at + 1]) + "/" for at in range(len(parts))]
    return [Text(**book.regions[each].name) for each in paths if each in book.regions]


def select_moved(backtest_id: str, verdict: str) -> Select[TariffBacktestTicket]:
    """Those that differ most first."""
    return (
        select(TariffBacktestTicket)
        .where(TariffBacktestTicket.backtest_id == backtest_id, TariffBacktestTicket.verdict == verdict)
        .order_by(TariffBacktestTicket.size.desc(), TariffBacktestTicket.posting_id.desc())
    )


def present_mover(book: Book, row: TariffBacktestTicket) -> wire.Mover:
    """One posting that would be otherwise."""
    number, title = book.tickets.get(row.ticket_id or "", ("", ""))
    code = row.detail.get("code")
    reason = render(f"settlement.{code}", row.detail.get("params", {}), book.locale) if code else ""
    return wire.Mover(
        posting_id=row.posting_id,
        ticket_id=row.ticket_id,
        number=number,
        title=title,
        verdict=row.verdict,
        currency=row.currency,
        before=row.before,
        after=row.after,
        region_path=_name_path(book, row.region_path),
        reason=reason,
    )


async def explain_mover(
    session: AsyncSession, actor: Actor, backtest: TariffBacktest, posting_id: str, locale: str
) -> wire.WhyBoth:
    """Why the booked amounts, and why the others. Raises NotFound."""
    row = await session.get(TariffBacktestTicket, (backtest.id, posting_id))
    if row is None:
        raise NotFound()
    statement = (
        select(LedgerLine)
        .where(
            LedgerLine.workspace_id == actor.workspace_id,
            LedgerLine.posting_id == posting_id,
            LedgerLine.counter.is_(False),
        )
        .order_by(LedgerLine.id)
    )
    booked = list((await session.execute(statement)).scalars())
    after: Sequence[Mapping[str, Any]] = row.detail.get("after", ())
    members = {line.party_id for line in booked} | {str(line["party"][1]) for line in after}
    book = await open_book(session, actor, locale, members, [row.ticket_id] if row.ticket_id else [])
    return wire.WhyBoth(
        mover=present_mover(book, row),
        before=[
            _present_line(
                book,
                {
                    "party": (line.party_kind, line.party_id),
                    "code": line.formula.get("code", ""),
                    "params": line.formula.get("params") or {},
                    **{
                        name: getattr(line, name)
                        for name in ("component", "amount", "currency", "row", "tier")
                    },
                },
            )
            for line in booked
        ],
        after=[_present_line(book, line) for line in after],
    )


def _present_line(book: Book, line: Mapping[str, Any]) -> wire.WhyLine:
    kind, party = line["party"]
    return wire.WhyLine(
        component=line["component"],
        amount=line["amount"],
        currency=line["currency"],
        why=render(str(line["code"]), line["params"], book.locale),
        row=line["row"],
        tier=line["tier"],
        party=name_party(book.names, kind, party, book.locale),
    )
