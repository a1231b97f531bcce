"""What changed between two definitions, in the terms of the canvas."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from backend.graph.model import Definition

Kind = Literal["added", "removed", "changed"]
Subject = Literal["node", "edge", "form", "field", "setting"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """`detail` names what differs: config fields of a node, keywords of a form field. Positions do not
    count."""

    kind: Kind
    subject: Subject
    id: str
    label: dict[str, str]
    detail: tuple[str, ...] = ()


def diff(old: Definition | None, new: Definition) -> tuple[Change, ...]:
    """Nodes, edges, forms and their fields, settings. Without an old one, everything is added."""
    before: dict[str, Any] = msgspec.to_builtins(old) if old is not None else {}
    after: dict[str, Any] = msgspec.to_builtins(new)
    old_graph, new_graph = before.get("graph", {}), after["graph"]
    changes = _compare("node", old_graph.get("nodes", {}), new_graph["nodes"], ignored={"position"})
    names = {**old_graph.get("nodes", {}), **new_graph["nodes"]}
    for change in _compare("edge", old_graph.get("edges", {}), new_graph["edges"]):
        edge = new_graph["edges"].get(change.id) or old_graph["edges"][change.id]
        changes.append(msgspec.structs.replace(change, label=_name_edge(edge, names)))
    changes += _compare_forms(before.get("forms", {}), after["forms"])
    if old is not None:
        changes += _compare_settings(before, after)
    return tuple(changes)


def _compare(
    subject: Subject, old: dict[str, Any], new: dict[str, Any], ignored: set[str] | None = None
) -> list[Change]:
    changes = []
    for key in [*old, *(key for key in new if key not in old)]:
        if key not in new:
            changes.append(Change(kind="removed", subject=subject, id=key, label=_label(old[key], key)))
        elif key not in old:
            changes.append(Change(kind="added", subject=subject, id=key, label=_label(new[key], key)))
        else:
            detail = _differing(old[key], new[key], ignored or set())
            if detail:
                label = _label(new[key], key)
                changes.append(Change(kind="changed", subject=subject, id=key, label=label, detail=detail))
    return changes


def _differing(old: Any, new: Any, ignored: set[str], prefix: str = "") -> tuple[str, ...]:
    """Names of the members that differ; those of `config` one by one."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return (prefix or "value",) if old != new else ()
    found: list[str] = []
    for name in sorted({*old, *new} - ignored):
        if old.get(name) == new.get(name):
            continue
        if name == "config":
            found.extend(_differing(old.get(name, {}), new.get(name, {}), set(), "config"))
        else:
            found.append(f"{prefix}.{name}" if prefix else name)
    return tuple(found)


def _compare_forms(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    changes: list[Change] = []
    for change in _compare("form", old, new):
        fields: list[Change] = []
        if change.kind == "changed":
            before, after = _fields(old[change.id]), _fields(new[change.id])
            fields = [
                msgspec.structs.replace(field, id=f"{change.id}.{field.id}")
                for field in _compare("field", before, after)
            ]
        changes += [change, *fields]
    return changes


def _fields(form: dict[str, Any]) -> dict[str, Any]:
    properties = form.get("schema", {}).get("properties", {})
    return properties if isinstance(properties, dict) else {}


def _compare_settings(before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    changes = _compare("setting", before["settings"], after["settings"])
    if before["name"] != after["name"]:
        changes.append(Change(kind="changed", subject="setting", id="name", label=after["name"]))
    return changes


def _label(value: Any, key: str) -> dict[str, str]:
    """A node's label, a form's or a field's title, else the key."""
    found = None
    if isinstance(value, dict):
        found = value.get("label") or value.get("x-title") or value.get("title")
    if isinstance(found, dict):
        zh, en = str(found.get("zh") or ""), str(found.get("en") or "")
        return {"zh": zh or en or key, "en": en or zh or key}
    return {"zh": str(found or key), "en": str(found or key)}


def _name_edge(edge: dict[str, Any], nodes: dict[str, Any]) -> dict[str, str]:
    source = _label(nodes.get(edge["source"]), edge["source"])
    target = _label(nodes.get(edge["target"]), edge["target"])
    return {language: f"{source[language]} → {target[language]}" for language in ("zh", "en")}
