"""One transition is one transaction: whole or not at all, once and by one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from backend.db.models import (
    IdempotencyKey,
    Job,
    LedgerLine,
    Notification,
    Posting,
    Task,
    Ticket,
    TicketEvent,
)
from backend.engine.events import Cancelled, Recorded, TaskCompleted
from backend.engine.run import Refused
from backend.engine.state import State
from backend.engine.step import replay
from backend.runtime.errors import (
    IdempotencyMismatch,
    IdempotencyReplay,
    NotPublished,
    RegionUnknown,
    TicketUnknown,
)
from backend.runtime.runtime import IdempotencyKeyParams, StartTicket, TransitionResult
from tests.unit.runtime.world import AGENT, TARIFF, VISIT_AND_SETTLE, WAITING, World, definition


async def count(world: World, model: Any, *where: Any) -> int:
    async with world.database.reading() as session:
        return int(
            (await session.execute(select(func.count()).select_from(model).where(*where))).scalar_one()
        )


async def rows(world: World, model: Any, *where: Any) -> list[Any]:
    async with world.database.reading() as session:
        return list((await session.execute(select(model).where(*where))).scalars())


def open_task(result: TransitionResult) -> str:
    return next(key for key, task in result.state.tasks.items() if task.outcome is None)


def complete(result: TransitionResult, member: str, **data: Any) -> TaskCompleted:
    return TaskCompleted(task=open_task(result), outcome="done", data=data, member=member)


async def test_start_dispatches_opens_and_numbers(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    first = await world.start(workflow, customer={"name": "客", "phone": "+86 138-0000-0000"})
    second = await world.start(workflow)
    tickets = {ticket.number: ticket for ticket in await rows(world, Ticket)}
    assert sorted(tickets) == ["T-2026-0001", "T-2026-0002"]
    assert tickets["T-2026-0001"].customer_key == "13800000000"
    assert tickets["T-2026-0001"].region_path == "/cn/east/sh/"
    assert first.tracking_token == tickets["T-2026-0001"].tracking_token
    owners = {first.state.people["owner"], second.state.people["owner"]}
    assert owners == {world.members["ann"], world.members["bob"]}, "the less busy one is next"
    (task,) = await rows(world, Task, Task.ticket_id == first.ticket_id)
    assert (task.id,) == first.opened
    assert (task.status, task.assignee_id, task.label) == (
        "open",
        first.state.people["owner"],
        {"zh": "visit", "en": "visit"},
    )
    assert await count(world, Notification, Notification.code == "task_assigned") == 2


async def test_log_replays_to_the_stored_state(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    started = await world.start(workflow)
    await world.runtime.apply(
        world.workspace, started.ticket_id, complete(started, world.members["ann"], sale=1_000_000)
    )
    (ticket,) = await rows(world, Ticket)
    log = sorted(await rows(world, TicketEvent), key=lambda event: event.seq)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    recorded = [msgspec.convert({"at": event.at, "event": event.event}, Recorded) for event in log]
    release = await world.runtime.release(ticket.release_id)
    assert replay(release, recorded) == msgspec.json.decode(ticket.state, type=State)
    assert ticket.status == "completed"
    assert ticket.finished_at is not None


async def test_settling_accumulates_over_the_period_and_balances(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    ann = world.members["ann"]
    for sale in (3_000_000, 3_000_000):
        started = await world.start(workflow)
        event = complete(started, ann, sale=sale)
        await world.runtime.apply(world.workspace, started.ticket_id, event, actor=ann)
    postings = await rows(world, Posting)
    lines = await rows(world, LedgerLine)
    assert len(postings) == 2
    for posting in postings:
        own = [line for line in lines if line.posting_id == posting.id]
        assert sum(line.amount for line in own) == 0
        assert len(own) == posting.lines
    earned = [line for line in lines if not line.counter]
    assert {line.party_kind for line in earned} == {"member"}
    by_owner = {line.party_id: 0 for line in earned}
    for line in earned:
        by_owner[line.party_id] += line.amount
    assert sum(by_owner.values()) in {480_000, 720_000}
    assert all(line.row == "east" and line.period == "2026-03" for line in lines)


async def test_threshold_crossed_by_one_person_is_adjusted(world: World) -> None:
    raw = definition(
        {
            "start": ("start", {}),
            "visit": ("form_task", AGENT),
            "pay": (
                "settle",
                {"tariff": "visits", "quantities": [{"measure": "sale", "value": "data.sale"}]},
            ),
            "end": ("end", {}),
        },
        ["start>visit", "visit.done>pay", "pay>end"],
    )
    workflow = await world.publish(raw)
    ann = world.members["ann"]

    async def sell(amount: int) -> None:
        started = await world.start(workflow)
        await world.runtime.apply(world.workspace, started.ticket_id, complete(started, ann, sale=amount))

    await asyncio.gather(*(sell(1_000_000) for _ in range(8)))
    earned = [line.amount for line in await rows(world, LedgerLine) if not line.counter]
    assert sum(earned) == 8_000_000 * 12 // 100, "the whole amount at the tier now reached"


async def test_no_tariff_row_is_an_incident_and_a_retry_books(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    started = await world.start(workflow, region="north")
    cat = world.members["cat"]
    result = await world.runtime.apply(world.workspace, started.ticket_id, complete(started, cat, sale=100))
    (incident,) = result.state.incidents.values()
    assert (incident.node, incident.code) == ("pay", "no_tariff_row")
    assert await count(world, LedgerLine) == 0
    previews = await world.runtime.preview_settlement(world.workspace, started.ticket_id)
    assert [preview.code for preview in previews] == ["no_row"], "it stands there still"


async def test_two_people_at_once_have_one_winner(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    started = await world.start(workflow)
    event = complete(started, world.members["ann"], sale=100)
    outcomes = await asyncio.gather(
        *(world.runtime.apply(world.workspace, started.ticket_id, event) for _ in range(6)),
        return_exceptions=True,
    )
    won = [outcome for outcome in outcomes if isinstance(outcome, TransitionResult)]
    lost = [outcome.code for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(won) == 1
    assert lost == ["task_closed"] * 5
    assert await count(world, Posting) == 1


async def test_refusals_leave_nothing(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    started = await world.start(workflow)
    before = await count(world, TicketEvent)

    def refuse(state: State) -> None:
        raise PermissionError("not yours")

    attempts: list[tuple[type[Exception], Callable[[], Any]]] = [
        (TicketUnknown, lambda: world.runtime.apply("x" * 36, started.ticket_id, Cancelled(reason="r"))),
        (TicketUnknown, lambda: world.runtime.apply(world.workspace, "x" * 36, Cancelled(reason="r"))),
        (
            PermissionError,
            lambda: world.runtime.apply(
                world.workspace, started.ticket_id, Cancelled(reason="r"), guard=refuse
            ),
        ),
        (
            Refused,
            lambda: world.runtime.apply(
                world.workspace,
                started.ticket_id,
                complete(started, world.members["ann"], note="a\0b", sale=1),
            ),
        ),
        (NotPublished, lambda: world.start("x" * 36)),
        (
            RegionUnknown,
            lambda: world.runtime.start_ticket(
                StartTicket(workspace_id=world.workspace, workflow_id=workflow, region_id="x" * 36)
            ),
        ),
    ]
    for expected, attempt in attempts:
        with pytest.raises(expected):
            await attempt()
    assert await count(world, TicketEvent) == before
    assert await count(world, Ticket) == 1


async def test_same_key_answers_once(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    wanted = StartTicket(workspace_id=world.workspace, workflow_id=workflow)

    def key(body: str) -> IdempotencyKeyParams:
        return IdempotencyKeyParams(
            scope="s", key="k", body_hash=body, answer=lambda made: (201, made.ticket_id.encode())
        )

    outcomes = await asyncio.gather(
        *(world.runtime.start_ticket(wanted, idempotency=key("same")) for _ in range(8)),
        return_exceptions=True,
    )
    (made,) = [outcome for outcome in outcomes if isinstance(outcome, TransitionResult)]
    replays = [outcome for outcome in outcomes if isinstance(outcome, IdempotencyReplay)]
    assert [(replay.status, replay.response) for replay in replays] == [(201, made.ticket_id.encode())] * 7
    assert await count(world, Ticket) == 1
    assert await count(world, IdempotencyKey) == 1
    with pytest.raises(IdempotencyMismatch):
        await world.runtime.start_ticket(wanted, idempotency=key("other"))


async def test_cancelling_calls_everything_off(world: World) -> None:
    workflow = await world.publish(WAITING)
    started = await world.start(workflow)
    assert await count(world, Job, Job.status == "pending") == 1
    await world.runtime.apply(world.workspace, started.ticket_id, Cancelled(reason="mistake"))
    assert await count(world, Job, Job.status == "cancelled") == 1
    (ticket,) = await rows(world, Ticket)
    assert ticket.status == "cancelled"


async def test_many_at_once_keep_numbers_without_gaps(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    await asyncio.gather(*(world.start(workflow) for _ in range(30)))
    numbers = sorted(ticket.number for ticket in await rows(world, Ticket))
    assert numbers == [f"T-2026-{at:04d}" for at in range(1, 31)]


async def test_preview_equals_what_is_booked(world: World) -> None:
    workflow = await world.publish(VISIT_AND_SETTLE)
    started = await world.start(workflow, data={"sale": 5_000_000})
    (preview,) = await world.runtime.preview_settlement(world.workspace, started.ticket_id)
    assert preview.calculation is not None
    assert await count(world, Posting) == 0
    await world.runtime.apply(
        world.workspace, started.ticket_id, complete(started, started.state.people["owner"])
    )
    earned = [line.amount for line in await rows(world, LedgerLine) if not line.counter]
    assert sum(earned) == preview.calculation.total.amount == 600_000
    assert TARIFF["key"] == preview.calculation.tariff


async def test_computed_value_that_its_form_would_refuse_is_an_incident(world: World) -> None:
    assignments = [{"field": "data.grade", "value": "data.wanted"}, {"field": "data.free", "value": "1"}]
    raw = definition(
        {"start": ("start", {}), "set": ("set_fields", {"fields": assignments}), "end": ("end", {})},
        ["start>set", "set.next>end"],
    )
    grade = {"type": "string", "title": "等级", "oneOf": [{"const": "gold"}, {"const": "plain"}]}
    raw["forms"]["f"]["schema"] = {"type": "object", "properties": {"grade": grade}}
    workflow = await world.publish(raw)
    fitting = await world.start(workflow, data={"wanted": "gold"})
    assert (fitting.state.status, fitting.state.data["free"]) == ("completed", 1)
    unfit = await world.start(workflow, data={"wanted": "silver"})
    (incident,) = unfit.state.incidents.values()
    assert (incident.node, incident.code, incident.params["value"]) == ("set", "value_unfit", "silver")
    assert unfit.state.data == {"wanted": "silver"}
