"""Shape of a graph: neighbours, reachability, loops, and which forks a join can close.

The engine and the soundness check share `join_forks`, so that what is proven is what runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from backend.graph.model import Edge, Graph

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


def list_outgoing(graph: Graph) -> dict[str, tuple[tuple[str, Edge], ...]]:
    """(edge id, edge) by source node, in the order conditions are tried: `order`, then id; the default edge
    last."""
    outgoing: dict[str, list[tuple[str, Edge]]] = {node: [] for node in graph.nodes}
    for edge_id, edge in graph.edges.items():
        if edge.source in outgoing and edge.target in graph.nodes:
            outgoing[edge.source].append((edge_id, edge))
    return {
        node: tuple(sorted(edges, key=lambda item: (not item[1].when, item[1].order, item[0])))
        for node, edges in outgoing.items()
    }


def list_incoming(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Edge ids by target node, sorted."""
    incoming: dict[str, list[str]] = {node: [] for node in graph.nodes}
    for edge_id, edge in graph.edges.items():
        if edge.target in incoming and edge.source in incoming:
            incoming[edge.target].append(edge_id)
    return {node: tuple(sorted(edges)) for node, edges in incoming.items()}


def reach(
    starts: Iterable[Key], neighbours: Mapping[Key, Iterable[Key]], stops: Iterable[Key] = ()
) -> set[Key]:
    """What can be reached from `starts` (which are included) without going on from any of `stops`."""
    seen = set(starts)
    waiting = list(seen)
    held = frozenset(stops)
    while waiting:
        node = waiting.pop()
        if node in held:
            continue
        for following in neighbours.get(node, ()):
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen


def join_forks(
    graph: Graph,
    joins: Iterable[str],
    forks: Iterable[str],
    spreads: Iterable[str] = (),
    races: Iterable[str] = (),
) -> dict[str, frozenset[str]]:
    """Forks whose scope a join can close: at least two of the fork's edges lead to it without passing it
    first.

    `spreads` begin one way many times, so one edge is enough. But a join that serves a fork on the way (or
    another spread) is not theirs: where that fork took a single branch, its token must not wait for the other
    instances. `races` (some of the forks) need no join, since one way only goes on: a spread without another
    join may share theirs.
    """
    joins, forks, spreads, races = tuple(joins), tuple(forks), tuple(spreads), frozenset(races)
    closing = _close_forks(graph, joins, forks)
    if not spreads:
        return closing
    targets: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        targets.setdefault(edge.source, []).append(edge.target)
    served = {fork: _find_nearest(fork, {j for j in joins if fork in closing[j]}, targets) for fork in forks}
    reached = {spread: reach(targets.get(spread, ()), targets) for spread in spreads}
    for spread in sorted(spreads, key=lambda key: (len(reached[key].intersection(spreads)), key)):
        others = {fork: nearest for fork, nearest in served.items() if fork != spread}
        candidates = _find_own(spread, joins, others, targets)
        if not candidates:
            lasting = {fork: nearest for fork, nearest in others.items() if fork not in races}
            candidates = _find_own(spread, joins, lasting, targets)
        for join in candidates:
            closing[join] |= {spread}
        served[spread] = _find_nearest(spread, candidates, targets)
    return closing


def _find_own(
    spread: str,
    joins: Iterable[str],
    served: Mapping[str, set[str]],
    targets: Mapping[str, Iterable[str]],
) -> set[str]:
    """Joins to which a way leads from the spread that passes none of the forks they serve."""
    return {
        join
        for join in joins
        if join
        in reach(
            targets.get(spread, ()), targets, {fork for fork, nearest in served.items() if join in nearest}
        )
    }


def find_closer(graph: Graph, spread: str, closing: Mapping[str, frozenset[str]]) -> str | None:
    """The first join on the way that closes this spread."""
    targets: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        targets.setdefault(edge.source, []).append(edge.target)
    nearest = _find_nearest(spread, {join for join, forks in closing.items() if spread in forks}, targets)
    ways = {join: len(find_way(spread, join, targets)) for join in nearest}
    return min(ways, key=lambda join: (ways[join], join), default=None)


def _find_nearest(fork: str, joins: set[str], targets: Mapping[str, Iterable[str]]) -> set[str]:
    """Those of the joins to which a way leads that passes none of the others."""
    return reach(targets.get(fork, ()), targets, joins) & joins


def _close_forks(graph: Graph, joins: Iterable[str], forks: Iterable[str]) -> dict[str, frozenset[str]]:
    sources: dict[str, set[str]] = {}
    targets: dict[str, list[str]] = {}
    for edge in graph.edges.values():
        sources.setdefault(edge.target, set()).add(edge.source)
        targets.setdefault(edge.source, []).append(edge.target)
    forks = tuple(forks)
    closing: dict[str, frozenset[str]] = {}
    for join in joins:
        leading = reach(
            sources.get(join, ()), {node: from_ for node, from_ in sources.items() if node != join}
        )
        leading = {node for node in leading if node != join} | {join}
        closing[join] = frozenset(
            fork for fork in forks if sum(target in leading for target in targets.get(fork, ())) > 1
        )
    return closing


def shared_prefix(sequences: Sequence[tuple[Item, ...]]) -> tuple[Item, ...]:
    """The longest beginning that all have in common; empty for none."""
    shortest = min(sequences, key=len, default=())
    for at, item in enumerate(shortest):
        if any(other[at] != item for other in sequences):
            return shortest[:at]
    return shortest


def find_way(start: Key, goal: Key, neighbours: Mapping[Key, Iterable[Key]]) -> tuple[Key, ...]:
    """A shortest way from start to goal, both included; empty when there is none."""
    origin: dict[Key, Key] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        if node == goal:
            way = [node]
            while way[-1] != start:
                way.append(origin[way[-1]])
            return tuple(reversed(way))
        for following in neighbours.get(node, ()):
            if following not in origin and following != start:
                origin[following] = node
                waiting.append(following)
    return ()


def meet_first(one: Key, other: Key, neighbours: Mapping[Key, Iterable[Key]]) -> set[Key]:
    """Nodes to which a way leads from `one` and another from `other` that share nothing before.

    These are the ones that no single node dominates, when both ways begin at one root (Cooper, Harvey and
    Kennedy: A Simple, Fast Dominance Algorithm), and `one` and `other` themselves where a way leads from the
    one to the other.
    """
    order = _list_backward([one, other], neighbours)
    place = {node: at for at, node in enumerate(order)}
    root = len(order)
    sources: list[list[int]] = [[] for _ in order]
    for at, node in enumerate(order):
        for target in neighbours.get(node, ()):
            sources[place[target]].append(at)
    for node in (one, other):
        sources[place[node]].append(root)
    above = [-1] * root + [root]
    changed = True
    while changed:
        changed = False
        for at in reversed(range(root)):
            nearest, *others = (source for source in sources[at] if above[source] >= 0)
            for beside in others:
                met = beside
                while nearest != met:
                    if nearest < met:
                        nearest = above[nearest]
                    else:
                        met = above[met]
            changed = changed or above[at] != nearest
            above[at] = nearest
    from_one: set[Key] = reach([one], neighbours)
    from_other: set[Key] = reach([other], neighbours)
    return {node for node in from_one & from_other if above[place[node]] == root}


def _list_backward(starts: Iterable[Key], neighbours: Mapping[Key, Iterable[Key]]) -> list[Key]:
    """All that can be reached, each after what it leads to first (postorder, depth first)."""
    seen: set[Key] = set()
    order: list[Key] = []
    for start in starts:
        if start in seen:
            continue
        seen.add(start)
        work = [(start, iter(neighbours.get(start, ())))]
        while work:
            node, following = work[-1]
            target = next((key for key in following if key not in seen), None)
            if target is None:
                order.append(node)
                work.pop()
            else:
                seen.add(target)
                work.append((target, iter(neighbours.get(target, ()))))
    return order


def find_loops(nodes: Iterable[Key], neighbours: Mapping[Key, Iterable[Key]]) -> list[list[Key]]:
    """Strongly connected groups that hold a cycle (Tarjan, without recursion), each in visiting order."""
    index: dict[Key, int] = {}
    low: dict[Key, int] = {}
    stack: list[Key] = []
    on_stack: set[Key] = set()
    loops: list[list[Key]] = []
    for root in nodes:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        work = [(root, iter(neighbours.get(root, ())))]
        while work:
            node, following = work[-1]
            descended = False
            for target in following:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(neighbours.get(target, ()))))
                    descended = True
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            if descended:
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                at = stack.index(node)
                group = stack[at:]
                del stack[at:]
                on_stack.difference_update(group)
                if len(group) > 1 or node in set(neighbours.get(node, ())):
                    loops.append(group)
    return loops
