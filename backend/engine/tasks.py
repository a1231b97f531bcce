"""Human steps: opening them with their clocks."""

from __future__ import annotations

from msgspec.structs import replace

from backend.engine.assigning import await_taking
from backend.engine.commands import OpenTask
from backend.engine.drafts import draft_tasks
from backend.engine.human import leave_footprint
from backend.engine.release import CompiledNode
from backend.engine.run import Run
from backend.engine.state import Token
from backend.engine.timers import set_task_timers, task_moment
from backend.node_sdk import OpenTasks, TaskSpec


def open_tasks(run: Run, token: Token, node: CompiledNode, outcome: OpenTasks) -> None:
    """Open every task of the answer; the token waits until the node says they are enough."""
    token.wait = "task"
    if token.memo or outcome.memo:
        token.memo = outcome.memo
    leave_footprint(run, token)
    given = token.give if len(outcome.tasks) == 1 else None
    if token.give is not None:
        token.give = None
    drafts = node.drafts if outcome is node.constant else draft_tasks(node.id, node.ports, outcome)
    for spec, draft in zip(outcome.tasks, drafts, strict=True):
        sla = spec.sla
        task = replace(draft, id=run.next_id("k"), token=token.id, opened_at=run.now)
        if given is not None or spec.offer.to != "role":
            task.assignee = _assignee(run, spec, given)
        if sla is not None:
            task.due_at = task_moment(run, sla, 100)
        run.state.tasks[task.id] = task
        run.commands.append(OpenTask(task=task))
        if sla is not None:
            set_task_timers(run, token, task, sla)
        if task.acknowledge is not None:
            await_taking(run, task)


def _assignee(run: Run, spec: TaskSpec, given: str | None) -> str | None:
    """Who has it from the beginning; `given`: whom a return sent it to."""
    offer = spec.offer
    if offer.to == "member":
        return offer.member
    if given is not None and offer.to != "customer":
        return given
    return run.state.people.get("owner") if offer.to == "owner" else None
