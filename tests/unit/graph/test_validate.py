"""Findings, patches, hashes and expressions of broken and sound definitions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.graph.canonical import canonical_json, content_hash
from backend.graph.decode import decode_definition, parse_definition
from backend.graph.diff import diff
from backend.graph.expressions import ExpressionFailed, check_expression, compile_expression
from backend.graph.merge_patch import apply, inverse
from backend.graph.soundness import check_soundness
from backend.graph.validate import validate
from backend.messages import knows
from tests.support.workflows import REGISTRY, TASK, define, join

PAID = {"tariff": "pay", "parties": [{"slot": "worker", "kind": "worker", "node": "ghost"}]}
PAID = {"tariff": "pay", "parties": [{"slot": "worker", "kind": "worker", "node": "ghost"}]}
LINE: list[tuple[str, ...]] = [("s", "next", "a"), ("a", "done", "z")]
NODES: dict[str, Any] = {"s": "start", "a": TASK, "z": "end"}


def attached(**parts: Any) -> dict[str, Any]:
    """The plain line, with something hung on its step."""
    return {**NODES, "a": {**TASK, **parts}}


BROKEN: list[tuple[dict[str, Any], list[tuple[str, ...]], str]] = [
    ({**NODES, "a": "magic"}, LINE, "unknown_node_type"),
    ({**NODES, "a": {"type": "form_task", "config": {"colour": 1}}}, LINE, "config_unknown_field"),
    ({**NODES, "a": {"type": "form_task", "config": {"show": 1}}}, LINE, "config_wrong_value"),
    (
        {**NODES, "a": {"type": "set_fields", "config": {"fields": [{"field": "x"}]}}},
        LINE,
        "config_missing_field",
    ),
    ({**NODES, "a": "form_task"}, LINE, "role_missing"),
    (NODES, [*LINE, ("a", "done", "ghost", "data.x > 1")], "edge_to_nowhere"),
    (NODES, [*LINE, ("a", "flies", "z")], "unknown_port"),
    (NODES, [LINE[0]], "port_without_edge"),
    (NODES, [*LINE, ("a", "done", "z")], "several_default_edges"),
    (NODES, [LINE[0], ("a", "done", "z", "data.x > 1")], "no_default_edge"),
    (NODES, [LINE[0], ("a", "done", "z", "data.x >")], "expression_syntax"),
    (NODES, [*LINE, ("a", "done", "s", "true")], "edge_into_start"),
    ({"a": TASK, "z": "end"}, [LINE[1]], "no_start"),
    ({"s": "start"}, [], "no_end"),
    ({**NODES, "b": TASK}, [*LINE, ("b", "done", "z")], "unreachable_node"),
    (
        {**NODES, "a": {"type": "form_task", "config": {"form": "x", "offer": {"to": "owner"}}}},
        LINE,
        "form_unknown",
    ),
    (
        {"s": "start", "a": "set_fields", "b": "decision", "z": "end"},
        [("s", "next", "a"), ("a", "next", "b"), ("b", "next", "a", "data.x > 1"), ("b", "next", "z")],
        "automatic_loop",
    ),
    (attached(boundary={"Late": {"kind": "error"}}), LINE, "boundary_name_invalid"),
    (attached(boundary={"done": {"kind": "error"}}), LINE, "boundary_name_taken"),
    ({**NODES, "s": {"type": "start", "boundary": {"x": {"kind": "error"}}}}, LINE, "boundary_never_waits"),
    (
        {**NODES, "a": {"type": "set_fields", "boundary": {"x": {"kind": "timer", "after": "PT1H"}}}},
        LINE,
        "boundary_never_waits",
    ),
    (attached(boundary={"x": {"kind": "timer"}}), LINE, "boundary_time_missing"),
    (attached(boundary={"x": {"kind": "timer", "after": "-PT1H"}}), LINE, "boundary_time_not_positive"),
    (attached(boundary={"x": {"kind": "timer", "field": "no field"}}), LINE, "boundary_field_invalid"),
    (
        attached(boundary={"x": {"kind": "timer", "every": "PT1H", "times": 3}}),
        LINE,
        "boundary_repeat_ignored",
    ),
    (attached(boundary={"x": {"kind": "error", "code": "No!"}}), LINE, "boundary_code_invalid"),
    (attached(boundary={"x": {"kind": "message"}}), LINE, "boundary_message_missing"),
    (
        attached(boundary={"x": {"kind": "message", "name": "m", "correlation": "data."}}),
        LINE,
        "expression_syntax",
    ),
    (attached(boundary={"x": {"kind": "error"}}), LINE, "port_without_edge"),
    (attached(compensation="ghost"), LINE, "compensation_unknown"),
    (attached(compensation="a"), LINE, "compensation_shape"),
    (attached(compensation="z"), LINE, "compensation_with_edges"),
    ({**NODES, "z": {"type": "end", "compensation": "a"}}, LINE, "compensation_of_no_step"),
    (
        {**NODES, "c": {"type": "cancel", "config": {"nodes": ["ghost"]}}},
        [LINE[0], ("a", "done", "c"), ("c", "next", "z")],
        "node_unknown",
    ),
    (
        {**NODES, "c": {"type": "cancel", "config": {"nodes": ["c"]}}},
        [LINE[0], ("a", "done", "c"), ("c", "next", "z")],
        "node_names_itself",
    ),
    (
        {**NODES, "c": {"type": "gate", "config": {"reached": "ghost"}}},
        [LINE[0], ("a", "done", "c"), ("c", "next", "z")],
        "node_unknown",
    ),
    (
        {**NODES, "c": {**TASK, "config": {**TASK["config"], "not_by": ["creator", "ghost"]}}},
        [LINE[0], ("a", "done", "c"), ("c", "done", "z")],
        "node_unknown",
    ),
    (
        {**NODES, "c": {"type": "settle", "config": PAID}},
        [LINE[0], ("a", "done", "c"), ("c", "next", "z")],
        "node_unknown",
    ),
    ({**NODES, "c": "compensate"}, [LINE[0], ("a", "done", "c"), ("c", "next", "z")], "nothing_to_undo"),
    (
        {**NODES, "f": {"type": "for_each", "config": {"items": "2"}}},
        [("s", "next", "f"), ("f", "each", "a"), LINE[1]],
        "spread_without_join",
    ),
    (
        {**NODES, "b": TASK, "r": "race"},
        [("s", "next", "r"), ("r", "next", "a", "data.x"), ("r", "next", "b"), LINE[1], ("b", "done", "z")],
        "condition_ignored",
    ),
]


def test_what_hangs_on_nodes_is_fine() -> None:
    events = {
        "late": {"kind": "timer", "after": "PT2H"},
        "remind": {"kind": "timer", "field": "visit", "offset": "P1D", "interrupting": False},
        "called_off": {"kind": "message", "name": "called_off", "correlation": "ticket.number"},
        "failed": {"kind": "error"},
    }
    nodes = {
        "s": "start",
        "f": {"type": "for_each", "config": {"items": "data.list"}},
        "a": {**TASK, "boundary": events, "compensation": "u"},
        "j": join("scope"),
        "g": {"type": "gate", "config": {"reached": "a"}},
        "c": "compensate",
        "u": TASK,
        "z": "end",
    }
    ways: list[tuple[str, ...]] = [("s", "next", "f"), ("f", "each", "a"), ("a", "done", "j")]
    ways += [("a", port, "j") for port in events]
    ways += [("j", "next", "g"), ("g", "next", "c"), ("c", "next", "z")]
    assert validate(define(nodes, ways), REGISTRY) == ()


@pytest.mark.parametrize(("nodes", "edges", "code"), BROKEN, ids=[row[2] for row in BROKEN])
def test_findings(nodes: dict[str, Any], edges: list[tuple[str, ...]], code: str) -> None:
    found = [issue.code for issue in validate(define(nodes, edges), REGISTRY)]
    assert code in found
    assert [name for name in found if not knows(name)] == []


def test_a_good_workflow_has_none() -> None:
    assert validate(define(NODES, LINE), REGISTRY) == ()
    assert check_soundness(define(NODES, LINE), REGISTRY).verdict == "sound"


SPLIT: list[tuple[str, ...]] = [("s", "next", "p"), ("p", "next", "a"), ("p", "next", "b")]
UNSOUND: list[tuple[str, dict[str, Any], list[tuple[str, ...]], str]] = [
    ("deadlock", {"p": "split", "a": TASK, "b": TASK, "j": join("n", 2)},
     [*SPLIT, ("a", "done", "j"), ("b", "done", "z"), ("j", "next", "z")], "j"),
    ("lack_of_synchronisation", {"p": "split", "a": TASK, "b": TASK, "x": TASK},
     [*SPLIT, ("a", "done", "x"), ("b", "done", "x"), ("x", "done", "z")], "x"),
    ("livelock", {"a": TASK, "b": TASK}, [("s", "next", "a"), ("a", "done", "b"), ("b", "done", "a")], "a"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "nodes", "edges", "node"), UNSOUND, ids=[row[0] for row in UNSOUND])
def test_unsound(code: str, nodes: dict[str, Any], edges: list[tuple[str, ...]], node: str) -> None:
    found = check_soundness(define({"s": "start", **nodes, "z": "end"}, edges), REGISTRY)
    assert found.verdict == "unsound"
    assert (code, node) in [(issue.code, issue.where.node) for issue in found.issues]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"{", "definition_not_json"),
        (b"[" * 5000, "definition_not_json"),
        (b" " * (1024 * 1024 + 1), "workflow_too_large"),
        (b'{"a": 1, "a": 2}', "duplicate_id"),
    ],
)
def test_parse(text: bytes, code: str) -> None:
    _, issues = parse_definition(text)
    assert [issue.code for issue in issues] == [code]


def test_decoding_names_every_broken_part() -> None:
    raw = {
        "graph": {"nodes": {"a": {}, "b": {"type": 1}}, "edges": {"e": {"source": "a"}}},
        "settings": {"priority": 1},
    }
    definition, issues = decode_definition(raw)
    assert definition is None
    assert [issue.where.node or issue.where.edge or issue.where.pointer for issue in issues] == [
        "a",
        "b",
        "e",
        "/settings",
    ]
    assert decode_definition({"graph": {"nodes": {"a b": {"type": "end"}}}})[1][0].code == "id_invalid"


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ({"a": 1}, {"a": None}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 5}}, {"a": {"b": 5, "c": 2}}),
        ({"a": 1}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({}, {"x": {"y": {"z": None}}}, {"x": {"y": {}}}),
    ],
)
def test_merge_patch_and_its_inverse(document: Any, patch: Any, result: Any) -> None:
    before = json.dumps(document)
    assert apply(document, patch) == result
    assert apply(result, inverse(document, patch)) == document
    assert json.dumps(document) == before


def test_hash_depends_on_content_only() -> None:
    definition = define(NODES, LINE)
    raw = json.loads(canonical_json(definition))
    assert content_hash(definition) == content_hash(dict(reversed(raw.items())))
    assert content_hash(definition) != content_hash(define(NODES, LINE[:1]))


def test_diff_speaks_of_nodes_edges_and_fields() -> None:
    old, new = define(NODES, LINE), define({**NODES, "b": TASK}, [*LINE, ("b", "done", "z")])
    assert [(change.kind, change.subject, change.id) for change in diff(old, new)] == [
        ("added", "node", "b"),
        ("added", "edge", "e02"),
    ]
    assert diff(new, new) == ()


CONTEXT: dict[str, Any] = {
    "data": {"n": 5, "empty": None, "kind": "food", "list": [{"a": 1}]},
    "ticket": {"priority": "high"},
    "customer": {},
    "now": 0,
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("data.n > 3", True),
        ("data.none > 3", False),
        ("data.none != 'x'", True),
        ("data.none == 'x'", False),
        ("has(data.none) && data.none > 3", False),
        ("data.empty > 3", False),
        ("data.list.exists(x, x.a == 1)", True),
        ("customer.grade == 'gold' || ticket.priority == 'high'", True),
    ],
)
def test_conditions_take_missing_fields_as_null(text: str, holds: bool) -> None:
    assert compile_expression(text).holds(CONTEXT) is holds


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("data.n >", "expression_syntax"),
        ("open('/etc/passwd')", "expression_unknown_name"),
        ("os.system", "expression_unknown_name"),
        ("data.n == '" + "x" * 2048 + "'", "expression_too_long"),
        ("[1].map(a, [1].map(b, [1].map(c, c)))", "expression_too_nested"),
    ],
)
def test_hostile_expressions(text: str, code: str) -> None:
    failed = check_expression(text)
    assert failed is not None
    assert failed.code == code


def test_values_do_not_guess() -> None:
    with pytest.raises(ExpressionFailed, match="expression_missing_field"):
        compile_expression("data.none + 1").evaluate(CONTEXT)
