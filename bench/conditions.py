"""P6: a condition over a whole ticket, against cel-python and the Rust CEL library.

The ticket has 60 fields, among them lists and groups, as they stand in a running ticket's state. Four
conditions, from one comparison to a search in a list. cel-python and the Rust library are handed the ticket
as Python values; `projected` is the Rust library given only the fields that the condition names, which is the
fallback inside ours. Ours is `Expression.holds`, as a decision calls it. Evaluations a second of each round,
the peers in turn with ours.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import cel

from backend.graph.expressions import compile_expression
from bench.python_peers import ask, start

ROUNDS = 7
SECONDS = 0.1
GOAL = 50_000
CONDITIONS = {
    "one comparison": "data.amount > 10000",
    "three in a row": 'data.kind == "food" && data.amount >= 500 && data.grade in ["gold", "vip"]',
    "text": 'data.note.startsWith("please") && size(data.note) > 5',
    "search in a list": 'data.items.exists(i, i.price > 100 && i.kind == "part")',
}
FIELDS: dict[str, Any] = {
    **{f"text_{at}": f"the text of field {at}, as long as such texts are" for at in range(30)},
    **{f"number_{at}": at * 37 for at in range(15)},
    **{f"choices_{at}": ["a", "b", "c"] for at in range(8)},
    "items": [{"kind": "work", "price": at * 10, "note": "n" * 20} for at in range(11)]
    + [{"kind": "part", "price": 120, "note": "x"}],
    "amount": 12_800,
    "kind": "food",
    "grade": "vip",
    "note": "please call before you come",
}
CONTEXT: dict[str, Any] = {"data": FIELDS, "ticket": {"priority": "normal"}, "customer": {"name": "x"}}
CEL_PYTHON = """
import json, sys, time
import celpy
from celpy.adapter import json_to_cel
environment = celpy.Environment()
context = None
for line in sys.stdin:
    text, context, seconds = json.loads(line)
    program = environment.program(environment.compile(text))
    count, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        held = program.evaluate({name: json_to_cel(value) for name, value in context.items()})
        count += 1
    assert bool(held) is True
    print(count / (time.process_time() - began), flush=True)
"""


def rate(call: Callable[[], object]) -> float:
    """Calls a second of processor time."""
    gc.collect()
    assert call() is True
    count, began, passed = 0, time.process_time(), 0.0
    while passed < SECONDS:
        for _ in range(20):
            call()
        count += 20
        passed = time.process_time() - began
    return count / passed


def project(text: str) -> dict[str, Any]:
    names = [name for name in FIELDS if f"data.{name}" in text]
    return {"data": {name: FIELDS[name] for name in names}}


def main() -> None:
    peer = start("cel-python", CEL_PYTHON)
    if peer is None:
        print("P6: cel-python could not be installed here (bench/README.md says how)")
    for name, text in CONDITIONS.items():
        program, expression, some = cel.compile(text), compile_expression(text), project(text)
        rates: dict[str, list[float]] = {
            "cel-python": [],
            "Rust, whole": [],
            "Rust, projected": [],
            "ours": [],
        }
        for _ in range(ROUNDS):
            if peer is not None:
                rates["cel-python"].append(float(ask(peer, json.dumps([text, CONTEXT, SECONDS]))))
            rates["Rust, whole"].append(rate(lambda: program.execute(CONTEXT)))  # noqa: B023
            rates["Rust, projected"].append(rate(lambda: program.execute(some)))  # noqa: B023
            rates["ours"].append(rate(lambda: expression.holds(CONTEXT)))  # noqa: B023
        report(name, rates)
    if peer is not None:
        peer.terminate()


def report(name: str, rates: dict[str, list[float]]) -> None:
    middle = {side: statistics.median(found) for side, found in rates.items() if found}
    print(f"P6 {name}:", ", ".join(f"{side} {found:,.0f}/s" for side, found in middle.items()), "(medians)")
    for side in middle:
        if side != "ours":
            ratios = sorted(a / b for a, b in zip(rates["ours"], rates[side], strict=True))
            print(
                f"   ours to {side}: {statistics.median(ratios):,.1f}x",
                f"({ratios[0]:,.1f} to {ratios[-1]:,.1f})",
            )
    low, high = min(rates["ours"]), max(rates["ours"])
    print(f"P6 {name}, ours: {middle['ours']:,.0f}/s ({low:,.0f} to {high:,.0f}), goal >= {GOAL:,}/s")


if __name__ == "__main__":
    main()
