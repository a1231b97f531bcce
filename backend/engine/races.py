"""The race of a fork whose first event wins, and scopes that are closed while branches are still inside."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from backend.engine.holdings import release_token
from backend.engine.run import Run
from backend.engine.state import Scope, Token


def win_races(run: Run, token: Token) -> None:
    """An event moved this token: every race it is in is decided. Other branches die, those of its own go on
    outside of the race."""
    for scope_id in token.scopes:
        scope = run.state.scopes.get(scope_id)
        if scope is not None and scope.kind == "race":
            _decide(run, token, scope)


def _decide(run: Run, winner: Token, race: Scope) -> None:
    branch = _branch_of(run, winner, race.id)
    for token in list(run.state.tokens.values()):
        if race.id not in token.scopes:
            continue
        if token.id == winner.id:
            winner.scopes = tuple(scope for scope in winner.scopes if scope not in {race.id, branch})
        elif branch in token.scopes:
            kept = run.take(token)
            kept.scopes = tuple(scope for scope in token.scopes if scope not in {race.id, branch})
        else:
            release_token(run, token)
    drop_items(run, lambda group: race.id in group.outer and branch not in group.outer)
    for scope_id in (race.id, branch):
        run.state.scopes.pop(scope_id, None)
    run.scopes_changed = True
    run.note("race_decided", race.node, won=winner.node)


def _branch_of(run: Run, token: Token, race: str) -> str:
    """The scope of the way that this token is on; empty when it is on none of its own."""
    following = token.scopes[token.scopes.index(race) + 1 :]
    scope = run.state.scopes.get(following[0]) if following else None
    return scope.id if scope is not None and scope.kind == "branch" else ""


def drop_items(run: Run, concerns: Callable[[Scope], bool]) -> None:
    """What these groups have still to begin is not wanted any more."""
    for group in list(run.state.scopes.values()):
        if group.items and concerns(group):
            run.state.scopes[group.id] = replace(group, items=())
