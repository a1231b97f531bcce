"""Reversals and rebookings on both databases: sums stay those of the model, whatever happens and however
often."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import Accumulator, Correction, LedgerLine, Posting, TariffRevision
from backend.db.types import new_id
from backend.engine.events import Cancelled, DataChanged
from backend.engine.run import Refused
from backend.runtime.books import retroactive
from backend.runtime.books.corrections import Changes, Grounds, rebook
from backend.runtime.books.retroactive import KIND, CorrectionHandler
from backend.runtime.books.sums import Book
from backend.runtime.collisions import run_anew
from backend.runtime.jobs.port import ClaimedJob
from backend.runtime.runtime import Runtime
from backend.runtime.scripts import ask
from backend.runtime.statements import LOCK_TICKET
from backend.runtime.writes import WriteSet
from tests.unit.runtime.test_transitions import complete
from tests.unit.runtime.world import AGENT, EPOCH, REGISTRY, TARIFF, World, definition

SELL = definition(
    {
        "start": ("start", {}),
        "visit": ("form_task", AGENT),
        "pay": ("settle", {"tariff": "visits", "quantities": [{"measure": "sale", "value": "data.sale"}]}),
        "sign": ("form_task", AGENT),
        "end": ("end", {}),
    },
    ["start>visit", "visit.done>pay", "pay>sign", "sign.done>end"],
)
PER_TICKET = {**TARIFF, "accumulation": "ticket"}


async def find(world: World, model: Any, *where: Any) -> Sequence[Any]:
    async with world.database.reading() as session:
        return list((await session.execute(select(model).where(*where))).scalars())


async def sell(world: World, workflow: str, amount: int, member: str = "ann") -> str:
    """A ticket that has booked and goes on."""
    started = await world.start(workflow)
    who = world.members[member]
    await world.runtime.apply(world.workspace, started.ticket_id, complete(started, who, sale=amount))
    return started.ticket_id


async def list_postings(world: World, ticket_id: str, kind: str | None = None) -> list[Any]:
    found = await find(world, Posting, Posting.ticket_id == ticket_id)
    return sorted((one for one in found if kind in {None, one.kind}), key=lambda one: one.id)


async def sum_earned(world: World, *where: Any) -> int:
    lines = await find(world, LedgerLine, LedgerLine.counter.is_(False), *where)
    return sum(line.amount for line in lines)


async def check_books(world: World) -> None:
    """Every posting balances and has its lines."""
    lines = await find(world, LedgerLine)
    for posting in await find(world, Posting):
        own = [line.amount for line in lines if line.posting_id == posting.id]
        assert (sum(own), len(own)) == (0, posting.lines)


def price(total: int) -> int:
    return total * (12 if total >= 5_000_000 else 8) // 100


async def test_a_reversal_takes_a_ticket_out_of_its_period_and_is_done_once(world: World) -> None:
    workflow = await world.publish(SELL)
    first, second = [await sell(world, workflow, 3_000_000) for _ in range(2)]
    assert await sum_earned(world) == price(6_000_000)
    desk, by = world.runtime.corrections, world.members["bob"]
    (posting,) = await list_postings(world, first)
    done = await desk.reverse_posting(world.workspace, posting.id, reason="booked twice", by=by)
    assert (len(done.postings), done.repeated) == (1, False)
    assert await sum_earned(world) == price(3_000_000)
    again = await desk.reverse_posting(world.workspace, posting.id, reason="once more", by=by)
    assert (again.postings, again.repeated) == (done.postings, True)
    (reversal,) = await list_postings(world, first, "reversal")
    assert (reversal.reversal_of, reversal.reason, reversal.booked_by) == (posting.id, "booked twice", by)
    (correction,) = await find(world, Correction)
    assert (correction.id, correction.kind, correction.state) == (done.correction_id, "reversal", "done")
    with pytest.raises(Refused, match="reversal_final"):
        await desk.reverse_posting(world.workspace, reversal.id, reason="x", by=by)
    await desk.reverse_ticket(world.workspace, second, reason="all", by=by)
    assert await sum_earned(world) == 0
    (sums,) = await find(world, Accumulator)
    assert (sums.tickets, set(sums.booked.values())) == (0, {0})
    await check_books(world)


async def test_a_tariff_of_single_tickets_is_turned_round_line_by_line(world: World) -> None:
    await revise(world, PER_TICKET)
    workflow = await world.publish(SELL)
    ticket = await sell(world, workflow, 3_000_000)
    await world.runtime.corrections.reverse_ticket(world.workspace, ticket, reason="x", by=None)
    lines = await find(world, LedgerLine, LedgerLine.ticket_id == ticket)
    assert sorted(line.amount for line in lines) == [-240_000, -240_000, 240_000, 240_000]
    assert len({(line.party_id, line.account) for line in lines}) == 2
    await check_books(world)


async def revise(world: World, document: dict[str, Any], revision: int = 2) -> None:
    async with world.database.unit_of_work() as session:
        session.add(
            TariffRevision(
                workspace_id=world.workspace,
                tariff_id=world.tariff_id,
                revision=revision,
                document=document,
                effective_from=EPOCH - timedelta(hours=2 - revision / 10),
                created_at=EPOCH,
            )
        )


def rename(document: dict[str, Any], row: str, rates: tuple[str, str]) -> dict[str, Any]:
    old = document["rows"][0]
    tiers = [{**tier, "rate": rate} for tier, rate in zip(old["charge"]["tiers"], rates, strict=True)]
    return {**document, "rows": [{**old, "id": row, "charge": {**old["charge"], "tiers": tiers}}]}


async def correct(world: World, posting_id: str, changes: Changes) -> Any:
    (posting,) = await find(world, Posting, Posting.id == posting_id)

    def script() -> Any:
        yield from ask(LOCK_TICKET, id=posting.ticket_id, workspace=world.workspace)
        book = Book(world.workspace, world.clock(), WriteSet())
        done = yield from rebook(book, posting_id, Grounds(reason="r"), changes)
        yield book.writes
        return done

    return await run_anew(world.runtime._driver, script)


@pytest.mark.parametrize("row", ["east", "renamed"])
async def test_another_revision_leaves_the_old_sums_and_joins_the_new(world: World, row: str) -> None:
    workflow = await world.publish(SELL)
    tickets = [await sell(world, workflow, 2_000_000) for _ in range(3)]
    await revise(world, rename(TARIFF, row, ("0.10", "0.20")))
    for ticket in tickets:
        (posting,) = await list_postings(world, ticket)
        await correct(world, posting.id, Changes(revision=2))
        again = await correct(world, posting.id, Changes(revision=2))
        assert again.reversal.repeated and again.booking.repeated
    assert await sum_earned(world) == 6_000_000 * 20 // 100
    found = await find(world, Accumulator)
    live = [sums for sums in found if sums.tickets]
    assert [(sums.tickets, sums.revision) for sums in live] == [(3, 2)]
    assert sum(amount for sums in found for amount in sums.booked.values()) == 1_200_000
    assert len(found) == (1 if row == "east" else 2)
    await check_books(world)


async def test_late_data_is_previewed_and_rebooked(world: World) -> None:
    workflow = await world.publish(SELL)
    ticket = await sell(world, workflow, 3_000_000)
    desk = world.runtime.corrections
    with pytest.raises(Refused, match="nothing_to_correct"):
        await desk.preview_rebooking(world.workspace, ticket)
    changed = DataChanged(set={"sale": 6_000_000}, by=world.members["bob"])
    await world.runtime.apply(world.workspace, ticket, changed)
    foreseen = await desk.preview_rebooking(world.workspace, ticket)
    assert await sum_earned(world) == 240_000, "a preview books nothing"
    done = await desk.rebook_ticket(world.workspace, ticket, reason="typo", by=None)
    assert [line["amount"] for line in done.lines] == [line["amount"] for line in foreseen.lines]
    assert await sum_earned(world) == price(6_000_000)
    with pytest.raises(Refused, match="nothing_to_correct"):
        await desk.rebook_ticket(world.workspace, ticket, reason="again", by=None)
    await check_books(world)


async def test_random_mix_by_several_processes_sums_to_the_model(world: World) -> None:
    """Bookings, reversals (some asked for twice) and rebookings at the same instant; the clock stands."""
    workflow = await world.publish(SELL)
    chance = random.Random(7)
    others = [Runtime(world.database, REGISTRY, world.clock) for _ in range(2)]
    for other in others:
        await other.start(run_jobs=False)
    desks = [world.runtime.corrections, *(other.corrections for other in others)]
    amounts: dict[str, int] = {}
    live: set[str] = set()

    async def book() -> None:
        amount = chance.randrange(1, 40) * 100_000
        ticket = await sell(world, workflow, amount)
        amounts[ticket] = amount
        live.add(ticket)

    async def take_back(ticket: str) -> None:
        live.discard(ticket)
        calls = [desk.reverse_ticket(world.workspace, ticket, reason="r", by=None) for desk in desks[:2]]
        await asyncio.gather(*calls)

    async def again(ticket: str) -> None:
        (posting,) = await list_postings(world, ticket, "booking")
        await asyncio.gather(*(correct(world, posting.id, Changes()) for _ in range(2)))

    for _ in range(4):
        await asyncio.gather(*(book() for _ in range(4)))
        chosen = chance.sample(sorted(live), 3)
        await asyncio.gather(take_back(chosen[0]), again(chosen[1]), book(), book())
    expected = price(sum(amounts[ticket] for ticket in live))
    assert await sum_earned(world) == expected
    (sums,) = await find(world, Accumulator, Accumulator.tickets > 0)
    assert (sums.tickets, sum(sums.booked.values())) == (len(live), expected)
    await check_books(world)
    for other in others:
        await other.stop()


async def test_cancelling_takes_the_money_back(world: World) -> None:
    keep = definition(
        {key: (node["type"], node["config"]) for key, node in SELL["graph"]["nodes"].items()},
        ["start>visit", "visit.done>pay", "pay>sign", "sign.done>end"],
        cancel_money="keep",
    )
    for key, raw, left in (("back", SELL, 0), ("kept", keep, 240_000)):
        workflow = await world.publish(raw, key)
        ticket = await sell(world, workflow, 3_000_000, "bob")
        cancelled = Cancelled(reason="wrong customer", by=world.members["ann"])
        await world.runtime.apply(world.workspace, ticket, cancelled, actor=world.members["ann"])
        assert await sum_earned(world, LedgerLine.ticket_id == ticket) == left
    reversals = await find(world, Posting, Posting.kind == "reversal")
    assert [one.reason for one in reversals] == ["wrong customer"]
    await check_books(world)


async def propose(world: World, document: dict[str, Any]) -> str:
    correction = Correction(
        workspace_id=world.workspace,
        kind="retroactive",
        state="previewing",
        reason="agreed in March",
        tariff_id=world.tariff_id,
        document=document,
        base_revision=1,
        effective_from=EPOCH - timedelta(hours=1),
        created_at=world.clock(),
    )
    async with world.database.unit_of_work() as session:
        session.add(correction)
        await session.flush()
        return correction.id


async def run(world: World, correction_id: str) -> Any:
    """Its job, here and now; the row behind it."""
    handler = CorrectionHandler(world.database, world.runtime._driver, world.runtime._environment)
    payload = {"correction": correction_id}
    job = ClaimedJob(
        id=new_id(),
        workspace_id=world.workspace,
        ticket_id=None,
        key=correction_id,
        kind=KIND,
        payload=payload,
        due_at=world.clock(),
        tries=1,
        fence=1,
    )
    await handler(job)
    (found,) = await find(world, Correction, Correction.id == correction_id)
    return found


@pytest.mark.parametrize("batch", [2, 100])
async def test_a_tariff_of_the_past_is_previewed_and_rebooked(
    world: World, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """What is foreseen is what is booked; a batch run a second time, as after a kill, changes nothing."""
    monkeypatch.setattr(retroactive, "BATCH", batch)
    workflow = await world.publish(SELL)
    for amount in (1_000_000, 2_000_000, 3_000_000):
        await sell(world, workflow, amount)
    taken = await sell(world, workflow, 4_000_000)
    await world.runtime.corrections.reverse_ticket(world.workspace, taken, reason="x", by=None)
    before = await sum_earned(world)
    document = rename(TARIFF, "east", ("0.10", "0.20"))
    correction_id = await propose(world, document)
    ready = await run(world, correction_id)
    assert (ready.state, ready.total, ready.done) == ("ready", 3, 0)
    assert await sum_earned(world) == before == price(6_000_000)
    async with world.database.unit_of_work() as session:
        stored = await session.get(Correction, correction_id)
        assert stored is not None
        stored.state, stored.revision, stored.started_at = "running", 2, world.clock()
        session.add(
            TariffRevision(
                workspace_id=world.workspace,
                tariff_id=world.tariff_id,
                revision=2,
                document=document,
                effective_from=stored.effective_from,
                created_at=EPOCH,
            )
        )
    done = await run(world, correction_id)
    assert (done.state, done.done) == ("done", 3)
    assert await sum_earned(world) == 6_000_000 * 20 // 100
    async with world.database.unit_of_work() as session:
        stored = await session.get(Correction, correction_id)
        assert stored is not None
        stored.state, stored.position = "running", {}
    again = await run(world, correction_id)
    assert (again.state, again.done) == ("done", 3)
    assert await sum_earned(world) == 6_000_000 * 20 // 100
    foreseen = sum(row[-1] for row in ready.report["differences"])
    assert foreseen == 6_000_000 * 20 // 100 - before
    await check_books(world)


@pytest.mark.parametrize(
    ("whose", "share", "left", "port"),
    [
        ("own", "", 0, "done"),
        ("own", "data.back / data.sale", 120_000, "done"),
        ("follow_up", "", 0, "done"),
        ("parent", "", 240_000, "nothing_to_reverse"),
    ],
)
async def test_returned_goods_take_their_money_back(
    world: World, whose: str, share: str, left: int, port: str
) -> None:
    """By a step of the same ticket, or of a ticket that follows it up."""
    nodes = {
        "start": ("start", {}),
        "visit": ("form_task", AGENT),
        "pay": ("settle", {"tariff": "visits", "quantities": [{"measure": "sale", "value": "data.sale"}]}),
        "back": ("reverse_settlement", {"whose": whose, "share": share, "reason": "came back"}),
        "sign": ("form_task", AGENT),
        "none": ("form_task", AGENT),
        "end": ("end", {}),
    }
    ways = ["back.done>sign", "back.nothing_to_reverse>none", "sign.done>end", "none.done>end"]
    own = whose == "own"
    sale = definition(
        {key: value for key, value in nodes.items() if own or key not in {"back", "none"}},
        ["start>visit", "visit.done>pay", *(["pay>back", *ways] if own else ["pay>sign", "sign.done>end"])],
    )
    workflow = await world.publish(sale)
    started = await world.start(workflow)
    event = complete(started, world.members["ann"], sale=3_000_000.0, back=1_500_000.0)
    result = await world.runtime.apply(world.workspace, started.ticket_id, event)
    if not own:
        returned = definition(
            {key: nodes[key] for key in ("start", "back", "sign", "none", "end")}, ["start>back", *ways]
        )
        second = await world.publish(returned, "returned")
        result = await world.start(second, follow_up_of=started.ticket_id)
    assert {task.node for task in result.state.tasks.values() if task.outcome is None} == {
        "sign" if port == "done" else "none"
    }
    assert await sum_earned(world, LedgerLine.ticket_id == started.ticket_id) == left
    await check_books(world)
