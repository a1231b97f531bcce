"""What a ticket waits for from outside: messages with their correlation, and signals.

Every wait has a key that names the token, its visit of the node and, for an event at the node's boundary,
the port: `t7.2.n_wait` or `t7.2.n_wait:paid`. The shell keeps one row for each key while the token waits, and
aims what it delivers at the key; so a message that comes too late for one visit never wakes the next.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from backend.engine.commands import Subscribe, Unsubscribe
from backend.engine.events import MessageArrived
from backend.engine.run import Run
from backend.engine.state import Token

Kind = Literal["message", "signal"]


class Wait(NamedTuple):
    """One thing a token waits for. `port` is that of a boundary event, empty for the node's own wait; one
    that does not interrupt is `lasting`: each message of the name counts, not only the first."""

    kind: Kind
    name: str
    correlation: str = ""
    port: str = ""
    lasting: bool = False


def make_key(token: Token, port: str = "") -> str:
    """The name of this token's wait in this visit of its node."""
    key = f"{token.id}.{token.visit}.{token.node}"
    return f"{key}:{port}" if port else key


def subscribe(run: Run, token: Token, wait: Wait) -> None:
    """The token begins to wait."""
    run.commands.append(
        Subscribe(
            key=make_key(token, wait.port),
            kind=wait.kind,
            name=wait.name,
            correlation=wait.correlation,
            token=token.id,
            node=token.node,
            lasting=wait.lasting,
        )
    )


def unsubscribe(run: Run, token: Token, wait: Wait) -> None:
    """The token does not wait for this any more."""
    run.commands.append(
        Unsubscribe(
            key=make_key(token, wait.port), kind=wait.kind, name=wait.name, correlation=wait.correlation
        )
    )


def list_own_waits(token: Token) -> list[Wait]:
    """What the node of this token waits for by itself; boundary events are not among it."""
    waits = [Wait("message", token.message, token.correlation)] if token.message is not None else []
    return [*waits, Wait("signal", token.signal)] if token.signal is not None else waits


def stop_waiting(run: Run, token: Token) -> None:
    """Call off the node's own waits; the token itself is left as it is (it may belong to the earlier
    state)."""
    for wait in list_own_waits(token):
        unsubscribe(run, token, wait)


def is_meant(event: MessageArrived, token: Token, wait: Wait) -> bool:
    """Whether this message or signal is for this wait."""
    if event.token is not None:
        return event.token == make_key(token, wait.port)
    if event.name != wait.name or event.signal != (wait.kind == "signal"):
        return False
    return not event.correlation or event.correlation == wait.correlation
