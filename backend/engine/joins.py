"""Joins: which waiting tokens belong together, and when they may go on as one. Decides only; `tokens` moves.

Tokens of one scope belong together. The scope a join closes is the innermost one on the token whose fork
has at least two ways to this join (see `graph.structure.join_forks`); without such a scope, exclusive ways
simply meet. The instances of a `for_each` are counted one by one, however many tokens an instance has.
"""

from __future__ import annotations

import msgspec

from backend.engine.overlay import find_instance
from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import Scope, Token
from backend.graph.structure import shared_prefix
from backend.node_sdk import JoinRule

ALL = JoinRule("all")


class Meeting(msgspec.Struct, frozen=True, gc=False):
    """`chosen` go on as one token with these scopes; `cancelled` are not waited for any more."""

    chosen: tuple[Token, ...]
    cancelled: tuple[Token, ...]
    scopes: tuple[str, ...]
    group: str | None = None
    """The scope that is closed."""
    passed: bool = False
    """Whether the rest of the scope goes on and will be absorbed."""


def find_meeting(run: Run, token: Token, node: CompiledNode) -> Meeting | None:
    """What a token waiting at a join sets off; None while somebody is still awaited."""
    rule = node.join or ALL
    if rule.mode == "each":
        return Meeting((token,), (), token.scopes)
    here = node.id
    waiting = [other for other in run.state.tokens.values() if other.node == here and other.wait == "join"]
    if rule.mode == "all" and len(waiting) < len(node.incoming) and not run.release.has_spreads:
        return None  # however they belong together
    group = find_group(run, token, node)
    chosen = _complete_group(run, token, node, group, waiting)
    if not chosen:
        return None
    if group is None:
        return Meeting(tuple(chosen), (), _shared_scopes(run, chosen))
    rest = [other for other in run.state.tokens.values() if group in other.scopes and other not in chosen]
    is_spread = run.state.scopes[group].kind == "instances"
    if rest and rule.mode == "all" and not is_spread:
        return Meeting(tuple(chosen), (), _shared_scopes(run, chosen))
    outer = token.scopes[: token.scopes.index(group)]
    if rule.keep_rest and rule.mode in {"any", "n"}:
        late = [other for other in rest if other.node == node.id and other.wait == "join"]
        return Meeting(tuple(chosen), tuple(late), outer, group, passed=True)
    return Meeting(tuple(chosen), tuple(rest), outer, group)


def _shared_scopes(run: Run, tokens: list[Token]) -> tuple[str, ...]:
    """The scopes that all of them are inside of; not a group without one of its instances, nor a race
    without one of its ways."""
    shared = shared_prefix([token.scopes for token in tokens])
    while shared and run.state.scopes[shared[-1]].kind in {"instances", "race"}:
        shared = shared[:-1]
    return shared


def find_group(run: Run, token: Token, node: CompiledNode) -> str | None:
    """The scope of this token that the join closes."""
    for scope in reversed(token.scopes):
        if run.state.scopes[scope].node in node.forks:
            return scope
    return None


def is_late(run: Run, token: Token, node: CompiledNode) -> bool:
    """Whether the join went on without this token's scope, so that it is absorbed."""
    group = find_group(run, token, node)
    return group is not None and node.id in run.state.scopes[group].passed


def _complete_group(
    run: Run, token: Token, node: CompiledNode, group: str | None, waiting: list[Token]
) -> list[Token]:
    """Those of the tokens waiting at the join that go on with this one; none while somebody is awaited."""
    mode, n, _ = node.join or ALL
    scope = run.state.scopes[group] if group is not None else None
    spread = scope if scope is not None and scope.kind == "instances" else None
    if (mode == "any" and spread is None) or (mode == "scope" and group is None):
        return [token]
    waiting = [
        other for other in waiting if other.scopes == token.scopes or _belongs(run, other, token, node, group)
    ]
    if spread is not None:
        return _complete_instances(run, spread, waiting, {"any": 1, "n": n}.get(mode))
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


def _belongs(run: Run, other: Token, token: Token, node: CompiledNode, group: str | None) -> bool:
    """Whether they meet: in the same scope that the join closes; without one, in the same instance."""
    if find_group(run, other, node) != group:
        return False
    return group is not None or find_instance(run.state, other) is find_instance(run.state, token)


def _complete_instances(run: Run, group: Scope, waiting: list[Token], n: int | None) -> list[Token]:
    """The tokens of the first `n` instances to come. Without a number, or when there are fewer, all of them,
    once none is under way or still to begin."""
    alive = sum(group.id in other.scopes for other in run.state.tokens.values())
    if len(waiting) == alive and not group.items:
        return waiting
    if n is None:
        return []
    first: list[str] = []
    for other in waiting:
        instance = instance_of(other, group.id)
        if instance not in first:
            first.append(instance)
    wanted = first[:n]
    return [other for other in waiting if instance_of(other, group.id) in wanted] if len(first) >= n else []


def instance_of(token: Token, group: str) -> str:
    """Id of the instance of this group that the token is inside of."""
    return token.scopes[token.scopes.index(group) + 1]
