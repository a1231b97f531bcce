"""Columns of whole numbers: products beyond 64 bits go on in integers of any size; nothing is a fraction."""

from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

SAFE = 2**62
"""Products up to here can be added once more without leaving 64 bits."""

Whole: TypeAlias = npt.NDArray[Any]
"""Integers: int64, or object (Python's own) where 64 bits might not do."""


def to_whole(value: Decimal) -> tuple[int, int]:
    """(n, digits) with value = n / 10**digits, digits as few as can be and never negative."""
    sign, figures, exponent = value.normalize().as_tuple()
    assert isinstance(exponent, int)
    top = int("".join(map(str, figures)) or "0") * (-1 if sign else 1)
    return (top * 10**exponent, 0) if exponent > 0 else (top, -exponent)


def find_largest(column: Whole) -> int:
    """The greatest magnitude in the column."""
    return max(int(column.max()), -int(column.min())) if len(column) else 0


def times(column: Whole, factor: int) -> Whole:
    """column * factor, in integers of any size where 64 bits might not do."""
    if factor == 1:
        return column
    if column.dtype != object and find_largest(column) * abs(factor) >= SAFE:
        return column.astype(object) * factor
    return column * factor


def plus(column: Whole, other: Whole | int) -> Whole:
    most = abs(other) if isinstance(other, int) else find_largest(other)
    if most == 0:
        return column
    if column.dtype != object and find_largest(column) + most >= SAFE:
        return column.astype(object) + other
    return column + other


def divide(exact: Whole, over: int, rounding: str) -> Whole:
    """``exact / over``, rounded as `money.round_amount` does, as int64. ``over`` is a power of ten."""
    if over == 1:
        return exact.astype(np.int64, copy=False)
    if len(exact) and exact.min() < 0:
        return np.where(exact < 0, -_divide_up(-exact, over, rounding), _divide_up(exact, over, rounding))
    return _divide_up(exact, over, rounding)


def _divide_up(exact: Whole, over: int, rounding: str) -> Whole:
    """For amounts of zero or more; the results of others are not looked at."""
    if over >= SAFE:
        exact = exact.astype(object)
    if rounding == "half_up":
        quotient = (exact + over // 2) // over
    elif rounding == "down":
        quotient = exact // over
    elif rounding == "up":
        quotient = (exact + (over - 1)) // over
    else:
        quotient = exact // over
        twice = (exact - quotient * over) * 2
        quotient = quotient + ((twice > over) | ((twice == over) & (quotient % 2 == 1)))
    return quotient.astype(np.int64, copy=False)
