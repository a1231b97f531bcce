"""How much is missing to the next tier: what staff look at while they work."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from backend.settlement.charges import find_tier
from backend.settlement.lines import NextTier
from backend.settlement.phrasing import is_fraction, write_measure, write_quantity, write_rate
from backend.settlement.tariff import TIERED, Part, Phrase, Tariff, TieredCharge


def list_next_tiers(
    tariff: Tariff, parts: Sequence[Part], quantities: Mapping[str, Decimal]
) -> tuple[NextTier, ...]:
    """For every tiered part that has a higher tier than the one reached."""
    found = []
    for part in parts:
        if isinstance(part.charge, TIERED):
            ahead = _look_ahead(tariff, part.id, part.charge, quantities.get(part.charge.measure, Decimal(0)))
            found += [ahead] if ahead else []
    return tuple(found)


def _look_ahead(tariff: Tariff, component: str, charge: TieredCharge, reached: Decimal) -> NextTier | None:
    index = find_tier(charge, reached)
    if index + 1 >= len(charge.tiers):
        return None
    tier, following = charge.tiers[index], charge.tiers[index + 1]
    missing = following.start - reached
    fraction = is_fraction(charge)
    words = Phrase(
        f"next_tier.{charge.inclusive}",
        {
            "measure": write_measure(tariff, charge.measure),
            "missing": write_quantity(tariff, charge.measure, missing, money=fraction),
            "begins_at": write_quantity(tariff, charge.measure, following.start, money=fraction),
            "rate": write_rate(tariff, charge, following.rate),
        },
    )
    return NextTier(
        component=component,
        measure=charge.measure,
        tier=index + 1,
        reached=reached,
        begins_at=following.start,
        missing=missing,
        rate=tier.rate,
        next_rate=following.rate,
        words=words,
    )
