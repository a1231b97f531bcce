"""Branches that are worked one at a time: who holds their scope, and whose turn is next.

A token holds it while somebody has taken its task (or given one of several votes), or while its job runs.
"""

from __future__ import annotations

from backend.engine.run import Refused, Run
from backend.engine.state import Token


def find_holder(run: Run, token: Token) -> Token | None:
    """Who else is being worked in an interleaved scope of this token."""
    state = run.state
    shared = {
        scope_id
        for scope_id in token.scopes
        if scope_id in state.scopes and state.scopes[scope_id].kind == "interleaved"
    }
    if not shared:
        return None
    working = [task.token for task in state.tasks.values() if task.claimed_at or task.outcome is not None]
    working += [job.token for job in state.jobs.values()]
    for other_id in working:
        other = state.tokens.get(other_id)
        if other is not None and other.id != token.id and not shared.isdisjoint(other.scopes):
            return other
    return None


def require_turn(run: Run, token: Token) -> None:
    """Raises Refused(busy_elsewhere) while another branch is being worked."""
    holder = find_holder(run, token)
    if holder is not None:
        raise Refused("busy_elsewhere", node=holder.node)


def next_turn(run: Run) -> Token | None:
    """The token that may go on now, of those that wait for their turn."""
    waiting = [token for token in run.state.tokens.values() if token.wait == "turn"]
    for token in sorted(waiting, key=lambda token: int(token.id[1:])):
        if find_holder(run, token) is None:
            return run.take(token)
    return None
