"""Corrections on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import corrections as wire
from backend.contracts.common import Text
from backend.contracts.settlement import Party
from backend.db.models import Correction, Posting, Tariff
from backend.features.corrections import queries
from backend.features.corrections.figure_words import present_changes
from backend.features.platform.actor import Actor
from backend.features.settlement.naming import (
    Names,
    list_regions,
    load_departments,
    map_members,
    name_party,
    name_region,
)
from backend.features.settlement.present import add_up
from backend.messages import render
from backend.runtime.books.differences import FIELDS, Differences
from backend.runtime.books.identity import derive_reversal_id


async def present_differences(
    session: AsyncSession, actor: Actor, rows: Iterable[Sequence[Any]], locale: str
) -> list[wire.Difference]:
    """Rows as `Differences.write` gives them, with names."""
    told = [dict(zip((*FIELDS, "amount"), row, strict=True)) for row in rows]
    names = await load_line_names(session, actor, told)
    return [
        wire.Difference(
            party=Party(
                kind=row["party_kind"],
                id=row["party_id"],
                name=name_party(names, row["party_kind"], row["party_id"], locale),
            ),
            amount=row["amount"],
            currency=row["currency"],
            region_path=name_region(names, row["region_id"]),
            period=row["period"] or "",
            earned_period=row["earned_period"],
            row=row["row"] or "",
            tier=row["tier"],
        )
        for row in told
    ]


async def present_lines(
    session: AsyncSession, actor: Actor, lines: Iterable[Mapping[str, Any]], locale: str
) -> list[wire.Difference]:
    """What lines of a correction come to."""
    sums = Differences()
    blank = dict.fromkeys(FIELDS)
    sums.add({**blank, **line, "row": "", "tier": None} for line in lines)
    return await present_differences(session, actor, sums.write(), locale)


async def present_postings(
    session: AsyncSession, actor: Actor, postings: Sequence[Posting]
) -> list[wire.TicketPosting]:
    """Each with what became of it."""
    sums = await queries.sum_postings(session, [posting.id for posting in postings])
    members = await map_members(
        session, actor.workspace_id, {posting.booked_by for posting in postings if posting.booked_by}
    )
    known = {posting.id for posting in postings}
    found = []
    for posting in postings:
        name = members.get(posting.booked_by or "")
        reversal = derive_reversal_id(posting.id)
        way, _, replaced = posting.cause.partition(":")
        found.append(
            wire.TicketPosting(
                id=posting.id,
                kind=posting.kind,
                booked_at=posting.booked_at,
                reason=posting.reason,
                by=Text(zh=name, en=name) if name else None,
                totals=add_up(sums.get(posting.id, ())),
                reversal_of=posting.reversal_of,
                reversed_by=reversal if reversal in known else None,
                replaces=replaced if way == "rebooking" else None,
            )
        )
    return found


async def present_items(
    session: AsyncSession, actor: Actor, corrections: Sequence[Correction], locale: str
) -> list[wire.CorrectionItem]:
    """With names."""
    people = {one.created_by for one in corrections if one.created_by}
    members = await map_members(session, actor.workspace_id, people)
    numbers = await queries.map_numbers(session, {one.ticket_id for one in corrections if one.ticket_id})
    wanted = {one.tariff_id for one in corrections if one.tariff_id}
    statement = select(Tariff.id, Tariff.name).where(Tariff.id.in_(list(wanted)))
    tariffs = {row[0]: Text(**row[1]) for row in (await session.execute(statement)).all()}
    return [
        wire.CorrectionItem(
            id=one.id,
            kind=one.kind,
            state=one.state,
            reason=one.reason,
            created_at=one.created_at,
            created_by=_name(members.get(one.created_by or "")),
            total=one.total,
            done=one.done,
            ticket_id=one.ticket_id,
            number=numbers.get(one.ticket_id or "", ""),
            tariff_id=one.tariff_id,
            tariff_name=tariffs.get(one.tariff_id or ""),
            revision=one.revision,
            effective_from=one.effective_from,
            error=render(one.error, {}, locale) if one.error else None,
        )
        for one in corrections
    ]


async def present_detail(
    session: AsyncSession, actor: Actor, correction: Correction, locale: str
) -> wire.CorrectionDetail:
    """The statement of the differences: foreseen while nothing is booked, then as booked."""
    foreseen = correction.state in {"previewing", "ready", "discarded"}
    rows = (
        correction.report.get("differences", [])
        if foreseen
        else await queries.sum_differences(session, correction)
    )
    rows = sorted(rows, key=lambda row: -abs(row[-1]))[: queries.MOST_DIFFERENCES]
    problems = correction.report.get("problems" if foreseen else "problems_met", [])
    numbers = await queries.map_numbers(session, {one["ticket"] for one in problems if one["ticket"]})
    (item,) = await present_items(session, actor, [correction], locale)
    return wire.CorrectionDetail(
        item=item,
        differences=await present_differences(session, actor, rows, locale),
        totals=add_up((row[-1], row[-2]) for row in rows),
        tickets=correction.total if foreseen else await queries.count_tickets(session, correction),
        problems=[
            wire.Problem(
                ticket_id=one["ticket"] or "",
                number=numbers.get(one["ticket"] or "", ""),
                message=render(one["code"], one["params"], locale),
            )
            for one in problems
        ],
        figures=await present_changes(session, correction.report, locale),
    )


def _name(name: str | None) -> Text | None:
    return Text(zh=name, en=name) if name else None


async def load_line_names(session: AsyncSession, actor: Actor, lines: Iterable[Mapping[str, Any]]) -> Names:
    """Of the parties and regions of lines, or of differences."""
    people = {line["party_id"] for line in lines if line["party_kind"] == "member"}
    regions = await list_regions(session, actor.workspace_id)
    return Names(
        members=await map_members(session, actor.workspace_id, people),
        regions={region.id: region for region in regions},
        region_keys={region.key: region for region in regions},
        departments=await load_departments(session, actor.workspace_id),
    )
