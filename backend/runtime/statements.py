"""Statements of the hot path: built once by SQLAlchemy Core, compiled for both databases, executed near
the driver.

Moments come back as text from SQLite and JSON as text from both; `read_moment` and `read_json` close that
gap.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ClauseElement,
    Dialect,
    GenerativeSelect,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.sql.compiler import Compiled, SQLCompiler

from backend.db.models import (
    Accumulator,
    Connection,
    IdempotencyKey,
    Job,
    Posting,
    Region,
    Release,
    Tariff,
    TariffRevision,
    Task,
    Ticket,
    TicketCounter,
    Workflow,
)
from backend.db.types import Json

_decode = msgspec.json.Decoder().decode
_POSTGRESQL: Dialect = asyncpg_dialect()  # type: ignore[no-untyped-call]
_SQLITE = sqlite.dialect(paramstyle="named")


class Statement:
    """One statement with the text that each driver wants. Parameters go by name.

    Compiled at its first use: a process talks to one database, and a start that compiles all of them for
    both would wait a fifth of a second for nothing.
    """

    def __init__(self, core: ClauseElement) -> None:
        self._core = core

    @cached_property
    def only_reads(self) -> bool:
        """It changes nothing and locks nothing."""
        return isinstance(self._core, GenerativeSelect) and self._core._for_update_arg is None

    @cached_property
    def defaults(self) -> dict[str, Any]:
        """Values that stand in the statement itself."""
        return dict(self._named.params)

    @cached_property
    def sqlite(self) -> str:
        """With `:name` parameters."""
        return str(self._named)

    @cached_property
    def postgresql(self) -> str:
        """With `$1` parameters, in the order of `positions`."""
        return str(self._numbered)

    @cached_property
    def positions(self) -> tuple[str, ...]:
        """Parameter names in the order of `postgresql`."""
        return tuple(self._numbered.positiontup or ())

    @cached_property
    def _named(self) -> Compiled:
        return self._core.compile(dialect=_SQLITE)

    @cached_property
    def _numbered(self) -> SQLCompiler:
        compiled = self._core.compile(dialect=_POSTGRESQL)
        assert isinstance(compiled, SQLCompiler)
        return compiled


class Ask(NamedTuple):
    """What a script wants executed; it is sent the rows as a list of tuples."""

    statement: Statement
    params: dict[str, Any]


class Enqueue(NamedTuple):
    """Wake somebody for this job at this moment. On SQLite the embedded engine sees the row itself."""

    job_id: str
    due: datetime
    priority: int = 0
    """0 goes first."""


def read_moment(value: Any) -> datetime:
    """A moment of a raw row."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    result: datetime = moment.astimezone(UTC)
    return result


def read_json(value: Any) -> Any:
    """A JSON column of a raw row."""
    return _decode(value) if isinstance(value, (str, bytes)) else value


def _p(name: str) -> Any:
    return bindparam(name)


def _json(name: str) -> Any:
    """JSON text, or None for null."""
    return bindparam(name, type_=Json())


_TICKET = select(
    Ticket.state,
    Ticket.release_id,
    Ticket.workflow_id,
    Ticket.region_path,
    Ticket.customer_key,
    Ticket.parent_id,
    Ticket.parent_job,
).where(Ticket.id == _p("id"), Ticket.workspace_id == _p("workspace"))
LOOK_AT_TICKET = Statement(_TICKET)
LOCK_TICKET = Statement(_TICKET.with_for_update(key_share=True))
"""Others may write rows that refer to the ticket meanwhile, such as a job that brings it a message."""
READ_TICKET = Statement(
    select(
        Ticket.state, Ticket.release_id, Ticket.workflow_id, Ticket.region_path, Ticket.customer_key
    ).where(Ticket.id == _p("id"), Ticket.workspace_id == _p("workspace"))
)
LOAD_RELEASE = Statement(
    select(Release.hash, Release.number, Release.definition).where(Release.id == _p("id"))
)
LATEST_RELEASE = Statement(
    select(Release.id, Release.workflow_id, Workflow.key)
    .join(Workflow, Workflow.id == Release.workflow_id)
    .where(Release.workspace_id == _p("workspace"), Release.workflow_id == _p("workflow"))
    .order_by(Release.number.desc())
    .limit(1)
)
LATEST_OF_KEY = Statement(
    select(Release.id)
    .join(Workflow, Workflow.id == Release.workflow_id)
    .where(Workflow.workspace_id == _p("workspace"), Workflow.key == _p("key"))
    .order_by(Release.number.desc())
    .limit(1)
)
NAMED_RELEASE = Statement(
    select(Release.id, Release.workflow_id, Workflow.key)
    .join(Workflow, Workflow.id == Release.workflow_id)
    .where(Release.workspace_id == _p("workspace"), Release.id == _p("release"))
)
_ANCESTOR = Region.__table__.alias("ancestor")
REGION_LINE = Statement(
    select(_ANCESTOR.c.id, _ANCESTOR.c.path, _ANCESTOR.c.zone, _ANCESTOR.c.currency, _ANCESTOR.c.calendar)
    .select_from(_ANCESTOR.join(Region, Region.workspace_id == _ANCESTOR.c.workspace_id))
    .where(
        Region.id == _p("region"),
        Region.workspace_id == _p("workspace"),
        func.substr(Region.path, 1, func.length(_ANCESTOR.c.path)) == _ANCESTOR.c.path,
    )
    .order_by(func.length(_ANCESTOR.c.path).desc())
)
"""The region itself first, then its ancestors up to the root."""
REGION_OF_PATH = Statement(
    select(Region.id, Region.zone, Region.currency).where(
        Region.workspace_id == _p("workspace"), Region.path == _p("path")
    )
)
NEXT_NUMBER = Statement(
    upsert(TicketCounter)
    .values(workspace_id=_p("workspace"), year=_p("year"), last=1)
    .on_conflict_do_update(
        index_elements=["workspace_id", "year"], set_={"last": TicketCounter.__table__.c.last + 1}
    )
    .returning(TicketCounter.last)
)
RANK_OPEN_TASKS = Statement(
    update(Task).where(Task.ticket_id == _p("ticket"), Task.status == "open").values(priority_rank=_p("rank"))
)
FIND_ANSWER = Statement(
    select(IdempotencyKey.body_hash, IdempotencyKey.status, IdempotencyKey.response).where(
        IdempotencyKey.scope == _p("scope"), IdempotencyKey.key == _p("key")
    )
)

TICKET_PATH = Statement(
    select(Ticket.region_path).where(Ticket.id == _p("ticket"), Ticket.workspace_id == _p("workspace"))
)

# --- money ---

TARIFF_IN_FORCE = Statement(
    select(
        Tariff.id, TariffRevision.id.label("revision_id"), TariffRevision.revision, TariffRevision.document
    )
    .join(TariffRevision, TariffRevision.tariff_id == Tariff.id)
    .where(
        Tariff.workspace_id == _p("workspace"),
        Tariff.key == _p("key"),
        TariffRevision.effective_from <= _p("moment"),
    )
    .order_by(TariffRevision.effective_from.desc(), TariffRevision.revision.desc())
    .limit(1)
)
FIND_POSTING = Statement(
    select(Posting.id).where(Posting.ticket_id == _p("ticket"), Posting.cause == _p("cause"))
)
OPEN_ACCUMULATOR = Statement(
    upsert(Accumulator)
    .values(
        workspace_id=_p("workspace"),
        key=_p("key"),
        period=_p("period"),
        tickets=0,
        quantities=literal_column("'{}'"),
        booked=literal_column("'{}'"),
    )
    .on_conflict_do_nothing()
)
_ACCUMULATED = select(
    Accumulator.tickets, Accumulator.quantities, Accumulator.booked, Accumulator.revision
).where(
    Accumulator.workspace_id == _p("workspace"),
    Accumulator.key == _p("key"),
    Accumulator.period == _p("period"),
)
READ_ACCUMULATOR = Statement(_ACCUMULATED)
LOCK_ACCUMULATOR = Statement(_ACCUMULATED.with_for_update())

# --- jobs ---

_JOB = (
    Job.id,
    Job.workspace_id,
    Job.ticket_id,
    Job.key,
    Job.kind,
    Job.payload,
    Job.due_at,
    Job.tries,
    Job.fence,
    Job.target,
    Job.trace,
    Job.priority,
    Job.failures,
)
READ_JOB = Statement(select(*_JOB, Job.status, Job.held).where(Job.id == _p("id")))
CLAIM_JOB = Statement(
    update(Job)
    .where(
        Job.id == _p("id"),
        Job.due_at <= _p("now"),
        or_(Job.status == "pending", (Job.status == "running") & (Job.lease_until < _p("now"))),
    )
    .values(status="running", held=None, fence=Job.fence + 1, tries=Job.tries + 1, lease_until=_p("lease"))
    .returning(*_JOB)
)
FINISH_JOB = Statement(
    update(Job)
    .where(Job.id == _p("id"), Job.fence == _p("fence"), Job.status == _p("held"), Job.due_at <= _p("now"))
    .values(
        status=_p("result"),
        error=_p("error"),
        failures=func.coalesce(_json("failures"), Job.failures),
        finished_at=_p("now"),
        lease_until=None,
    )
    .returning(Job.id)
)
RETRY_JOB = Statement(
    update(Job)
    .where(Job.id == _p("id"), Job.fence == _p("fence"), Job.status == "running")
    .values(
        status="pending",
        due_at=_p("due"),
        tries=_p("tries"),
        error=_p("error"),
        failures=_json("failures"),
        lease_until=None,
    )
    .returning(Job.id)
)
REVIVE_JOB = Statement(
    update(Job)
    .where(Job.id == _p("id"), Job.workspace_id == _p("workspace"), Job.status == "dead")
    .values(status="pending", due_at=_p("now"), tries=0, error=None, finished_at=None, lease_until=None)
    .returning(Job.id, Job.priority)
)
GIVE_UP_JOB = Statement(
    update(Job)
    .where(Job.id == _p("id"), Job.status == "pending")
    .values(status="cancelled", error="job_given_up", finished_at=_p("now"), lease_until=None)
    .returning(Job.id)
)
STOP_JOB = Statement(
    update(Job)
    .where(
        Job.id == _p("id"),
        Job.workspace_id == _p("workspace"),
        Job.ticket_id.is_(None),
        or_(Job.status == "pending", Job.status == "dead"),
    )
    .values(status="cancelled", finished_at=_p("now"), lease_until=None)
    .returning(Job.id)
)
"""A job without a ticket; one with a ticket is stopped through it."""
DUE_TIMERS = Statement(
    select(Job.id, Job.workspace_id, Job.ticket_id, Job.key, Job.fence, Job.trace)
    .where(Job.status == "pending", Job.kind == "timer", Job.due_at <= _p("now"))
    .order_by(Job.due_at, Job.id)
    .limit(_p("limit"))
)
EARLIER_TIMERS = Statement(
    select(Job.id, Job.workspace_id, Job.ticket_id, Job.key, Job.fence, Job.trace)
    .where(
        Job.ticket_id == _p("ticket"),
        Job.kind == "timer",
        Job.status == "pending",
        Job.due_at < _p("due"),
    )
    .order_by(Job.due_at, Job.id)
)
DUE_WORK = Statement(
    select(Job.id, Job.workspace_id, Job.target)
    .where(
        Job.kind != "timer",
        or_(
            (Job.status == "pending") & (Job.due_at <= _p("now")),
            (Job.status == "running") & (Job.lease_until < _p("now")),
        ),
    )
    .order_by(Job.priority, Job.due_at, Job.id)
    .limit(_p("limit"))
)
LEFT_BEHIND = Statement(
    select(Job.id)
    .where(
        or_(
            (Job.status == "pending") & (Job.due_at <= _p("before")),
            (Job.status == "running") & (Job.lease_until < _p("now")),
        )
    )
    .order_by(Job.due_at, Job.id)
    .limit(_p("limit"))
)
"""Due for a while and still not taken: their wake-up call was lost."""
NEXT_DUE = Statement(select(func.min(Job.due_at)).where(Job.status == "pending", Job.due_at > _p("now")))
NEXT_LEASE = Statement(
    select(func.min(Job.lease_until)).where(Job.status == "running", Job.lease_until > _p("now"))
)
CONNECTION = Statement(
    select(Connection.config).where(Connection.workspace_id == _p("workspace"), Connection.kind == _p("kind"))
)
