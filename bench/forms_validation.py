"""P5: validating a 25-field form, all errors, field permissions included, against the jsonschema library.

Both sides take the same submissions in turn, one valid and two with faults; ours also applies a node's field
access and the form's rules. Prints validations a second of each round, then the median ratio with its spread.
"""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import jsonschema

from backend.forms.validation import Access, compile_form, validate

ROUNDS = 7
PEER_CALLS = 150
OUR_CALLS = 15_000
GOAL = 100

CHOICES = [{"const": f"c{number}", "title": f"选项 {number}"} for number in range(6)]
KINDS: list[dict[str, Any]] = [
    {"type": "string", "maxLength": 200},
    {"type": "string", "oneOf": CHOICES},
    {"type": "integer", "minimum": 0, "x-type": "money", "x-currency": "CNY"},
    {"type": "string", "format": "date"},
    {"type": "array", "maxItems": 9, "uniqueItems": True, "items": {"type": "string", "oneOf": CHOICES}},
]
GOOD: list[Any] = ["处理完毕，客户满意", "c3", 12_800, "2026-05-04", ["c1", "c4"]]
BAD: list[Any] = ["x" * 201, "c9", -1, "2026-13-40", ["c1", "c1"]]


def build_form() -> dict[str, Any]:
    properties = {f"f{number}": KINDS[number % len(KINDS)] for number in range(25)}
    required = [f"f{number}" for number in range(0, 20)]
    rules = {"f23": {"ui:showIf": {"field": "f1", "op": "eq", "value": "c3"}}}
    return {"schema": {"type": "object", "properties": properties, "required": required}, "ui": rules}


def build_submissions() -> list[dict[str, Any]]:
    good = {f"f{number}": GOOD[number % len(GOOD)] for number in range(25)}
    one_fault = good | {"f7": -1}
    many_faults = good | {f"f{number}": BAD[number % len(BAD)] for number in range(5, 15)}
    return [good, one_fault, many_faults]


def rate(call: Callable[[dict[str, Any]], object], submission: dict[str, Any], calls: int) -> float:
    """Calls a second."""
    gc.collect()
    started = time.perf_counter()
    for _ in range(calls):
        call(submission)
    return calls / (time.perf_counter() - started)


def main() -> None:
    form = build_form()
    peer = jsonschema.Draft202012Validator(
        form["schema"], format_checker=jsonschema.FormatChecker(["date", "email"])
    )
    compiled = compile_form(form)
    access: dict[str, Access] = {"f20": "readonly", "f21": "required", "f22": "editable", "f24": "hidden"}

    def theirs(data: dict[str, Any]) -> object:
        return list(peer.iter_errors(data))

    def ours(data: dict[str, Any]) -> object:
        return validate(compiled, data, access=access, stored=stored)

    submissions = build_submissions()
    stored = {"f20": submissions[0]["f20"], "f24": submissions[0]["f24"]}
    assert [len(validate(compiled, data, access=access, stored=stored)) for data in submissions] == [0, 1, 10]
    assert [len(list(peer.iter_errors(data))) for data in submissions] == [0, 1, 10]
    for name, data in zip(("valid", "one fault", "ten faults"), submissions, strict=True):
        ratios = []
        for turn in range(ROUNDS):
            them = rate(theirs, data, PEER_CALLS)
            us = rate(ours, data, OUR_CALLS)
            ratios.append(us / them)
            print(
                f"P5 {name}, round {turn + 1}: jsonschema {them:,.0f}/s, ours {us:,.0f}/s, {us / them:.0f}x"
            )
        low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
        print(f"P5 {name}: {middle:.0f}x jsonschema ({low:.0f} to {high:.0f}), goal {GOAL}x")


if __name__ == "__main__":
    main()
