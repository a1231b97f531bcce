"""Taking back what a ticket has booked, inside the transition that asks for it: goods came back."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import bindparam, select

from backend.db.models import TicketLink
from backend.db.types import new_id
from backend.engine.events import Event, JobDone, JobFailed
from backend.engine.run import Refused
from backend.engine.state import Job, State
from backend.runtime import writes as w
from backend.runtime.books.corrections import Changes, Entered, Grounds, rebook, reverse
from backend.runtime.books.reading import read_posting
from backend.runtime.books.records import make_correction
from backend.runtime.books.standing import list_standing
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import LOCK_TICKET, Statement
from backend.runtime.work import Work
from backend.settlement.money import format_minor

ORIGINAL = Statement(
    select(TicketLink.ticket_id)
    .where(TicketLink.other_id == bindparam("ticket"), TicketLink.kind == "follow_up")
    .order_by(TicketLink.created_at)
    .limit(1)
)
COUNTED = "tickets"
"""A ticket stays one ticket, however much of it comes back."""


def reverse_settlement(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload {whose, share, reason} -> {"postings": how many were taken back, "total"}."""
    ticket_id = yield from _find_ticket(work, state, str(job.payload.get("whose") or "own"))
    if ticket_id is None:
        return JobDone(job=job.id, result={"postings": 0})
    if ticket_id != work.ticket_id:
        yield from ask(LOCK_TICKET, id=ticket_id, workspace=work.workspace_id)
    share = Decimal(str(job.payload.get("share") or "1"))
    grounds = Grounds(reason=str(job.payload.get("reason") or ""), by=work.actor, correction_id=new_id())
    entered: list[Entered] = []
    count = 0
    try:
        standing = yield from list_standing(work, ticket_id)
        for posting_id in reversed(standing if share else ()):
            sides = yield from _take_back(work, posting_id, share, grounds)
            entered += [one for one in sides if not one.repeated]
            count += 1
    except Refused as refused:
        return JobFailed(job=job.id, code=refused.code, params=refused.params)
    if not count:
        return JobDone(job=job.id, result={"postings": 0})
    row = make_correction(work, "returned", grounds, ticket_id=ticket_id, done=len(entered))
    work.writes.add(w.CORRECTIONS, row)
    if ticket_id != work.ticket_id:
        work.writes.announce(work.workspace_id, f"ticket:{ticket_id}")
    return JobDone(job=job.id, result={"postings": count, "total": _write_total(entered)})


def _take_back(work: Work, posting_id: str, share: Decimal, grounds: Grounds) -> Script[tuple[Entered, ...]]:
    if share == 1:
        return ((yield from reverse(work, posting_id, grounds)),)
    stored = yield from read_posting(work, posting_id)
    if stored.basis is None:
        raise Refused("basis_missing", posting=posting_id)
    left = {
        name: (quantity * (1 - share)).quantize(quantity, ROUND_HALF_UP)
        for name, quantity in stored.basis.quantities.items()
        if name != COUNTED
    }
    return tuple((yield from rebook(work, posting_id, grounds, Changes(quantities=left))))


def _find_ticket(work: Work, state: State, whose: str) -> Script[str | None]:
    if whose == "own":
        return work.ticket_id
    if whose == "parent":
        return state.ticket.parent
    for row in work.writes.of(w.LINKS):
        if row["kind"] == "follow_up" and row["other_id"] == work.ticket_id:
            return str(row["ticket_id"])
    found = yield from ask_one(ORIGINAL, ticket=work.ticket_id)
    return str(found[0]) if found is not None else None


def _write_total(entered: list[Entered]) -> str:
    sums: dict[str, int] = {}
    for one in entered:
        for line in one.lines:
            if not line["counter"]:
                sums[line["currency"]] = sums.get(line["currency"], 0) + line["amount"]
    return ", ".join(format_minor(amount, currency) for currency, amount in sums.items())
