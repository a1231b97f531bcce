"""Which nodes are asked once when a release is compiled, and which again for every ticket."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from backend.engine.constant import find_constant
from backend.node_sdk import End, Go, NodeContext, NodeType, OpenTasks, Outcome
from designer_nodes import NODE_TYPES

TYPES = {node_type.type: node_type for node_type in NODE_TYPES}

CONSTANT: list[tuple[str, dict[str, Any]]] = [
    ("start", {}),
    ("decision", {}),
    ("split", {"mode": "any"}),
    ("join", {"mode": "n", "n": 2}),
    ("end", {"terminate": True}),
    ("form_task", {"form": "visit", "offer": {"to": "role", "role": "agent"}}),
    ("form_task", {"offer": {"to": "owner"}, "sla": {"duration": "PT2H", "timeout": True}}),
    ("approval", {"offer": {"to": "role", "role": "lead"}, "mode": "any"}),
    ("rating", {}),
]
ASKED: list[tuple[str, dict[str, Any]]] = [
    ("form_task", {"offer": {"to": "creator", "role": "agent"}}),
    ("approval", {"offer": {"to": "creator"}}),
    ("set_fields", {"fields": [{"field": "data.total", "value": "1 + 1"}]}),
    ("wait", {"mode": "duration", "duration": "PT1H"}),
    ("settle", {"tariff": "visits"}),
]


def ask(type_name: str, raw: dict[str, Any]) -> Outcome | None:
    node_type = TYPES[type_name]
    config: Any = msgspec.convert(raw, node_type.config)
    return find_constant(node_type, config)


@pytest.mark.parametrize(("type_name", "raw"), CONSTANT)
def test_answers_that_no_ticket_changes(type_name: str, raw: dict[str, Any]) -> None:
    assert ask(type_name, raw) is not None


@pytest.mark.parametrize(("type_name", "raw"), ASKED)
def test_answers_that_depend_on_the_ticket(type_name: str, raw: dict[str, Any]) -> None:
    assert ask(type_name, raw) is None


def test_the_constant_is_what_enter_answers() -> None:
    assert ask("end", {"result": "refused"}) == End(result="refused")
    opened = ask("form_task", {"form": "visit", "offer": {"to": "role", "role": "agent"}})
    assert isinstance(opened, OpenTasks)
    assert [task.form for task in opened.tasks] == ["visit"]


def swallow(config: Any, context: NodeContext) -> Outcome:
    try:
        return Go(port=str(context.data["way"]))
    except Exception:
        return Go(port="next")


def look_twice(config: Any, context: NodeContext) -> Outcome:
    return Go(port="next" if hasattr(context, "data") else "never")


def call(config: Any, context: NodeContext) -> Outcome:
    return Go(port=context.find("data.way") or "next")


def break_down(config: Any, context: NodeContext) -> Outcome:
    raise ZeroDivisionError


def answer_nonsense(config: Any, context: NodeContext) -> Any:
    return "next"


@pytest.mark.parametrize("enter", [swallow, look_twice, call, break_down, answer_nonsense])
def test_a_node_that_looks_or_breaks_is_asked_each_time(enter: Any) -> None:
    node_type: NodeType = msgspec.structs.replace(TYPES["start"], enter=enter)
    assert find_constant(node_type, msgspec.convert({}, node_type.config)) is None
