"""Money as whole minor units, never as binary fractions.

An amount is an ``int`` in the currency's minor unit (fen, cent, yen); a rate is a ``Decimal``. The number of
decimals of a currency comes from ISO 4217. Rounding happens once, where an exact Decimal becomes an amount,
in the mode that the tariff names; a total that is shared out is split by largest remainder, so that no minor
unit appears or gets lost.
"""

from collections.abc import Sequence
from decimal import (
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from math import lcm
from typing import Literal, get_args

import msgspec

Rounding = Literal["half_even", "half_up", "down", "up"]
ROUNDINGS: tuple[Rounding, ...] = get_args(Rounding)

_MODES = {"half_even": ROUND_HALF_EVEN, "half_up": ROUND_HALF_UP, "down": ROUND_DOWN, "up": ROUND_UP}

EXACT = Context(prec=60)
"""Arithmetic context of every calculation: wide enough that products of amounts and rates stay exact."""

_TWO_DECIMALS = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL "
    "MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR "
    "PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP "
    "TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG "
)
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"

MINOR_UNITS: dict[str, int] = {
    code: decimals
    for codes, decimals in (
        (_TWO_DECIMALS, 2),
        (_NO_DECIMALS, 0),
        (_THREE_DECIMALS, 3),
        (_FOUR_DECIMALS, 4),
    )
    for code in codes.split()
}
"""Active ISO 4217 codes -> number of decimals (funds without a minor unit, metals and test codes left
out)."""

_SYMBOLS = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "TWD": "NT$",
    "JPY": "JP¥",
    "KRW": "₩",
    "INR": "₹",
}


class Money(msgspec.Struct, frozen=True, order=True):
    """An amount in minor units and its ISO 4217 code; on the wire ``{"amount": 1250, "currency": "CNY"}``."""

    amount: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._require_same_currency(other)
        return Money(self.amount - other.amount, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def _require_same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")


def round_amount(exact: Decimal, rounding: Rounding) -> int:
    """Turn an exact amount in minor units into a whole one.

    ``down`` is towards zero and ``up`` away from it, so that a reversed amount rounds to the negative of the
    booked one.
    """
    return int(exact.quantize(Decimal(1), rounding=_MODES[rounding], context=EXACT))


def split_exact(total: int, exact: Sequence[Decimal]) -> tuple[int, ...]:
    """Round exact amounts so that they sum to ``total``, their own sum after rounding.

    Every amount is rounded down (towards minus infinity) and the units left go to the largest remainders. A
    total further off than one unit an amount (an adjustment) leaves its rest on the last one.
    """
    floors = [int(value.to_integral_value(ROUND_FLOOR)) for value in exact]
    left = total - sum(floors)
    order = sorted(range(len(exact)), key=lambda index: (floors[index] - exact[index], index))
    for index in order[: max(left, 0)]:
        floors[index] += 1
    floors[-1] += total - sum(floors)
    return tuple(floors)


def split_largest_remainder(total: int, weights: Sequence[Decimal]) -> tuple[int, ...]:
    """Share ``total`` minor units out by ``weights``; the parts always sum to ``total``.

    Every part is the exact share rounded down; what is left goes, one unit each, to the largest remainders,
    and to the earlier part when remainders are equal. Without any positive weight the first part takes all.

    Raises ValueError for no weights at all or a negative one.
    """
    if not weights or any(weight < 0 for weight in weights):
        raise ValueError("a split needs at least one weight and none may be negative")
    scaled = _whole_weights(weights)
    whole = sum(scaled)
    if whole == 0:
        return (total, *(0 for _ in weights[1:]))
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * weight, whole) for weight in scaled]
    left = abs(total) - sum(share for share, _ in shares)
    order = sorted(range(len(shares)), key=lambda index: (-shares[index][1], index))
    lucky = set(order[:left])
    return tuple(sign * (share + (index in lucky)) for index, (share, _) in enumerate(shares))


def _whole_weights(weights: Sequence[Decimal]) -> list[int]:
    """Weights as whole numbers in the same proportion: a quotient of integers is exact at any size."""
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (common // denominator) for numerator, denominator in ratios]


def format_minor(amount: int | Decimal, currency: str) -> str:
    """``-123456`` CNY -> ``-¥1,234.56``: the same in both languages, for sentences about money.

    A rate of part of a minor unit keeps all its digits: ``Decimal("50.5")`` -> ``¥0.505``.
    """
    exact = abs(Decimal(amount)).scaleb(-MINOR_UNITS.get(currency, 2), EXACT).normalize(EXACT)
    exponent = exact.as_tuple().exponent
    written = -exponent if isinstance(exponent, int) else 0
    text = f"{exact:,.{max(MINOR_UNITS.get(currency, 2), written)}f}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{_SYMBOLS.get(currency, currency + ' ')}{text}"


def format_number(value: Decimal) -> str:
    """A plain number without trailing zeros and with thousands separated: ``1,234.5``."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_percentage(rate: Decimal) -> str:
    """``0.085`` -> ``8.5%``."""
    return format_number(EXACT.multiply(rate, Decimal(100))) + "%"
