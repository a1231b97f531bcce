"""Findings about one charge: signs, rates, and tiers with gaps, overlaps, open ends or cliffs."""

from collections.abc import Iterator
from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Literal

from backend.settlement.charges import measure_of
from backend.settlement.money import EXACT, format_minor
from backend.settlement.phrasing import Params, is_fraction, write_quantity
from backend.settlement.tariff import (
    TIERED,
    WHOLE_AMOUNT,
    Finding,
    SimpleCharge,
    Tariff,
    Tier,
    TieredCharge,
)


def find(
    code: str,
    pointer: str,
    severity: Literal["error", "warning"] = "error",
    params: Params | None = None,
    **more: str,
) -> Finding:
    """A finding; what its sentence needs comes as keywords or, when made elsewhere, in ``params``."""
    return Finding(code=code, severity=severity, pointer=pointer, params={**(params or {}), **more})


def lint_charge(tariff: Tariff, charge: SimpleCharge, pointer: str) -> Iterator[Finding]:
    """Findings of one charge without parts."""
    yield from _lint_numbers(charge, pointer)
    measure = measure_of(charge)
    declared = tariff.measures.get(measure or "")
    if declared is not None and is_fraction(charge) and declared.kind != "money":
        yield find("measure_not_money", f"{pointer}/measure", measure=measure or "")
    if isinstance(charge, TIERED):
        yield from _lint_tiers(tariff, charge, f"{pointer}/tiers")


def _lint_numbers(charge: SimpleCharge, pointer: str) -> Iterator[Finding]:
    for name in ("amount", "rate", "price", "guarantee", "threshold"):
        value = getattr(charge, name, None)
        if value is not None and not _is_natural(Decimal(value)):
            yield find("negative", f"{pointer}/{name}", value=str(value))
    size = getattr(charge, "size", None)
    if size is not None and not (size.is_finite() and size > 0):
        yield find("size_not_positive", f"{pointer}/size", value=str(size))
    rate = getattr(charge, "rate", None)
    if rate is not None and is_fraction(charge) and _is_natural(rate) and rate > 1:
        yield find("rate_over_100", f"{pointer}/rate", value=str(rate))


def _is_natural(value: Decimal) -> bool:
    return value.is_finite() and value >= 0


def _lint_tiers(tariff: Tariff, charge: TieredCharge, pointer: str) -> Iterator[Finding]:
    if not charge.tiers:
        yield find("tiers_missing", pointer)
        return
    bad = [
        finding
        for index, tier in enumerate(charge.tiers)
        for finding in _lint_tier(charge, tier, index, pointer)
    ]
    yield from bad
    if bad:
        return
    if charge.tiers[0].start != 0:
        yield find(
            "tiers_start_late",
            f"{pointer}/0/from",
            params={"begins_at": _write(tariff, charge, charge.tiers[0].start)},
        )
    broken = list(_lint_bounds(tariff, charge, pointer))
    yield from broken
    if not broken and isinstance(charge, WHOLE_AMOUNT):
        yield from _lint_cliffs(tariff, charge, pointer)


def _lint_tier(charge: TieredCharge, tier: Tier, index: int, pointer: str) -> Iterator[Finding]:
    for name, value in (
        ("from", tier.start),
        ("to", tier.end),
        ("rate", tier.rate),
        ("flat", Decimal(tier.flat)),
    ):
        if value is not None and not _is_natural(value):
            yield find("negative", f"{pointer}/{index}/{name}", value=str(value))
    if tier.end is not None and _is_natural(tier.end) and tier.end <= tier.start:
        yield find("bounds_not_rising", f"{pointer}/{index}/to", tier=str(index + 1))
    if is_fraction(charge) and _is_natural(tier.rate) and tier.rate > 1:
        yield find("rate_over_100", f"{pointer}/{index}/rate", value=str(tier.rate))


def _lint_bounds(tariff: Tariff, charge: TieredCharge, pointer: str) -> Iterator[Finding]:
    for index, (tier, following) in enumerate(pairwise(charge.tiers)):
        where = f"{pointer}/{index + 1}/from"
        numbers: Params = {"tier": str(index + 1), "next": str(index + 2)}
        if tier.end is None:
            yield find("tiers_overlap", f"{pointer}/{index}/to", params=numbers)
        elif tier.end > following.start:
            yield find("tiers_overlap", where, params=numbers)
        elif tier.end < following.start:
            ends: Params = {
                "begins": _write(tariff, charge, tier.end),
                "ends": _write(tariff, charge, following.start),
            }
            yield find("tiers_gap", where, params={**numbers, **ends})
    if charge.tiers[-1].end is not None:
        last = len(charge.tiers) - 1
        yield find(
            "last_tier_ends",
            f"{pointer}/{last}/to",
            params={"ends": _write(tariff, charge, charge.tiers[-1].end)},
        )


def _lint_cliffs(tariff: Tariff, charge: TieredCharge, pointer: str) -> Iterator[Finding]:
    """Where a whole-amount table jumps at a bound: a drop pays less for more, a rise is a reason to wait for
    the bound."""
    for index, (tier, following) in enumerate(pairwise(charge.tiers)):
        with localcontext(EXACT):
            step = following.start * (following.rate - tier.rate) + following.flat - tier.flat
        if not step:
            continue
        params: Params = {
            "bound": _write(tariff, charge, following.start),
            "step": format_minor(abs(step), tariff.currency),
        }
        code = "pay_cliff" if step > 0 else "pay_drop"
        yield find(code, f"{pointer}/{index + 1}", "warning", params)


def _write(tariff: Tariff, charge: TieredCharge, quantity: Decimal) -> str | dict[str, str]:
    return write_quantity(tariff, charge.measure, quantity, money=is_fraction(charge))
