"""A posting as it stands in the books, and the tariff that made it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.basis import Basis, find_weights, keep_parties, name_place, read_basis
from backend.runtime.books.entries import Place
from backend.runtime.books.periods import DEFAULT_ZONE
from backend.runtime.books.statements import (
    LINE_COLUMNS,
    READ_LINES,
    READ_POSTING,
    READ_REVISION,
    ZONE_OF_REGION,
)
from backend.runtime.books.sum_periods import find_sum_period
from backend.runtime.books.sums import Desk
from backend.runtime.inline.tariffs import read_tariff
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import read_json, read_moment
from backend.settlement.calculation import find_row
from backend.settlement.charges import list_parts
from backend.settlement.posting import Party, Share
from backend.settlement.tariff import PartyRef, Row, SettlementError, Tariff

Line = dict[str, Any]


class PostingUnknown(LookupError):
    """No posting of this id in this workspace."""


class Stored(NamedTuple):
    """A posting with its lines, each as far as it is the line's own."""

    id: str
    kind: str
    cause: str
    booked_at: datetime
    basis: Basis | None
    place: Place
    lines: tuple[Line, ...]

    @property
    def is_reversal(self) -> bool:
        return self.kind == "reversal" or self.cause.startswith("reversal:")


def read_posting(desk: Desk, posting_id: str) -> Script[Stored]:
    """Raises PostingUnknown, and Refused (`basis_missing`) for one that came to nothing before zeros were
    kept: nothing says any more what it rested on."""
    pending = _find_pending(desk, posting_id)
    if pending is not None:
        return pending
    head = yield from ask_one(READ_POSTING, id=posting_id, workspace=desk.workspace_id)
    if head is None:
        raise PostingUnknown(posting_id)
    rows = yield from ask(READ_LINES, posting=posting_id, workspace=desk.workspace_id)
    if not rows:
        raise Refused("basis_missing", posting=posting_id)
    own = len(LINE_COLUMNS)
    return Stored(
        id=posting_id,
        kind=head[1],
        cause=head[2],
        booked_at=read_moment(head[4]),
        basis=read_basis(head[5]),
        place=Place(head[0], *rows[0][own + 1 : own + 4]),
        lines=tuple(_read_line(row) for row in rows),
    )


def _find_pending(desk: Desk, posting_id: str) -> Stored | None:
    """One that this transaction books."""
    for head in desk.writes.of(w.POSTINGS):
        if head["id"] == posting_id:
            rows = [row for row in desk.writes.of(w.LINES) if row["posting_id"] == posting_id]
            return Stored(
                id=posting_id,
                kind=head["kind"],
                cause=head["cause"],
                booked_at=head["booked_at"],
                basis=head["basis"],
                place=Place(*(rows[0][name] for name in Place._fields)),
                lines=tuple({name: row[name] for name in LINE_COLUMNS} for row in rows),
            )
    return None


def read_revision(desk: Desk, tariff_id: str, revision: int) -> Script[Tariff]:
    """Raises Refused (`basis_missing`) when there is no such revision."""
    row = yield from ask_one(READ_REVISION, tariff=tariff_id, revision=revision, workspace=desk.workspace_id)
    if row is None:
        raise Refused("basis_missing", posting="")
    return read_tariff(row[0], row[1])


def find_day(desk: Desk, stored: Stored) -> Script[date]:
    """The local day that the posting's work falls on."""
    if stored.basis is not None:
        return stored.basis.day
    told = stored.lines[0]["inputs"].get("day")
    if told is not None:
        return date.fromisoformat(told)
    row = None
    if stored.place.region_id is not None:
        row = yield from ask_one(ZONE_OF_REGION, region=stored.place.region_id, workspace=desk.workspace_id)
    return stored.booked_at.astimezone(ZoneInfo(row[0] if row else DEFAULT_ZONE)).date()


def rebuild_basis(desk: Desk, stored: Stored) -> Script[Basis]:
    """What a posting rests on that was booked before this was kept, as its lines tell it.

    Raises Refused (`basis_missing`) where they do not tell it.
    """
    first = stored.lines[0]
    if len({(line["tariff_id"], line["tariff_revision"], line["row"]) for line in stored.lines}) > 1:
        raise Refused("basis_missing", posting=stored.id)
    tariff = yield from read_revision(desk, first["tariff_id"], first["tariff_revision"])
    try:
        row = find_row(tariff, first["row"])
    except SettlementError as error:
        raise Refused("basis_missing", posting=stored.id) from error
    inputs = {name: Decimal(value) for name, value in first["inputs"].items() if name != "attributes"}
    parties = dict(_tell_parties(row, stored.lines))
    day = yield from find_day(desk, stored)
    place = None
    if tariff.accumulation == "period":
        if row.pays not in parties:
            raise Refused("basis_missing", posting=stored.id)
        period = yield from find_sum_period(desk, tariff, stored.place.region_path, day)
        place = name_place(tariff.key, row.id, parties[row.pays], period)
    return Basis(
        tariff_id=first["tariff_id"],
        revision=first["tariff_revision"],
        moment=stored.booked_at,
        day=day,
        currency=first["currency"],
        row=row.id,
        region_path=tuple(key for key in stored.place.region_path.split("/") if key),
        quantities=inputs,
        inputs=inputs,
        attributes=first["inputs"].get("attributes") or {},
        place=place,
        parties=keep_parties(parties),
    )


def _read_line(row: tuple[Any, ...]) -> Line:
    line = dict(zip(LINE_COLUMNS, row, strict=False))
    line["counter"] = bool(line["counter"])
    line["inputs"], line["formula"] = read_json(line["inputs"]), read_json(line["formula"])
    return line


def _tell_parties(row: Row, lines: Iterable[Line]) -> Iterable[tuple[PartyRef, tuple[Share, ...]]]:
    """Who stood behind each reference: the parties of the lines that it stands for."""
    own = {modifier.id: modifier for modifier in row.modifiers}
    legs = {part.id: (part.pays or row.pays, part.source or row.source) for part in list_parts(row)}
    legs |= {key: (item.pays, item.source) for key, item in own.items() if item.pays and item.source}
    amounts: dict[PartyRef, dict[Party, int]] = {}
    for line in lines:
        if line["component"] in legs:
            ref = legs[line["component"]][line["counter"]]
            party = Party(kind=line["party_kind"], id=line["party_id"], name="")
            held = amounts.setdefault(ref, {})
            held[party] = held.get(party, 0) + line["amount"]
    for ref, held in amounts.items():
        yield ref, find_weights(tuple(held.items()))
