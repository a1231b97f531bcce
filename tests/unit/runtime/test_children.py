"""Tickets that a step starts: together or not at all, and what the end of one means to the other."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import Incident, Job, Task, Ticket, TicketLink
from backend.engine.events import Cancelled, IncidentResolved, TaskCompleted
from tests.unit.runtime.test_jobs import read
from tests.unit.runtime.test_messaging import run_jobs, state_of
from tests.unit.runtime.world import AGENT, CHILD, PARENT, World, definition

RECURSIVE = definition(
    {"start": ("start", {}), "sub": ("subflow", {"workflow": "repair"}), "end": ("end", {})},
    ["start>sub", "sub.next>end"],
)
FORGETTING = definition(
    {
        "start": ("start", {}),
        "sub": ("subflow", {"workflow": "child", "wait": False}),
        "end": ("end", {}),
    },
    ["start>sub", "sub.next>end"],
)
CATCHING = definition(
    {
        "start": ("start", {}),
        "sub": ("subflow", {"workflow": "child"}),
        "look": ("form_task", AGENT),
        "end": ("end", {}),
    },
    ["start>sub", "sub.next>end", "sub.error>look", "look.done>end"],
)
ASKING = {
    **CHILD,
    "forms": {
        "f": {
            "title": {"zh": "表", "en": "Form"},
            "schema": {
                "type": "object",
                "properties": {"problem": {"type": "string", "title": "故障", "maxLength": 5}},
                "required": ["problem"],
            },
            "ui": {},
        }
    },
}


async def find(world: World, number: str) -> Ticket:
    async with world.database.reading() as session:
        return (await session.execute(select(Ticket).where(Ticket.number == number))).scalar_one()


async def finish_child(world: World, data: dict[str, Any] | None = None) -> None:
    (task,) = [task for task in await read(world, Task) if task.status == "open"]
    event = TaskCompleted(task=task.key, outcome="done", data=data or {}, member=world.members["ann"])
    await world.runtime.apply(world.workspace, task.ticket_id, event)
    await run_jobs(world)


async def test_parent_goes_on_with_what_the_child_brings(world: World) -> None:
    await world.publish(CHILD, "child")
    started = await world.start(await world.publish(PARENT), data={"what": "leak"}, customer={"name": "Li"})
    child = await find(world, "T-2026-0001-1")
    assert (child.parent_id, child.source, child.customer) == (started.ticket_id, "system", {"name": "Li"})
    assert state_of(child).data == {"problem": "leak"}
    assert child.region_path == "/cn/east/sh/"
    (link,) = await read(world, TicketLink)
    assert (link.ticket_id, link.other_id, link.kind) == (started.ticket_id, child.id, "child")
    await finish_child(world, {"cost": 80})
    parent = await find(world, "T-2026-0001")
    assert parent.status == "completed"
    assert state_of(parent).data == {"what": "leak", "child": "T-2026-0001-1", "cost": 80}


async def test_child_that_ends_at_once_answers_at_once(world: World) -> None:
    quick = definition({"start": ("start", {}), "end": ("end", {})}, ["start>end"])
    await world.publish(quick, "child")
    started = await world.start(await world.publish(PARENT), data={"what": "x"})
    assert started.state.status == "completed"
    assert started.state.data["child"] == "T-2026-0001-1"
    assert await read(world, Job) == []


async def test_forgetting_parent_does_not_wait(world: World) -> None:
    await world.publish(CHILD, "child")
    started = await world.start(await world.publish(FORGETTING))
    assert started.state.status == "completed"
    await finish_child(world)
    assert {ticket.status for ticket in await read(world, Ticket)} == {"completed"}


async def test_cancelled_parent_calls_off_its_child(world: World) -> None:
    await world.publish(CHILD, "child")
    started = await world.start(await world.publish(PARENT), data={"what": "x"})
    await world.runtime.apply(world.workspace, started.ticket_id, Cancelled(reason="no"))
    await run_jobs(world)
    assert {ticket.status for ticket in await read(world, Ticket)} == {"cancelled"}
    assert {job.status for job in await read(world, Job)} == {"done"}


@pytest.mark.parametrize(("caught", "expected"), [(False, "incident"), (True, "task")])
async def test_cancelled_child_is_an_error_of_its_parent(world: World, caught: bool, expected: str) -> None:
    await world.publish(CHILD, "child")
    started = await world.start(await world.publish(CATCHING if caught else PARENT), data={"what": "x"})
    child = await find(world, "T-2026-0001-1")
    await world.runtime.apply(world.workspace, child.id, Cancelled(reason="no"))
    await run_jobs(world)
    parent = state_of(await find(world, "T-2026-0001"))
    assert [token.wait for token in parent.tokens.values()] == [expected]
    if not caught:
        (incident,) = await read(world, Incident)
        assert (incident.code, incident.params["number"]) == ("child_cancelled", "T-2026-0001-1")
        event = IncidentResolved(incident=incident.key)
        await world.runtime.apply(world.workspace, started.ticket_id, event)
        assert (await find(world, "T-2026-0001-2")).status == "running"


@pytest.mark.parametrize(
    ("data", "config", "code", "params"),
    [
        ({}, {"workflow": "gone"}, "subflow_workflow_unknown", {"workflow": "gone"}),
        ({"what": "too long"}, {}, "child_data_unfit", {"fields": ["故障"]}),
        ({"what": None}, {}, "child_data_unfit", {"fields": ["故障"]}),
    ],
)
async def test_what_cannot_begin_is_an_incident_and_leaves_no_ticket(
    world: World, data: dict[str, Any], config: dict[str, Any], code: str, params: dict[str, Any]
) -> None:
    await world.publish(ASKING, "child")
    given = [{"field": "problem", "value": "data.what"}]
    sub = ("subflow", {"workflow": "child", "inputs": given if data else [], **config})
    raw = definition({"start": ("start", {}), "sub": sub, "end": ("end", {})}, ["start>sub", "sub.next>end"])
    await world.start(await world.publish(raw), data=data)
    (incident,) = await read(world, Incident)
    assert incident.code == code
    assert params.items() <= incident.params.items()
    assert len(await read(world, Ticket)) == 1


async def test_workflow_that_starts_itself_comes_to_an_end(world: World) -> None:
    await world.start(await world.publish(RECURSIVE))
    tickets = await read(world, Ticket)
    assert len(tickets) == 9
    (incident,) = await read(world, Incident)
    assert (incident.code, incident.params) == ("subflow_too_deep", {"limit": 8})
    assert max(len(ticket.number) for ticket in tickets) == len("T-2026-0001" + "-1" * 8)
