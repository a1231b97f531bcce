"""A message or signal comes: who of the ticket listens to it, and what it means there."""

from __future__ import annotations

from backend.engine.boundaries import fire
from backend.engine.events import MessageArrived
from backend.engine.run import Refused, Run
from backend.engine.state import Token
from backend.engine.subscriptions import Wait, is_meant, list_own_waits
from backend.engine.tokens import call_node
from backend.engine.writing import write_fields
from backend.node_sdk import Signal


def receive(run: Run, event: MessageArrived) -> None:
    waiting = [
        (token, port) for token in run.state.tokens.values() if (port := _listens(event, token)) is not None
    ]
    if not waiting or run.state.status != "running":
        raise Refused("nobody_waits", stale=True, name=event.name)
    signal = Signal(kind="message", name=event.name, data=event.data)
    for was, port in waiting:
        token = run.state.tokens.get(was.id)
        if token is None or (token.node, token.visit) != (was.node, was.visit):
            continue  # another one that got this message moved it
        mine = run.take(token)
        if not port:
            call_node(run, mine, run.release.nodes[mine.node], signal)
        elif write_fields(run, mine, dict(event.data)):
            fire(run, mine, port)


def _listens(event: MessageArrived, token: Token) -> str | None:
    """What this message means to a token: empty for its node, else a port at the boundary; None: nothing."""
    if any(is_meant(event, token, wait) for wait in list_own_waits(token)):
        return ""
    for catch in token.catches:
        if is_meant(event, token, Wait(catch.kind, catch.name, catch.correlation, catch.port)):
            return catch.port
    return None
