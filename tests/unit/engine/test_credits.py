"""Who worked how long at which node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from backend.engine.credits import credit, list_efforts
from backend.engine.run import Run
from backend.engine.state import State, Task, TicketFacts
from backend.graph.model import Definition
from backend.node_sdk import Offer
from tests.support.workflows import release_of
from tests.unit.runtime.world import CALLING

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Work = tuple[str, str, int]
"""(node, member, seconds)."""


def work(*done: Work, offered: str = "role") -> State:
    run = Run(
        release_of(msgspec.convert(CALLING, Definition)),
        State(ticket=TicketFacts(id="t", number="T-1", workflow="w")),
        MONDAY,
    )
    for node, member, seconds in done:
        run.now += timedelta(seconds=seconds)
        task = Task(
            id="k1",
            token="t1",
            node=node,
            kind="form",
            form=None,
            offer=Offer(to=offered),  # type: ignore[arg-type]
            actions=(),
            opened_at=run.now - timedelta(seconds=seconds),
        )
        credit(run, task, member)
    return run.state


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ([("visit", "ann", 60)], {"visit": {"ann": 60}}),
        ([("visit", "ann", 60), ("visit", "ann", 40)], {"visit": {"ann": 100}}),
        ([("visit", "ann", 60), ("check", "bob", 5)], {"visit": {"ann": 60}, "check": {"bob": 5}}),
        ([("visit", "ann", 60), ("visit", "bob", 30)], {"visit": {"ann": 60, "bob": 30}}),
        (
            [("visit", "ann", 60), ("visit", "bob", 30), ("visit", "ann", 10)],
            {"visit": {"ann": 70, "bob": 30}},
        ),
    ],
)
def test_efforts_by_node_and_member(done: list[Work], expected: dict[str, dict[str, int]]) -> None:
    state = work(*done)
    assert list_efforts(state) == expected
    assert {node: sum(shares.values()) for node, shares in expected.items()} == state.handling


def test_one_person_a_node_needs_no_further_memory() -> None:
    assert work(("visit", "ann", 60), ("visit", "ann", 1), ("check", "bob", 5)).efforts == {}


def test_customers_do_not_work() -> None:
    assert list_efforts(work(("rate", "ann", 60), offered="customer")) == {}
