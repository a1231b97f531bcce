"""Leaving a node by one of its ports, and what that ends: what the node held, races, an undoing."""

from __future__ import annotations

from backend.engine.commands import Note
from backend.engine.compensation import end_undoing, remember
from backend.engine.holdings import drop_holdings
from backend.engine.human import come_back
from backend.engine.incidents import raise_incident
from backend.engine.moves import find_edge, lay_down
from backend.engine.races import win_races
from backend.engine.release import CompiledEdge, CompiledNode
from backend.engine.run import Run
from backend.engine.state import Token
from backend.engine.timers import disarm
from backend.graph.expressions import ExpressionFailed


def leave(run: Run, token: Token, node: CompiledNode, port: str) -> None:
    """Let go of what the node held and follow the port's first edge that holds; incident when none does.

    The empty port stands for all edges of the node (decisions, joins). A step that undoes another one is
    finished by whatever port it is left.
    """
    if token.undoes is not None:
        waiting = end_undoing(run, token)
        if waiting is not None:
            leave(run, waiting, run.release.nodes[waiting.node], "next")
        return
    if token.back is not None and come_back(run, token):
        return
    edge = node.straight.get(port)
    if edge is None:
        edge = _decide(run, token, node, port)
        if edge is None:
            return
    if token.wait is not None or token.armed:
        _let_go(run, token)
    if node.compensation is not None:
        remember(run, token, node, port)
    token.node = edge.target  # as `moves.advance` does it: the hottest lines of the engine
    token.edge = edge.id
    token.since = run.now
    if token.memo:
        token.memo = {}
    run.arrivals.append(token)


def _decide(run: Run, token: Token, node: CompiledNode, port: str) -> CompiledEdge | None:
    """The first edge that holds, with a line in the timeline when there were several; None: an incident."""
    edges = node.ports.get(port, ()) if port else node.edges
    try:
        edge = find_edge(run, token, edges)
    except ExpressionFailed as failed:
        raise_incident(run, token, failed.code, failed.params, port=port)
        return None
    if edge is None:
        raise_incident(run, token, "no_way_on", {"port": port}, port=port)
    elif len(edges) > 1:
        taken = {"edge": edge.id, "to": edge.target}
        run.commands.append(Note(code="branch_taken", node=node.id, params=taken))
    return edge


def _let_go(run: Run, token: Token) -> None:
    """The token waited here: nothing of that is left, and a race it was in is decided. One that has just met
    others at a join, or whose incident was resolved, waits no more but may still be listening."""
    drop_holdings(run, token)
    if token.wait is not None and token.scopes and run.release.has_races:
        win_races(run, token)
    if token.armed:
        disarm(run, token)
        lay_down(token)
    token.wait = None
    if token.message is not None or token.signal is not None:
        token.message = token.signal = None
        token.correlation = ""
