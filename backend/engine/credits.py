"""Who did which step, and how long it took them: what pay by contribution is reckoned from."""

from __future__ import annotations

from datetime import timedelta

from backend.engine.run import Run
from backend.engine.state import State, Task

ONE_SECOND = timedelta(seconds=1)


def credit(run: Run, task: Task, member: str | None) -> None:
    """Remember who completed a task and the seconds from claiming (else opening) it until now.

    Of a node that one person alone worked, `people` and `handling` say it all; `efforts` is kept only for
    nodes that several worked (votes, loops), so that most tickets carry nothing more.
    """
    if member is None:
        return
    state, node = run.state, task.node
    before = state.people.get(node)
    state.people[node] = member
    if task.offer.to == "customer":
        return
    state.people.setdefault("owner", member)
    seconds = max(0, (run.now - (task.claimed_at or task.opened_at)) // ONE_SECOND)
    handled = state.handling.get(node)
    if handled is not None and before is not None and (before != member or node in state.efforts):
        shares = dict(state.efforts.get(node) or {before: handled})
        shares[member] = shares.get(member, 0) + seconds
        state.efforts = {**state.efforts, node: shares}
    state.handling = {**state.handling, node: (handled or 0) + seconds}
    run.forget_context()


def list_efforts(state: State) -> dict[str, dict[str, int]]:
    """Seconds by node and member, of all human steps of the staff so far."""
    alone = {
        node: {state.people[node]: seconds}
        for node, seconds in state.handling.items()
        if node in state.people
    }
    return {**alone, **state.efforts}
