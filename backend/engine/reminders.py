"""After a time of rest, several rungs of one ladder are overdue at once. Each has its effect, but of those
that speak to the same people only the last one speaks: three days down are no reason for three days of
reminders in one minute.

Nothing of this is in the state: whether a rung speaks follows from the timers that are overdue beside it,
which the shell fires in the order of their due times.
"""

from __future__ import annotations

from collections.abc import Sequence

from backend.engine.run import Run
from backend.engine.state import Task, Timer
from backend.node_sdk import Rung


def is_superseded(run: Run, timer: Timer, task: Task) -> bool:
    """Whether a later rung of the task speaks to the same people in a moment, or the task itself ends."""
    if task.timeout_port is not None and task.due_at is not None and task.due_at <= run.now:
        return True
    return any(
        other.task == task.id
        and other.rung is not None
        and other.at <= run.now
        and _place(other) > _place(timer)
        and timer.rung is not None
        and _audience(other.rung) == _audience(timer.rung)
        for other in run.state.timers.values()
    )


def speaks(rungs: Sequence[Rung | None], at: int) -> bool:
    """Whether the rung at this place of those passed together is the last one for its people."""
    rung = rungs[at]
    later = (other for other in rungs[at + 1 :] if other is not None)
    return rung is not None and all(_audience(other) != _audience(rung) for other in later)


def _place(timer: Timer) -> tuple[float, int]:
    return timer.at.timestamp(), int(timer.id[1:])


def _audience(rung: Rung) -> str | None:
    """The role told; None: whoever the task is with."""
    return rung.role if rung.action in {"escalate", "reassign"} else None
