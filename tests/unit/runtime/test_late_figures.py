"""A completed ticket booked again by other figures, on both databases."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from backend.db.models import Accumulator, Correction
from backend.engine.run import Refused
from backend.runtime.books.figures import Figures
from backend.runtime.books.reading import PostingUnknown
from tests.unit.runtime.test_corrections import (
    PER_TICKET,
    check_books,
    find,
    list_postings,
    price,
    revise,
    sell,
    sum_earned,
)
from tests.unit.runtime.world import AGENT, BY_SALE, TARIFF, World, definition

DONE = definition(
    {"start": ("start", {}), "visit": ("form_task", AGENT), "pay": ("settle", BY_SALE), "end": ("end", {})},
    ["start>visit", "visit.done>pay", "pay>end"],
)


def sale(amount: Any) -> Figures:
    return Figures({"sale": Decimal(amount)})


async def test_a_completed_ticket_is_previewed_then_booked_once_by_other_figures(world: World) -> None:
    workflow = await world.publish(DONE)
    first, second = [await sell(world, workflow, 2_000_000) for _ in range(2)]
    (posting,) = await list_postings(world, first)
    desk, by = world.runtime.corrections, world.members["bob"]
    foreseen = await desk.preview_figures(world.workspace, first, posting.id, sale(4_000_000))
    assert await sum_earned(world) == price(4_000_000), "a preview books nothing"
    done = await desk.correct_figures(
        world.workspace, first, posting.id, sale(4_000_000), reason="meter misread", by=by
    )
    assert [line["amount"] for line in done.lines] == [line["amount"] for line in foreseen.lines]
    assert [line["amount"] for line in done.before] == [160_000, -160_000]
    assert (
        sum(line["amount"] for line in done.lines if not line["counter"]) == 6_000_000 * 12 // 100 - 320_000
    )
    assert await sum_earned(world) == price(6_000_000)
    (sums,) = await find(world, Accumulator)
    assert (sums.tickets, sum(sums.booked.values())) == (2, price(6_000_000))
    again = await desk.correct_figures(
        world.workspace, first, posting.id, sale(4_000_000), reason="once more", by=by
    )
    assert (again.repeated, await sum_earned(world)) == (True, price(6_000_000))
    with pytest.raises(Refused, match="posting_replaced"):
        await desk.correct_figures(world.workspace, first, posting.id, sale(5_000_000), reason="x", by=by)
    (correction,) = await find(world, Correction)
    assert (correction.kind, correction.reason, correction.created_by) == ("late", "meter misread", by)
    assert correction.report["before"]["quantities"] == {"sale": "2000000"}
    assert correction.report["after"]["quantities"] == {"sale": "4000000"}
    (rebooked,) = await list_postings(world, first, "rebooking")
    assert (rebooked.reason, rebooked.booked_by, rebooked.correction_id) == (
        "meter misread",
        by,
        correction.id,
    )
    await desk.correct_figures(world.workspace, first, rebooked.id, sale(2_000_000), reason="right", by=by)
    assert await sum_earned(world) == price(4_000_000)
    with pytest.raises(PostingUnknown):
        await desk.preview_figures(world.workspace, second, posting.id, sale(1))
    await check_books(world)


async def test_what_stays_the_same_is_not_booked_and_reversals_are_final(world: World) -> None:
    workflow = await world.publish(DONE)
    ticket = await sell(world, workflow, 2_000_000)
    (posting,) = await list_postings(world, ticket)
    desk = world.runtime.corrections
    with pytest.raises(Refused, match="nothing_to_correct"):
        await desk.correct_figures(world.workspace, ticket, posting.id, sale(2_000_000), reason="x", by=None)
    await desk.reverse_ticket(world.workspace, ticket, reason="x", by=None)
    (reversal,) = await list_postings(world, ticket, "reversal")
    with pytest.raises(Refused, match="reversal_final"):
        await desk.read_figures(world.workspace, ticket, reversal.id)
    await desk.correct_figures(world.workspace, ticket, posting.id, sale(1_000_000), reason="x", by=None)
    assert await sum_earned(world) == price(1_000_000), "what was taken back is booked anew"
    await check_books(world)


async def test_other_attributes_reach_another_row_and_an_unknown_one_the_common_row(world: World) -> None:
    rows = [
        {"id": key, "match": {"region": "east", "level": key}, "charge": {"model": "flat", "amount": amount}}
        for key, amount in (("junior", 10_000), ("senior", 25_000))
    ]
    await revise(world, {**PER_TICKET, "rows": [*rows, *TARIFF["rows"]]})
    workflow = await world.publish(DONE)
    ticket = await sell(world, workflow, 1_000_000)
    (posting,) = await list_postings(world, ticket)
    desk = world.runtime.corrections
    senior = Figures({}, {"level": "senior"})
    await desk.correct_figures(world.workspace, ticket, posting.id, senior, reason="promoted", by=None)
    assert await sum_earned(world) == 25_000
    (rebooked,) = await list_postings(world, ticket, "rebooking")
    nobody = Figures({"sale": Decimal(0)}, {"level": "nobody"})
    await desk.correct_figures(world.workspace, ticket, rebooked.id, nobody, reason="x", by=None)
    assert await sum_earned(world) == 0, "the row of the region holds, and nothing was sold"
    await check_books(world)


async def test_two_who_correct_at_once_book_once(world: World) -> None:
    workflow = await world.publish(DONE)
    ticket = await sell(world, workflow, 2_000_000)
    (posting,) = await list_postings(world, ticket)
    desk = world.runtime.corrections
    tries = [
        desk.correct_figures(world.workspace, ticket, posting.id, sale(amount), reason="r", by=None)
        for amount in (3_000_000, 3_000_000, 4_000_000)
    ]
    ended = await asyncio.gather(*tries, return_exceptions=True)
    assert len(await list_postings(world, ticket)) == 3
    refused = [each for each in ended if isinstance(each, Refused)]
    assert all(each.code == "posting_replaced" for each in refused) and len(refused) in {1, 2}
    await check_books(world)
