"""Opening scopes: one token becomes several, on the edges of a fork or for the items of a list."""

from __future__ import annotations

from typing import Literal

from backend.engine.holdings import release_token
from backend.engine.incidents import raise_incident
from backend.engine.instances import open_group
from backend.engine.leaving import leave
from backend.engine.moves import MAX_DEPTH, MAX_TOKENS, begin
from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import Scope, Token
from backend.engine.writing import write_fields
from backend.node_sdk import Fork, Spread

_KINDS: dict[str, Literal["race", "interleaved"]] = {"first": "race", "interleaved": "interleaved"}


def fork(run: Run, token: Token, node: CompiledNode, outcome: Fork) -> None:
    edges = node.edges
    if outcome.mode == "any":
        sight = run.sight_of(token)
        edges = tuple(edge for edge in edges if edge.when is None or edge.when.holds(sight))
    if not edges:
        raise_incident(run, token, "no_branch", {})
        return
    if not _has_room(run, token, len(edges)):
        return
    scopes = _drop_lonely_scopes(run, token) if token.scopes else ()
    scope: Scope | None = None
    if len(edges) > 1:
        scope = Scope(id=run.next_id("s"), node=node.id, width=len(edges))
        scope.kind = _KINDS.get(outcome.mode, "plain")
        run.state.scopes[scope.id] = scope
        scopes = (*scopes, scope.id)
    release_token(run, token)
    for edge in edges:
        inside = scopes
        if scope is not None and scope.kind == "race":
            branch = Scope(id=run.next_id("s"), node="", width=1, kind="branch")
            run.state.scopes[branch.id] = branch
            inside = (*scopes, branch.id)
        begin(run, edge, inside)


def _has_room(run: Run, token: Token, more: int) -> bool:
    if len(run.state.tokens) + more > MAX_TOKENS or len(token.scopes) >= MAX_DEPTH:
        raise_incident(run, token, "too_many_branches", {"limit": MAX_TOKENS})
        return False
    return True


def _drop_lonely_scopes(run: Run, token: Token) -> tuple[str, ...]:
    """Without the trailing scopes that this token alone is left of: else a loop around a fork would pile
    them up. One that a join has passed stays, for the token is still to be absorbed there."""
    scopes = token.scopes
    while scopes and _is_lonely(run, token, scopes[-1]):
        scopes = scopes[:-1]
        run.scopes_changed = True
    return scopes


def _is_lonely(run: Run, token: Token, scope_id: str) -> bool:
    scope = run.state.scopes[scope_id]
    if scope.passed or scope.kind not in {"plain", "interleaved"}:
        return False
    return not any(scope_id in other.scopes for other in run.state.tokens.values() if other is not token)


def spread(run: Run, token: Token, node: CompiledNode, outcome: Spread) -> None:
    count = len(outcome.items)
    if count > outcome.limit:
        raise_incident(run, token, "too_many_items", {"count": count, "limit": outcome.limit})
    elif not count:
        _pass_by(run, token, node, outcome)
    elif _has_room(run, token, 1 if outcome.sequential else count):
        scopes = _drop_lonely_scopes(run, token)
        release_token(run, token)
        open_group(run, node, scopes, outcome)


def _pass_by(run: Run, token: Token, node: CompiledNode, outcome: Spread) -> None:
    """Nothing to do: the token goes on from the join that would have collected."""
    if node.closer is None:
        raise_incident(run, token, "for_each_without_join", {})
        return
    if outcome.into and not write_fields(run, token, {outcome.into: []}):
        return
    token.node = node.closer
    run.state.visits[node.closer] = token.visit = run.state.visits.get(node.closer, 0) + 1
    leave(run, token, run.release.nodes[node.closer], "")
