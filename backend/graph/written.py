"""Fields that the steps of a workflow write beside its forms, with names that people can read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from backend.graph.model import Definition
from backend.graph.registry import Registry, UnknownNodeType
from backend.node_sdk import Label, WrittenField


def list_written(definition: Definition, registry: Registry) -> tuple[WrittenField, ...]:
    """Each field once, as `data.x`, in the order of the nodes; nodes that are broken write nothing yet."""
    found: dict[str, WrittenField] = {}
    for node in definition.graph.nodes.values():
        try:
            fields: Iterable[WrittenField] = registry.get(node.type, node.v).writes(
                registry.decode_config(node)
            )
        except (UnknownNodeType, msgspec.ValidationError):
            continue
        for field in fields:
            path = field.path if field.path.startswith("data.") else f"data.{field.path}"
            known = found.get(path)
            if known is None or (_is_empty(known.label) and not _is_empty(field.label)):
                found[path] = WrittenField(path, field.label, field.type)
    return tuple(
        WrittenField(field.path, name_written(field.path, field.label), field.type)
        for field in found.values()
    )


def name_written(path: str, label: Label | None = None) -> Label:
    """The author's name, else the path in plain words: `data.priority_reason` is "Priority reason"."""
    plain = path.removeprefix("data.").replace("_", " ").replace(".", " / ")
    plain = plain[:1].upper() + plain[1:]
    if label is None or _is_empty(label):
        return Label(plain, plain)
    return Label(label.zh or label.en, label.en or label.zh)


def _is_empty(label: Label | None) -> bool:
    return label is None or not (label.zh.strip() or label.en.strip())
