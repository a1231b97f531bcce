"""Double-entry lines: every amount of a calculation leaves one party and reaches another, so each posting
sums to zero.

The sign is the side: positive is a credit (the party receives), negative a debit (the party bears). A
posting is never changed; a correction is its reversal and a new one.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

import msgspec

from backend.settlement.charges import list_parts
from backend.settlement.lines import CalculatedLine, Calculation
from backend.settlement.money import split_largest_remainder
from backend.settlement.tariff import PartyRef, Phrase, Row, SettlementError


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can hold an amount: a member, a department, a partner, a region's pool, or a plain
    account."""

    kind: Literal["member", "department", "partner", "region", "account"]
    id: str
    name: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """One of those who share an amount, and by what weight."""

    party: Party
    weight: Decimal = Decimal(1)


MAX_AMOUNT = 2**53 - 1
"""Minor units that every reader of the ledger, browsers too, holds exactly."""

Parties = Mapping[PartyRef, Sequence[Share]]
"""Who stands behind each reference of the tariff, for one ticket."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One side of one amount; ``seq`` is its place in the posting, ``account`` its ledger account,
    ``counter`` says that it bears."""

    seq: int
    account: str
    party: Party
    amount: int
    currency: str
    component: str
    kind: Literal["charge", "modifier", "adjustment"]
    row: str
    tier: int | None = None
    measure: str | None = None
    quantity: Decimal | None = None
    rate: Decimal | None = None
    why: Phrase
    counter: bool = False


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that belong together and sum to zero in every currency."""

    tariff: str
    lines: tuple[Line, ...]
    reversal: bool = False


_RECEIVING = {
    "member": "earnings",
    "department": "internal_revenue",
    "partner": "payable",
    "region": "pool",
}


def list_references(calculation: Calculation) -> tuple[PartyRef, ...]:
    """Everybody whom ``post`` needs resolved, each once."""
    amounts = [line for line in calculation.lines if line.amount]
    named = [ref for line in amounts or calculation.lines[:1] for ref in (line.pays, line.source)]
    return tuple(dict.fromkeys(named))


def list_row_references(row: Row) -> tuple[PartyRef, ...]:
    """Everybody whom a row can move money between, each once: what a posting must know of a ticket to be
    corrected later, when other lines come out than the first time."""
    named: list[PartyRef | None] = [row.pays, row.source]
    for part in (*list_parts(row), *row.modifiers):
        named += [part.pays, part.source]
    return tuple(dict.fromkeys(ref for ref in named if ref is not None))


def post(calculation: Calculation, parties: Parties) -> Posting:
    """The double-entry lines of a calculation; amounts shared by several parties are split without loss.
    What comes to nothing at all is said by a pair of lines of zero: their "why" tells the reason.

    Raises SettlementError ``party_unresolved`` when nobody stands behind a reference: such a ticket waits
    for a person to decide; ``amount_too_large`` beyond MAX_AMOUNT.
    """
    lines: list[Line] = []
    amounts = [line for line in calculation.lines if line.amount]
    for line in amounts or calculation.lines[:1]:
        lines += _enter(line, line.amount, _shares_of(parties, line.pays), len(lines), receiving=True)
        lines += _enter(line, -line.amount, _shares_of(parties, line.source), len(lines), receiving=False)
    posting = Posting(tariff=calculation.tariff, lines=tuple(lines))
    check_balanced(posting.lines)
    _check_range(posting.lines)
    return posting


def reverse(posting: Posting) -> Posting:
    """The posting that undoes another one, line by line."""
    lines = tuple(msgspec.structs.replace(line, amount=-line.amount) for line in posting.lines)
    return msgspec.structs.replace(posting, lines=lines, reversal=not posting.reversal)


def check_balanced(lines: Iterable[Line]) -> None:
    """Raises SettlementError ``unbalanced`` unless the lines sum to zero in every currency."""
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + line.amount
    for currency, amount in sums.items():
        if amount:
            raise SettlementError("unbalanced", currency=currency, amount=str(amount))


def _check_range(lines: Iterable[Line]) -> None:
    for line in lines:
        if abs(line.amount) > MAX_AMOUNT:
            raise SettlementError("amount_too_large", component=line.component)


def _shares_of(parties: Parties, ref: PartyRef) -> Sequence[Share]:
    shares = parties.get(ref)
    if not shares:
        raise SettlementError("party_unresolved", party=ref.party, key=ref.key or "")
    return shares


def _enter(
    line: CalculatedLine, amount: int, shares: Sequence[Share], start: int, *, receiving: bool
) -> list[Line]:
    amounts = split_largest_remainder(amount, [share.weight for share in shares])
    split = [(share.party, part) for share, part in zip(shares, amounts, strict=True)]
    held = [(party, part) for party, part in split if part] or split[:1]
    return [
        Line(
            seq=start + offset,
            account=account_of(party, receiving=receiving),
            party=party,
            amount=part,
            currency=line.currency,
            component=line.component,
            kind=line.kind,
            row=line.row,
            tier=line.tier,
            measure=line.measure,
            quantity=line.quantity,
            rate=line.rate,
            why=line.why,
            counter=not receiving,
        )
        for offset, (party, part) in enumerate(held)
    ]


def account_of(party: Party, *, receiving: bool) -> str:
    """A named account is its own ledger account; everybody else receives on one account and bears on
    "cost"."""
    if party.kind == "account":
        return party.id
    return _RECEIVING[party.kind] if receiving else "cost"
