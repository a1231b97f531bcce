"""The node types that are installed, and what a definition means with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from backend.graph.model import Definition, Node
from backend.graph.ports import list_ports
from backend.node_sdk import FindName, NodeType, name_references


class UnknownNodeType(LookupError):
    """No node type of this name and version is installed."""

    def __init__(self, type_name: str, version: int) -> None:
        super().__init__(f"{type_name} v{version}")
        self.type = type_name
        self.version = version


class Registry:
    """Node types by name and version. Built once, from an explicit tuple, by the composition root."""

    def __init__(self, node_types: Iterable[NodeType]) -> None:
        self._types: dict[tuple[str, int], NodeType] = {}
        for node_type in node_types:
            key = (node_type.type, node_type.version)
            if key in self._types:
                raise ValueError(f"node type {node_type.type} v{node_type.version} is registered twice")
            self._types[key] = node_type

    def __iter__(self) -> Iterator[NodeType]:
        return iter(self._types.values())

    def get(self, type_name: str, version: int) -> NodeType:
        """Raises UnknownNodeType."""
        try:
            return self._types[type_name, version]
        except KeyError:
            raise UnknownNodeType(type_name, version) from None

    def decode_config(self, node: Node) -> Any:
        """The node's config as its type's struct. Raises UnknownNodeType, msgspec.ValidationError."""
        return msgspec.convert(node.config, self.get(node.type, node.v).config)

    def derive(self, definition: Definition, find_name: FindName | None = None) -> dict[str, dict[str, Any]]:
        """What the canvas shows of each node: its ports and the line that says what it does.

        A node whose type or config is broken derives the ports of the edges drawn from it, so that they
        stay visible
        while it is being mended. `find_name` says what roles, tariffs and fields are called.
        """
        drawn: dict[str, set[str]] = {}
        for edge in definition.graph.edges.values():
            drawn.setdefault(edge.source, set()).add(edge.port)
        return {
            node_id: self._derive_node(node, sorted(drawn.get(node_id, ())), find_name)
            for node_id, node in definition.graph.nodes.items()
        }

    def _derive_node(self, node: Node, drawn: list[str], find_name: FindName | None) -> dict[str, Any]:
        try:
            node_type = self.get(node.type, node.v)
            config: Any = msgspec.convert(node.config, node_type.config)
            ports = [msgspec.to_builtins(port) for port in list_ports(node_type, config, node)]
            summary = name_references(node_type.describe(config), find_name)
            return {"ports": ports, "summary": msgspec.to_builtins(summary)}
        except (UnknownNodeType, msgspec.ValidationError):
            return {
                "ports": [
                    {"name": name, "label": {"zh": name, "en": name}, "kind": "normal", "required": False}
                    for name in drawn
                ],
                "summary": {"zh": "", "en": ""},
            }


def config_schema(node_type: NodeType) -> dict[str, Any]:
    """JSON Schema 2020-12 of a node type's config; titles and widgets stand in `x-title`, `x-help`,
    `x-widget`.

    Written for the panel: nested structs stand in place instead of behind references, an optional field is
    simply
    absent when empty, and choices are `oneOf` with a title each, as in ticket forms.
    """
    return struct_schema(node_type.config)


def struct_schema(config: type[msgspec.Struct]) -> dict[str, Any]:
    """As `config_schema`, of any config struct whose fields are `titled`."""
    schema = msgspec.json.schema(config)
    definitions: dict[str, Any] = schema.pop("$defs", {})
    root = _unfold(schema, definitions)
    for docstring in ("title", "description"):
        root.pop(docstring, None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **root}


def _unfold(schema: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(schema, (list, tuple)):
        return [_unfold(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = dict(schema)
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) == 1:
        del schema["anyOf"]
        schema = {**options[0], **{k: v for k, v in schema.items() if k != "default" or v is not None}}
    reference = schema.pop("$ref", None)
    if reference is not None:
        target = dict(definitions[reference.rpartition("/")[2]])
        target.pop("title", None)
        target.pop("description", None)
        schema = {**target, **schema}
        if isinstance(schema.get("default"), dict):
            schema["default"] = {k: v for k, v in schema["default"].items() if v is not None}
    choices = schema.pop("x-choices", None)
    if choices is not None:
        _name_choices(schema, choices)
    return {name: _unfold(value, definitions) for name, value in schema.items()}


def _name_choices(schema: dict[str, Any], choices: Mapping[str, Any]) -> None:
    """Turn an enum (or the enum of a list's items) into titled options, in the order of the type's author."""
    options = [{"const": value, "title": name["zh"], "x-title": name} for value, name in choices.items()]
    if schema.get("type") == "array":
        schema["items"] = {"type": "string", "oneOf": options}
        schema["uniqueItems"] = True
        return
    schema.pop("enum", None)
    schema["type"] = "string"
    schema["oneOf"] = options


def describe_type(node_type: NodeType) -> dict[str, Any]:
    """What the palette and the panel need of a node type, as JSON. `ports` are those of a freshly dropped
    node."""
    config: Any = msgspec.convert(node_type.defaults, node_type.config)
    return {
        "type": node_type.type,
        "v": node_type.version,
        "family": node_type.family,
        "shape": node_type.shape,
        "label": msgspec.to_builtins(node_type.label),
        "summary": msgspec.to_builtins(node_type.help),
        "icon": node_type.icon,
        "config_schema": config_schema(node_type),
        "config_ui": node_type.config_ui,
        "defaults": node_type.defaults,
        "ports": [msgspec.to_builtins(port) for port in node_type.ports(config)],
    }
