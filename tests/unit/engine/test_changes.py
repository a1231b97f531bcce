"""What a field's history says of items: also of what a step wrote as its item began or ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backend.engine.changes import FieldChange, list_changes
from backend.engine.events import Recorded, Started, TaskCompleted
from backend.engine.step import step
from tests.support.workflows import TASK, join
from tests.unit.engine.test_instances import WAYS, each, finish
from tests.unit.engine.test_step import FACTS, NOW, begin

NODES: dict[str, Any] = {
    "f": each(),
    "first": {"type": "set_fields", "config": {"fields": [{"field": "data.kind", "value": "'new'"}]}},
    "a": TASK,
    "last": {"type": "set_fields", "config": {"fields": [{"field": "data.kind", "value": "'seen'"}]}},
    "j": join("scope"),
    "after": TASK,
}
STEPS = [
    ("s", "next", "f"),
    ("f", "each", "first"),
    ("first", "next", "a"),
    ("a", "done", "last"),
    ("last", "next", "j"),
    *WAYS[3:],
]


def tell(change: FieldChange) -> tuple[Any, ...]:
    assert change.item is not None
    return change.seq, change.item[0], change.field, change.before, change.after, change.node


def test_what_steps_write_as_an_item_begins_and_ends() -> None:
    release, state = begin(NODES, STEPS, {"list": [7, 8]})
    log = [Recorded(at=NOW, event=Started(ticket=FACTS, data={"list": [7, 8]}))]
    for item in (8, 7):
        event: TaskCompleted = finish(state, item, data={"kind": f"form {item}"})
        log.append(Recorded(at=NOW + timedelta(minutes=len(log)), event=event))
        state, _ = step(release, state, event, log[-1].at)
    assert not state.scopes
    told = [tell(change) for change in list_changes(lambda _: release, log) if change.item]
    assert told == [
        (1, 1, "kind", None, "new", "first"),
        (1, 2, "kind", None, "new", "first"),
        (2, 2, "kind", "new", "form 8", "a"),
        (2, 2, "kind", "form 8", "seen", "last"),
        (3, 1, "kind", "new", "form 7", "a"),
        (3, 1, "kind", "form 7", "seen", "last"),
    ]
