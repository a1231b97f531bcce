"""What a token holds while it waits (tasks, timers, jobs, incidents), letting go of it, and dying."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from backend.engine.commands import CancelJob, CloseIncident, CloseTask, RunJob
from backend.engine.run import Run
from backend.engine.state import Job, Token
from backend.engine.subscriptions import stop_waiting
from backend.engine.timers import cancel_timers, disarm


def start_job(run: Run, token: Token, kind: str, payload: dict[str, Any]) -> None:
    """Ask the shell for work; the token waits for its answer."""
    token.wait = "job"
    job = Job(id=run.next_id("j"), token=token.id, node=token.node, kind=kind, payload=payload)
    run.state.jobs[job.id] = job
    run.commands.append(RunJob(job=job))


def drop_holdings(run: Run, token: Token) -> None:
    """Close whatever the token waits for, as cancelled. Only one that waits for something of its own holds
    anything."""
    if token.wait is None or token.wait == "join":
        return
    state = run.state
    if token.wait == "compensation":
        kill_all(run, [other for other in state.tokens.values() if other.undoes == token.id])
    if token.message is not None or token.signal is not None:
        stop_waiting(run, token)
    if state.tasks:
        close_open_tasks(run, token, "cancelled")
    if state.timers or state.suspended is not None:
        cancel_timers(run, token)
    if state.jobs:
        for job in [job for job in state.jobs.values() if job.token == token.id]:
            del state.jobs[job.id]
            run.commands.append(CancelJob(job=job.id, kind=job.kind))
    if state.incidents:
        for incident in [incident for incident in state.incidents.values() if incident.token == token.id]:
            del state.incidents[incident.id]
            run.commands.append(
                CloseIncident(incident=incident.id, job=incident.job.id if incident.job else None)
            )


def close_open_tasks(run: Run, token: Token, reason: Literal["cancelled", "timeout"]) -> None:
    """Votes already given are dropped silently: their tasks were closed when they were given."""
    tasks, holder = run.state.tasks, token.id
    for task in tuple(tasks.values()):
        if task.token == holder:
            del tasks[task.id]
            if task.outcome is None:
                run.commands.append(CloseTask(task=task.id, reason=reason))


def release_token(run: Run, token: Token) -> None:
    """The token is gone; its scopes may have changed what a join waits for."""
    if token.wait is not None:
        drop_holdings(run, token)
    if token.armed:
        disarm(run, token)
    run.state.tokens.pop(token.id, None)
    if token.scopes:
        run.scopes_changed = True


def kill_all(run: Run, tokens: Iterable[Token]) -> None:
    for token in tokens:
        release_token(run, token)


def prune_scopes(run: Run) -> None:
    """Forget scopes that no token is in any more."""
    live = {scope for token in run.state.tokens.values() for scope in token.scopes}
    for scope in [scope for scope in run.state.scopes if scope not in live]:
        del run.state.scopes[scope]
