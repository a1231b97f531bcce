"""Statements of triggers, in the manner of `backend.runtime.statements`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.db.models import (
    WHOLE_STATE,
    CollectionRecord,
    Job,
    Region,
    Ticket,
    Trigger,
    TriggerDate,
    TriggerFiring,
    Workflow,
    WorkflowVariants,
)
from backend.runtime.statements import Statement, read_json, read_moment

Params = dict[str, Any]


def _p(name: str) -> Any:
    return bindparam(name)


def _any(column: Any, *values: str) -> Any:
    """Spelled out: a list is bound anew at each execution, and these statements are compiled once."""
    return or_(*(column == value for value in values))


class TriggerRow(NamedTuple):
    """A trigger as scripts read it."""

    id: str
    workspace_id: str
    workflow_id: str
    kind: str
    name: str
    config: Params
    region_id: str | None
    active: bool
    secret: str | None
    place: Params
    next_at: datetime | None
    created_by: str | None


_TRIGGER = (
    Trigger.id,
    Trigger.workspace_id,
    Trigger.workflow_id,
    Trigger.kind,
    Trigger.name,
    Trigger.config,
    Trigger.region_id,
    Trigger.active,
    Trigger.secret,
    Trigger.place,
    Trigger.next_at,
    Trigger.created_by,
)


def read_trigger(row: tuple[Any, ...]) -> TriggerRow:
    """From a raw row of either database."""
    stored = TriggerRow(*row)
    return stored._replace(
        config=read_json(stored.config),
        active=bool(stored.active),
        place=read_json(stored.place),
        next_at=read_moment(stored.next_at) if stored.next_at is not None else None,
    )


FIND_TRIGGER = Statement(
    select(*_TRIGGER).where(Trigger.id == _p("id"), Trigger.workspace_id == _p("workspace"))
)
LOCK_TRIGGER = Statement(
    select(*_TRIGGER).where(Trigger.id == _p("id"), Trigger.workspace_id == _p("workspace")).with_for_update()
)
ACTIVE_OF_KIND = Statement(
    select(*_TRIGGER)
    .where(Trigger.workspace_id == _p("workspace"), Trigger.kind == _p("kind"), Trigger.active.is_(True))
    .order_by(Trigger.id)
)
LISTENING = Statement(
    select(Trigger.id, Trigger.kind, Trigger.config)
    .where(
        Trigger.workspace_id == _p("workspace"),
        _any(Trigger.kind, "event", "record_date"),
        Trigger.active.is_(True),
    )
    .order_by(Trigger.id)
)
UNPLANNED = Statement(
    select(Trigger.id, Trigger.workspace_id).where(
        Trigger.active.is_(True),
        _any(Trigger.kind, "schedule", "email", "record_date"),
        ~select(Job.id)
        .where(
            Job.workspace_id == Trigger.workspace_id,
            Job.key == "trigger:" + Trigger.id,
            _any(Job.status, "pending", "running"),
        )
        .exists(),
    )
)
"""Timed triggers that nothing will wake."""
MOVE_ON = Statement(
    update(Trigger)
    .where(Trigger.id == _p("id"), Trigger.next_at == _p("due"), Trigger.active.is_(True))
    .values(next_at=_p("next"))
    .returning(Trigger.id)
)
"""Of several who look at the same moment, one gets a row."""
SET_NEXT = Statement(update(Trigger).where(Trigger.id == _p("id")).values(next_at=_p("next")))
SET_PLACE = Statement(update(Trigger).where(Trigger.id == _p("id")).values(place=_p("place")))

# --- firings ---

CLAIM_FIRING = Statement(
    upsert(TriggerFiring)
    .values(
        id=_p("id"),
        workspace_id=_p("workspace"),
        trigger_id=_p("trigger"),
        cause=_p("cause"),
        at=_p("now"),
        outcome="failed",
        ticket_id=None,
        depth=_p("depth"),
        code="trigger_failed",
        params=_p("params"),
    )
    .on_conflict_do_update(
        index_elements=["trigger_id", "cause"],
        set_={"at": _p("now")},
        where=TriggerFiring.__table__.c.outcome == "failed",
    )
    .returning(TriggerFiring.id)
)
"""Nothing comes back when this cause has done its work already."""
SETTLE_FIRING = Statement(
    update(TriggerFiring)
    .where(TriggerFiring.id == _p("id"))
    .values(outcome=_p("outcome"), ticket_id=_p("ticket"), code=_p("code"), params=_p("params"))
)
FIND_FIRING = Statement(
    select(
        TriggerFiring.outcome,
        TriggerFiring.ticket_id,
        TriggerFiring.code,
        TriggerFiring.params,
        Ticket.number,
    )
    .join(Ticket, Ticket.id == TriggerFiring.ticket_id, isouter=True)
    .where(TriggerFiring.trigger_id == _p("trigger"), TriggerFiring.cause == _p("cause"))
)
_LINE = (
    select(Ticket.id, Ticket.parent_id).where(Ticket.id == _p("ticket")).cte("line_of_ticket", recursive=True)
)
_ABOVE = Ticket.__table__.alias("above")
_ANCESTORS = _LINE.union(select(_ABOVE.c.id, _ABOVE.c.parent_id).where(_ABOVE.c.id == _LINE.c.parent_id))
DEPTH_OF = Statement(
    select(func.max(TriggerFiring.depth)).where(TriggerFiring.ticket_id.in_(select(_ANCESTORS.c.id)))
)
"""Of the ticket, or of the tickets that it is a part of."""

# --- what a start needs ---

VARIANTS = Statement(
    select(WorkflowVariants.rules).where(
        WorkflowVariants.workspace_id == _p("workspace"), WorkflowVariants.workflow_id == _p("workflow")
    )
)
WORKFLOW_NAME = Statement(
    select(Workflow.name, Workflow.key).where(
        Workflow.workspace_id == _p("workspace"), Workflow.id == _p("workflow")
    )
)
FIND_REGION = Statement(
    select(Region.id, Region.path, Region.zone).where(
        Region.workspace_id == _p("workspace"), or_(Region.key == _p("region"), Region.id == _p("region"))
    )
)

# --- watched dates ---

WATCH = Statement(
    upsert(TriggerDate)
    .values(trigger_id=_p("trigger"), subject=_p("subject"), date=_p("date"), due_at=_p("due"))
    .on_conflict_do_update(
        index_elements=["trigger_id", "subject"], set_={"date": _p("date"), "due_at": _p("due")}
    )
)
UNWATCH = Statement(
    delete(TriggerDate).where(TriggerDate.trigger_id == _p("trigger"), TriggerDate.subject == _p("subject"))
)
UNWATCH_ALL = Statement(delete(TriggerDate).where(TriggerDate.trigger_id == _p("trigger")))
NEXT_DATE = Statement(
    select(TriggerDate.subject, TriggerDate.date, TriggerDate.due_at)
    .where(TriggerDate.trigger_id == _p("trigger"))
    .order_by(TriggerDate.due_at, TriggerDate.subject)
    .limit(1)
)
TICKETS_OF = Statement(
    select(Ticket.id)
    .where(
        Ticket.workspace_id == _p("workspace"),
        Ticket.workflow_id == _p("workflow"),
        Ticket.status != "cancelled",
        Ticket.id > _p("after"),
    )
    .order_by(Ticket.id)
    .limit(_p("limit"))
)
TICKET = Statement(
    select(WHOLE_STATE, Ticket.status, Ticket.region_id, Ticket.workflow_id, Region.zone)
    .join(Region, Region.id == Ticket.region_id, isouter=True)
    .where(Ticket.workspace_id == _p("workspace"), Ticket.id == _p("ticket"))
)

# --- records ---

RECORD_KEYS = Statement(
    select(CollectionRecord.key)
    .where(
        CollectionRecord.workspace_id == _p("workspace"),
        CollectionRecord.collection == _p("collection"),
        CollectionRecord.key > _p("after"),
    )
    .order_by(CollectionRecord.key)
    .limit(_p("limit"))
)
FIND_RECORD = Statement(
    select(CollectionRecord.data).where(
        CollectionRecord.workspace_id == _p("workspace"),
        CollectionRecord.collection == _p("collection"),
        CollectionRecord.key == _p("key"),
    )
)
PUT_RECORD = Statement(
    upsert(CollectionRecord)
    .values(
        workspace_id=_p("workspace"),
        collection=_p("collection"),
        key=_p("key"),
        data=_p("data"),
        updated_at=_p("now"),
    )
    .on_conflict_do_update(
        index_elements=["workspace_id", "collection", "key"],
        set_={"data": _p("data"), "updated_at": _p("now")},
    )
)
DELETE_RECORD = Statement(
    delete(CollectionRecord)
    .where(
        CollectionRecord.workspace_id == _p("workspace"),
        CollectionRecord.collection == _p("collection"),
        CollectionRecord.key == _p("key"),
    )
    .returning(CollectionRecord.key)
)
