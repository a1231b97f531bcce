"""The postings of a tariff once more, in their order, by another document: what a backtest is made of.

What was booked stands on one side, as the ledger has it; the other side is worked out here, from what each
posting rests on. Sums of periods are gathered anew, in the order of booking, and a reversal takes out of
them what its posting gave; so the document that booked comes to exactly what is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from backend.engine.credits import list_efforts
from backend.engine.state import State
from backend.runtime.books.basis import Answers, Basis, name_place
from backend.runtime.inline.tariffs import make_evaluate
from backend.settlement.calculation import calculate, withdraw
from backend.settlement.contribution import weigh
from backend.settlement.lines import Accumulated, Calculation
from backend.settlement.matching import match_row
from backend.settlement.modifiers import Evaluate
from backend.settlement.periods import name_period
from backend.settlement.posting import Party, Posting, Share, list_references, list_row_references, post
from backend.settlement.tariff import PartyRef, SettlementError, Tariff

UNKNOWN = Party(kind="account", id="quarantine", name="quarantine")
"""Who gets what nobody can be named for."""

Roles = Mapping[str, frozenset[str]]
"""Member -> their roles."""
FindState = Callable[[], State | None]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A posting as the books have it. `undoes`: the posting that this one reverses, with its own basis."""

    id: str
    ticket_id: str | None
    booked_at: Any
    period: str
    """The period of the books that the work falls in."""
    region: str
    """Key of the ticket's own region."""
    basis: Basis
    undoes: bool = False


class Line(NamedTuple):
    """A side of an amount that somebody receives."""

    party: tuple[str, str]
    amount: int
    currency: str
    component: str
    row: str
    tier: int | None
    code: str
    params: dict[str, Any]


class Replay:
    """One document at work. `sums` is what periods have gathered so far: place -> (tickets, quantities,
    booked)."""

    def __init__(self, tariff: Tariff, roles: Roles, sums: Mapping[str, list[Any]] | None = None) -> None:
        self.tariff = tariff
        self._roles = roles
        self._sums: dict[str, Accumulated] = {
            key: Accumulated(
                tickets=row[0],
                quantities={name: Decimal(value) for name, value in row[1].items()},
                booked=dict(row[2]),
            )
            for key, row in (sums or {}).items()
        }

    def store(self) -> dict[str, list[Any]]:
        """The sums, to be taken up again."""
        return {
            key: [row.tickets, {name: str(value) for name, value in row.quantities.items()}, row.booked]
            for key, row in self._sums.items()
        }

    def play(self, entry: Entry, find_state: FindState) -> list[Line]:
        """What the document books for it. Raises SettlementError."""
        basis = entry.basis
        facts = basis.facts()
        found = match_row(self.tariff, facts)
        if found is None:
            raise SettlementError("no_row", tariff=self.tariff.key, region=" / ".join(facts.region_path))
        state: list[State | None] = []

        def lend() -> State | None:
            if not state:
                state.append(find_state())
            return state[0]

        parties = self._resolve(entry, list_row_references(found.row), lend)
        if self.tariff.accumulation == "ticket":
            answers = Answers(_make_evaluate(entry, lend), basis.conditions)
            calculation = calculate(self.tariff, facts, evaluate=answers)
            return _list_received(calculation, _post(calculation, parties), -1 if entry.undoes else 1)
        key = "|".join(
            name_place(self.tariff.key, found.row.id, parties[found.row.pays], self._find_period(entry))
        )
        before = self._sums.get(key, Accumulated())
        if entry.undoes:
            calculation = withdraw(self.tariff, facts, before, row=found.row.id)
        else:
            calculation = calculate(self.tariff, facts, before)
        assert calculation.accumulated is not None
        self._sums[key] = calculation.accumulated
        return _list_received(calculation, _post(calculation, parties), 1)

    def _find_period(self, entry: Entry) -> str:
        if self.tariff.period == "settlement":
            return entry.period
        return name_period(entry.basis.day, self.tariff.period)

    def _resolve(
        self, entry: Entry, references: Iterable[PartyRef], lend: FindState
    ) -> dict[PartyRef, tuple[Share, ...]]:
        """As they were, else as the ticket's state tells; nobody is guessed at."""
        known = entry.basis.find_parties()
        found: dict[PartyRef, tuple[Share, ...]] = {}
        for reference in references:
            shares = known.get(reference) or self._find(entry, reference, lend)
            found[reference] = shares or (Share(party=UNKNOWN),)
        return found

    def _find(self, entry: Entry, reference: PartyRef, lend: FindState) -> tuple[Share, ...]:
        key = reference.key or ""
        if reference.party == "region_pool":
            return _share("region", key or entry.region)
        if reference.party in {"department", "partner", "account"}:
            return _share(reference.party, key)
        if reference.party == "customer":
            return _share("account", "customer")
        state = lend()
        if state is None:
            return ()
        if reference.party == "contributors":
            weights = weigh(reference, list_efforts(state))
            return tuple(
                Share(party=Party(kind="member", id=member, name=""), weight=weight)
                for member, weight in weights.items()
            )
        if reference.party == "role":
            here = dict.fromkeys(state.people.values())
            return tuple(
                Share(party=Party(kind="member", id=member, name=""))
                for member in here
                if key in self._roles.get(member, frozenset())
            )
        member = state.people.get("owner" if reference.party == "assignee" else key)
        return _share("member", member or "")


def _share(kind: Any, key: str) -> tuple[Share, ...]:
    return (Share(party=Party(kind=kind, id=key, name="")),) if key else ()


def _make_evaluate(entry: Entry, lend: FindState) -> Evaluate:
    """Conditions that were not asked when it was booked are asked of the ticket as it is stored."""

    def evaluate(text: str) -> bool:
        state = lend()
        if state is None:
            raise SettlementError("condition_unavailable", when=text)
        return make_evaluate(state, entry.booked_at)(text)

    return evaluate


def _post(calculation: Calculation, parties: Mapping[PartyRef, tuple[Share, ...]]) -> Posting:
    """Also parties of rules that the period's sums know and the row no longer has."""
    gone = {ref: (Share(party=UNKNOWN),) for ref in list_references(calculation) if ref not in parties}
    return post(calculation, {**parties, **gone})


def _list_received(calculation: Calculation, posting: Posting, sign: int) -> list[Line]:
    return [
        Line(
            party=(line.party.kind, line.party.id),
            amount=sign * line.amount,
            currency=line.currency,
            component=line.component,
            row=line.row,
            tier=line.tier,
            code=line.why.code,
            params=dict(line.why.params),
        )
        for line in posting.lines
        if not line.counter
    ]


def rebuild(  # noqa: PLR0917 - the columns of a line
    inputs: Mapping[str, Any],
    tariff_id: str,
    revision: int,
    row: str,
    currency: str,
    region_path: str,
    day: date,
    moment: Any,
) -> Basis:
    """What a posting rests on that was booked before that was kept, as a line of it tells: its quantities,
    but nobody's place in it."""
    quantities = {
        name: Decimal(str(value)) for name, value in inputs.items() if name not in {"attributes", "day"}
    }
    return Basis(
        tariff_id=tariff_id,
        revision=revision,
        moment=moment,
        day=day,
        currency=currency,
        row=row,
        region_path=tuple(part for part in region_path.split("/") if part),
        quantities=quantities,
        inputs=quantities,
        attributes=dict(inputs.get("attributes") or {}),
    )
