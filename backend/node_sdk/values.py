"""Reading and writing ticket data from a node: paths, placeholders, JSON-safe values, exact numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from backend.node_sdk.context import NodeContext

_PLACEHOLDER = re.compile(r"\{((?:data|ticket|customer)(?:\.[A-Za-z_]\w*)+)\}")


class ValueUnfit(ValueError):
    """A computed value that cannot be kept as JSON or read as a number."""


def read_path(context: NodeContext, path: str) -> Any:
    """The value at `data.visit.date`, `ticket.number` or `customer.phone`; None when any part is missing.

    A path that names no root is one of `data`.
    """
    head, _, rest = path.partition(".")
    roots: dict[str, Any] = {"data": context.data, "ticket": context.ticket, "customer": context.customer}
    value: Any = roots[head] if head in roots and rest else context.data
    for part in (rest if head in roots and rest else path).split("."):
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    return value


def write_path(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`{top level key: new value}` that sets the path below data; objects on the way are copied, never
    changed."""
    parts = path.removeprefix("data.").split(".")
    if len(parts) == 1:
        return {parts[0]: value}
    inner = data.get(parts[0])
    below = write_path(inner if isinstance(inner, Mapping) else {}, ".".join(parts[1:]), value)
    return {parts[0]: {**(inner if isinstance(inner, Mapping) else {}), **below}}


def fill_placeholders(text: str, context: NodeContext) -> str:
    """Replace `{data.x}`, `{ticket.number}`, `{customer.name}` once; what is missing becomes empty.

    Values are never read as a template again, and nothing but a path is understood.
    """
    return _PLACEHOLDER.sub(lambda match: _as_text(read_path(context, match.group(1))), text)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(_as_text(item) for item in value)
    return str(value)


MAX_CORRELATION = 200


def read_correlation(context: NodeContext, text: str) -> str:
    """The word by which a message finds its ticket: what the expression says, as text; none is empty.

    Raises ValueUnfit for what is no plain value, or longer than 200 characters.
    """
    if not text:
        return ""
    value = to_json(context.evaluate(text))
    if isinstance(value, (list, dict)) or value is None:
        raise ValueUnfit(type(value).__name__)
    word = str(value)
    if len(word) > MAX_CORRELATION:
        raise ValueUnfit(f"{word[:40]}…")
    return word


def to_json(value: Any) -> Any:
    """What CEL computed, as JSON: moments become RFC 3339 UTC, lengths of time seconds. Raises ValueUnfit."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueUnfit(str(value))
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): to_json(item) for name, item in value.items()}
    raise ValueUnfit(type(value).__name__)


def to_decimal(value: Any) -> Decimal:
    """A computed number, exactly as it prints. Raises ValueUnfit for anything that is no finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise ValueUnfit(type(value).__name__)
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueUnfit(str(value)) from error
    if not number.is_finite():
        raise ValueUnfit(str(value))
    return number
