"""What a posting rests on, kept beside it: everything to calculate it again without asking who or what the
ticket has become since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Literal

import msgspec

from backend.runtime.statements import read_json
from backend.settlement.modifiers import Evaluate
from backend.settlement.posting import Parties, Party, Share
from backend.settlement.tariff import Facts, PartyRef, SettlementError

LONGEST_KEY = 240
"""As the column of the accumulators holds it."""


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of those who stood behind a reference, and by what weight."""

    kind: Literal["member", "department", "partner", "region", "account"]
    id: str
    weight: Decimal = Decimal(1)


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """Who stood behind a reference of the tariff; nobody where it could not be said."""

    ref: PartyRef
    shares: tuple[Held, ...]


class Basis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`moment` chose the revision (the ticket's creation or its completion); `day` is that of booking in the
    region's zone; `region_path` holds keys. `quantities` are all that were known, and were added to the sums
    at `place` (their key and period; null for a tariff that looks at single tickets); `inputs` are those that
    the row read. `conditions` are the answers that modifiers got."""

    tariff_id: str
    revision: int
    moment: datetime
    day: date
    currency: str
    row: str
    region_path: tuple[str, ...] = ()
    quantities: dict[str, Decimal] = {}
    inputs: dict[str, Decimal] = {}
    attributes: dict[str, str | None] = {}
    place: tuple[str, str] | None = None
    parties: tuple[Behind, ...] = ()
    conditions: dict[str, bool] = {}
    node: str = ""
    inside: bool = False

    def facts(self) -> Facts:
        """As the tariff was applied to them."""
        return Facts(
            quantities=self.quantities,
            currency=self.currency,
            attributes=self.attributes,
            region_path=self.region_path,
        )

    def find_parties(self) -> dict[PartyRef, tuple[Share, ...]]:
        """As they were resolved; names are not kept, for the ledger does not store them."""
        return {behind.ref: tuple(map(_share, behind.shares)) for behind in self.parties}


def read_basis(stored: Any) -> Basis | None:
    """The column of a raw row."""
    if stored is None:
        return None
    document = read_json(stored)
    return None if document is None else msgspec.convert(document, Basis)


def keep_parties(parties: Parties) -> tuple[Behind, ...]:
    """The form they are stored in."""
    return tuple(Behind(ref=ref, shares=tuple(map(_hold, shares))) for ref, shares in parties.items())


def name_place(tariff: str, row: str, holders: Iterable[Share], period: str) -> tuple[str, str]:
    """(key, period) of the sums: one for each tariff, row and payee. Of a key that is too long to be stored
    the end is hashed, so that two of them never share their sums."""
    held = "+".join(f"{share.party.kind}:{share.party.id}" for share in holders)
    key = f"{tariff}|{row}|{held}"
    if len(key) > LONGEST_KEY:
        digest = sha256(key.encode()).hexdigest()
        key = f"{key[: LONGEST_KEY - len(digest) - 1]}#{digest}"
    return key, period


class Answers:
    """Conditions of modifiers as they are answered, or as they were."""

    def __init__(self, evaluate: Evaluate | None, known: Mapping[str, bool] | None = None) -> None:
        self._evaluate = evaluate
        self._known = known or {}
        self.given: dict[str, bool] = {}

    def __call__(self, text: str) -> bool:
        """Raises what the evaluator raises, and SettlementError when there is none to ask."""
        known = self._known.get(text)
        if known is None:
            if self._evaluate is None:
                raise SettlementError("condition_unavailable", when=text)
            known = self._evaluate(text)
        self.given[text] = known
        return known


def _share(held: Held) -> Share:
    return Share(party=Party(kind=held.kind, id=held.id, name=""), weight=held.weight)


def _hold(share: Share) -> Held:
    return Held(kind=share.party.kind, id=share.party.id, weight=share.weight)


def find_weights(amounts: Sequence[tuple[Party, int]]) -> tuple[Share, ...]:
    """Shares that would split as these amounts are."""
    return tuple(Share(party=party, weight=Decimal(abs(amount))) for party, amount in amounts)
