"""A firing that failed is tried again by its cause, whatever kind of trigger it was; it starts one ticket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from backend.db.models import Ticket, Trigger, TriggerFiring
from backend.node_sdk import Outgoing
from backend.runtime.triggers.planning import Given
from tests.unit.runtime.test_triggers import CONTRACT, NOON, Triggers, intake
from tests.unit.runtime.world import World

BROKEN = {"mapping": [{"field": "amount", "value": "'much'"}]}


@pytest.fixture
async def triggers(world: World) -> AsyncIterator[Triggers]:
    found = Triggers(world)
    found.workflow = await world.publish(intake(), "intake")
    yield found


async def pass_noon(triggers: Triggers) -> None:
    triggers.world.clock.now = datetime(2026, 3, 2, 4, 0, 5, tzinfo=UTC)
    await triggers.run_due()


async def reach_the_date(triggers: Triggers) -> None:
    desk = triggers.world.runtime.triggers
    await desk.put_record(triggers.world.workspace, "contracts", "C1", {"ends": "2026-06-30"})
    await triggers.run_due()
    triggers.world.clock.now = datetime(2026, 6, 1, tzinfo=UTC)
    await triggers.run_due()


async def finish_a_ticket(triggers: Triggers) -> None:
    other = await triggers.world.publish(intake(), "other")
    await triggers.world.start(other, data={"subject": "seen"})
    await triggers.run_due()


async def send_a_message(triggers: Triggers) -> None:
    message = Outgoing(name="order_paid", data={"no": 7}, keep_seconds=60)
    await triggers.world.runtime.deliver_message(triggers.world.workspace, message, message_id="m1")
    await triggers.run_due()


async def ask_by_api(triggers: Triggers) -> None:
    (trigger,) = await triggers.read(Trigger)
    await triggers.fire(trigger.id, Given(cause="c1", names={"body": {"no": 7}}))


Happen = Callable[[Triggers], Awaitable[None]]
KINDS: list[tuple[str, dict[str, Any], Happen, tuple[str, str]]] = [
    ("schedule", {"cron": NOON}, pass_noon, ("body.date", "2026-03-02")),
    ("record_date", CONTRACT, reach_the_date, ("record.key", "C1")),
    ("event", {"event": "completed"}, finish_a_ticket, ("data.subject", "seen")),
    ("message", {"message": "order_paid"}, send_a_message, ("string(body.no)", "7")),
    ("api", {}, ask_by_api, ("string(body.no)", "7")),
]


@pytest.mark.parametrize(("kind", "config", "happen", "told"), KINDS, ids=[kind for kind, *_ in KINDS])
async def test_a_failed_firing_starts_its_ticket_once_it_is_mended(
    triggers: Triggers, kind: str, config: dict[str, Any], happen: Happen, told: tuple[str, str]
) -> None:
    trigger_id = await triggers.add(kind, {**config, **BROKEN})
    desk, workspace = triggers.world.runtime.triggers, triggers.world.workspace
    await happen(triggers)
    (firing,) = await triggers.read(TriggerFiring)
    assert (firing.outcome, firing.code) == ("failed", "trigger_data_unfit")
    before = len(await triggers.read(Ticket))

    async def try_again() -> Any:
        trigger = await desk.find(workspace, trigger_id)
        assert trigger is not None
        return await desk.fire_again(trigger, firing.cause, firing.depth, firing.params)

    assert (await try_again()).outcome == "failed"
    mended = {**config, "mapping": [{"field": "subject", "value": told[0]}]}
    async with triggers.world.database.unit_of_work() as session:
        await session.execute(update(Trigger).values(config=mended))
    await desk.plan(workspace, trigger_id)
    assert ((await try_again()).outcome, (await try_again()).repeated) == ("started", True)
    started = (await triggers.read(Ticket))[before:]
    assert [ticket.workflow_id for ticket in started] == [triggers.workflow]
    assert f'"subject":"{told[1]}"' in started[0].state
    assert await triggers.log() == [("started", "trigger_started")]
