"""A tariff's document (`tierflow.tariff/1`, plain JSON) in the reader's language. Money is in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision

from backend.contracts.common import Text
from frontend.i18n import format_money, format_number, pick
from frontend.session import Shell

DIMENSIONS = ("service", "channel", "role", "level", "grade")
MODELS = (
    "flat",
    "per_unit",
    "percentage",
    "graduated",
    "graduated_percentage",
    "volume",
    "volume_percentage",
    "package",
    "guarantee_plus_excess",
)
TIERED = ("graduated", "graduated_percentage", "volume", "volume_percentage")
WHOLE = ("volume", "volume_percentage")
FRACTIONAL = ("percentage", "graduated_percentage", "volume_percentage")

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


def name_row(row: Mapping[str, Any], shell: Shell) -> str:
    """Its name, else its id."""
    return pick(read_text(row.get("name")), shell.locale) or str(row.get("id", ""))


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


def show_rate(model: str, value: object, currency: str, shell: Shell) -> str:
    """A fraction as a percentage, else money for a unit."""
    rate = number(value)
    if model in FRACTIONAL:
        return f"{format_number((rate * 100).normalize(), shell.locale)}%"
    return show_amount(rate, currency, shell) if rate == rate.to_integral() else _fine(rate, currency, shell)


def _fine(rate: Decimal, currency: str, shell: Shell) -> str:
    return f"{format_number(to_major(rate, currency), shell.locale)} {currency}"


def to_major(value: Decimal, currency: str) -> Decimal:
    """Minor units as the unit people write: 4000 -> 40."""
    return value.scaleb(-get_currency_precision(currency))


def to_minor(value: Decimal, currency: str) -> Decimal:
    """40 -> 4000."""
    return value.scaleb(get_currency_precision(currency))


def list_parts(row: Mapping[str, Any]) -> list[Json]:
    """The charges of a row: the parts of a composite one, else the one there is, named like the row."""
    charge = row.get("charge") or {}
    if charge.get("model") == "composite":
        return [part for part in charge.get("parts") or [] if isinstance(part, dict)]
    return [{"id": row.get("id", ""), "charge": charge}]


def show_price(charge: Mapping[str, Any], currency: str, shell: Shell) -> str:
    """The figure of the grid's price column; tiers have a column of their own."""
    match charge.get("model"):
        case "flat":
            return show_amount(charge.get("amount"), currency, shell)
        case "per_unit" | "percentage" as model:
            return show_rate(model, charge.get("rate"), currency, shell)
        case "package":
            size = format_number(number(charge.get("size")), shell.locale)
            return f"{show_amount(charge.get('price'), currency, shell)} / {size}"
        case "guarantee_plus_excess":
            return f"{show_amount(charge.get('guarantee'), currency, shell)} +"
    return "—"


def show_tiers(charge: Mapping[str, Any], measures: Mapping[str, Any], currency: str, shell: Shell) -> str:
    """`0 → 5% | 50,000 → 8%`."""
    model = str(charge.get("model"))
    if model not in TIERED:
        return "—"
    measure = measures.get(str(charge.get("measure"))) or {}
    steps = []
    for tier in charge.get("tiers") or []:
        start = show_quantity(measure, tier.get("from"), currency, shell)
        pays = show_rate(model, tier.get("rate"), currency, shell)
        if number(tier.get("flat")):
            pays += f" + {show_amount(tier.get('flat'), currency, shell)}"
        steps.append(f"{start} → {pays}")
    return " | ".join(steps)
