"""Orders that come back, wholly or in part, and orders that get another owner.

What the order books now is taken back, and what is left of it is booked anew: so tariffs, period tiers
among them, see the order as if it had been of that size from the beginning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import bindparam, select

from backend.db.models import Order, OrderReturn, Region
from backend.runtime import writes as w
from backend.runtime.books.corrections import Grounds, reverse
from backend.runtime.books.identity import derive_posting_id
from backend.runtime.books.orders import (
    Chosen,
    OrderDesk,
    OrderFile,
    Standing,
    book_order,
    change_order,
    name_posting,
)
from backend.runtime.books.quarantine import withdraw_items
from backend.runtime.books.statements import FIND_ENTRY
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import Statement, read_json, read_moment
from backend.settlement.attribution import Owner, OwnerKind

_p = bindparam
_COLUMNS = (
    Order.id,
    Order.amount,
    Order.returned,
    Order.bookings,
    Order.state,
    Order.owner_kind,
    Order.owner_id,
    Order.tariff_key,
    Order.number,
    Order.channel,
    Order.store,
    Order.region_id,
    Order.region_path,
    Order.currency,
    Order.ordered_at,
    Order.attributes,
    Order.why,
    Region.zone,
)
FIND_ORDER = Statement(
    select(*_COLUMNS)
    .join(Region, Region.id == Order.region_id)
    .where(
        Order.workspace_id == _p("workspace"), Order.channel == _p("channel"), Order.number == _p("number")
    )
    .with_for_update(of=Order)
)
FIND_ORDER_BY_ID = Statement(
    select(*_COLUMNS)
    .join(Region, Region.id == Order.region_id)
    .where(Order.workspace_id == _p("workspace"), Order.id == _p("id"))
    .with_for_update(of=Order)
)
FIND_RETURN = Statement(
    select(OrderReturn.amount).where(OrderReturn.order_id == _p("order"), OrderReturn.key == _p("key"))
)


class OrderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands."""

    id: str
    amount: int
    returned: int
    bookings: int
    state: str
    owner_kind: str | None
    owner_id: str | None
    tariff_key: str
    number: str
    channel: str
    store: str
    region_id: str
    region_path: str
    currency: str
    ordered_at: datetime
    attributes: dict[str, str]
    why: dict[str, Any]
    zone: str

    def chosen(self) -> Chosen | None:
        """Who owns it, and why; null while that is not known."""
        if self.owner_kind is None or self.owner_id is None:
            return None
        kind = cast(OwnerKind, self.owner_kind)
        return Chosen(Owner(kind=kind, id=self.owner_id, tariff=self.tariff_key), self.why)

    def as_file(self, amount: int) -> OrderFile:
        """To be booked again, with this amount."""
        kept = {
            name: getattr(self, name) for name in OrderFile.__struct_fields__ if name not in {"amount", "day"}
        }
        day = self.ordered_at.astimezone(ZoneInfo(self.zone)).date().isoformat()
        return OrderFile(amount=amount, day=day, **kept)


def read_record(row: tuple[Any, ...]) -> OrderRecord:
    """Of the columns of FIND_ORDER."""
    return OrderRecord(
        id=row[0],
        amount=row[1],
        returned=row[2],
        bookings=row[3],
        state=row[4],
        owner_kind=row[5],
        owner_id=row[6],
        tariff_key=row[7],
        number=row[8],
        channel=row[9],
        store=row[10],
        region_id=row[11],
        region_path=row[12],
        currency=row[13],
        ordered_at=read_moment(row[14]),
        attributes=read_json(row[15]),
        why=read_json(row[16]),
        zone=row[17],
    )


def return_order(desk: OrderDesk, record: OrderRecord, key: str, amount: int | None) -> Script[None]:
    """Send so much of it back, all that is left without an amount. The same `key` again changes nothing."""
    if (yield from ask_one(FIND_RETURN, order=record.id, key=key)) is not None:
        return
    left = record.amount - record.returned
    taken = left if amount is None else min(amount, left)
    if taken <= 0:
        return
    row = {"order_id": record.id, "key": key, "workspace_id": desk.workspace_id, "amount": taken}
    desk.writes.add(w.ORDER_RETURNS, row | {"at": desk.now})
    yield from take_back(desk, record, Grounds(reason="", by=desk.by))
    if left == taken:
        standing = Standing(state="returned", owner=_owner_of(record), why=record.why, posting_id=None)
        change_order(desk, record.id, returned=record.amount, bookings=record.bookings, standing=standing)
        return
    yield from book_again(desk, record, left - taken, record.chosen())


def book_again(
    desk: OrderDesk, record: OrderRecord, amount: int, chosen: Chosen | None, kind: str = "rebooking"
) -> Script[Standing]:
    """Behind `take_back`: the order with this amount, for this owner (else for whom the rules name)."""
    bookings = record.bookings + 1
    standing = yield from book_order(desk, record.as_file(amount), bookings, chosen, kind)
    returned = record.amount - amount
    change_order(desk, record.id, returned=returned, bookings=bookings, standing=standing)
    return standing


def take_back(desk: OrderDesk, record: OrderRecord, grounds: Grounds) -> Script[None]:
    """All that stands in the books of it."""
    for part in ("order", "commission"):
        first = name_posting(part, record.id, record.bookings)
        posting_id = yield from find_standing(desk, first)
        if posting_id is not None:
            yield from withdraw_items(desk, posting_id)
            yield from reverse(desk, posting_id, grounds)


def find_standing(desk: OrderDesk, posting_id: str) -> Script[str | None]:
    """The posting that stands for this one now: itself, or the last that it was rebooked as."""
    current: str | None = None
    follower = posting_id
    while (yield from ask_one(FIND_ENTRY, id=follower, workspace=desk.workspace_id)) is not None:
        current = follower
        follower = derive_posting_id(current, f"rebooking:{current}", "rebooking")
    if current is None:
        return None
    reversal = derive_posting_id(current, f"reversal:{current}", "reversal")
    taken = yield from ask_one(FIND_ENTRY, id=reversal, workspace=desk.workspace_id)
    return current if taken is None else None


def _owner_of(record: OrderRecord) -> Owner | None:
    chosen = record.chosen()
    return chosen.owner if chosen else None
