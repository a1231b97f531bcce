"""The account `quarantine`: amounts of which it cannot be said whose they are.

They are booked all the same, so the books balance and pools sum to the total; an item beside the posting says
what was not known, and who it could be. Somebody's decision books the amount anew, to whom it belongs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, update

from backend.db.models import QuarantineItem
from backend.db.types import new_id
from backend.runtime import writes as w
from backend.runtime.books.entries import Place
from backend.runtime.books.sums import Desk
from backend.runtime.scripts import Script, ask
from backend.runtime.statements import Statement, read_json
from backend.settlement.lines import Calculation
from backend.settlement.posting import Parties, Party, Share
from backend.settlement.tariff import PartyRef

QUARANTINE = Party(kind="account", id="quarantine", name="quarantine")
IN_QUARANTINE = (Share(party=QUARANTINE),)
MOST_CANDIDATES = 8

_p = bindparam

WITHDRAW_ITEMS = Statement(
    update(QuarantineItem)
    .where(
        QuarantineItem.workspace_id == _p("workspace"),
        QuarantineItem.posting_id == _p("posting"),
        QuarantineItem.state == "open",
    )
    .values(state="withdrawn", resolved_at=_p("now"))
    .returning(QuarantineItem.id)
)
"""The posting they stand in was taken back."""
LIST_OPEN = Statement(
    select(QuarantineItem.id, QuarantineItem.ref).where(
        QuarantineItem.workspace_id == _p("workspace"),
        QuarantineItem.posting_id == _p("posting"),
        QuarantineItem.state == "open",
    )
)
MOVE_ITEM = Statement(
    update(QuarantineItem)
    .where(QuarantineItem.id == _p("id"))
    .values(posting_id=_p("posting"), amount=_p("amount"), currency=_p("currency"))
    .returning(QuarantineItem.id)
)


class Unresolved(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody stands behind a reference, and who might."""

    ref: PartyRef | None
    """None: the owner of an order."""
    reason: str
    params: dict[str, Any] = {}
    candidates: tuple[dict[str, str], ...] = ()


def write_item(
    desk: Desk,
    posting_id: str,
    place: Place,
    unresolved: Unresolved,
    *,
    amount: int,
    currency: str,
    order_id: str | None = None,
) -> None:
    """A row that waits for somebody."""
    ref = {} if unresolved.ref is None else msgspec.to_builtins(unresolved.ref)
    desk.writes.add(
        w.QUARANTINE,
        {
            "id": new_id(),
            "workspace_id": desk.workspace_id,
            "posting_id": posting_id,
            "ticket_id": place.ticket_id,
            "order_id": order_id,
            "ref": ref,
            "reason": unresolved.reason,
            "params": unresolved.params,
            "candidates": list(unresolved.candidates[:MOST_CANDIDATES]),
            "amount": amount,
            "currency": currency,
            "region_id": place.region_id,
            "region_path": place.region_path,
            "state": "open",
            "created_at": desk.now,
            "resolved_at": None,
            "resolved_by": None,
            "party_kind": None,
            "party_id": None,
            "note": "",
        },
    )
    desk.writes.announce(desk.workspace_id, "quarantine")


def write_items(
    desk: Desk,
    posting_id: str,
    place: Place,
    calculation: Calculation,
    unresolved: Iterable[Unresolved],
    *,
    order_id: str | None = None,
) -> None:
    """One for each reference that amounts hang on."""
    for each in unresolved:
        if each.ref is not None and _is_used(calculation, each.ref):
            write_item(
                desk,
                posting_id,
                place,
                each,
                amount=_sum_of(calculation, each.ref),
                currency=calculation.currency,
                order_id=order_id,
            )


def follow_items(
    desk: Desk, former: str, posting_id: str, place: Place, *, calculation: Calculation, parties: Parties
) -> Script[None]:
    """A posting was booked anew: its open items wait in the new one, as far as they still wait."""
    rows = yield from ask(LIST_OPEN, workspace=desk.workspace_id, posting=former)
    waiting = {msgspec.convert(ref, PartyRef): row[0] for row in rows if (ref := read_json(row[1]))}
    for ref, shares in parties.items():
        if not _is_used(calculation, ref) or not any(share.party == QUARANTINE for share in shares):
            continue
        amount, currency = _sum_of(calculation, ref), calculation.currency
        item = waiting.get(ref)
        if item is None:
            unresolved = Unresolved(ref=ref, reason="quarantine.nobody_named")
            write_item(desk, posting_id, place, unresolved, amount=amount, currency=currency)
        else:
            yield from ask(MOVE_ITEM, id=item, posting=posting_id, amount=amount, currency=currency)
    yield from withdraw_items(desk, former)


def _is_used(calculation: Calculation, ref: PartyRef) -> bool:
    return any(line.amount and ref in {line.pays, line.source} for line in calculation.lines)


def _sum_of(calculation: Calculation, ref: PartyRef) -> int:
    """What it receives less what it bears."""
    received = sum(line.amount for line in calculation.lines if line.pays == ref)
    return received - sum(line.amount for line in calculation.lines if line.source == ref)


def withdraw_items(desk: Desk, posting_id: str) -> Script[None]:
    """Nothing waits any more for a posting that was taken back."""
    rows = yield from ask(WITHDRAW_ITEMS, workspace=desk.workspace_id, posting=posting_id, now=desk.now)
    if rows:
        desk.writes.announce(desk.workspace_id, "quarantine")


def name_candidate(party: Party, why: str, **more: str) -> dict[str, str]:
    """As an item keeps it; `why` is a message code."""
    return {"kind": party.kind, "id": party.id, "name": party.name, "why": why, **more}
