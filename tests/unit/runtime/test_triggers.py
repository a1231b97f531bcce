"""Triggers on the virtual clock, on both databases: once per cause, and a reason for everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from backend.db.models import (
    Job,
    Region,
    Ticket,
    TicketEvent,
    Trigger,
    TriggerDate,
    TriggerFiring,
    WorkflowVariants,
)
from backend.db.session import Database
from backend.db.types import new_id
from backend.engine.events import Cancelled, DataChanged, Event
from backend.node_sdk import Outgoing
from backend.runtime.triggers.again import find_depth
from backend.runtime.triggers.planning import Given
from tests.unit.runtime.world import EPOCH, World, definition

NOON = "0 12 * * *"
SUBJECT = {"zh": "主题", "en": "Subject"}


def intake(required: list[str] | None = None, steps: str = "done") -> dict[str, Any]:
    """Start with a form; `steps` done ends at once, `wait` leaves a task open."""
    nodes: dict[str, Any] = {"start": ("start", {"form": "f"}), "end": ("end", {})}
    edges = ["start>end"]
    if steps == "wait":
        sla = {"duration": "PT1H", "working_hours": False}
        nodes["work"] = ("form_task", {"offer": {"to": "role", "role": "agent"}, "sla": sla})
        edges = ["start>work", "work.done>end"]
    made = definition(nodes, edges)
    made["forms"]["f"]["schema"] = {
        "type": "object",
        "required": required or [],
        "properties": {
            "subject": {"type": "string", "maxLength": 20, "x-title": SUBJECT},
            "amount": {"type": "integer", "x-type": "money", "x-currency": "CNY"},
            "ends": {"type": "string", "format": "date"},
        },
    }
    return made


class Triggers:
    """Makes triggers, runs the jobs that are due, reads the log."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.workflow = ""

    async def add(self, kind: str, config: dict[str, Any], region: str | None = "sh", **more: Any) -> str:
        trigger = Trigger(
            id=new_id(),
            workspace_id=self.world.workspace,
            workflow_id=more.pop("workflow", self.workflow),
            kind=kind,
            name=kind,
            config=config,
            place={},
            region_id=self.world.regions[region] if region else None,
            created_at=self.world.clock(),
            updated_at=self.world.clock(),
            **more,
        )
        async with self.world.database.unit_of_work() as session:
            session.add(trigger)
        await self.world.runtime.triggers.plan(self.world.workspace, trigger.id)
        return trigger.id

    async def fire(self, trigger_id: str, given: Given) -> Any:
        trigger = await self.world.runtime.triggers.find(self.world.workspace, trigger_id)
        assert trigger is not None
        return await self.world.runtime.triggers.fire(trigger, given)

    async def run_due(self) -> None:
        """Until nothing is due any more."""
        for _ in range(200):
            due = select(Job.id).where(Job.status == "pending", Job.due_at <= self.world.clock())
            async with self.world.database.reading() as session:
                ids = list((await session.execute(due.order_by(Job.due_at, Job.id))).scalars())
            if not ids:
                return
            for job_id in ids:
                await self.world.runtime._executor.execute(job_id)
        raise AssertionError("jobs without an end")

    async def log(self) -> list[tuple[str, str]]:
        return [(firing.outcome, firing.code) for firing in await self.read(TriggerFiring)]

    async def read(self, model: Any) -> list[Any]:
        async with self.world.database.reading() as session:
            rows = list((await session.execute(select(model))).scalars())
        return sorted(rows, key=lambda row: getattr(row, "id", ""))


@pytest.fixture
async def triggers(world: World) -> AsyncIterator[Triggers]:
    found = Triggers(world)
    found.workflow = await world.publish(intake(), "intake")
    yield found


async def test_a_cause_starts_one_ticket_however_often_it_comes(triggers: Triggers) -> None:
    trigger = await triggers.add("api", {})
    given = Given(cause="order-1", plain={"subject": "new"})
    fired = await asyncio.gather(*(triggers.fire(trigger, given) for _ in range(8)))
    (ticket,) = await triggers.read(Ticket)
    assert {each.ticket_id for each in fired} == {ticket.id}
    assert sorted(each.repeated for each in fired) == [False] + [True] * 7
    assert (ticket.source, ticket.channel, ticket.region_path) == ("system", "api", "/cn/east/sh/")
    (event, *_) = await triggers.read(TicketEvent)
    assert event.notes[0]["code"] == "timeline_trigger"


@pytest.mark.parametrize(
    ("config", "given", "region", "code", "params"),
    [
        (
            {"condition": "body.kind == 'b'"},
            {"names": {"body": {"kind": "a"}}},
            "sh",
            "trigger_condition_false",
            {},
        ),
        (
            {"condition": "body.kind"},
            {"names": {"body": {"kind": "a"}}},
            "sh",
            "trigger_condition_failed",
            {},
        ),
        ({}, {"plain": {"subject": "x" * 30}}, "sh", "trigger_data_unfit", {"fields": [SUBJECT]}),
        ({}, {}, "sh", "trigger_data_unfit", {"fields": [SUBJECT]}),
        ({}, {"plain": {"subject": "x"}}, None, "trigger_region_missing", {}),
        (
            {"region": "body.city"},
            {"plain": {"subject": "x"}, "names": {"body": {"city": "atlantis"}}},
            "sh",
            "trigger_region_unknown",
            {"region": "atlantis"},
        ),
        (
            {"mapping": [{"field": "subject", "value": "body.a / 0"}]},
            {"names": {"body": {"a": 1}}},
            "sh",
            "trigger_mapping_failed",
            {"field": "subject"},
        ),
        ({}, {"plain": {"subject": "x"}, "depth": 9}, "sh", "trigger_chain_too_deep", {"limit": 8}),
    ],
)
async def test_why_not(  # noqa: PLR0917 - columns of the table
    triggers: Triggers,
    config: dict[str, Any],
    given: dict[str, Any],
    region: str | None,
    code: str,
    params: dict[str, Any],
) -> None:
    workflow = await triggers.world.publish(intake(["subject"]), "strict")
    trigger = await triggers.add("webhook", config, region, workflow=workflow)
    fired = await triggers.fire(trigger, Given(cause="1", **given))
    (firing,) = await triggers.read(TriggerFiring)
    assert (fired.code, firing.code) == (code, code)
    assert params.items() <= firing.params.items()
    assert await triggers.read(Ticket) == []


async def test_a_failed_cause_may_come_again_once_it_is_mended(triggers: Triggers) -> None:
    trigger = await triggers.add("api", {})
    assert (await triggers.fire(trigger, Given(cause="1", plain={"amount": "much"}))).outcome == "failed"
    assert (await triggers.fire(trigger, Given(cause="1", plain={"amount": 5}))).outcome == "started"
    assert await triggers.log() == [("started", "trigger_started")]


async def test_no_release_no_ticket(triggers: Triggers) -> None:
    async with triggers.world.database.unit_of_work() as session:
        from backend.db.models import Workflow

        workflow = Workflow(
            id=new_id(),
            workspace_id=triggers.world.workspace,
            key="n",
            name={"zh": "新", "en": "New"},
            created_at=EPOCH,
            updated_at=EPOCH,
        )
        session.add(workflow)
    trigger = await triggers.add("api", {}, workflow=workflow.id)
    assert (await triggers.fire(trigger, Given(cause="1"))).code == "trigger_no_release"


async def test_mapping_computes_the_form(triggers: Triggers) -> None:
    mapping = [
        {"field": "subject", "value": "body.order.no + ' ' + string(body.lines.size())"},
        {"field": "amount", "value": "body.total * 100.0"},
    ]
    config = {
        "mapping": mapping,
        "customer": [{"field": "phone", "value": "body.tel"}],
        "region": "body.city",
    }
    trigger = await triggers.add("webhook", config)
    body = {"order": {"no": "A7"}, "lines": [1, 2], "total": 12.5, "tel": "13800000000", "city": "north"}
    await triggers.fire(trigger, Given(cause="1", names={"body": body}))
    (ticket,) = await triggers.read(Ticket)
    assert '"data":{"subject":"A7 2","amount":1250}' in ticket.state
    assert (ticket.customer, ticket.region_path) == ({"phone": "13800000000"}, "/cn/north/")


# --- schedules ---


async def test_schedule_fires_once_with_several_processes(triggers: Triggers, database: Database) -> None:
    """Each process executes every job that is due, several times over."""
    await triggers.add("schedule", {"cron": NOON, "mapping": [{"field": "subject", "value": "body.date"}]})
    other = World(database, triggers.world.clock)
    triggers.world.clock.now = datetime(2026, 3, 2, 4, 0, 5, tzinfo=UTC)
    (job,) = [job for job in await triggers.read(Job) if job.kind == "trigger_tick"]
    payload = job.payload
    engines = [triggers.world.runtime._executor, other.runtime._executor]
    await asyncio.gather(*(engine.execute(job.id) for engine in engines * 3))
    (ticket,) = await triggers.read(Ticket)
    assert '"subject":"2026-03-02"' in ticket.state
    async with triggers.world.database.unit_of_work() as session:  # the job's result was lost: it comes again
        await session.execute(update(Job).where(Job.id == job.id).values(status="pending", payload=payload))
    await triggers.run_due()
    await triggers.world.runtime.triggers.take_up()
    await triggers.run_due()
    assert len(await triggers.read(Ticket)) == 1
    (trigger,) = await triggers.read(Trigger)
    assert trigger.next_at == datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
    await other.runtime.stop()


@pytest.mark.parametrize(
    ("catch_up", "log"),
    [
        ("last", [("started", "trigger_started")]),
        ("all", [("started", "trigger_started")] * 3),
        ("none", [("skipped", "trigger_missed")]),
    ],
)
async def test_three_days_down(triggers: Triggers, catch_up: str, log: list[Any]) -> None:
    await triggers.add("schedule", {"cron": NOON, "catch_up": catch_up})
    triggers.world.clock.advance(days=3)
    await triggers.run_due()
    assert await triggers.log() == log
    triggers.world.clock.now = datetime(2026, 3, 5, 4, 1, tzinfo=UTC)
    await triggers.run_due()
    assert await triggers.log() == [*log, ("started", "trigger_started")]


async def test_schedule_goes_by_the_clocks_of_its_region(triggers: Triggers) -> None:
    async with triggers.world.database.unit_of_work() as session:
        await session.execute(update(Region).where(Region.key == "north").values(zone="Europe/Berlin"))
    triggers.world.clock.now = datetime(2026, 3, 28, 12, tzinfo=UTC)
    await triggers.add("schedule", {"cron": "30 2 * * *"}, "north")
    for _ in range(3):
        triggers.world.clock.advance(days=1)
        await triggers.run_due()
    causes = [firing.cause for firing in await triggers.read(TriggerFiring)]
    assert causes == ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-31T00:30:00Z"]


async def test_switched_off_it_stays_quiet_and_a_lost_job_is_made_up(triggers: Triggers) -> None:
    trigger = await triggers.add("schedule", {"cron": NOON})
    async with triggers.world.database.unit_of_work() as session:
        await session.execute(update(Trigger).values(active=False))
    await triggers.world.runtime.triggers.plan(triggers.world.workspace, trigger)
    triggers.world.clock.advance(days=1)
    await triggers.run_due()
    assert await triggers.log() == []
    async with triggers.world.database.unit_of_work() as session:
        await session.execute(update(Trigger).values(active=True))
    await triggers.world.runtime.triggers.plan(triggers.world.workspace, trigger)
    async with triggers.world.database.unit_of_work() as session:
        await session.execute(update(Job).where(Job.status == "pending").values(status="dead"))
    triggers.world.clock.advance(days=1)
    await triggers.world.runtime.triggers.take_up()
    await triggers.run_due()
    assert await triggers.log() == [("started", "trigger_started")]


# --- events ---


@pytest.mark.parametrize(
    ("event", "moves", "causes"),
    [
        ("created", [], ["created"]),
        ("cancelled", ["cancel"], ["cancelled"]),
        ("changed", ["change", "same"], ["changed:2"]),
        ("overdue", ["late"], ["overdue:"]),
        ("completed", ["cancel"], []),
    ],
)
async def test_events_of_tickets(triggers: Triggers, event: str, moves: list[str], causes: list[str]) -> None:
    watched = await triggers.world.publish(intake(steps="wait"), "watched")
    await triggers.world.publish(intake(), "other")
    mapping = [{"field": "subject", "value": "ticket.number"}]
    await triggers.add("event", {"event": event, "workflow_id": watched, "mapping": mapping}, None)
    started = await triggers.world.start(watched, data={"subject": "a"})
    for move in moves:
        if move == "late":
            triggers.world.clock.advance(hours=2)
        else:
            event_of: dict[str, Event] = {
                "cancel": Cancelled(reason="x"),
                "change": DataChanged(set={"subject": "b"}),
                "same": DataChanged(set={"subject": "b"}),
            }
            await triggers.world.runtime.apply(triggers.world.workspace, started.ticket_id, event_of[move])
    await triggers.run_due()
    found = [
        firing.cause.removeprefix(started.ticket_id + ":") for firing in await triggers.read(TriggerFiring)
    ]
    assert [cause[: len(wanted)] for cause, wanted in zip(found, causes, strict=True)] == causes
    made = [ticket for ticket in await triggers.read(Ticket) if ticket.workflow_id == triggers.workflow]
    assert len(made) == len(causes)
    for ticket in made:
        assert started.state.ticket.number in ticket.state
        assert ticket.region_path == "/cn/east/sh/"


async def test_tickets_that_start_each_other_come_to_an_end(triggers: Triggers) -> None:
    await triggers.add("event", {"event": "completed", "workflow_id": triggers.workflow}, None)
    await triggers.world.start(triggers.workflow)
    await triggers.run_due()
    assert len(await triggers.read(Ticket)) == 1 + 8
    assert (await triggers.log())[-1] == ("failed", "trigger_chain_too_deep")


async def test_a_part_of_a_ticket_counts_as_the_ticket(triggers: Triggers) -> None:
    trigger = await triggers.add("api", {})
    whole = await triggers.fire(trigger, Given(cause="1", depth=3))
    part, inner = [await triggers.world.start(triggers.workflow) for _ in range(2)]
    async with triggers.world.database.unit_of_work() as session:
        for child, parent in ((part, whole), (inner, part)):
            row = update(Ticket).where(Ticket.id == child.ticket_id)
            await session.execute(row.values(parent_id=parent.ticket_id))
    assert await triggers.world.runtime._driver.run(find_depth(inner.ticket_id)) == 4


async def test_an_event_that_was_taken_twice_starts_once(triggers: Triggers) -> None:
    other = await triggers.world.publish(intake(), "other")
    await triggers.add("event", {"event": "completed", "workflow_id": other}, None)
    await triggers.world.start(other)
    (job,) = [job for job in await triggers.read(Job) if job.kind == "trigger_event"]
    await triggers.run_due()
    async with triggers.world.database.unit_of_work() as session:
        await session.execute(update(Job).where(Job.id == job.id).values(status="pending"))
    await triggers.run_due()
    assert len(await triggers.read(Ticket)) == 2


# --- dates ---

CONTRACT = {"source": "records", "collection": "contracts", "field": "ends", "days": -30}
CARRY = {"mapping": [{"field": "subject", "value": "record.key"}]}


async def test_moving_the_date_moves_the_firing(triggers: Triggers) -> None:
    desk, clock, workspace = triggers.world.runtime.triggers, triggers.world.clock, triggers.world.workspace
    await desk.put_record(workspace, "contracts", "C1", {"ends": "2026-06-30"})
    await triggers.add("record_date", {**CONTRACT, **CARRY})
    await triggers.run_due()
    await desk.put_record(workspace, "contracts", "C1", {"ends": "2026-07-31"})
    await desk.put_record(workspace, "contracts", "C2", {"ends": "2026-06-15"})
    await desk.put_record(workspace, "contracts", "C3", {"ends": "2026-06-16"})
    await triggers.run_due()
    assert await desk.delete_record(workspace, "contracts", "C3")
    await triggers.run_due()
    for day in (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC)):
        clock.now = day
        await triggers.run_due()
    causes = [firing.cause for firing in await triggers.read(TriggerFiring)]
    assert causes == ["record:C2:2026-06-15", "record:C1:2026-07-31"]
    assert [ticket.created_at for ticket in await triggers.read(Ticket)] == [
        datetime(2026, 6, 1, tzinfo=UTC),
        datetime(2026, 8, 1, tzinfo=UTC),
    ]
    await desk.put_record(workspace, "contracts", "C2", {"ends": "2026-06-15", "note": "again"})
    await triggers.run_due()
    assert len(await triggers.read(Ticket)) == 2, "once per record and date"


async def test_dates_of_tickets_already_there_and_of_new_ones(triggers: Triggers) -> None:
    contracts = await triggers.world.publish(intake(), "contracts")
    first = await triggers.world.start(contracts, data={"subject": "old", "ends": "2026-05-01"})
    config = {"source": "tickets", "workflow_id": contracts, "field": "ends", "days": -30, "time": "08:30"}
    await triggers.add("record_date", config, None)
    await triggers.run_due()
    second = await triggers.world.start(contracts, data={"subject": "new", "ends": "2026-05-02"})
    await triggers.world.start(contracts, data={"subject": "none"})
    await triggers.run_due()
    watched = {row.subject: row.due_at for row in await triggers.read(TriggerDate)}
    assert watched == {
        f"ticket:{first.ticket_id}": datetime(2026, 4, 1, 0, 30, tzinfo=UTC),
        f"ticket:{second.ticket_id}": datetime(2026, 4, 2, 0, 30, tzinfo=UTC),
    }
    triggers.world.clock.now = datetime(2026, 4, 2, 0, 30, tzinfo=UTC)
    await triggers.run_due()
    assert len(await triggers.read(TriggerFiring)) == 2
    assert await triggers.read(TriggerDate) == []


# --- messages and variants ---


async def test_a_message_starts_what_waits_for_its_name(triggers: Triggers) -> None:
    await triggers.add("message", {"message": "order_paid", "condition": "body.amount > 5"})
    runtime, workspace = triggers.world.runtime, triggers.world.workspace
    other = Outgoing(name="order_shipped", keep_seconds=60)
    assert (await runtime.deliver_message(workspace, other, message_id="m1")).buffered
    for cause, amount in (("m2", 9), ("m2", 9), ("m3", 1)):
        message = Outgoing(name="order_paid", data={"amount": amount}, keep_seconds=60)
        sent = await runtime.deliver_message(workspace, message, message_id=cause)
        assert not sent.buffered, "it starts a ticket, and waits for nobody"
    await triggers.run_due()
    assert await triggers.log() == [("started", "trigger_started"), ("skipped", "trigger_condition_false")]


async def test_a_variant_takes_what_its_form_knows(triggers: Triggers) -> None:
    vip = await triggers.world.publish(intake(["subject"]), "vip")
    rules = [
        {"id": "off", "name": {}, "when": "true", "workflow_id": vip, "active": False},
        {"id": "vip", "name": {"zh": "贵宾", "en": "VIP"}, "when": "data.grade == 'vip'", "workflow_id": vip},
    ]
    async with triggers.world.database.unit_of_work() as session:
        session.add(
            WorkflowVariants(
                workflow_id=triggers.workflow,
                workspace_id=triggers.world.workspace,
                rules=rules,
                updated_at=EPOCH,
            )
        )
    trigger = await triggers.add("webhook", {})
    await triggers.fire(trigger, Given(cause="1", plain={"grade": "vip", "subject": "s"}))
    await triggers.fire(trigger, Given(cause="2", plain={"grade": "plain"}))
    fired = await triggers.fire(trigger, Given(cause="3", plain={"grade": "vip"}))
    assert [ticket.workflow_id for ticket in await triggers.read(Ticket)] == [vip, triggers.workflow]
    assert (fired.code, fired.params["fields"]) == ("trigger_data_unfit", [SUBJECT])
    notes = [event.notes for event in await triggers.read(TicketEvent) if event.seq == 1]
    codes = sorted(note["code"] for each in notes for note in each if note["code"].startswith("timeline"))
    assert codes == ["timeline_trigger", "timeline_trigger", "timeline_variant"]
