"""The job that books a checked file of orders, piece by piece.

Each piece is one transaction that takes its rows away, books them and counts them, so that a process that
dies in between leaves whole pieces. It stops where somebody stopped it, and goes on from there. How many rows
a piece takes follows from how long the last one took: whoever else wants to write waits no longer than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, select, update

from backend.db.models import OrderImport, OrderImportRow
from backend.db.session import Announcement
from backend.runtime.books.attribution import load_region_names, load_rules
from backend.runtime.books.deeds import Deed, close_deed
from backend.runtime.books.identity import derive_posting_id
from backend.runtime.books.orders import Findings, OrderDesk, OrderFile, book_order, write_order
from backend.runtime.books.returns import FIND_ORDER, read_record, return_order
from backend.runtime.collisions import run_anew
from backend.runtime.jobs.port import ClaimedJob, JobRefused, JobUnfinished
from backend.runtime.scripts import Driver, Script, ask, ask_one
from backend.runtime.statements import Statement, read_json
from backend.runtime.writes import WriteSet

KIND = "orders"
PIECE_S = 20
PIECE_ROWS = 50
"""Of the first piece."""
MOST_ROWS = 500
HOLD_S = 0.06  # not money
"""That a piece may keep other writers waiting."""

_p = bindparam
LOCK_IMPORT = Statement(
    select(
        OrderImport.state,
        OrderImport.total,
        OrderImport.done,
        OrderImport.booked,
        OrderImport.quarantined,
        OrderImport.returned,
        OrderImport.created_by,
    )
    .where(OrderImport.id == _p("id"), OrderImport.workspace_id == _p("workspace"))
    .with_for_update()
)
READ_ROWS = Statement(
    select(OrderImportRow.seq, OrderImportRow.content)
    .where(OrderImportRow.import_id == _p("id"))
    .order_by(OrderImportRow.seq)
    .limit(_p("most"))
)
DROP_ROWS = Statement(
    delete(OrderImportRow)
    .where(OrderImportRow.import_id == _p("id"), OrderImportRow.seq <= _p("last"))
    .returning(OrderImportRow.import_id)
)
SAVE_IMPORT = Statement(
    update(OrderImport)
    .where(OrderImport.id == _p("id"))
    .values(
        done=_p("done"),
        booked=_p("booked"),
        quarantined=_p("quarantined"),
        returned=_p("returned"),
        state=_p("state"),
        finished_at=_p("finished"),
    )
)


class StoredRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row as the dry run left it (`ReadOrder`)."""

    number: str
    channel: str
    store: str
    region_id: str
    region_path: str
    amount: int
    currency: str
    ordered_at: datetime
    day: str
    attributes: dict[str, str] = {}
    whole: bool = False

    @property
    def is_return(self) -> bool:
        """Sends an earlier order back."""
        return self.whole or self.amount < 0

    def as_order(self, order_id: str) -> OrderFile:
        """A new order."""
        kept = {name: getattr(self, name) for name in OrderFile.__struct_fields__ if name != "id"}
        return OrderFile(id=order_id, **kept)


class Piece(NamedTuple):
    """What one transaction did: whether there is more, how many rows it took, and how long."""

    more: bool
    rows: int = 0
    seconds: float = 0.0  # not money

    def next_rows(self) -> int:
        """As many as the same pace gets done in HOLD_S."""
        pace = self.rows / max(self.seconds, 0.001)  # not money
        return min(max(int(pace * HOLD_S), 1), MOST_ROWS)


class Counts(NamedTuple):
    """Rows so far."""

    done: int
    booked: int
    quarantined: int
    returned: int


class OrderImportHandler:
    """Payload {"import": id}."""

    def __init__(
        self, driver: Driver, clock: Callable[[], datetime], tell: Callable[[Iterable[Announcement]], None]
    ) -> None:
        self._driver = driver
        self._clock = clock
        self._tell = tell

    async def __call__(self, job: ClaimedJob) -> None:
        until = monotonic() + PIECE_S
        import_id = str(job.payload.get("import"))
        most = PIECE_ROWS
        while True:
            make = partial(book_piece, job.workspace_id, import_id, self._clock(), most)
            deed = await run_anew(self._driver, make)
            self._tell(deed.announcements)
            piece: Piece = deed.value
            if not piece.more:
                return
            most = piece.next_rows()
            if monotonic() > until:
                raise JobUnfinished


def book_piece(workspace_id: str, import_id: str, now: datetime, most: int) -> Script[Deed]:
    """At most so many rows; a Piece. Raises JobRefused for an import that is not there."""
    locked = yield from ask_one(LOCK_IMPORT, id=import_id, workspace=workspace_id)
    if locked is None:
        raise JobRefused("order_import_unknown")
    state, total = locked[0], locked[1]
    if state != "running":
        return Deed(Piece(False))
    began = monotonic()
    desk = OrderDesk(
        workspace_id=workspace_id,
        now=now,
        writes=WriteSet(),
        rules=(yield from load_rules(workspace_id)),
        region_names=(yield from load_region_names(workspace_id)),
        found=Findings(),
        by=locked[6],
    )
    rows = yield from ask(READ_ROWS, id=import_id, most=most)
    taken = _take_piece((row[0], msgspec.convert(read_json(row[1]), StoredRow)) for row in rows)
    counts = Counts(*locked[2:6])
    for _, row in taken:
        counts = yield from _book_row(desk, import_id, row, counts)
    if taken:
        yield from ask(DROP_ROWS, id=import_id, last=taken[-1][0])
    more = len(taken) < len(rows) or len(rows) == most
    yield from ask(
        SAVE_IMPORT,
        id=import_id,
        **counts._asdict() | ({} if more else {"done": total}),
        state="running" if more else "done",
        finished=None if more else now,
    )
    desk.writes.announce(workspace_id, f"order-import:{import_id}", "orders", "settlement")
    yield desk.writes
    return close_deed(desk.writes, Piece(more, len(taken), monotonic() - began))


def _take_piece(rows: Iterable[tuple[int, StoredRow]]) -> list[tuple[int, StoredRow]]:
    """Up to the return of an order that this very piece brings: that one must be in the books first."""
    taken: list[tuple[int, StoredRow]] = []
    changed: set[tuple[str, str]] = set()
    for seq, row in rows:
        key = (row.channel, row.number)
        if key in changed:
            break
        changed.add(key)
        taken.append((seq, row))
    return taken


def _book_row(desk: OrderDesk, import_id: str, row: StoredRow, counts: Counts) -> Script[Counts]:
    found = yield from ask_one(
        FIND_ORDER, workspace=desk.workspace_id, channel=row.channel, number=row.number
    )
    done = counts._replace(done=counts.done + 1)
    if row.is_return:
        if found is not None:
            key = f"{row.day}:{'all' if row.whole else row.amount}"
            yield from return_order(desk, read_record(found), key, None if row.whole else -row.amount)
        return done._replace(returned=done.returned + 1)
    if found is not None:
        return done
    order_id = derive_posting_id(import_id, f"order:{row.channel}:{row.number}", "import")
    order = row.as_order(order_id)
    standing = yield from book_order(desk, order, 1)
    write_order(desk, order, import_id, standing)
    if standing.state == "quarantined":
        return done._replace(quarantined=done.quarantined + 1)
    return done._replace(booked=done.booked + 1)
