"""Postings from before their basis was kept, and what somebody takes back while a run is under way."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from backend.db.models import Posting
from backend.runtime.books import retroactive
from backend.runtime.books.retroactive import Affected
from tests.faults.test_corrections import begin
from tests.unit.runtime.test_corrections import (
    PER_TICKET,
    check_books,
    find,
    list_postings,
    price,
    rename,
    run,
    sell,
    sum_earned,
)
from tests.unit.runtime.test_late_figures import DONE
from tests.unit.runtime.world import TARIFF, World


async def forget_bases(world: World) -> None:
    """As an older release wrote them; the ledger itself lets nobody do so."""
    async with world.database.unit_of_work() as session:
        if world.database.dialect == "sqlite":
            found = await session.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'postings'")
            )
            for name in found.scalars().all():
                await session.execute(text(f"DROP TRIGGER {name}"))
        else:
            await session.execute(text("ALTER TABLE postings DISABLE TRIGGER USER"))
        await session.execute(text("UPDATE postings SET basis = NULL, tariff_id = NULL"))


@pytest.mark.parametrize("document", [TARIFF, PER_TICKET], ids=["period", "ticket"])
async def test_old_postings_are_booked_anew_by_a_tariff_of_the_past(
    world: World, document: dict[str, Any]
) -> None:
    workflow = await world.publish(DONE)
    for amount in (1_000_000, 2_000_000, 3_000_000):
        await sell(world, workflow, amount)
    assert await sum_earned(world) == price(6_000_000)
    await forget_bases(world)
    foreseen = await begin(world, rename(document, "east", ("0.10", "0.20")))
    assert (foreseen.state, foreseen.report["problems"]) == ("ready", [])
    done = await run(world, foreseen.id)
    assert (done.state, done.done, done.report["problems_met"]) == ("done", 3, [])
    whole = document["accumulation"] == "period"
    assert await sum_earned(world) == (1_200_000 if whole else 600_000)
    assert sum(row[-1] for row in foreseen.report["differences"]) == await sum_earned(world) - price(
        6_000_000
    )
    await check_books(world)


async def test_what_is_taken_back_while_a_run_is_under_way_stays_taken_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    workflow = await world.publish(DONE)
    tickets = [await sell(world, workflow, 1_000_000) for _ in range(2)]
    foreseen = await begin(world, rename(TARIFF, "east", ("0.10", "0.20")))
    read = retroactive.CorrectionHandler._read_batch

    async def read_then_reverse(self: Any, *given: Any, **named: Any) -> tuple[list[Affected], Any]:
        batch = await read(self, *given, **named)
        await world.runtime.corrections.reverse_ticket(world.workspace, tickets[1], reason="x", by=None)
        return batch

    monkeypatch.setattr(retroactive.CorrectionHandler, "_read_batch", read_then_reverse)
    done = await run(world, foreseen.id)
    assert (done.state, done.done) == ("done", 1)
    assert await list_postings(world, tickets[1], "rebooking") == []
    assert await sum_earned(world) == 100_000
    assert len(await find(world, Posting)) == 5
    await check_books(world)
