"""Findings of coverage against what a workspace has, and the edits that mend findings."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from backend.messages import knows
from backend.settlement.document import check
from backend.settlement.fixes import _FIXES, Edit, propose
from backend.settlement.tariff import Finding

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "findings.json").read_text(encoding="utf-8")
)
TREE = {"all": None, "east": "all", "north": "all"}


def table(*rows: dict[str, Any], **head: Any) -> dict[str, Any]:
    return {
        "format": "tierflow.tariff/1",
        "key": "t",
        "name": {"zh": "表", "en": "Table"},
        "currency": "CNY",
        "rows": [{"charge": {"model": "flat", "amount": 1_000}, **row} for row in rows],
        **head,
    }


PLAIN, EAST = {"id": "r"}, {"id": "e", "match": {"region": "east"}}
GOLD, OIL = {"id": "g", "match": {"grade": "gold"}}, {"id": "o", "match": {"service": "oil"}}
COVERAGE: list[tuple[dict[str, Any], Any, Any, list[tuple[str, str]]]] = [
    (table(PLAIN, OIL), TREE, {"service": {"oil", "tyre"}}, []),
    (table(OIL), TREE, {"service": {"oil"}}, [("fallback_missing", "/rows")] * 2),
    (
        table(OIL, {"id": "p", "match": {"service": "paint"}}),
        TREE,
        {"service": {"oil", "paint", "tyre"}},
        [*[("fallback_missing", "/rows")] * 2, ("value_uncovered", "/rows")],
    ),
    (table(PLAIN, OIL), TREE, {"service": {"tyre"}}, [("value_unknown", "/rows/1/match/service")]),
    (table(PLAIN, OIL), TREE, {}, []),
    (
        table(
            {"id": "a", "match": {"role": "agent"}}, {"id": "b", "match": {"role": "lead", "region": "east"}}
        ),
        TREE,
        {"role": {"agent", "lead"}},
        [*[("fallback_missing", "/rows")] * 2, ("value_uncovered", "/rows")],
    ),
    (
        table(PLAIN, {"id": "s", "match": {"level": "senior"}}, {"id": "j", "match": {"level": "junior"}}),
        TREE,
        {"level": {"senior", "junior", "chief"}},
        [],
    ),
    (table(PLAIN, EAST), {"east": "west", "west": "east"}, {}, [("region_circular", "/rows/1/match/region")]),
]


@pytest.mark.parametrize(("document", "regions", "known", "expected"), COVERAGE)
def test_coverage_is_judged_by_what_there_is(
    document: dict[str, Any], regions: Any, known: Any, expected: list[tuple[str, str]]
) -> None:
    _, findings = check(document, regions, known)
    assert sorted((each.code, each.pointer) for each in findings) == sorted(expected)


MORE: list[tuple[dict[str, Any], Any, str]] = [
    (table(EAST, {**EAST, "id": "e2", "match": {"region": "north", "grade": "x"}}), TREE, "fallback_missing"),
    (
        table(
            {
                "id": "r",
                "charge": {
                    "model": "graduated",
                    "measure": "n",
                    "tiers": [
                        {"from": "10", "to": "5", "rate": "1"},
                        {"from": "0", "to": "10", "rate": "2"},
                    ],
                },
            }
        ),
        None,
        "bounds_not_rising",
    ),
    (table({"id": "r s"}), None, "id_invalid"),
    (
        table(
            {"id": "r", "charge": {"model": "percentage", "measure": "n/a", "rate": "0.5"}},
            measures={"m": {"label": {"zh": "m", "en": "m"}}},
        ),
        None,
        "measure_undeclared",
    ),
    (
        table({"id": "r", "modifiers": [{"kind": "tax", "id": "v", "rate": "0.06", "included": True}]}),
        None,
        "tax_account_missing",
    ),
]


def apply(document: dict[str, Any], edits: tuple[Edit, ...]) -> dict[str, Any]:
    """JSON Patch, as far as fixes use it."""
    found = copy.deepcopy(document)
    for edit in edits:
        *path, last = [step.replace("~1", "/").replace("~0", "~") for step in edit.path.split("/")[1:]]
        place: Any = found
        for step in path:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            at = len(place) if last == "-" else int(last)
            place[at : at + (edit.op != "add")] = [] if edit.op == "remove" else [edit.value]
        elif edit.op == "remove":
            del place[last]
        else:
            assert (edit.op == "replace") == (last in place)
            place[last] = edit.value
    return found


def list_findings() -> list[tuple[str, dict[str, Any], Any, Finding]]:
    cases = [(case["name"], case["tariff"], case["regions"]) for case in CASES]
    cases += [(code, document, regions) for document, regions, code in MORE]
    return [
        (f"{name}: {finding.code} {finding.pointer}", document, regions, finding)
        for name, document, regions in cases
        for finding in check(document, regions)[1]
        if propose(document, finding)
    ]


MENDED = list_findings()


@pytest.mark.parametrize(
    ("document", "regions", "finding"), [case[1:] for case in MENDED], ids=[c[0] for c in MENDED]
)
def test_a_fix_takes_its_finding_away(document: dict[str, Any], regions: Any, finding: Finding) -> None:
    mended = apply(document, propose(document, finding))
    _, left = check(mended, regions)
    before = check(document, regions)[1]
    assert finding not in left or left.count(finding) < before.count(finding)
    assert sum(each.severity == "error" for each in left) <= sum(each.severity == "error" for each in before)
    assert knows(f"fix.{finding.code}")


def test_every_fix_is_shown_by_a_case() -> None:
    untested = {"value_uncovered", "key_changed"}  # of a workspace: the API's tests have them
    assert {case[3].code for case in MENDED} == _FIXES.keys() - untested
