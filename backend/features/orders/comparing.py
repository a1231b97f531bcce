"""The orders of a file against the books: what is new, what is known, and what cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from backend.db.models import Order
from backend.features.orders.reading import Reader, ReadOrder

Key = tuple[str, str]


class Compared(msgspec.Struct, kw_only=True):
    """`rows` are to be booked; `sums`: currency -> minor units they bring, returns taken off."""

    rows: list[ReadOrder] = []
    known: int = 0
    sums: dict[str, int] = {}


class _Seen(msgspec.Struct):
    """An order while the file is read: in the books, or new with this file."""

    amount: int
    left: int
    currency: str
    order_id: str = ""
    row: int = 0
    keys: set[str] = msgspec.field(default_factory=set)


def compare(
    orders: Sequence[ReadOrder],
    books: Mapping[Key, Order],
    returns: set[tuple[str, str]],
    reader: Reader,
) -> Compared:
    """Adds to the reader's faults what only the books can tell."""
    seen = {
        key: _Seen(order.amount, order.amount - order.returned, order.currency, order.id)
        for key, order in books.items()
    }
    found = Compared(rows=[], sums={})
    for order in orders:
        key = (order.channel, order.number)
        if order.is_return:
            brought = _return(order, seen.get(key), returns, reader)
        else:
            brought = _compare_new(order, seen, books.get(key), reader)
        if brought is None:
            found.known += 1
        else:
            found.rows.append(order)
            found.sums[order.currency] = found.sums.get(order.currency, 0) + brought
    return found


def _compare_new(
    order: ReadOrder, seen: dict[Key, _Seen], stored: Order | None, reader: Reader
) -> int | None:
    """What it brings; null for one that stands in the books as it is here."""
    key = (order.channel, order.number)
    earlier = seen.get(key)
    if earlier is not None and earlier.row:
        reader.blame(order, "number", "order_duplicate", number=order.number, earlier=earlier.row)
        return 0
    if stored is None:
        seen[key] = _Seen(order.amount, order.amount, order.currency, row=order.row)
        return order.amount
    seen[key].row = order.row
    for field in ("amount", "currency", "store", "ordered_at"):
        if getattr(stored, field) != getattr(order, field):
            reader.blame(order, field, "order_differs", number=order.number)
            return 0
    if stored.region_id != order.region_id:
        reader.blame(order, "region", "order_differs", number=order.number)
        return 0
    return None


def _return(
    order: ReadOrder, earlier: _Seen | None, returns: set[tuple[str, str]], reader: Reader
) -> int | None:
    """What it takes off (0 or less); null for one that changes nothing any more."""
    if earlier is None:
        if not order.whole:
            reader.blame(order, "amount", "order_return_unknown", number=order.number)
        return None
    key = f"{order.day}:{'all' if order.whole else order.amount}"
    if (earlier.order_id, key) in returns or (order.whole and not earlier.left):
        return None
    if key in earlier.keys:
        reader.blame(
            order, "number", "order_duplicate", number=order.number, earlier=earlier.row or order.row
        )
        return None
    if order.currency != earlier.currency:
        reader.blame(order, "currency", "order_return_currency", currency=earlier.currency)
        return None
    taken = earlier.left if order.whole else -order.amount
    if taken > earlier.left:
        reader.blame(order, "amount", "order_return_exceeds", number=order.number)
        return None
    earlier.keys.add(key)
    earlier.left -= taken
    return -taken
