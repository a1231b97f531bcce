"""The harness of `cases.json`: what a node answers to what it sees, as data.

A file holds `{"cases": [...]}`. Each case names a `config` and what is looked at:

- `answer`: members of the outcome, with its `type` (go, choose, open_tasks ...); only what is named is
compared;
- `ports`: names of the ports, in order;
- `problems`: pairs of code and pointer;
- `refused`: true when the config must not decode.

`context` gives data, ticket, customer, people, now, memo, visit, visits and active; `signal` makes it a
resume instead of an enter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from backend.node_sdk.context import GivenContext, Signal
from backend.node_sdk.references import name_references
from backend.node_sdk.types import NodeType

Evaluator = Callable[[str, Mapping[str, Any]], Any]

DEFAULT_NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


class CaseContext(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the node sees; the ticket has the usual facts unless they are given."""

    data: dict[str, Any] = {}
    ticket: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    people: dict[str, str] = {}
    memo: dict[str, Any] = {}
    now: datetime = DEFAULT_NOW
    visit: int = 1
    visits: dict[str, int] = {}
    active: frozenset[str] = frozenset()


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table."""

    name: str
    config: dict[str, Any] = {}
    context: CaseContext = CaseContext()
    signal: Signal | None = None
    answer: dict[str, Any] | None = None
    ports: tuple[str, ...] | None = None
    problems: tuple[tuple[str, str], ...] | None = None
    describe: str | None = None
    """A part of the English line on the card."""
    refused: bool = False


class CaseFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    cases: tuple[Case, ...]


def load_cases(text: bytes) -> tuple[Case, ...]:
    """Raises msgspec.ValidationError when the file does not fit."""
    return msgspec.json.decode(text, type=CaseFile).cases


def run_case(node_type: NodeType, case: Case, evaluate: Evaluator, find: Evaluator) -> tuple[str, ...]:
    """What differs from the expectation, in words for the author; empty when the case holds."""
    try:
        config: Any = msgspec.convert(case.config, node_type.config)
    except msgspec.ValidationError as error:
        return () if case.refused else (f"config refused: {error}",)
    if case.refused:
        return ("config was accepted",)
    found: list[str] = []
    if case.answer is not None:
        outcome = _answer(node_type, config, case, evaluate, find)
        found += list_differences(case.answer, outcome, "answer")
    if case.ports is not None:
        found += list_differences(list(case.ports), [port.name for port in node_type.ports(config)], "ports")
    if case.problems is not None:
        actual = [list(problem) for problem in node_type.problems(config)]
        found += list_differences([list(problem) for problem in case.problems], actual, "problems")
    said = name_references(node_type.describe(config)).en
    if case.describe is not None and case.describe not in said:
        found.append(f"describe: {said!r} does not say {case.describe!r}")
    return tuple(found)


def _answer(
    node_type: NodeType, config: Any, case: Case, evaluate: Evaluator, find: Evaluator
) -> dict[str, Any]:
    given = case.context
    ticket = {"id": "t", "number": "T-1", "priority": "normal", "handling_seconds": {}, **given.ticket}
    seen = {"data": given.data, "ticket": ticket, "customer": given.customer, "now": given.now}
    context = GivenContext(
        node="n_case",
        visit=given.visit,
        data=given.data,
        ticket=ticket,
        customer=given.customer,
        people=given.people,
        now=given.now,
        memo=given.memo,
        evaluate=lambda text: evaluate(text, seen),
        find=lambda text: find(text, seen),
        visits=given.visits,
        active=given.active,
    )
    if case.signal is None:
        outcome = node_type.enter(config, context)
    elif node_type.resume is None:
        return {"type": "cannot_resume"}
    else:
        outcome = node_type.resume(config, context, case.signal)
    answer: dict[str, Any] = msgspec.to_builtins(outcome)
    return answer


def list_differences(expected: Any, found: Any, where: str) -> list[str]:
    """Members that are named must be equal; lists must have the same length."""
    if isinstance(expected, Mapping):
        if not isinstance(found, Mapping):
            return [f"{where}: {found!r} instead of an object"]
        return [
            difference
            for name, value in expected.items()
            for difference in list_differences(value, found.get(name), f"{where}.{name}")
        ]
    if isinstance(expected, list) and isinstance(found, (list, tuple)) and len(expected) == len(found):
        return [
            difference
            for at, value in enumerate(expected)
            for difference in list_differences(value, found[at], f"{where}[{at}]")
        ]
    return [] if expected == found else [f"{where}: {found!r} instead of {expected!r}"]
