"""Statements of limits, of parking and of upkeep: beside the hot path, which has none of them."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.db.models import Job, JobLimit, JobPace, Worker
from backend.runtime.statements import Statement

_p = bindparam

READ_LIMITS = Statement(
    select(
        JobLimit.pattern,
        JobLimit.rate,
        JobLimit.seconds,
        JobLimit.at_once,
        JobLimit.tries,
        JobLimit.first_s,
        JobLimit.longest_s,
    ).where(JobLimit.workspace_id == _p("workspace"))
)
OPEN_PACE = Statement(
    upsert(JobPace)
    .values(workspace_id=_p("workspace"), target=_p("target"), free_at=_p("now"))
    .on_conflict_do_nothing()
)
LOCK_PACE = Statement(
    select(JobPace.free_at)
    .where(JobPace.workspace_id == _p("workspace"), JobPace.target == _p("target"))
    .with_for_update()
)
SET_PACE = Statement(
    update(JobPace)
    .where(JobPace.workspace_id == _p("workspace"), JobPace.target == _p("target"))
    .values(free_at=_p("free"))
)
COUNT_RUNNING = Statement(
    select(func.count()).where(
        Job.workspace_id == _p("workspace"),
        Job.target == _p("target"),
        Job.target != "",
        Job.status == "running",
        Job.lease_until >= _p("now"),
    )
)
HOLD_JOB = Statement(
    update(Job)
    .where(
        Job.id == _p("id"),
        Job.due_at <= _p("now"),
        or_(Job.status == "pending", (Job.status == "running") & (Job.lease_until < _p("now"))),
    )
    .values(status="pending", held=_p("why"), due_at=_p("due"), lease_until=None)
    .returning(Job.id)
)
FREE_PARKED = Statement(
    update(Job)
    .where(
        Job.id
        == select(Job.id)
        .where(
            Job.workspace_id == _p("workspace"),
            Job.target == _p("target"),
            Job.target != "",
            Job.status == "pending",
            Job.held == "busy",
        )
        .order_by(Job.priority, Job.created_at, Job.id)
        .limit(1)
        .scalar_subquery()
    )
    .values(due_at=_p("now"), held=None)
    .returning(Job.id, Job.priority)
)
FREE_ALL = Statement(
    update(Job)
    .where(Job.workspace_id == _p("workspace"), Job.status == "pending", Job.held.is_not(None))
    .values(due_at=_p("now"), held=None)
    .returning(Job.id, Job.priority)
)
DROP_PACES = Statement(delete(JobPace).where(JobPace.workspace_id == _p("workspace")))

# --- who works ---

BEAT = Statement(
    update(Worker)
    .where(Worker.id == _p("worker"))
    .values(seen_at=_p("now"), running=_p("running"))
    .returning(Worker.id)
)
APPEAR = Statement(
    insert(Worker).values(
        id=_p("worker"),
        name=_p("name"),
        kind=_p("kind"),
        started_at=_p("now"),
        seen_at=_p("now"),
        running=_p("running"),
    )
)
DISAPPEAR = Statement(delete(Worker).where(or_(Worker.id == _p("worker"), Worker.seen_at < _p("before"))))
