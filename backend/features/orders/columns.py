"""The columns of a file of orders, by the names that people give them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

NAMES: dict[str, tuple[str, ...]] = {
    "number": ("订单号", "订单编号", "单号", "order", "order number", "order no", "order id", "number"),
    "channel": ("渠道", "平台", "channel"),
    "store": ("门店", "店铺", "店", "store", "shop"),
    "region": ("区域", "地区", "大区", "region", "area"),
    "amount": ("金额", "订单金额", "实付金额", "amount", "total"),
    "currency": ("币种", "货币", "currency"),
    "ordered_at": ("下单时间", "下单日期", "日期", "时间", "ordered at", "order date", "date"),
    "status": ("状态", "订单状态", "status"),
}
NEEDED = ("number", "region", "amount", "ordered_at")
RETURNED = frozenset(
    (
        "已取消",
        "取消",
        "已退货",
        "退货",
        "已退款",
        "退款",
        "returned",
        "cancelled",
        "canceled",
        "refunded",
        "return",
    )
)
MOST_ATTRIBUTES = 20
LONGEST_NAME = 60

_FIELDS = {name: field for field, names in NAMES.items() for name in names}


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """Where each field stands; `others` are further columns, kept with the order by their names."""

    places: dict[str, int]
    others: dict[int, str]
    missing: tuple[str, ...]
    twice: int | None = None
    """Column of a field that another column names already."""


def read_head(cells: Sequence[str]) -> Head:
    """By the first line of the file."""
    places: dict[str, int] = {}
    others: dict[int, str] = {}
    twice = None
    for at, cell in enumerate(cells):
        name = " ".join(cell.strip().lower().replace("_", " ").split())
        field = _FIELDS.get(name)
        if field is None:
            if name and len(others) < MOST_ATTRIBUTES:
                others[at] = cell.strip()[:LONGEST_NAME]
        elif field in places:
            twice = at
        else:
            places[field] = at
    missing = tuple(field for field in NEEDED if field not in places)
    return Head(places=places, others=others, missing=missing, twice=twice)


def name_cell(column: int, row: int) -> str:
    """`(4, 7)` -> `E7`; both as a spreadsheet shows them: the column from 0, the row from 1."""
    letters = ""
    at = column + 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"
