"""The document that booked comes to exactly what is booked, whatever was reversed in between."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.runtime.books.backtest_report import find_size
from backend.runtime.books.basis import Basis, keep_parties
from backend.runtime.books.replay import Entry, Replay
from backend.settlement.calculation import calculate, withdraw
from backend.settlement.lines import Accumulated
from backend.settlement.posting import Party, Share, list_row_references, post
from backend.settlement.tariff import Facts, Tariff
from tests.property.test_settlement import quantities, tariffs

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def enter(tariff: Tariff, at: int, quantity: Decimal, *, undoes: bool) -> Entry:
    parties = {
        ref: (Share(party=Party(kind="account", id=ref.key or ref.party, name="")),)
        for ref in list_row_references(tariff.rows[0])
    }
    basis = Basis(
        tariff_id="t",
        revision=1,
        moment=NOW,
        day=date(2026, 3, 2),
        currency="CNY",
        row="r",
        quantities={"q": quantity},
        inputs={"q": quantity},
        parties=keep_parties(parties),
    )
    return Entry(
        id=str(at), ticket_id=None, booked_at=NOW, period="2026-03", region="all", basis=basis, undoes=undoes
    )


@settings(max_examples=40)
@given(st.data(), st.sampled_from(("ticket", "period")))
def test_the_same_document_gives_the_same_books(data: st.DataObject, accumulation: str) -> None:
    tariff = data.draw(tariffs(accumulation))
    steps: list[tuple[Decimal, bool]] = []
    standing: list[Decimal] = []
    for quantity in data.draw(st.lists(quantities, min_size=1, max_size=6)):
        steps.append((quantity, False))
        standing.append(quantity)
        undo: bool = data.draw(st.booleans())
        if undo:
            taken = data.draw(st.sampled_from(standing))
            standing.remove(taken)
            steps.append((taken, True))
    replay, state = Replay(tariff, {}), Accumulated()
    for at, (quantity, undoes) in enumerate(steps):
        facts = Facts(quantities={"q": quantity}, currency="CNY")
        if accumulation == "ticket":
            booked = calculate(tariff, facts)
        else:
            booked = withdraw(tariff, facts, state) if undoes else calculate(tariff, facts, state)
            assert booked.accumulated is not None
            state = booked.accumulated
        sign = -1 if undoes and accumulation == "ticket" else 1
        entry = enter(tariff, at, quantity, undoes=undoes)
        received = [
            (line.party.id, sign * line.amount)
            for line in post(booked, entry.basis.find_parties()).lines
            if not line.counter
        ]
        if at == len(steps) // 2:  # a worker that takes over in the middle
            replay = Replay(tariff, {}, replay.store())
        lines = replay.play(entry, lambda: None)
        assert [(line.party[1], line.amount) for line in lines] == received
        assert find_size(lines, lines) == 0
