"""Joins: which waiting tokens belong together, and when they may go on as one. Decides only; `tokens` moves.

Tokens of one scope belong together. The scope a join closes is the innermost one on the token whose fork
has at least
two ways to this join (see `graph.structure.join_forks`); without such a scope, exclusive ways simply meet.
"""

from __future__ import annotations

import msgspec

from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import Token
from backend.graph.structure import shared_prefix
from backend.node_sdk import JoinRule


class Meeting(msgspec.Struct, frozen=True, gc=False):
    """`chosen` go on as one token with these scopes; `cancelled` are not waited for any more."""

    chosen: tuple[Token, ...]
    cancelled: tuple[Token, ...]
    scopes: tuple[str, ...]


def find_meeting(run: Run, token: Token, node: CompiledNode) -> Meeting | None:
    """What a token waiting at a join sets off; None while somebody is still awaited."""
    group = _group_of(run, token, node)
    chosen = _complete_group(run, token, node, group)
    if not chosen:
        return None
    if group is None:
        return Meeting(tuple(chosen), (), shared_prefix([other.scopes for other in chosen]))
    rest = [other for other in run.state.tokens.values() if group in other.scopes and other not in chosen]
    if rest and node.join is not None and node.join[0] == "all":
        return Meeting(tuple(chosen), (), shared_prefix([other.scopes for other in chosen]))
    return Meeting(tuple(chosen), tuple(rest), token.scopes[: token.scopes.index(group)])


def _group_of(run: Run, token: Token, node: CompiledNode) -> str | None:
    for scope in reversed(token.scopes):
        if run.state.scopes[scope].node in node.forks:
            return scope
    return None


def _complete_group(run: Run, token: Token, node: CompiledNode, group: str | None) -> list[Token]:
    mode, n, _ = node.join or JoinRule("all")
    if mode == "any" or (mode == "scope" and group is None):
        return [token]
    waiting = [
        other
        for other in run.state.tokens.values()
        if other.node == node.id
        and other.wait == "join"
        and (other.scopes == token.scopes or _group_of(run, other, node) == group)
    ]
    if mode == "n":
        return waiting[:n] if len(waiting) >= n else []
    if mode == "scope":
        alive = sum(group in other.scopes for other in run.state.tokens.values())
        return waiting if len(waiting) == alive else []
    if len(waiting) < len(node.incoming):
        return []
    by_edge: dict[str | None, Token] = {}
    for other in waiting:
        by_edge.setdefault(other.edge, other)
    return list(by_edge.values()) if by_edge.keys() >= set(node.incoming) else []
