"""What a calculation returns: lines that sum to its total, each with the rule, the tier and the inputs that
made it."""

from decimal import Decimal
from typing import Literal

import msgspec

from backend.settlement.money import Money
from backend.settlement.tariff import PartyRef, Phrase


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """Between whom an amount moves."""

    pays: PartyRef
    source: PartyRef


class CalculatedLine(msgspec.Struct, frozen=True, kw_only=True):
    """One amount and why.

    ``component`` is the charge part ("charge" for a row without parts) or the modifier that made it; ``of``
    names the part a shared modifier line belongs to. ``tier`` counts from 1. ``amount`` is in minor units;
    negative takes back.
    """

    component: str
    of: str | None = None
    kind: Literal["charge", "modifier", "adjustment"]
    row: str
    tier: int | None = None
    measure: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    amount: int
    currency: str
    pays: PartyRef
    source: PartyRef
    why: Phrase

    @property
    def key(self) -> str:
        """Under which the booked amounts of a period are summed."""
        return self.component if self.of is None else f"{self.component}:{self.of}"

    @property
    def leg(self) -> Leg:
        return Leg(pays=self.pays, source=self.source)


class Accumulated(msgspec.Struct, frozen=True, kw_only=True):
    """What one party has gathered under one row of one tariff in one period, before this ticket.

    Keep one for each (tariff, row, party, period), under a lock, and store the one that the calculation
    returns. ``booked`` holds the sum of the booked lines by their key; ``quantities`` the sums by measure.
    """

    tickets: int = 0
    quantities: dict[str, Decimal] = {}
    booked: dict[str, int] = {}


class NextTier(msgspec.Struct, frozen=True, kw_only=True):
    """How far it is to the next tier; quantities in the unit of the measure, money in minor units."""

    component: str
    measure: str
    tier: int
    reached: Decimal
    begins_at: Decimal
    missing: Decimal
    rate: Decimal
    next_rate: Decimal
    words: Phrase


class Calculation(msgspec.Struct, frozen=True, kw_only=True):
    """The amounts of one ticket. ``total`` is the sum of ``lines``; ``trace`` tells every step in words.

    ``inputs`` are the quantities that the rule read; ``accumulated`` is the period's state behind this
    ticket (null for a tariff that looks at single tickets).
    """

    tariff: str
    row: str
    lines: tuple[CalculatedLine, ...]
    currency: str
    inputs: dict[str, Decimal]
    trace: tuple[Phrase, ...]
    accumulated: Accumulated | None = None
    next_tiers: tuple[NextTier, ...] = ()

    @property
    def total(self) -> Money:
        return Money(sum(line.amount for line in self.lines), self.currency)
