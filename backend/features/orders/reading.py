"""From the cells of a file to orders, each thing to mend at its cell. Knows nothing of the books."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from backend.features.orders.columns import RETURNED, Head, name_cell, read_head
from backend.settlement.money import EXACT, MINOR_UNITS
from backend.settlement.numerals import DecimalSign, MixedSigns, find_decimal_sign, read_number
from backend.settlement.posting import MAX_AMOUNT

LONGEST = {"number": 80, "channel": 60, "store": 80}
LONGEST_ATTRIBUTE = 200
SPELLED = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A region as files name it."""

    id: str
    key: str
    path: str
    names: tuple[str, ...]
    """In both languages, and the whole path as `华东/上海`."""
    zone: str
    currency: str


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """`row` counts from 1 with the head as the first."""

    cell: str
    row: int
    code: str
    params: dict[str, Any] = {}


class ReadOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it can be stored until it is booked. `amount` is negative for a return, or 0 when all of an
    order is sent back (`whole`)."""

    row: int
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
        """Sends an earlier order back, wholly or in part."""
        return self.whole or self.amount < 0


class Places:
    """Regions by key, name or path; a name that two of them have must be told apart by its path."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._found: dict[str, list[Place]] = {}
        for place in places:
            for name in dict.fromkeys(map(_fold, (place.key, *place.names))):
                self._found.setdefault(name, []).append(place)

    def find(self, text: str) -> Place | str:
        """The region, else the code of what is wrong."""
        found = self._found.get(_fold(text), [])
        if len(found) == 1:
            return found[0]
        return "order_region_ambiguous" if found else "order_region_unknown"


class Reader:
    """Reads one file; `faults` gathers what must be mended."""

    def __init__(self, places: Sequence[Place], stores: frozenset[str] | None) -> None:
        """`stores`: the ones that are known; None takes any."""
        self._places = Places(places)
        self._stores = stores
        self._sign: DecimalSign = "."
        self._moments: dict[tuple[str, str], datetime | None] = {}
        self._head = Head(places={}, others={}, missing=())
        self.faults: list[Fault] = []

    def read(self, cells: Sequence[Sequence[str]]) -> list[ReadOrder]:
        """The rows that can be read, in their order."""
        self._head = read_head(cells[0] if cells else ())
        for field in self._head.missing:
            self.faults.append(Fault(cell="A1", row=1, code="order_column_missing", params={"field": field}))
        if self._head.twice is not None:
            at = self._head.twice
            self.faults.append(Fault(cell=name_cell(at, 1), row=1, code="order_column_twice"))
        if self.faults or not self._agree_on_sign(cells):
            return []
        orders = [
            order for row, line in _list_rows(cells) if (order := self._read_row(row, line)) is not None
        ]
        if not orders and not self.faults:
            self.faults.append(Fault(cell="A2", row=2, code="order_file_empty"))
        return orders

    def _agree_on_sign(self, cells: Sequence[Sequence[str]]) -> bool:
        column = self._head.places["amount"]
        try:
            self._sign = find_decimal_sign((row, _at(line, column)) for row, line in _list_rows(cells))
        except MixedSigns as mixed:
            for own, other in (mixed.places, mixed.places[::-1]):
                self._blame(
                    int(str(own)), "amount", "order_amount_mixed", other=name_cell(column, int(str(other)))
                )
            return False
        return True

    def _read_row(self, row: int, line: Sequence[str]) -> ReadOrder | None:
        before = len(self.faults)
        cell = {field: _at(line, at).strip() for field, at in self._head.places.items()}
        self._check_texts(row, cell)
        place = self._find_place(row, cell["region"])
        currency = self._read_currency(row, cell.get("currency", ""), place)
        whole = cell.get("status", "").lower() in RETURNED
        amount = self._read_amount(row, cell["amount"], currency, whole)
        moment = self._read_moment(row, cell["ordered_at"], place)
        if len(self.faults) > before or place is None or currency is None or moment is None or amount is None:
            return None
        others = ((name, _at(line, at).strip()) for at, name in self._head.others.items())
        return ReadOrder(
            row=row,
            number=cell["number"],
            channel=cell.get("channel", ""),
            store=cell.get("store", ""),
            region_id=place.id,
            region_path=place.path,
            amount=min(amount, 0) if whole else amount,
            currency=currency,
            ordered_at=moment,
            day=moment.astimezone(ZoneInfo(place.zone)).date().isoformat(),
            attributes={name: text[:LONGEST_ATTRIBUTE] for name, text in others if text},
            whole=whole and amount >= 0,
        )

    def _check_texts(self, row: int, cell: Mapping[str, str]) -> None:
        if not cell["number"]:
            self._blame(row, "number", "order_number_missing")
        for field, longest in LONGEST.items():
            if len(cell.get(field, "")) > longest:
                self._blame(row, field, "order_text_long", limit=longest)
        store = cell.get("store", "")
        if store and self._stores is not None and store not in self._stores:
            self._blame(row, "store", "order_store_unknown", store=store)

    def _find_place(self, row: int, text: str) -> Place | None:
        found = self._places.find(text) if text else "order_region_missing"
        if isinstance(found, str):
            self._blame(row, "region", found, region=text)
            return None
        return found

    def _read_currency(self, row: int, text: str, place: Place | None) -> str | None:
        if not text:
            return place.currency if place else None
        if text.upper() not in MINOR_UNITS:
            self._blame(row, "currency", "order_currency_unknown", currency=text)
            return None
        return text.upper()

    def _read_amount(self, row: int, text: str, currency: str | None, whole: bool) -> int | None:
        if not text:
            if not whole:
                self._blame(row, "amount", "order_amount_missing")
            return 0
        number = read_number(text, self._sign)
        if number is None:
            self._blame(row, "amount", "order_amount_unreadable", text=text[:40])
            return None
        if currency is None:
            return None
        exact = number.scaleb(MINOR_UNITS[currency], EXACT)
        if exact != exact.to_integral_value():
            self._blame(
                row, "amount", "order_amount_precise", currency=currency, digits=MINOR_UNITS[currency]
            )
            return None
        return self._check_amount(row, exact, whole)

    def _check_amount(self, row: int, exact: Decimal, whole: bool) -> int | None:
        if abs(exact) > MAX_AMOUNT:
            self._blame(row, "amount", "order_amount_large")
            return None
        if exact == 0 and not whole:
            self._blame(row, "amount", "order_amount_zero")
            return None
        return int(exact)

    def _read_moment(self, row: int, text: str, place: Place | None) -> datetime | None:
        if place is None:
            return None
        known = (text, place.zone)
        if known not in self._moments:
            self._moments[known] = read_moment(text, ZoneInfo(place.zone))
        moment = self._moments[known]
        if moment is None:
            self._blame(
                row, "ordered_at", "order_date_unreadable" if text else "order_date_missing", text=text[:40]
            )
        return moment

    def _blame(self, row: int, field: str, code: str, **params: Any) -> None:
        column = self._head.places.get(field, 0)
        self.faults.append(Fault(cell=name_cell(column, row), row=row, code=code, params=params))

    def blame(self, order: ReadOrder, field: str, code: str, **params: Any) -> None:
        """Something that only the books know."""
        self._blame(order.row, field, code, **params)


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """`2026-11-05`, `2026/11/5 9:30`, `2026年11月5日`, or with a zone of its own; UTC. None for anything
    else."""
    plain = text.strip()
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        spelled = SPELLED.fullmatch(plain)
        if spelled is None:
            return None
        numbers = [int(part) for part in spelled.groups() if part]
        try:
            found = datetime(*numbers)  # type: ignore[arg-type]
        except ValueError:
            return None
    if found.year < 1990 or found.year > 2200:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _list_rows(cells: Sequence[Sequence[str]]) -> Iterator[tuple[int, Sequence[str]]]:
    """(row from 1, cells) below the head, without empty lines."""
    for row, line in enumerate(cells[1:], 2):
        if any(text.strip() for text in line):
            yield row, line


def _at(line: Sequence[str], column: int) -> str:
    return line[column] if column < len(line) else ""


def _fold(name: str) -> str:
    return re.sub(r"\s*[/>]\s*", "/", name.strip().lower())
