"""The ways out of a node: those of its type, then one for each boundary event drawn on it."""

from __future__ import annotations

from typing import Any

from backend.graph.model import Boundary, Node
from backend.node_sdk import Label, NodeType, Port

_NAMES = {
    "timer": Label("到时", "Time is up"),
    "message": Label("收到消息", "Message"),
    "signal": Label("收到信号", "Signal"),
    "error": Label("出错", "Error"),
}


def list_ports(node_type: NodeType, config: Any, node: Node | None) -> tuple[Port, ...]:
    """Everybody who asks for the ports of a node that stands in a graph asks here. `config` is the decoded
    one; without a node only those of the type."""
    own = node_type.ports(config)
    if node is None or not node.boundary:
        return own
    return (*own, *(Port(name, name_boundary(event)) for name, event in node.boundary.items()))


def name_boundary(event: Boundary) -> Label:
    """What to call a boundary event: its label, else what it is."""
    zh, en = event.label.zh, event.label.en
    if zh or en:
        return Label(zh or en, en or zh)
    plain = _NAMES[event.kind]
    detail = event.name or event.code
    return Label(f"{plain.zh} {detail}", f"{plain.en} {detail}") if detail else plain
