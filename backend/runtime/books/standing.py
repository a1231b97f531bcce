"""What still stands of a ticket's postings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from backend.db.types import new_id
from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.corrections import Entered, Grounds, reverse
from backend.runtime.books.records import make_correction
from backend.runtime.books.statements import TICKET_POSTINGS
from backend.runtime.books.sums import Desk
from backend.runtime.scripts import Script, ask


def list_standing(desk: Desk, ticket_id: str) -> Script[list[str]]:
    """Postings of a ticket that nobody has taken back, in the order of booking."""
    rows = yield from ask(TICKET_POSTINGS, ticket=ticket_id, workspace=desk.workspace_id)
    rows = [*rows, *_list_pending(desk, ticket_id)]
    taken = {row[3] for row in rows}
    return [row[0] for row in rows if row[3] is None and row[0] not in taken]


def _list_pending(desk: Desk, ticket_id: str) -> Iterable[tuple[Any, ...]]:
    """What this transaction books."""
    for row in desk.writes.of(w.POSTINGS):
        if row["ticket_id"] == ticket_id:
            yield row["id"], row["kind"], row["cause"], row["reversal_of"]


def reverse_standing(desk: Desk, ticket_id: str, grounds: Grounds) -> Script[list[Entered]]:
    """Take back all that stands, the last booked first."""
    standing = yield from list_standing(desk, ticket_id)
    entered = []
    for posting_id in reversed(standing):
        one = yield from reverse(desk, posting_id, grounds)
        entered.append(one)
    return entered


def take_back(desk: Desk, ticket_id: str, reason: str, by: str | None) -> Script[None]:
    """What a ticket has booked that is cancelled. The ticket is over, whatever the books say: where they
    refuse, a failed correction is left for finance to see."""
    standing = yield from list_standing(desk, ticket_id)
    if not standing:
        return
    grounds = Grounds(reason=reason[:1000], by=by, correction_id=new_id())
    done, error = 0, None
    for posting_id in reversed(standing):
        try:
            yield from reverse(desk, posting_id, grounds)
            done += 1
        except Refused as refused:
            error = refused.code
    row = make_correction(desk, "cancelled", grounds, ticket_id=ticket_id, done=done, error=error)
    desk.writes.add(w.CORRECTIONS, {**row, "total": len(standing)})
