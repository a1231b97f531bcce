"""From text or plain JSON to a definition; whatever is wrong comes back as findings, all of them at once."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

import msgspec

from backend.graph.model import Definition, Edge, Form, Issue, Node, Settings, Where

MAX_NODES = 2000
MAX_EDGES = 6000
MAX_DEPTH = 64
MAX_BYTES = 1024 * 1024
ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

Part = TypeVar("Part")


def parse_definition(text: bytes) -> tuple[Any, tuple[Issue, ...]]:
    """Plain JSON from a file. Finds what a parser hides: an id written twice, too much text, too deep
    nesting."""
    if len(text) > MAX_BYTES:
        return None, (Issue(code="workflow_too_large", params={"limit": MAX_BYTES}),)
    repeated: list[str] = []

    def note_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        repeated.extend(sorted({name for name in names if names.count(name) > 1}))
        return dict(pairs)

    try:
        raw = json.loads(text, object_pairs_hook=note_repeated)
    except (ValueError, RecursionError):
        return None, (Issue(code="definition_not_json"),)
    return raw, tuple(Issue(code="duplicate_id", params={"id": name}) for name in repeated)


def decode_definition(raw: Any) -> tuple[Definition | None, tuple[Issue, ...]]:
    """The definition, or None with every part that could not be read."""
    if _depth_exceeds(raw, MAX_DEPTH):
        return None, (Issue(code="definition_too_deep", params={"limit": MAX_DEPTH}),)
    try:
        definition = msgspec.convert(raw, Definition)
    except msgspec.ValidationError as error:
        issues = _locate(raw) or (_explain(error, Where(), "definition_invalid"),)
        return None, issues
    issues = tuple(_check_ids(definition)) + tuple(_check_sizes(definition))
    return (None if issues else definition), issues


def explain_config(error: msgspec.ValidationError, node_id: str, label: dict[str, str]) -> Issue:
    """A config that its struct refused, with the field it concerns."""
    where = Where(node=node_id, pointer=f"/graph/nodes/{node_id}/config{pointer_of(error)}")
    issue = _explain(error, where, "config_wrong_value")
    return msgspec.structs.replace(issue, params={**issue.params, "node": label})


def pointer_of(error: msgspec.ValidationError) -> str:
    """JSON pointer of msgspec's `$.sla.ladder[0].percent`; keys of free maps, which it does not tell, are
    left out."""
    found = re.search(r"`\$(\S*)`$", str(error))
    steps = re.findall(r"\.([A-Za-z_]\w*)|\[(\d+)\]", found.group(1)) if found else []
    return "".join(f"/{name or index}" for name, index in steps)


def _explain(error: msgspec.ValidationError, where: Where, fallback: str) -> Issue:
    text, pointer = str(error), pointer_of(error)
    for pattern, code in (
        (r"contains unknown field `([^`]+)`", "config_unknown_field"),
        (r"missing required field `([^`]+)`", "config_missing_field"),
    ):
        found = re.search(pattern, text)
        if found:
            return Issue(code=code, where=where, params={"field": found.group(1)})
    return Issue(code=fallback, where=where, params={"field": pointer.rpartition("/")[2] or "-"})


def _locate(raw: Any) -> tuple[Issue, ...]:
    """Try part by part, since the decoder stops at the first fault and does not name the key."""
    if not isinstance(raw, dict):
        return ()
    graph = raw.get("graph")
    graph = graph if isinstance(graph, dict) else {}
    issues: list[Issue] = []
    for node_id, node in _items(graph.get("nodes")):
        where = Where(node=node_id, pointer=f"/graph/nodes/{node_id}")
        issues.extend(_try(node, Node, where, "node_invalid"))
    for edge_id, edge in _items(graph.get("edges")):
        where = Where(edge=edge_id, pointer=f"/graph/edges/{edge_id}")
        issues.extend(_try(edge, Edge, where, "edge_invalid"))
    for key, form in _items(raw.get("forms")):
        issues.extend(_try(form, Form, Where(form=key, pointer=f"/forms/{key}"), "form_invalid"))
    if "settings" in raw:
        issues.extend(_try(raw["settings"], Settings, Where(pointer="/settings"), "settings_invalid"))
    return tuple(issues)


def _items(value: Any) -> list[tuple[str, Any]]:
    return sorted(value.items()) if isinstance(value, dict) else []


def _try(value: Any, kind: type[Part], where: Where, code: str) -> list[Issue]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        return [_explain(error, where, code)]
    return []


def _check_ids(definition: Definition) -> list[Issue]:
    graph = definition.graph
    issues = [
        Issue(code="id_invalid", where=Where(node=key), params={"id": key[:80]})
        for key in graph.nodes
        if not ID.fullmatch(key)
    ]
    issues += [
        Issue(code="id_invalid", where=Where(edge=key), params={"id": key[:80]})
        for key in graph.edges
        if not ID.fullmatch(key)
    ]
    issues += [
        Issue(code="id_invalid", where=Where(form=key), params={"id": key[:80]})
        for key in definition.forms
        if not ID.fullmatch(key)
    ]
    return issues


def _check_sizes(definition: Definition) -> list[Issue]:
    counts = (
        ("too_many_nodes", len(definition.graph.nodes), MAX_NODES),
        ("too_many_edges", len(definition.graph.edges), MAX_EDGES),
    )
    return [
        Issue(code=code, params={"count": count, "limit": limit})
        for code, count, limit in counts
        if count > limit
    ]


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        following: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                following.extend(item.values())
            elif isinstance(item, list):
                following.extend(item)
        if not following:
            return False
        level = following
    return True
