"""Findings about what hangs on nodes: boundary events, steps that undo, and nodes that others name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Protocol

from backend.graph.expressions import check_expression
from backend.graph.model import Boundary, Definition, Issue, Where
from backend.graph.ports import name_boundary
from backend.graph.structure import find_closer, join_forks
from backend.node_sdk import NAME, NodeType

FIELD = re.compile(r"^(data\.)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$")
NEVER_WAIT = frozenset({"start", "end", "choice", "fork"})
"""Shapes that tokens pass without a stop."""


class Known(Protocol):
    """A node whose type and config could be read."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> NodeType: ...
    @property
    def config(self) -> Any: ...


def list_handlers(definition: Definition) -> set[str]:
    """Nodes that undo others: they stand apart, and no edge leads to or from them."""
    return {node.compensation for node in definition.graph.nodes.values() if node.compensation is not None}


def check_attachments(
    definition: Definition, known: Mapping[str, Known], labels: Mapping[str, dict[str, str]]
) -> list[Issue]:
    """All of them, by node. `labels` are what nodes are called in a sentence."""
    issues: list[Issue] = []
    for node in known.values():
        issues += _check_boundary(definition, node, labels[node.id])
        issues += _check_compensation(definition, known, node, labels)
        issues += _check_named(definition, node, labels[node.id])
    issues += _check_spreads(definition, known, labels)
    return issues


# --- boundary events ---


def _check_boundary(definition: Definition, node: Known, label: dict[str, str]) -> Iterator[Issue]:
    events = definition.graph.nodes[node.id].boundary
    if not events:
        return
    own = {port.name for port in node.type.ports(node.config)}
    for port, event in events.items():
        where = Where(node=node.id, pointer=f"/graph/nodes/{node.id}/boundary/{port}")
        called = name_boundary(event)
        params = {"node": label, "event": {"zh": called.zh, "en": called.en}, "port": port}
        found = [*_check_name(port, own), *_check_event(event)]
        if node.type.shape in NEVER_WAIT or not (node.type.waits or event.kind == "error"):
            found.append(("boundary_never_waits", ""))
        for code, member in found:
            place = Where(node=node.id, pointer=f"{where.pointer}{member}")
            yield Issue(code=code, where=place, params=params)
        if event.correlation:
            failed = check_expression(event.correlation)
            if failed is not None:
                place = Where(node=node.id, pointer=f"{where.pointer}/correlation")
                yield Issue(code=failed.code, where=place, params={**params, **failed.params})
        if event.kind == "timer" and event.interrupting and event.every is not None and event.times > 1:
            yield Issue(code="boundary_repeat_ignored", severity="warning", where=where, params=params)


def _check_name(port: str, own: set[str]) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(NAME, port):
        yield "boundary_name_invalid", ""
    elif port in own:
        yield "boundary_name_taken", ""


def _check_event(event: Boundary) -> Iterator[tuple[str, str]]:
    if event.kind == "timer":
        if event.after is None and event.every is None and not event.field:
            yield "boundary_time_missing", "/after"
        if event.field and not FIELD.fullmatch(event.field):
            yield "boundary_field_invalid", "/field"
        for name, length in (("after", event.after), ("every", event.every)):
            if length is not None and length <= timedelta(0):
                yield "boundary_time_not_positive", f"/{name}"
        if event.offset is not None and event.offset < timedelta(0):
            yield "boundary_time_not_positive", "/offset"
    elif event.kind == "error":
        if event.code and not re.fullmatch(NAME, event.code):
            yield "boundary_code_invalid", "/code"
    elif not re.fullmatch(NAME, event.name):
        yield "boundary_message_missing", "/name"


# --- compensation ---


def _check_compensation(
    definition: Definition, known: Mapping[str, Known], node: Known, labels: Mapping[str, dict[str, str]]
) -> Iterator[Issue]:
    handler = definition.graph.nodes[node.id].compensation
    if handler is None:
        return
    where = Where(node=node.id, pointer=f"/graph/nodes/{node.id}/compensation")
    params: dict[str, Any] = {"node": labels[node.id], "handler": labels.get(handler, handler)}
    if node.type.shape != "activity":
        yield Issue(code="compensation_of_no_step", where=where, params=params)
    if handler not in definition.graph.nodes:
        fix: dict[str, Any] = {"graph": {"nodes": {node.id: {"compensation": None}}}}
        yield Issue(code="compensation_unknown", where=where, params=params, fix=fix)
        return
    undoing, found = definition.graph.nodes[handler], known.get(handler)
    if found is not None and (
        found.type.shape != "activity" or handler == node.id or undoing.boundary or undoing.compensation
    ):
        yield Issue(code="compensation_shape", where=where, params=params)
    drawn = [
        edge_id
        for edge_id, edge in definition.graph.edges.items()
        if handler in {edge.source, edge.target} and handler != node.id
    ]
    if drawn:
        fix = {"graph": {"edges": dict.fromkeys(drawn)}}
        yield Issue(code="compensation_with_edges", where=Where(node=handler), params=params, fix=fix)


# --- nodes that others name ---


def _check_named(definition: Definition, node: Known, label: dict[str, str]) -> Iterator[Issue]:
    base = f"/graph/nodes/{node.id}/config"
    for pointer, named in node.type.nodes(node.config):
        where = Where(node=node.id, pointer=base + pointer)
        if named not in definition.graph.nodes:
            yield Issue(code="node_unknown", where=where, params={"node": label, "id": named})
        elif named == node.id and node.type.family != "human":  # in a loop, one may be barred from one's own
            yield Issue(code="node_names_itself", where=where, params={"node": label})
    if node.type.compensates is None:
        return
    named_nodes = node.type.compensates(node.config)
    wanted = named_nodes or tuple(definition.graph.nodes)
    nodes = definition.graph.nodes
    if not any(nodes[key].compensation is not None for key in wanted if key in nodes):
        yield Issue(
            code="nothing_to_undo", severity="warning", where=Where(node=node.id), params={"node": label}
        )


def _check_spreads(
    definition: Definition, known: Mapping[str, Known], labels: Mapping[str, dict[str, str]]
) -> Iterator[Issue]:
    """A node that begins one way many times needs a join that collects: without items, it goes on there."""
    spreads = [node.id for node in known.values() if node.type.instances is not None]
    if not spreads:
        return
    modes = {
        node.id: node.type.fork_mode(node.config)
        for node in known.values()
        if node.type.shape == "fork" and node.type.fork_mode is not None
    }
    joins = [node.id for node in known.values() if node.type.join_mode is not None]
    races = [key for key, mode in modes.items() if mode == "first"]
    closing = join_forks(definition.graph, joins, modes, spreads, races)
    for spread in spreads:
        if find_closer(definition.graph, spread, closing) is None:
            yield Issue(code="spread_without_join", where=Where(node=spread), params={"node": labels[spread]})
