"""The smallest moves: which edge leads on, following it, beginning a further token on one."""

from __future__ import annotations

from collections.abc import Iterable

from backend.engine.release import CompiledEdge
from backend.engine.run import Run
from backend.engine.state import Token

MAX_TOKENS = 200
"""Branches that may be open at once; a split in a loop without a join would multiply them without end."""

MAX_DEPTH = 40
"""Scopes a token may be inside of: a `for_each` in a loop that no join closes would pile them up."""


def find_edge(run: Run, token: Token, edges: Iterable[CompiledEdge]) -> CompiledEdge | None:
    """The first edge whose condition holds. Raises ExpressionFailed."""
    for edge in edges:
        if edge.when is None or edge.when.holds(run.sight_of(token)):
            return edge
    return None


def advance(run: Run, token: Token, edge: CompiledEdge) -> None:
    """Put the token on the other end of the edge; it holds nothing any more."""
    token.node = edge.target
    token.edge = edge.id
    token.wait = None
    if token.message is not None or token.signal is not None:
        token.message = token.signal = None
        token.correlation = ""
    token.since = run.now
    if token.memo:
        token.memo = {}
    if token.armed:
        lay_down(token)
    run.arrivals.append(token)


def lay_down(token: Token) -> None:
    """The token listens to nothing at the boundary of its node any more."""
    token.armed = False
    token.catches = ()
    token.pending = ()


def begin(run: Run, edge: CompiledEdge, scopes: tuple[str, ...]) -> Token:
    """A new token that has just followed this edge."""
    token = Token(id=run.next_id("t"), node=edge.target, edge=edge.id, scopes=scopes, since=run.now)
    run.state.tokens[token.id] = token
    run.arrivals.append(token)
    return token
