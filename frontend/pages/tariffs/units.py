"""Figures between the document (minor units, fractions) and what people write (yuan, percent)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from frontend.pages.tariffs.words import number, to_major, to_minor

LARGEST = Decimal(10) ** 13


def read_number(text: str, _currency: str) -> Decimal | None:
    """None for what is no number, or an absurd one."""
    try:
        found = Decimal(text.replace(",", "").strip() or "0")
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < LARGEST else None


def write_number(value: object, _currency: str) -> str:
    """Without zeros at the end."""
    return format(number(value).normalize(), "f")


def read_amount(text: str, currency: str) -> Decimal | None:
    """40 -> 4000."""
    found = read_number(text, currency)
    return None if found is None else to_minor(found, currency)


def write_amount(value: object, currency: str) -> str:
    """4000 -> 40."""
    return format(to_major(number(value), currency).normalize(), "f")


def read_share(text: str, currency: str) -> Decimal | None:
    """8 -> 0.08."""
    found = read_number(text.replace("%", ""), currency)
    return None if found is None else found.scaleb(-2)


def write_share(value: object, _currency: str) -> str:
    """0.08 -> 8."""
    return format((number(value) * 100).normalize(), "f")
