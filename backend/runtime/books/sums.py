"""What a period has gathered: read under a lock, kept with the revision it stands under."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from backend.runtime import writes as w
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import LOCK_ACCUMULATOR, OPEN_ACCUMULATOR, READ_ACCUMULATOR, read_json
from backend.runtime.writes import WriteSet
from backend.settlement.lines import Accumulated


class Desk(Protocol):
    """Where books are kept: a transition, or a correction."""

    @property
    def workspace_id(self) -> str: ...

    @property
    def now(self) -> datetime: ...

    @property
    def writes(self) -> WriteSet: ...


class Book(NamedTuple):
    """What a correction writes into when no ticket moves."""

    workspace_id: str
    now: datetime
    writes: WriteSet


class Sums(NamedTuple):
    """`revision` of the tariff is the one that the booked sums were last brought to; null: not known."""

    accumulated: Accumulated = Accumulated()
    revision: int | None = None


def read_sums(desk: Desk, place: tuple[str, str], *, lock: bool) -> Script[Sums]:
    """As they are behind what this transaction has already changed."""
    key, period = place
    for row in desk.writes.of(w.ACCUMULATORS):
        if (row["key"], row["period"]) == place and row["workspace_id"] == desk.workspace_id:
            return _sums(row["tickets"], row["quantities"], row["booked"], row["revision"])
    params = {"workspace": desk.workspace_id, "key": key, "period": period}
    if lock:
        yield from ask(OPEN_ACCUMULATOR, **params)
    stored = yield from ask_one(LOCK_ACCUMULATOR if lock else READ_ACCUMULATOR, **params)
    return _sums(*stored) if stored else Sums()


def write_sums(desk: Desk, place: tuple[str, str], after: Accumulated, revision: int) -> None:
    """Replaces what this transaction has written of them before."""
    key, period = place
    rows = desk.writes.of(w.ACCUMULATORS)
    rows[:] = [row for row in rows if (row["key"], row["period"]) != place]
    desk.writes.add(
        w.ACCUMULATORS,
        {
            "workspace_id": desk.workspace_id,
            "key": key,
            "period": period,
            "tickets": after.tickets,
            "quantities": {measure: str(value) for measure, value in after.quantities.items()},
            "booked": after.booked,
            "revision": revision,
        },
    )


def _sums(tickets: int, quantities: Any, booked: Any, revision: int | None = None) -> Sums:
    exact = {measure: Decimal(value) for measure, value in read_json(quantities).items()}
    return Sums(Accumulated(tickets=tickets, quantities=exact, booked=dict(read_json(booked))), revision)
