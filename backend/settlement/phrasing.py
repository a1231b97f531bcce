"""How numbers of a tariff are written inside sentences; the sentences themselves stand in the message
catalogue."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

from backend.settlement.money import format_minor, format_number, format_percentage
from backend.settlement.tariff import (
    FRACTIONAL,
    GuaranteePlusExcess,
    Part,
    SimpleCharge,
    Tariff,
    Text,
)

Params = dict[str, str | dict[str, str]]

HOURS = frozenset({"h", "hr", "hrs", "hour", "hours"})
"""Units in which time is measured to the second."""

_URGENT = re.compile(r"""ticket\.priority\s*==\s*(["'])urgent\1""")


def write_text(text: Text | None, fallback: str) -> str | dict[str, str]:
    """A label as message parameter: both languages, or the id when nobody wrote one."""
    return {"zh": text.zh or fallback, "en": text.en or fallback} if text else fallback


def is_urgent_condition(when: str) -> bool:
    """The one condition that has words of its own, because nearly every table with a coefficient uses it."""
    return _URGENT.fullmatch(when.strip()) is not None


def write_measure(tariff: Tariff, measure: str) -> str | dict[str, str]:
    declared = tariff.measures.get(measure)
    return write_text(declared.label if declared else None, measure)


def is_fraction(charge: SimpleCharge) -> bool:
    """True when the rates of this charge are shares of money, false when they are minor units a unit."""
    if isinstance(charge, GuaranteePlusExcess):
        return charge.basis == "percentage"
    return isinstance(charge, FRACTIONAL)


def write_quantity(
    tariff: Tariff, measure: str, quantity: Decimal, *, money: bool = False
) -> str | dict[str, str]:
    """``¥50,000.00`` for money, ``3.5 小时`` / ``3.5 hours`` for a number with a unit; ``money`` decides when
    undeclared."""
    declared = tariff.measures.get(measure)
    if declared.kind == "money" if declared else money:
        return format_minor(quantity, tariff.currency)
    if _is_hours(tariff, measure) and not _is_short(quantity):
        return write_duration(quantity)
    plain = format_number(quantity)
    if declared is None or declared.unit is None:
        return plain
    return {"zh": f"{plain} {declared.unit.zh}".strip(), "en": f"{plain} {declared.unit.en}".strip()}


def _is_hours(tariff: Tariff, measure: str) -> bool:
    declared = tariff.measures.get(measure)
    if declared is None or declared.unit is None:
        return measure == "hours"
    return declared.unit.en.strip().lower() in HOURS


def _is_short(quantity: Decimal) -> bool:
    """At most two decimals: readable as it is, such as 1.25 hours."""
    return quantity == quantity.quantize(Decimal("0.01"))


def write_duration(hours: Decimal) -> dict[str, str]:
    """``42 分 45 秒`` / ``42 min 45 s``: measured time, which is exact to the second, instead of decimals."""
    seconds = int((abs(hours) * 3600).to_integral_value(ROUND_HALF_EVEN))
    parts = (seconds // 3600, seconds % 3600 // 60, seconds % 60)
    sign = "-" if hours < 0 else ""
    texts = {
        "zh": zip(parts, ("小时", "分", "秒"), strict=True),
        "en": zip(parts, ("h", "min", "s"), strict=True),
    }
    return {
        language: sign + " ".join(f"{number} {unit}" for number, unit in told if number)
        for language, told in texts.items()
    }


def write_rate(tariff: Tariff, charge: SimpleCharge, rate: Decimal) -> str:
    """``8%`` for a share of money, ``¥60.00`` for a price a unit."""
    return format_percentage(rate) if is_fraction(charge) else format_minor(rate, tariff.currency)


def write_part(part: Part | None) -> str | dict[str, str]:
    return write_text(part.name, part.id) if part else ""
