"""Two releases and the way from one to the other, compared once for all tickets that go it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from backend.engine.release import Release
from backend.graph.continuing import Continuing
from backend.graph.structure import reach


class Crossing:
    """`mapping` leads from old to new nodes; `target` and `origin` are the releases' ids."""

    def __init__(
        self, old: Release, new: Release, mapping: Mapping[str, str], target: str, origin: str
    ) -> None:
        self.old = old
        self.new = new
        self.target = target
        self.origin = origin
        wanted = {node: mapping.get(node, node) for node in old.nodes}
        self.mapping = {node: found for node, found in wanted.items() if found in new.nodes}
        self._specs: dict[str, bool] = {}

    @cached_property
    def changed(self) -> frozenset[str]:
        """New nodes whose settings, or whose form, are not those of the node that leads to them."""
        before, after = self.old.definition, self.new.definition
        found = set()
        for old, new in self.mapping.items():
            one, other = before.graph.nodes[old], after.graph.nodes[new]
            form = getattr(self.old.nodes[old].config, "form", None)
            same_form = before.forms.get(form) == after.forms.get(form) if isinstance(form, str) else True
            if (one.type, one.v, one.config) != (other.type, other.v, other.config) or not same_form:
                found.add(new)
        return frozenset(found)

    @cached_property
    def rearmed(self) -> frozenset[str]:
        before, after = self.old.definition.graph.nodes, self.new.definition.graph.nodes
        return frozenset(
            new for old, new in self.mapping.items() if before[old].boundary != after[new].boundary
        )

    @cached_property
    def clocks(self) -> tuple[str, ...]:
        before, after = self.old.clocks, self.new.clocks
        return tuple(sorted(key for key in before.keys() & after.keys() if before[key] != after[key]))

    @cached_property
    def same_shape(self) -> bool:
        """Whether both graphs are the same but for names, positions and settings of activities."""
        if len(self.mapping) != len(self.old.nodes) or len(self.new.nodes) != len(self.old.nodes):
            return False
        if len(set(self.mapping.values())) != len(self.mapping):
            return False
        for old, new in self.mapping.items():
            one, other = self.old.nodes[old], self.new.nodes[new]
            if (one.type.type, one.type.shape, one.join) != (other.type.type, other.type.shape, other.join):
                return False
            if one.type.shape in {"fork", "join", "end"} and one.config != other.config:
                return False
        return self._moves(self.old, self.mapping) == self._moves(self.new, None)

    @staticmethod
    def _moves(release: Release, mapping: Mapping[str, str] | None) -> list[tuple[str, str, str, bool]]:
        def name(node: str) -> str:
            return mapping[node] if mapping is not None else node

        edges = release.definition.graph.edges.values()
        return sorted((name(edge.source), edge.port, name(edge.target), bool(edge.when)) for edge in edges)

    @cached_property
    def continuing(self) -> Continuing:
        return Continuing(self.new.definition, self.new.registry)

    @cached_property
    def ahead(self) -> dict[str, frozenset[str]]:
        """New nodes that each new node can still lead to, itself not included unless by a circle."""
        return reach_from(self.new)

    @cached_property
    def ahead_before(self) -> dict[str, frozenset[str]]:
        return reach_from(self.old)

    def find_edge(self, edge: str | None, node: str) -> str | None:
        """The edge by which a token would have come to this join: the same id, else the same port of the
        counterpart."""
        incoming = self.new.nodes[node].incoming
        if edge in incoming:
            return edge
        known = self.old.definition.graph.edges.get(edge or "")
        if known is None:
            return None
        source = self.mapping.get(known.source)
        edges = self.new.definition.graph.edges
        found = [key for key in incoming if edges[key].source == source and edges[key].port == known.port]
        return found[0] if len(found) == 1 else None


def reach_from(release: Release) -> dict[str, frozenset[str]]:
    """For each node what can be entered after it."""
    neighbours = {key: [edge.target for edge in node.drawn] for key, node in release.nodes.items()}
    return {key: frozenset(reach(neighbours[key], neighbours)) for key in release.nodes}
