"""Scenarios: what they play, and what they report when the expectation is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from backend.engine.scenario import Scenario
from backend.engine.simulation import JobRefused, Unanswered, play
from backend.engine.state import Calendar, Job, State
from tests.support.workflows import TASK, define, release_of

WAIT = {"type": "wait", "config": {"duration": "PT2H"}}
SETTLE = {"type": "settle", "config": {"tariff": "service"}}
HOOK = {"type": "webhook", "config": {"url": "https://a.example"}}
WAYS: list[tuple[str, ...]] = [
    ("s", "next", "a"),
    ("a", "done", "w"),
    ("w", "next", "h"),
    ("h", "ok", "pay"),
    ("pay", "next", "z"),
]
RELEASE = release_of(define({"s": "start", "a": TASK, "w": WAIT, "h": HOOK, "pay": SETTLE, "z": "end"}, WAYS))


class Shell:
    """Books one line for each settle job; leaves web calls to the scenario."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def answer(self, job: Job, state: State, now: datetime) -> Any:
        if job.kind == "webhook":
            raise Unanswered
        if job.kind != "settle":
            raise JobRefused("unknown_job", kind=job.kind)
        self.lines.append({"component": "base", "amount": 8000, "currency": "CNY"})
        return {"total": "CNY 80.00"}

    def calendar(self, region: str | None) -> Calendar:
        return Calendar()

    def region_path(self, region: str | None) -> tuple[str, ...]:
        return ("cn", region) if region else ()

    def take_lines(self) -> list[dict[str, Any]]:
        taken, self.lines = self.lines, []
        return taken


def read(steps: list[dict[str, Any]]) -> Scenario:
    raw = {"ticket": {"region": "sh"}, "expect": {"open": ["a"]}, "steps": steps}
    return msgspec.convert(raw, Scenario)


def test_a_scenario_that_holds() -> None:
    steps: list[dict[str, Any]] = [
        {"complete": {"node": "a", "data": {"x": 1}}, "expect": {"open": [], "data": {"x": 1}}},
        {"advance": "PT1H", "expect": {"status": "running", "lines": []}},
        {"advance": "PT1H"},
        {"job": {"node": "h", "result": {}}, "expect": {"status": "completed", "lines": [{"amount": 8000}]}},
    ]
    playback = play(RELEASE, read(steps), Shell())
    assert [played.mismatches for played in playback.steps] == [()] * 5
    assert playback.passed


def test_a_scenario_that_does_not() -> None:
    steps: list[dict[str, Any]] = [
        {"complete": {"node": "ghost"}},
        {"complete": {"node": "a", "outcome": "fly"}},
        {"complete": {"node": "a"}, "expect": {"open": ["a"], "status": "completed", "data": {"x": 1}}},
    ]
    playback = play(RELEASE, read(steps), Shell())
    found = [[mismatch.what for mismatch in played.mismatches] for played in playback.steps]
    assert found == [[], ["not_possible"], ["refused"], ["open", "status", "data.x"]]
    assert not playback.passed


def test_instances_signals_and_cancelling_are_played() -> None:
    nodes = {
        "s": "start",
        "f": {"type": "for_each", "config": {"items": "data.list", "into": "done"}},
        "a": {**TASK, "compensation": "u", "boundary": {"alarm": {"kind": "signal", "name": "alarm"}}},
        "j": {"type": "join", "config": {"mode": "scope"}},
        "b": {**TASK, "boundary": {"off": {"kind": "message", "name": "off", "correlation": "data.no"}}},
        "u": TASK,
        "z": "end",
    }
    ways: list[tuple[str, ...]] = [("s", "next", "f"), ("f", "each", "a"), ("a", "done", "j")]
    ways += [("a", "alarm", "j"), ("j", "next", "b"), ("b", "done", "z"), ("b", "off", "z")]
    steps: list[dict[str, Any]] = [
        {"add_item": {"node": "f", "item": 3}, "expect": {"open": ["a", "a", "a"]}},
        {"complete": {"node": "a", "instance": 3, "data": {"x": 1}}, "expect": {"open": ["a", "a"]}},
        {"message": {"name": "alarm", "signal": True}, "expect": {"open": ["b"]}},
        {"expect": {"data": {"done": [{}, {}, {"x": 1}]}}},
        {"message": {"name": "off", "correlation": "9"}, "expect": {"status": "running"}},
        {"cancel": {"reason": "mistake", "compensate": True}, "expect": {"open": ["u"]}},
        {"complete": {"node": "u"}, "expect": {"status": "cancelled"}},
    ]
    raw = {"start": {"list": [1, 2], "no": 7}, "expect": {"open": ["a", "a"]}, "steps": steps}
    playback = play(release_of(define(nodes, ways)), msgspec.convert(raw, Scenario), Shell())
    found = [[mismatch.what for mismatch in played.mismatches] for played in playback.steps]
    assert found == [[], [], [], [], [], ["refused"], [], []]
