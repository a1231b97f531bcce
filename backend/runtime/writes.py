"""All that one transition writes, gathered as rows and handed to the database in one go.

On SQLite each kind of row is one prepared statement inside the open transaction. On PostgreSQL the whole
set is ONE statement: a chain of data-modifying parts, each fed by a JSON array, so that a transition
costs one round trip whatever it writes. Parts of such a statement do not see each other's rows, so what
is opened and closed within one transition is merged here first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import LargeBinary, Table

from backend.db.models import (
    Accumulator,
    BulkRun,
    Correction,
    IdempotencyKey,
    Incident,
    Job,
    LabourEntry,
    LedgerLine,
    Message,
    MessageSubscription,
    MigrationTicket,
    Notification,
    Order,
    OrderReturn,
    Posting,
    QuarantineItem,
    StoredFile,
    Task,
    Ticket,
    TicketEvent,
    TicketLink,
)
from backend.db.types import Json, Moment, encode_moment

Row = dict[str, Any]

encode_json = msgspec.json.Encoder(decimal_format="string").encode


class Part(NamedTuple):
    """One kind of row: where it goes and how it is put there."""

    table: Table
    verb: str
    """insert, upsert, update."""
    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    where: str = ""
    """Further condition of an update, on the table's own columns."""
    keep: tuple[str, ...] = ()
    """Columns of an update that stay as they are where the row says null."""


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _insert(model: Any) -> Part:
    table = _table(model)
    return Part(table, "insert", tuple(column.name for column in table.columns))


TICKET = _insert(Ticket)
TICKET_CHANGE = Part(
    _table(Ticket),
    "update",
    ("state", "version", "status", "priority", "title", "finished_at", "due_at"),
    ("id",),
)
FILES = Part(_table(StoredFile), "update", ("ticket_id",), ("id", "workspace_id"), where="ticket_id IS NULL")
EVENTS = _insert(TicketEvent)
TASKS = _insert(Task)
TASK_CLOSINGS = Part(
    _table(Task),
    "update",
    ("status", "closed_at", "closed_by", "outcome", "assignee_id"),
    ("ticket_id", "key"),
    keep=("assignee_id",),
)
TASK_ASSIGNMENTS = Part(
    _table(Task),
    "update",
    ("assignee_id", "offer_to", "role", "team", "region_path", "due_at"),
    ("ticket_id", "key"),
)
TICKET_RELEASE = Part(_table(Ticket), "update", ("release_id",), ("id",))
TASK_PLACES = Part(_table(Task), "update", ("node", "label", "kind"), ("ticket_id", "key"))
MIGRATED = Part(
    _table(MigrationTicket),
    "update",
    ("status", "verdict", "findings", "version", "former"),
    ("migration_id", "ticket_id"),
    keep=("verdict", "findings", "version", "former"),
)
JOBS = _insert(Job)
JOB_CANCELS = Part(
    _table(Job), "update", ("status",), ("ticket_id", "key"), where="status IN ('pending', 'running')"
)
JOB_BURIALS = Part(_table(Job), "update", ("status",), ("ticket_id", "key"), where="status = 'dead'")
"""A dead letter whose incident somebody has dealt with."""
BULK_RUNS = _insert(BulkRun)
INCIDENTS = _insert(Incident)
INCIDENT_ENDS = Part(_table(Incident), "update", ("resolved_at",), ("ticket_id", "key"))
NOTIFICATIONS = _insert(Notification)
SUBSCRIPTIONS = _insert(MessageSubscription)
MESSAGES = _insert(Message)
LINKS = _insert(TicketLink)
ACCUMULATORS = Part(
    _table(Accumulator),
    "upsert",
    ("workspace_id", "key", "period", "tickets", "quantities", "booked", "revision"),
    ("workspace_id", "key", "period"),
)
LINES = _insert(LedgerLine)
CORRECTIONS = _insert(Correction)
POSTINGS = _insert(Posting)
ORDERS = _insert(Order)
ORDER_CHANGES = Part(
    _table(Order),
    "update",
    ("returned", "bookings", "state", "owner_kind", "owner_id", "tariff_key", "why", "posting_id"),
    ("id",),
)
ORDER_RETURNS = _insert(OrderReturn)
QUARANTINE = _insert(QuarantineItem)
LABOUR_ENTRIES = _insert(LabourEntry)
LABOUR_CHANGES = Part(
    _table(LabourEntry),
    "update",
    (
        "state",
        "posting_id",
        "kind",
        "hourly",
        "amount",
        "currency",
        "decided_by",
        "decided_at",
        "reason",
    ),
    ("id",),
)
ANSWERS = _insert(IdempotencyKey)

ORDER = (
    TICKET,
    TICKET_CHANGE,
    TICKET_RELEASE,
    MIGRATED,
    FILES,
    EVENTS,
    TASKS,
    TASK_CLOSINGS,
    TASK_ASSIGNMENTS,
    TASK_PLACES,
    JOBS,
    JOB_CANCELS,
    JOB_BURIALS,
    BULK_RUNS,
    INCIDENTS,
    INCIDENT_ENDS,
    NOTIFICATIONS,
    SUBSCRIPTIONS,
    MESSAGES,
    LINKS,
    ACCUMULATORS,
    CORRECTIONS,
    LINES,
    POSTINGS,
    ORDERS,
    ORDER_CHANGES,
    ORDER_RETURNS,
    QUARANTINE,
    LABOUR_ENTRIES,
    LABOUR_CHANGES,
    ANSWERS,
)
"""Parents before children, lines before the posting that seals them."""

_PLACES = {id(part): at for at, part in enumerate(ORDER)}
_MERGED = {
    id(TASK_CLOSINGS): TASKS,
    id(TASK_ASSIGNMENTS): TASKS,
    id(JOB_CANCELS): JOBS,
    id(INCIDENT_ENDS): INCIDENTS,
}


class WriteSet:
    """Rows by kind, in the order of their coming, and what must be told after the commit."""

    __slots__ = ("_new", "announcements", "rows")

    def __init__(self) -> None:
        self.rows: dict[int, list[Row]] = {}
        self._new: dict[tuple[int, Any, Any], Row] = {}
        self.announcements: list[tuple[str, str]] = []

    def add(self, part: Part, row: Row) -> None:
        """A new row, or a change. A change of a row that is itself still new goes into that row."""
        parent = _MERGED.get(id(part))
        if parent is not None:
            new = self._new.get((id(parent), row["ticket_id"], row["key"]))
            if new is not None:
                new.update({name: value for name, value in row.items() if value is not None})
                return
        elif part.verb == "insert" and "key" in row and "ticket_id" in row:
            self._new[(id(part), row["ticket_id"], row["key"])] = row
        self.rows.setdefault(id(part), []).append(row)

    def of(self, part: Part) -> list[Row]:
        return self.rows.get(id(part), [])

    def parts(self) -> list[tuple[Part, list[Row]]]:
        """What there is, in the order of writing."""
        present = sorted(self.rows, key=_PLACES.__getitem__)
        return [(ORDER[_PLACES[key]], self.rows[key]) for key in present]

    def announce(self, workspace_id: str, *topics: str) -> None:
        for topic in topics:
            if (workspace_id, topic) not in self.announcements:
                self.announcements.append((workspace_id, topic))


# --- SQLite ---


class SqlitePart(NamedTuple):
    """A prepared text and how to turn a row into its parameters."""

    sql: str
    bind: Callable[[Row], list[Any]]


@cache
def sqlite_part(part: Part) -> SqlitePart:
    names = (*part.columns, *part.keys) if part.verb == "update" else part.columns
    table = part.table.name
    if part.verb == "update":
        sets = ", ".join(
            f'"{name}" = COALESCE(?, "{name}")' if name in part.keep else f'"{name}" = ?'
            for name in part.columns
        )
        where = " AND ".join(f'"{name}" = ?' for name in part.keys)
        sql = f"UPDATE {table} SET {sets} WHERE {where}" + (f" AND {part.where}" if part.where else "")
    else:
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {table} ({_list(names)}) VALUES ({marks})" + _on_conflict(part)
    converters = tuple(
        (at, convert)
        for at, name in enumerate(names)
        if (convert := _sqlite_converter(part.table, name)) is not None
    )

    def bind(row: Row) -> list[Any]:
        values = [row[name] for name in names]
        for at, convert in converters:
            if values[at] is not None:
                values[at] = convert(values[at])
        return values

    return SqlitePart(sql, bind)


def _sqlite_converter(table: Table, name: str) -> Callable[[Any], Any] | None:
    kind = table.columns[name].type
    if isinstance(kind, Moment):
        return encode_moment
    return _json_text if isinstance(kind, Json) else None


def _json_text(value: Any) -> str:
    return encode_json(value).decode()


def _list(names: tuple[str, ...], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in names)


def _on_conflict(part: Part) -> str:
    if part.verb != "upsert":
        return ""
    changed = [name for name in part.columns if name not in part.keys]
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
    return f" ON CONFLICT ({_list(part.keys)}) DO UPDATE SET {sets}"


# --- PostgreSQL ---


@cache
def postgresql_statement(kinds: tuple[Part, ...]) -> str:
    """One statement for these kinds of rows; `$1`... are their JSON arrays."""
    parts = [f"w{at} AS ({_postgresql_part(part, at)})" for at, part in enumerate(kinds, 1)]
    return f"WITH {', '.join(parts)} SELECT 1"


def _postgresql_part(part: Part, at: int) -> str:
    table = part.table.name
    source = f"jsonb_populate_recordset(NULL::{table}, ${at}::jsonb)"
    if part.verb != "update":
        columns = _list(part.columns)
        chosen = ", ".join(_postgresql_column(part.table, name) for name in part.columns)
        return f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {source}{_on_conflict(part)}"
    sets = ", ".join(
        f'"{name}" = COALESCE(r."{name}", t."{name}")' if name in part.keep else f'"{name}" = r."{name}"'
        for name in part.columns
    )
    where = " AND ".join(f't."{name}" = r."{name}"' for name in part.keys)
    extra = f" AND t.{part.where}" if part.where else ""
    return f"UPDATE {table} t SET {sets} FROM {source} r WHERE {where}{extra}"


def _postgresql_column(table: Table, name: str) -> str:
    """JSON `null` in a JSON column means SQL NULL, as the ORM writes it; bytes come as base64 text."""
    kind = table.columns[name].type
    if isinstance(kind, Json):
        return f"NULLIF(\"{name}\", 'null'::jsonb)"
    if isinstance(kind, LargeBinary):
        return f"decode(convert_from(\"{name}\", 'UTF8'), 'base64')"
    return f'"{name}"'


def postgresql_rows(rows: list[Row]) -> str:
    return encode_json(rows).decode()
