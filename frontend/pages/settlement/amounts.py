"""Numbers and amounts as people type them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision

MOST_DIGITS = 20


def read_number(text: str) -> Decimal | None:
    """`1,234.5`; None for what is no number, or none of a size that means anything."""
    try:
        value = Decimal(text.replace(",", "").replace("\uff0c", "").strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) <= MOST_DIGITS else None


def read_amount(text: str, currency: str) -> int | None:
    """Minor units of what is typed in major ones; None for no number, or more decimals than there are."""
    value = read_number(text)
    if value is None:
        return None
    minor = value.scaleb(get_currency_precision(currency))
    return int(minor) if minor == minor.to_integral_value() else None
