"""Each finding of the soundness check, at its node and by its shortest way; and what it does not claim."""

from __future__ import annotations

from typing import Any

import pytest

from backend.graph.soundness import check_soundness
from backend.messages import knows
from tests.support.workflows import CHOICE_TASK, REGISTRY, TASK, define, join

Ways = list[tuple[str, ...]]
SPLIT: Ways = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b")]
GATE: dict[str, Any] = {"type": "gate", "config": {"reached": "c"}}
WINDOW: dict[str, Any] = {"type": "gate", "config": {"reached": "a", "before": "b"}}
LATE: dict[str, Any] = {
    **TASK,
    "boundary": {"late": {"kind": "timer", "after": "PT1H", "interrupting": False}},
}
EACH: dict[str, Any] = {"type": "for_each", "config": {"items": "data.list"}}
STOP: dict[str, Any] = {"type": "end", "config": {"terminate": True}}

FOUND: list[tuple[str, str, dict[str, Any], Ways, tuple[str, ...]]] = [
    ("deadlock", "j", {"p": "split", "a": CHOICE_TASK, "b": TASK, "j": join("all")},
     [*SPLIT, ("a", "done", "j"), ("a", "other", "z"), ("b", "done", "j"), ("j", "next", "z")],
     ("s", "p", "a", "b", "z", "j")),
    ("deadlock", "j", {"a": "race", "b": TASK, "c": TASK, "j": join("all")},
     [("s", "next", "a"), ("a", "next", "b"), ("a", "next", "c"), ("b", "done", "j"), ("c", "done", "j"),
      ("j", "next", "z")], ("s", "a", "b", "c", "j")),
    ("gate_never_opens", "g", {"a": CHOICE_TASK, "c": TASK, "g": GATE},
     [("s", "next", "a"), ("a", "done", "g"), ("a", "other", "c"), ("c", "done", "g"), ("g", "next", "z")],
     ("s", "a", "g")),
    ("livelock", "a", {"a": TASK, "b": TASK},
     [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "a")], ("s", "a")),
    ("dead_node", "d", {"a": TASK, "g": WINDOW, "b": TASK, "d": TASK},
     [("s", "next", "a"), ("a", "done", "g"), ("g", "next", "b"), ("g", "missed", "d"), ("b", "done", "z"),
      ("d", "done", "z")], ("s", "a", "g", "d")),
    ("lack_of_synchronisation", "x", {"p": "split", "a": TASK, "b": TASK, "x": TASK},
     [*SPLIT, ("a", "done", "x"), ("b", "done", "x"), ("x", "done", "z")], ("s", "p", "a", "b", "x", "x")),
    ("lack_of_synchronisation", "x", {"a": LATE, "x": TASK},
     [("s", "next", "a"), ("a", "done", "x"), ("a", "late", "x"), ("x", "done", "z")], ("s", "a", "x", "x")),
    ("lack_of_synchronisation", "g", {"p": "split", "a": TASK, "b": TASK, "g": GATE, "c": TASK},
     [*SPLIT, ("a", "done", "g"), ("b", "done", "g"), ("g", "next", "p"), ("c", "done", "z")],
     ("s", "p", "a", "b", "g", "g")),
    ("lack_of_synchronisation", "q",
     {"p": "split", "a": TASK, "q": TASK, "g": {"type": "gate", "config": {"reached": "q"}}},
     [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "g"), ("g", "next", "a"), ("a", "done", "q"),
      ("q", "done", "z")], ("s", "p", "a", "g", "q", "a", "q")),
    ("lack_of_synchronisation", "q",
     {"p": "split", "a": TASK, "q": TASK, "k": {"type": "cancel", "config": {"nodes": ["a"]}}},
     [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "k"), ("k", "next", "a"), ("a", "done", "q"),
      ("q", "done", "z")], ("s", "p", "a", "k", "q", "a", "q")),
    ("improper_completion", "z", {"p": "split", "a": TASK, "b": TASK, "y": "end", "z": STOP},
     [*SPLIT, ("a", "done", "z"), ("b", "done", "y")], ("s", "p", "a", "b", "z")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "node", "nodes", "ways", "path"), FOUND)
def test_a_finding_shows_the_shortest_way(
    code: str, node: str, nodes: dict[str, Any], ways: Ways, path: tuple[str, ...]
) -> None:
    found = check_soundness(define({"s": "start", "z": "end", **nodes}, ways), REGISTRY)
    assert knows(code)
    assert (code, node, path) in [(issue.code, issue.where.node, issue.path) for issue in found.issues]


MEANT: list[tuple[str, dict[str, Any], Ways]] = [
    ("a multi-merge", {"p": "split", "a": TASK, "b": TASK, "j": join("each"), "x": TASK},
     [*SPLIT, ("a", "done", "j"), ("b", "done", "j"), ("j", "next", "x"), ("x", "done", "z")]),
    ("instances", {"f": EACH, "a": TASK, "j": join("scope")},
     [("s", "next", "f"), ("f", "each", "a"), ("a", "done", "j"), ("j", "next", "z")]),
    ("reminders", {"a": LATE, "x": TASK, "y": "end"},
     [("s", "next", "a"), ("a", "done", "z"), ("a", "late", "x"), ("x", "done", "y")]),
    ("a step that undoes", {"a": {**TASK, "compensation": "u"}, "u": TASK, "k": "compensate"},
     [("s", "next", "a"), ("a", "done", "k"), ("k", "next", "z")]),
    ("a discriminator in a loop",
     {"p": "split", "a": TASK, "b": TASK, "j": join("keep_any"), "c": CHOICE_TASK},
     [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b"), ("a", "done", "j"), ("b", "done", "j"),
      ("j", "next", "c"), ("c", "done", "z"), ("c", "other", "z")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "nodes", "ways"), MEANT, ids=[row[0] for row in MEANT])
def test_what_is_meant_is_sound(name: str, nodes: dict[str, Any], ways: Ways) -> None:
    found = check_soundness(define({"s": "start", **nodes, "z": "end"}, ways), REGISTRY)
    assert (found.verdict, found.issues) == ("sound", ())


def test_beyond_the_bound_nothing_is_claimed() -> None:
    _, nodes, ways = MEANT[0]
    definition = define({"s": "start", **nodes, "z": "end"}, ways)
    assert check_soundness(definition, REGISTRY, max_states=3).verdict == "not_proven"


def test_branches_that_pile_up_without_end_are_not_called_sound() -> None:
    """Each turn of the loop leaves a token behind at the join, and the search must come back all the same."""
    nodes = {"p": "split", "a": CHOICE_TASK, "b": TASK, "j": join("n", 100)}
    ways = [*SPLIT, ("a", "other", "p"), ("a", "done", "j"), ("b", "done", "j"), ("j", "next", "z")]
    found = check_soundness(define({"s": "start", **nodes, "z": "end"}, ways), REGISTRY, max_states=1000)
    assert found.verdict != "sound"
    assert found.states < 1200
