"""What hours cost: exact decimals, whole minor units, nothing lost between those who share a ticket."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from backend.settlement.money import EXACT, round_amount, split_exact

Employment = Literal["full_time", "part_time"]
SECONDS_AN_HOUR = Decimal(3600)


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """Minor units an hour, from a day on."""

    kind: Employment
    hourly: int
    currency: str
    valid_from: date


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """Time of one person at one step, at one rate."""

    seconds: int
    rate: Rate


def find_rate(rates: Iterable[Rate], day: date) -> Rate | None:
    """The latest that holds on the day."""
    holding = [rate for rate in rates if rate.valid_from <= day]
    return max(holding, key=lambda rate: rate.valid_from, default=None)


def price(slices: Sequence[Slice]) -> tuple[int, ...]:
    """Minor units of each. Those of one currency sum to their exact cost rounded once; the units left over go
    to the largest remainders."""
    amounts = [0] * len(slices)
    for currency in dict.fromkeys(each.rate.currency for each in slices):
        places = [at for at, each in enumerate(slices) if each.rate.currency == currency]
        exact = [_cost(slices[at]) for at in places]
        total = round_amount(sum(exact, Decimal(0)), "half_up")
        for at, amount in zip(places, split_exact(total, exact), strict=True):
            amounts[at] = amount
    return tuple(amounts)


def _cost(each: Slice) -> Decimal:
    return EXACT.divide(Decimal(each.seconds) * each.rate.hourly, SECONDS_AN_HOUR)
