"""Cursor pages: a list is ordered by one or two columns, the cursor is the last row's values, opaque to the
caller.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import MAXYEAR, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import Parameter
from sqlalchemy import ColumnElement, and_, or_

from backend.contracts.common import Page
from backend.features.platform.errors import BadRequest

Row = TypeVar("Row")
Item = TypeVar("Item")

MAX_LIMIT = 200

Cursor = Annotated[str | None, Parameter(max_length=400, description="`next` of the previous page")]
Limit = Annotated[int, Parameter(ge=1, le=MAX_LIMIT, description="Items a page")]


def encode_cursor(*values: Any) -> str:
    """The sort values of a page's last row, as URL-safe text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(values)).rstrip(b"=").decode()


def decode_cursor(cursor: str, *kinds: type) -> tuple[Any, ...]:
    """The sort values, decoded as `kinds` (str, int, datetime). Raises BadRequest."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values: tuple[Any, ...] = msgspec.json.decode(raw, type=tuple.__class_getitem__(kinds))
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadRequest("invalid_cursor") from error
    if not all(_fits(value) for value in values):
        raise BadRequest("invalid_cursor")
    return values


def _fits(value: Any) -> bool:
    """Whether a column can be compared with it: a moment has a zone and is one in UTC, too; numbers have 32
    bits.
    """
    if isinstance(value, datetime):
        return value.tzinfo is not None and 1 < value.year < MAXYEAR
    if isinstance(value, int):
        return abs(value) < 2**31
    return "\0" not in value


def after(columns: Sequence[Any], values: Sequence[Any], *, descending: bool) -> ColumnElement[bool]:
    """Rows beyond the cursor, spelled out for both databases: a > x, or a = x and b > y."""
    steps: list[ColumnElement[bool]] = []
    for at, (column, value) in enumerate(zip(columns, values, strict=True)):
        equal = [earlier == known for earlier, known in zip(columns[:at], values[:at], strict=True)]
        steps.append(and_(*equal, column < value if descending else column > value))
    return or_(*steps)


def make_page(
    rows: Sequence[Row], limit: int, present: Callable[[Row], Item], key: Callable[[Row], tuple[Any, ...]]
) -> Page[Item]:
    """A page of at most `limit` items; the query asked for one row more to learn whether another page
    follows.
    """
    shown = rows[:limit]
    following = encode_cursor(*key(shown[-1])) if len(rows) > limit else None
    return Page(items=[present(row) for row in shown], next=following)
