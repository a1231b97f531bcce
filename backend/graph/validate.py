"""Everything that can be said of a definition without running it: findings, never the first exception.

Errors block publishing; warnings do not. Soundness (see `soundness`) is checked on top, once the structure
holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from backend.graph.attachments import check_attachments, list_handlers
from backend.graph.clock_checks import check_clocks
from backend.graph.decode import decode_definition, explain_config, parse_definition
from backend.graph.expressions import check_expression
from backend.graph.model import Definition, Edge, Form, Issue, Where
from backend.graph.ports import list_ports
from backend.graph.registry import Registry, UnknownNodeType
from backend.graph.structure import find_loops, list_outgoing, reach
from backend.node_sdk import Label, NodeType, Port

__all__ = ["decode_definition", "parse_definition", "validate"]

FormsCheck = Callable[[str, Form], Iterable[Issue]]


class KnownNode(msgspec.Struct, frozen=True):
    """A node whose type and config could be read."""

    id: str
    type: NodeType
    config: Any
    ports: tuple[Port, ...]


def validate(
    definition: Definition, registry: Registry, forms_check: FormsCheck | None = None
) -> tuple[Issue, ...]:
    """All findings, those of the whole workflow first, then by node. `forms_check` looks at each form."""
    known, issues = _read_nodes(definition, registry)
    issues += _check_ends(definition, known)
    issues += _check_edges(definition, known)
    outgoing = list_outgoing(definition.graph)
    for node in known.values():
        issues += _check_node(definition, node)
        issues += _check_ports(definition, node, outgoing[node.id])
    labels = {node_id: label_of(definition, node_id) for node_id in definition.graph.nodes}
    issues += check_attachments(definition, known, labels)
    issues += _check_ways(definition, known)
    issues += _check_settings(definition)
    issues += _check_forms(definition, known, forms_check)
    return tuple(issues)


def label_of(definition: Definition, node_id: str) -> dict[str, str]:
    """What to call a node in a sentence: its label, else its id."""
    node = definition.graph.nodes.get(node_id)
    zh, en = (node.label.zh, node.label.en) if node else ("", "")
    return {"zh": zh or en or node_id, "en": en or zh or node_id}


def _texts(label: Label) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en}


def _read_nodes(definition: Definition, registry: Registry) -> tuple[dict[str, KnownNode], list[Issue]]:
    known: dict[str, KnownNode] = {}
    issues: list[Issue] = []
    for node_id, node in definition.graph.nodes.items():
        label = label_of(definition, node_id)
        try:
            node_type = registry.get(node.type, node.v)
            config = registry.decode_config(node)
            known[node_id] = KnownNode(node_id, node_type, config, list_ports(node_type, config, node))
        except UnknownNodeType as unknown:
            params = {"node": label, "type": unknown.type, "version": unknown.version}
            issues.append(Issue(code="unknown_node_type", where=Where(node=node_id), params=params))
        except msgspec.ValidationError as error:
            issues.append(explain_config(error, node_id, label))
    return known, issues


def _check_ends(definition: Definition, known: dict[str, KnownNode]) -> list[Issue]:
    shapes = {node.type.shape for node in known.values()}
    if len(known) < len(definition.graph.nodes):
        return []
    return [Issue(code=f"no_{shape}") for shape in ("start", "end") if shape not in shapes]


# --- edges ---


def _check_edges(definition: Definition, known: dict[str, KnownNode]) -> list[Issue]:
    issues: list[Issue] = []
    for edge_id, edge in definition.graph.edges.items():
        issues.extend(_check_edge(definition, known, edge_id, edge))
    return issues


def _check_edge(
    definition: Definition, known: dict[str, KnownNode], edge_id: str, edge: Edge
) -> Iterator[Issue]:
    where = Where(edge=edge_id, pointer=f"/graph/edges/{edge_id}")
    remove: dict[str, Any] = {"graph": {"edges": {edge_id: None}}}
    for end in (edge.source, edge.target):
        if end not in definition.graph.nodes:
            yield Issue(code="edge_to_nowhere", where=where, params={"target": end}, fix=remove)
            return
    source, target = known.get(edge.source), known.get(edge.target)
    names = {"from": label_of(definition, edge.source), "to": label_of(definition, edge.target)}
    if target is not None and target.type.shape == "start":
        yield Issue(code="edge_into_start", where=where, params=names, fix=remove)
    if source is not None and edge.port not in {port.name for port in source.ports}:
        params: dict[str, Any] = {**names, "port": edge.port}
        mend, does = remove, "remove_edge"
        if len(source.ports) == 1:
            mend, does = {"graph": {"edges": {edge_id: {"port": source.ports[0].name}}}}, ""
            params["only"] = _texts(source.ports[0].label)
        yield Issue(code="unknown_port", where=where, params=params, fix=mend, fix_code=does)
    if edge.when:
        failed = check_expression(edge.when)
        if failed is not None:
            yield Issue(
                code=failed.code,
                where=Where(edge=edge_id, pointer=f"/graph/edges/{edge_id}/when"),
                params=failed.params,
            )
        if source is not None and _takes_all(source):
            fix: dict[str, Any] = {"graph": {"edges": {edge_id: {"when": None}}}}
            yield Issue(code="condition_ignored", severity="warning", where=where, params=names, fix=fix)


def _takes_all(node: KnownNode) -> bool:
    return node.type.fork_mode is not None and node.type.fork_mode(node.config) != "any"


# --- nodes ---


def _check_node(definition: Definition, node: KnownNode) -> Iterator[Issue]:
    label = {"node": label_of(definition, node.id)}
    base = f"/graph/nodes/{node.id}/config"
    form = node.type.form(node.config)
    if form is not None and form not in definition.forms:
        where = Where(node=node.id, pointer=f"{base}/form")
        yield Issue(code="form_unknown", where=where, params={**label, "form": form})
    for pointer, text in node.type.expressions(node.config):
        failed = check_expression(text)
        if failed is not None:
            where = Where(node=node.id, pointer=base + pointer)
            yield Issue(code=failed.code, where=where, params={**label, **failed.params})
    for code, pointer in node.type.problems(node.config):
        yield Issue(code=code, where=Where(node=node.id, pointer=base + pointer), params=label)


def _check_ports(
    definition: Definition, node: KnownNode, edges: tuple[tuple[str, Edge], ...]
) -> Iterator[Issue]:
    """Every required way out is drawn, and of each port's edges exactly one needs no condition."""
    if node.id in list_handlers(definition):
        return  # finished by whatever port it is left
    label = label_of(definition, node.id)
    for port in node.ports:
        drawn = [(edge_id, edge) for edge_id, edge in edges if edge.port == port.name]
        params = {"node": label, "port": _texts(port.label)}
        where = Where(node=node.id)
        if not drawn:
            if port.required:
                end = _only_end(definition, port)
                if end is not None:
                    params["end"] = label_of(definition, end)
                fix = _connect(definition, node, port, end)
                yield Issue(code="port_without_edge", where=where, params=params, fix=fix)
            continue
        if node.type.shape == "fork" and node.type.instances is None:
            if len(drawn) == 1:
                yield Issue(code="split_with_one_way", severity="warning", where=where, params=params)
            continue
        plain = [edge_id for edge_id, edge in drawn if not edge.when]
        if len(plain) > 1:
            where = Where(node=node.id, edge=plain[1])
            yield Issue(code="several_default_edges", where=where, params=params)
        if not plain:
            last = max(drawn, key=lambda item: (item[1].order, item[0]))[0]
            fix = {"graph": {"edges": {last: {"when": None}}}}
            params["target"] = label_of(definition, definition.graph.edges[last].target)
            yield Issue(code="no_default_edge", where=where, params=params, fix=fix)


def _only_end(definition: Definition, port: Port) -> str | None:
    """The end that an open way out may be led to: when there is but one; an error or timeout way is for a
    person to decide."""
    ends = [key for key, other in definition.graph.nodes.items() if other.type == "end"]
    return ends[0] if port.kind == "normal" and len(ends) == 1 else None


def _connect(definition: Definition, node: KnownNode, port: Port, end: str | None) -> dict[str, Any] | None:
    edge_id = f"e_{node.id}_{port.name}"
    if end is None or edge_id in definition.graph.edges:
        return None
    return {"graph": {"edges": {edge_id: {"source": node.id, "port": port.name, "target": end}}}}


# --- ways ---


def _check_ways(definition: Definition, known: dict[str, KnownNode]) -> list[Issue]:
    neighbours = {
        node: [edge.target for _, edge in edges] for node, edges in list_outgoing(definition.graph).items()
    }
    issues: list[Issue] = []
    starts = [node.id for node in known.values() if node.type.shape == "start"]
    if starts:
        reached = reach(starts, neighbours) | list_handlers(definition)
        issues += [
            Issue(
                code="unreachable_node",
                severity="warning",
                where=Where(node=node_id),
                params={"node": label_of(definition, node_id)},
            )
            for node_id in definition.graph.nodes
            if node_id not in reached
        ]
    spinning = {
        node: [target for target in targets if target in known and not known[target].type.pauses]
        for node, targets in neighbours.items()
        if node in known and not known[node].type.pauses
    }
    for loop in find_loops(spinning, spinning):
        where = Where(node=loop[0])
        params = {"node": label_of(definition, loop[0])}
        issues.append(Issue(code="automatic_loop", where=where, params=params, path=(*loop, loop[0])))
    return issues


# --- settings and forms ---


def _check_settings(definition: Definition) -> list[Issue]:
    issues = check_clocks(definition)
    failed = check_expression(definition.settings.title) if definition.settings.title else None
    if failed is not None:
        where = Where(pointer="/settings/title")
        issues.append(Issue(code=failed.code, where=where, params=failed.params))
    return issues


def _check_forms(
    definition: Definition, known: dict[str, KnownNode], forms_check: FormsCheck | None
) -> list[Issue]:
    used = {node.type.form(node.config) for node in known.values()}
    issues: list[Issue] = []
    for key, form in definition.forms.items():
        if forms_check is not None:
            issues.extend(forms_check(key, form))
        if key not in used and len(known) == len(definition.graph.nodes):
            where = Where(form=key, pointer=f"/forms/{key}")
            name = {"zh": form.title.zh or key, "en": form.title.en or key}
            issues.append(Issue(code="form_unused", severity="warning", where=where, params={"form": name}))
    return issues
