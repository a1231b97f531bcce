"""A tariff's document (`tierflow.tariff/1`, plain JSON) in the reader's language. Money is in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from backend.contracts.common import Text
from frontend.i18n import format_money, format_number, pick
from frontend.session import Shell

DIMENSIONS = ("service", "channel", "role", "level", "grade")
Json = dict[str, Any]


def number(value: object) -> Decimal:
    """A decimal of the document; what is none counts as zero, for the linter speaks of it."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() else Decimal(0)


def read_text(value: object) -> Text:
    """A label in both languages."""
    if not isinstance(value, Mapping):
        return Text()
    return Text(str(value.get("zh", "")), str(value.get("en", "")))


def name_measure(measure: Mapping[str, Any], shell: Shell) -> str:
    """Such as 处理时长（小时）."""
    label = pick(read_text(measure.get("label")), shell.locale)
    unit = pick(read_text(measure.get("unit")), shell.locale)
    return shell.t("tariffs.measure.unit", label=label, unit=unit) if unit else label


def show_amount(value: object, currency: str, shell: Shell) -> str:
    """Minor units as money."""
    return format_money(int(number(value)), currency, shell.locale)


def show_quantity(measure: Mapping[str, Any], value: object, currency: str, shell: Shell) -> str:
    """A quantity in the unit of its measure."""
    if measure.get("kind") == "money":
        return show_amount(value, currency, shell)
    return format_number(number(value), shell.locale)
