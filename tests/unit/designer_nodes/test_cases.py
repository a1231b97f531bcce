"""Every node type's `cases.json`, and what every node type must have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

import designer_nodes
from backend.graph.expressions import compile_expression
from backend.graph.registry import Registry, config_schema, describe_type
from backend.messages import knows
from backend.node_sdk import NodeType
from backend.node_sdk.cases import Case, load_cases, run_case

FOLDER = Path(designer_nodes.__file__).parent
BY_TYPE = {node_type.type: node_type for node_type in designer_nodes.NODE_TYPES}


def read_cases() -> Iterator[Any]:
    for node_type in designer_nodes.NODE_TYPES:
        for case in load_cases((FOLDER / node_type.type / "cases.json").read_bytes()):
            yield pytest.param(node_type, case, id=f"{node_type.type}: {case.name}")


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    return compile_expression(text).evaluate(context)


def find(text: str, context: Mapping[str, Any]) -> Any:
    return compile_expression(text).find(context)


@pytest.mark.parametrize(("node_type", "case"), list(read_cases()))
def test_case_holds(node_type: NodeType, case: Case) -> None:
    assert run_case(node_type, case, evaluate, find) == ()


def test_harness_sees_a_wrong_answer() -> None:
    case = Case(name="wrong", answer={"type": "go", "port": "elsewhere"}, ports=("a",), describe="nothing")
    found = run_case(BY_TYPE["start"], case, evaluate, find)
    assert [difference.partition(":")[0] for difference in found] == ["answer.port", "ports[0]", "describe"]


def test_every_folder_is_registered() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/node.py")}
    assert folders == set(BY_TYPE)
    assert len(list(Registry(designer_nodes.NODE_TYPES))) == len(designer_nodes.NODE_TYPES)


@pytest.mark.parametrize("node_type", designer_nodes.NODE_TYPES, ids=lambda node_type: node_type.type)
def test_panel_is_a_titled_schema(node_type: NodeType) -> None:
    schema = config_schema(node_type)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(node_type.defaults)
    assert not re.search(r'"\$ref"|"anyOf"', msgspec.json.encode(schema).decode())
    for name, field in schema["properties"].items():
        title = field.get("x-title", {})
        assert title.get("zh") and title.get("en"), name
    assert msgspec.json.encode(describe_type(node_type))


@pytest.mark.parametrize("node_type", designer_nodes.NODE_TYPES, ids=lambda node_type: node_type.type)
def test_problem_codes_have_words(node_type: NodeType) -> None:
    for case in load_cases((FOLDER / node_type.type / "cases.json").read_bytes()):
        answer = case.answer or {}
        codes = [code for code, _ in case.problems or ()]
        codes += [answer["code"]] if answer.get("type") == "fail" else []
        codes += [code for code, _ in answer.get("notes", ())]
        assert [code for code in codes if not knows(code)] == []
