"""What the accounts of a period come to, and the seal over it."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

FORMAT = "tierflow.totals/1"


class Account(NamedTuple):
    """Whose amounts are added up; ``counter`` is the bearing side."""

    party_kind: str
    party_id: str
    account: str
    currency: str
    counter: bool


class Total(NamedTuple):
    """Minor units, and the number of lines behind them."""

    amount: int
    lines: int


def seal(totals: Iterable[tuple[Account, Total]]) -> str:
    """SHA-256 over the canonical totals: one JSON array a row, in the order of the accounts."""
    digest = hashlib.sha256(FORMAT.encode())
    for account, total in sorted(totals):
        digest.update(b"\n" + msgspec.json.encode([*account, *total]))
    return digest.hexdigest()


def add_up(totals: Iterable[tuple[Account, Total]]) -> dict[str, int]:
    """The sum of both sides, by currency: zero in books that balance."""
    sums: dict[str, int] = {}
    for account, total in totals:
        sums[account.currency] = sums.get(account.currency, 0) + total.amount
    return sums
