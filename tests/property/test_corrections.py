"""Any mix of bookings, reversals and rebookings, under whichever revision, leaves what the model makes of the
total."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.settlement.calculation import calculate, withdraw
from backend.settlement.lines import Accumulated, Calculation
from backend.settlement.posting import Party, Share, check_balanced, list_row_references, post
from backend.settlement.tariff import Tariff
from tests.property.test_settlement import quantities, tariffs, ticket

ROW = "r"


class Books(RuleBasedStateMachine):
    """One payee's sums of one period. `standing` is the revision that they were last brought to."""

    def __init__(self) -> None:
        super().__init__()
        self.sums = Accumulated()
        self.live: list[Decimal] = []
        self.booked = 0
        self.standing = 0

    @initialize(revisions=st.lists(tariffs("period"), min_size=2, max_size=3))
    def publish(self, revisions: list[Tariff]) -> None:
        self.revisions = [
            msgspec.structs.replace(one, rows=(msgspec.structs.replace(one.rows[0], id=ROW),))
            for one in revisions
        ]

    def _enter(self, result: Calculation) -> None:
        assert result.accumulated is not None
        refs = list_row_references(self.revisions[self.standing].rows[0])
        parties = {
            ref: [Share(party=Party(kind="account", id=f"{ref.party}{n}", name="")) for n in range(2)]
            for ref in refs
        }
        posting = post(result, parties)
        check_balanced(posting.lines)
        assert posting.lines, "even nothing is said by a line"
        self.booked += sum(line.amount for line in posting.lines if not line.counter)
        self.sums = result.accumulated

    @rule(quantity=quantities, at=st.integers(0, 2))
    def book(self, quantity: Decimal, at: int) -> None:
        self.standing = at % len(self.revisions)
        self._enter(calculate(self.revisions[self.standing], ticket(quantity), self.sums))
        self.live.append(quantity)

    @precondition(lambda self: self.live)
    @rule(at=st.integers(0, 50))
    def reverse(self, at: int) -> None:
        """Under the revision that the sums stand under, whatever the ticket was booked by."""
        taken = self.live.pop(at % len(self.live))
        self._enter(withdraw(self.revisions[self.standing], ticket(taken), self.sums, row=ROW))

    @precondition(lambda self: self.live)
    @rule(at=st.integers(0, 50), revision=st.integers(0, 2), quantity=quantities)
    def rebook(self, at: int, revision: int, quantity: Decimal) -> None:
        self.reverse(at)
        self.book(quantity, revision)

    @invariant()
    def sums_are_those_of_the_model(self) -> None:
        whole = 0
        if self.live:
            model = msgspec.structs.replace(self.revisions[self.standing], accumulation="ticket")
            whole = calculate(model, ticket(sum(self.live, Decimal(0)))).total.amount
        assert self.booked == sum(self.sums.booked.values()) == whole
        assert self.sums.tickets == len(self.live)


TestBooks = Books.TestCase
TestBooks.settings = settings(max_examples=20, stateful_step_count=8, deadline=None)
