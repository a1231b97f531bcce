"""Postings and their lines as rows: the one place where they are made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

import msgspec

from backend.runtime import writes as w
from backend.runtime.books.basis import Basis
from backend.runtime.books.identity import derive_line_id
from backend.runtime.books.periods import find_booking_period
from backend.runtime.books.sums import Desk
from backend.runtime.scripts import Script
from backend.settlement.lines import Calculation
from backend.settlement.posting import Posting


class Place(NamedTuple):
    """Whose lines they are: seen in lists, sums and rights by it."""

    ticket_id: str | None
    workflow_id: str | None
    region_id: str | None
    region_path: str


class Times(NamedTuple):
    """The period of the books that lines count in, its row, and the one that the work falls in where it is
    another."""

    period: str
    period_id: str
    earned_period: str | None = None


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A posting without its lines. `kind`: booking, reversal, rebooking, resolution, import, labour."""

    id: str
    cause: str
    kind: str = "booking"
    tariff_id: str | None = None
    basis: Basis | None = None
    reversal_of: str | None = None
    correction_id: str | None = None
    reason: str = ""
    booked_by: str | None = None


def find_times(desk: Desk, place: Place, day: date) -> Script[Times]:
    """Where the work of this day is booked."""
    booking = yield from find_booking_period(desk, place.region_path, day)
    return Times(booking.key, booking.id, booking.earned)


def write_entry(
    desk: Desk, head: Head, place: Place, times: Times, lines: Iterable[Mapping[str, Any]]
) -> None:
    """`lines`: what is a line's own (`list_lines`, or those of another posting turned round)."""
    count = 0
    for count, line in enumerate(lines, 1):
        desk.writes.add(
            w.LINES,
            {
                **line,
                **place._asdict(),
                **times._asdict(),
                "id": derive_line_id(head.id, count - 1),
                "workspace_id": desk.workspace_id,
                "posting_id": head.id,
                "booked_at": desk.now,
            },
        )
    desk.writes.add(
        w.POSTINGS,
        {
            **msgspec.structs.asdict(head),
            "workspace_id": desk.workspace_id,
            "ticket_id": place.ticket_id,
            "booked_at": desk.now,
            "lines": count,
        },
    )


def list_lines(
    calculation: Calculation,
    posting: Posting,
    *,
    tariff_id: str,
    revision: int,
    attributes: Mapping[str, str | None],
) -> Iterable[dict[str, Any]]:
    """What a calculation makes of each line of its posting."""
    inputs = {measure: str(value) for measure, value in calculation.inputs.items()}
    shown = {**inputs, "attributes": dict(attributes)}
    for line in posting.lines:
        yield {
            "account": line.account,
            "party_kind": line.party.kind,
            "party_id": line.party.id,
            "amount": line.amount,
            "currency": line.currency,
            "component": line.component,
            "counter": line.counter,
            "tariff_id": tariff_id,
            "tariff_revision": revision,
            "row": line.row,
            "tier": line.tier,
            "inputs": shown,
            "formula": {"code": line.why.code, "params": line.why.params},
        }
