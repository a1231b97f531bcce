"""Where a ticket is, for people: stages like those of a parcel, and the small picture of the flow."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from backend.engine.release import CompiledEdge, CompiledNode, Release
from backend.engine.state import State
from backend.graph.structure import reach


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A node that the customer's progress shows."""

    node: str
    label: dict[str, str]
    state: Literal["done", "current", "todo"]


def stages(release: Release, state: State) -> tuple[Stage, ...]:
    """Milestones in the order work flows. Those still to come are shown only while a token can reach them; of
    several ends, only the one that the work comes to when nothing is rejected, late or wrong.

    Work that was sent back has those to come again that follow it. While no token stands on a milestone, the
    last one passed on the way to a token counts as current.
    """
    here = {token.node for token in state.tokens.values()}
    neighbours = _neighbours(release)
    ahead = reach(here, neighbours) - _list_unlikely_ends(release, here, neighbours)
    found = []
    is_behind = True
    for node_id in list_in_flow_order(release):
        node = release.nodes[node_id]
        is_behind = is_behind and node_id not in here
        if not is_milestone(node):
            continue
        if node_id in here:
            found.append(Stage(node=node_id, label=stage_label(node), state="current"))
        elif state.visits.get(node_id) and (is_behind or node_id not in ahead):
            found.append(Stage(node=node_id, label=stage_label(node), state="done"))
        elif node_id in ahead:
            found.append(Stage(node=node_id, label=stage_label(node), state="todo"))
    if here and not any(stage.state == "current" for stage in found):
        _mark_current(found, here, neighbours)
    return tuple(found)


def _list_unlikely_ends(release: Release, here: set[str], neighbours: dict[str, list[str]]) -> set[str]:
    """Ends other than the first one that each token comes to, taking the first way out wherever it can."""
    likely = {_find_end(node, neighbours) for node in here}
    return {node for node, following in neighbours.items() if not following} - likely - here


def _find_end(start: str, neighbours: dict[str, list[str]]) -> str:
    """Depth first; where no end is ahead, the place itself."""
    seen: set[str] = set()
    work = [start]
    while work:
        node = work.pop()
        if node in seen:
            continue
        seen.add(node)
        if not neighbours[node]:
            return node
        work += reversed(neighbours[node])
    return start


def _mark_current(found: list[Stage], here: set[str], neighbours: dict[str, list[str]]) -> None:
    for at, stage in reversed(list(enumerate(found))):
        ahead = reach({stage.node}, neighbours)
        if stage.state == "done" and here & ahead:
            found[at] = msgspec.structs.replace(stage, state="current")
            return


def is_milestone(node: CompiledNode) -> bool:
    """The config's word counts, else the node type's."""
    return bool(getattr(node.config, "stage", node.type.milestone))


def stage_label(node: CompiledNode) -> dict[str, str]:
    label = getattr(node.config, "stage_label", None)
    if label is None or not (label.zh or label.en):
        return node.label
    return {"zh": label.zh or label.en, "en": label.en or label.zh}


def list_in_flow_order(release: Release) -> list[str]:
    """Nodes from the starts on, a node after those that lead to it; edges back in a loop are ignored."""
    neighbours = _neighbours(release)
    order: list[str] = []
    state: dict[str, int] = {}
    for root in [*release.starts, *release.nodes]:
        if root in state:
            continue
        state[root] = 1
        work = [(root, iter(reversed(neighbours[root])))]
        while work:
            node, following = work[-1]
            target = next((item for item in following if item not in state), None)
            if target is None:
                work.pop()
                order.append(node)
            else:
                state[target] = 1
                work.append((target, iter(reversed(neighbours[target]))))
    return order[::-1]


def picture(release: Release, state: State | None = None) -> dict[str, Any]:
    """Nodes with place, family, icon and label, edges, where tokens stand and have been: a small drawing's
    data. An edge is a way, begins at a boundary event, or leads from a step to the one that undoes it."""
    graph = release.definition.graph
    nodes = [
        {
            "id": node_id,
            "type": node.type.type,
            "family": node.type.family,
            "icon": node.type.icon,
            "label": node.label,
            "x": graph.nodes[node_id].position.x,
            "y": graph.nodes[node_id].position.y,
        }
        for node_id, node in release.nodes.items()
    ]
    edges = [
        {
            "id": edge_id,
            "source": edge.source,
            "port": edge.port,
            "target": edge.target,
            "kind": "boundary" if edge.port in release.nodes[edge.source].boundary else "way",
        }
        for edge_id, edge in graph.edges.items()
    ]
    edges += [
        {"id": f"~undo:{key}", "source": key, "port": "", "target": node.compensation, "kind": "undo"}
        for key, node in release.nodes.items()
        if node.compensation in release.nodes
    ]
    tokens = [
        {"node": token.node, "waiting_for": token.wait} for token in (state.tokens.values() if state else ())
    ]
    visited = sorted(state.visits) if state else []
    return {"nodes": nodes, "edges": edges, "tokens": tokens, "visited": visited}


def _neighbours(release: Release) -> dict[str, list[str]]:
    """The usual ways out first: those of time limits, errors and boundary events come last."""
    return {key: [edge.target for edge in _sort_ways(node)] for key, node in release.nodes.items()}


def _sort_ways(node: CompiledNode) -> list[CompiledEdge]:
    ranks = {
        port.name: (port.kind != "normal" or port.name in node.boundary, at)
        for at, port in enumerate(node.ways_out)
    }
    return sorted(node.drawn, key=lambda edge: ranks.get(edge.port, (True, len(ranks))))
