"""The node types that are installed, and what a definition means with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from backend.graph.model import Definition, Node
from backend.node_sdk import NodeType


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

    def derive(self, definition: Definition) -> dict[str, dict[str, Any]]:
        """What the canvas shows of each node: its ports and the line that says what it does.

        A node whose type or config is broken derives the ports of the edges drawn from it, so that they stay visible
        while it is being mended.
        """
        drawn: dict[str, set[str]] = {}
        for edge in definition.graph.edges.values():
            drawn.setdefault(edge.source, set()).add(edge.port)
        return {
            node_id: self._derive_node(node, sorted(drawn.get(node_id, ())))
            for node_id, node in definition.graph.nodes.items()
        }

    def _derive_node(self, node: Node, drawn: list[str]) -> dict[str, Any]:
        try:
            node_type = self.get(node.type, node.v)
            config: Any = msgspec.convert(node.config, node_type.config)
            ports = [msgspec.to_builtins(port) for port in node_type.ports(config)]
            return {"ports": ports, "summary": msgspec.to_builtins(node_type.describe(config))}
        except (UnknownNodeType, msgspec.ValidationError):
            return {
                "ports": [
                    {"name": name, "label": {"zh": name, "en": name}, "kind": "normal", "required": False}
                    for name in drawn
                ],
                "summary": {"zh": "", "en": ""},
            }


def config_schema(node_type: NodeType) -> dict[str, Any]:
    """JSON Schema 2020-12 of a node type's config; titles and widgets stand in `x-title`, `x-help`, `x-widget`.

    The root struct is written out in place; nested structs stay in `$defs` with local references.
    """
    schema = msgspec.json.schema(node_type.config)
    definitions: dict[str, Any] = dict(schema.pop("$defs", {}))
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    root: Mapping[str, Any] = definitions.pop(name, schema)
    result: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", **root}
    if definitions:
        result["$defs"] = definitions
    return result
