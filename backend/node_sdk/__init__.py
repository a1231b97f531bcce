"""What the author of a node type sees, and nothing more.

A node type is a folder in `designer_nodes/` with `node.py` (a config struct, ports, and pure functions), `cases.json`
and an icon name. Its functions are handed a :class:`NodeContext` and answer with an :data:`Outcome`; the engine does
the rest. They must be pure: no clock, no random numbers, no input or output.
"""

from backend.node_sdk.context import NodeContext, Signal
from backend.node_sdk.outcomes import (
    Call,
    Choose,
    End,
    Fail,
    Fork,
    Go,
    Join,
    Offer,
    OpenTasks,
    Outcome,
    Quorum,
    Rung,
    Sla,
    Sleep,
    Stay,
    TaskAction,
    TaskSpec,
)
from backend.node_sdk.types import Family, Label, NodeType, Port, PortKind, Shape

__all__ = [
    "Call",
    "Choose",
    "End",
    "Fail",
    "Family",
    "Fork",
    "Go",
    "Join",
    "Label",
    "NodeContext",
    "NodeType",
    "Offer",
    "OpenTasks",
    "Outcome",
    "Port",
    "PortKind",
    "Quorum",
    "Rung",
    "Shape",
    "Signal",
    "Sla",
    "Sleep",
    "Stay",
    "TaskAction",
    "TaskSpec",
]
