"""One ticket's money, shared by the work done at its steps."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.db.models import LedgerLine
from backend.db.session import Database
from backend.engine.events import TaskClaimed, TaskCompleted
from tests.unit.runtime.world import AGENT, TestClock, World, definition

TWO_STEPS = definition(
    {
        "start": ("start", {}),
        "visit": ("form_task", AGENT),
        "repair": ("form_task", AGENT),
        "pay": ("settle", {"tariff": "bonus"}),
        "end": ("end", {}),
    },
    ["start>visit", "visit.done>repair", "repair.done>pay", "pay>end"],
)


def bonus(**pays: Any) -> dict[str, Any]:
    return {
        "format": "tierflow.tariff/1",
        "key": "bonus",
        "name": {"zh": "奖金", "en": "Bonus"},
        "currency": "CNY",
        "rows": [
            {
                "id": "all",
                "match": {},
                "charge": {"model": "flat", "amount": 10_001},
                "pays": {"party": "contributors", **pays},
                "from": {"party": "department", "key": "service"},
            }
        ],
    }


@pytest.mark.parametrize(
    ("pays", "expected"),
    [
        ({}, {"ann": 2_500, "bob": 7_501}),
        ({"by": "steps"}, {"ann": 5_001, "bob": 5_000}),
        (
            {"steps": [{"node": "visit", "weight": "3"}, {"node": "repair", "weight": "1"}]},
            {"ann": 5_001, "bob": 5_000},
        ),
        ({"steps": [{"node": "repair", "weight": "1"}]}, {"bob": 10_001}),
    ],
)
async def test_shares_follow_the_work_and_sum_to_the_whole(
    database: Database, pays: dict[str, Any], expected: dict[str, int]
) -> None:
    assert isinstance(database.clock, TestClock)
    world = World(database, database.clock)
    await world.build(bonus(**pays))
    ticket = await world.start(await world.publish(TWO_STEPS))
    for member, minutes in (("ann", 10), ("bob", 30)):
        worker = world.members[member]
        (task,) = ticket.state.tasks
        for event in (
            TaskClaimed(task=task, member=worker),
            TaskCompleted(task=task, outcome="done", member=worker),
        ):
            ticket = await world.runtime.apply(world.workspace, ticket.ticket_id, event, actor=worker)
            world.clock.now += timedelta(minutes=minutes if isinstance(event, TaskClaimed) else 0)
    await world.runtime.stop()
    assert ticket.state.status == "completed"
    async with database.reading() as session:
        lines = list((await session.execute(select(LedgerLine))).scalars())
    assert sum(line.amount for line in lines) == 0
    names = {member: name for name, member in world.members.items()}
    assert {names[line.party_id]: line.amount for line in lines if not line.counter} == expected
