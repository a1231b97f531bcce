"""A node that cannot go on: its error events at the boundary catch it, else a person must look."""

from __future__ import annotations

from typing import Any

from backend.engine.commands import RaiseIncident
from backend.engine.holdings import drop_holdings
from backend.engine.moves import MAX_TOKENS, advance, begin, find_edge
from backend.engine.races import win_races
from backend.engine.release import CompiledEdge, CompiledNode
from backend.engine.run import Run
from backend.engine.state import Incident, Job, Token
from backend.engine.timers import disarm
from backend.graph.expressions import ExpressionFailed
from backend.graph.model import Boundary

UNCAUGHT = frozenset({"endless_loop", "deadlock_now"})
"""Incidents of the ticket rather than of the node."""


def raise_incident(
    run: Run,
    token: Token,
    code: str,
    params: dict[str, Any],
    *,
    port: str | None = None,
    job: Job | None = None,
) -> None:
    """Stop this token until a person looks; every other token goes on. An error event catches what its node
    could not do, but not that no way leads on from it."""
    node = run.release.nodes[token.node]
    if node.boundary and port is None and code not in UNCAUGHT and catch_error(run, token, node, code):
        return
    drop_holdings(run, token)
    token.wait = "incident"
    token.message = token.signal = None
    incident = Incident(
        id=run.next_id("i"),
        token=token.id,
        node=token.node,
        code=code,
        params=params,
        job=job,
        port=port,
        at=run.now,
    )
    run.state.incidents[incident.id] = incident
    run.commands.append(RaiseIncident(incident=incident))


def find_error_event(node: CompiledNode, code: str, *, named_only: bool = False) -> str | None:
    """Port of the error event that catches this code: one that names it, else one for any."""
    ports = {event.code: port for port, event in node.boundary.items() if event.kind == "error"}
    return ports.get(code) if named_only or code in ports else ports.get("")


def catch_error(run: Run, token: Token, node: CompiledNode, code: str) -> bool:
    """Whether the token has left by an error event. One that does not interrupt begins a further branch
    beside the incident."""
    port = find_error_event(node, code)
    edge = None if port is None or token.undoes is not None else _way_of(run, token, node, port)
    if port is None or edge is None:
        return False
    event: Boundary = node.boundary[port]
    run.note("boundary_event", node.id, port=port, error=code)
    if not event.interrupting:
        if len(run.state.tokens) < MAX_TOKENS:
            begin(run, edge, token.scopes)
        return False
    if token.wait is not None:
        drop_holdings(run, token)
        if token.scopes and run.release.has_races:
            win_races(run, token)
    if token.armed:
        disarm(run, token)
    token.back = None
    advance(run, token, edge)
    return True


def _way_of(run: Run, token: Token, node: CompiledNode, port: str) -> CompiledEdge | None:
    try:
        return find_edge(run, token, node.ports.get(port, ()))
    except ExpressionFailed:
        return None
