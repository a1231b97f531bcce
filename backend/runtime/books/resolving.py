"""Somebody says whose an amount in quarantine is: it is booked anew, in one transaction.

A tariff's reference is rebooked with the party in its place, so that in a tariff whose tiers look at a period
the sums move from quarantine to the right holder. An order is taken back and booked for its owner.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import msgspec
from sqlalchemy import bindparam, select, update

from backend.db.models import QuarantineItem
from backend.db.types import new_id
from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.attribution import load_region_names, load_rules
from backend.runtime.books.corrections import Changes, Grounds, rebook
from backend.runtime.books.deeds import Deed, close_deed
from backend.runtime.books.orders import Chosen, Findings, OrderDesk
from backend.runtime.books.records import make_correction
from backend.runtime.books.returns import FIND_ORDER_BY_ID, book_again, read_record, take_back
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import LOCK_TICKET, Statement, read_json
from backend.runtime.writes import WriteSet
from backend.settlement.attribution import Owner, OwnerKind
from backend.settlement.posting import Party, Share
from backend.settlement.tariff import PartyRef

_p = bindparam
_COLUMNS = (
    QuarantineItem.state,
    QuarantineItem.posting_id,
    QuarantineItem.ticket_id,
    QuarantineItem.order_id,
    QuarantineItem.ref,
)
_THIS = (QuarantineItem.workspace_id == _p("workspace"), QuarantineItem.id == _p("id"))
FIND_ITEM = Statement(select(*_COLUMNS).where(*_THIS))
LOCK_ITEM = Statement(select(*_COLUMNS).where(*_THIS).with_for_update())
CLOSE_ITEM = Statement(
    update(QuarantineItem)
    .where(QuarantineItem.id == _p("id"))
    .values(
        state="resolved",
        resolved_at=_p("now"),
        resolved_by=_p("by"),
        party_kind=_p("kind"),
        party_id=_p("party"),
        note=_p("note"),
    )
    .returning(QuarantineItem.id)
)


class Decision(NamedTuple):
    """`tariff`: by which an order's commissions are worked out; `by_name` stands in its reason."""

    party: Party
    by: str
    by_name: str
    note: str = ""
    tariff: str = ""


def resolve_item(workspace_id: str, item_id: str, decision: Decision, now: Any) -> Script[Deed]:
    """Raises Refused: quarantine_unknown, quarantine_closed (somebody was first), what booking anew
    raises; then nothing has changed."""
    desk = OrderDesk(
        workspace_id=workspace_id,
        now=now,
        writes=WriteSet(),
        rules=(yield from load_rules(workspace_id)),
        region_names=(yield from load_region_names(workspace_id)),
        found=Findings(),
        by=decision.by,
    )
    seen = yield from ask_one(FIND_ITEM, workspace=workspace_id, id=item_id)
    if seen is None:
        raise Refused("quarantine_unknown")
    if seen[2] is not None:
        yield from ask(LOCK_TICKET, id=seen[2], workspace=workspace_id)
    item = yield from ask_one(LOCK_ITEM, workspace=workspace_id, id=item_id)
    if item is None or item[0] != "open":
        raise Refused("quarantine_closed")
    party = decision.party
    yield from ask(
        CLOSE_ITEM,
        id=item_id,
        now=now,
        by=decision.by,
        kind=party.kind,
        party=party.id,
        note=decision.note,
    )
    grounds = Grounds(reason=decision.note, by=decision.by, correction_id=new_id())
    ref = read_json(item[4])
    if ref:
        shares = {msgspec.convert(ref, PartyRef): (Share(party=party),)}
        yield from rebook(desk, item[1], grounds, Changes(parties=shares), kind="resolution")
    else:
        yield from _give_order(desk, item[3], decision, grounds)
    desk.writes.add(w.CORRECTIONS, make_correction(desk, "resolution", grounds, ticket_id=item[2], done=1))
    topics = [f"ticket:{item[2]}"] if item[2] else ["orders"]
    desk.writes.announce(workspace_id, "quarantine", "settlement", *topics)
    yield desk.writes
    return close_deed(desk.writes, item_id)


def _give_order(desk: OrderDesk, order_id: str, decision: Decision, grounds: Grounds) -> Script[None]:
    row = yield from ask_one(FIND_ORDER_BY_ID, workspace=desk.workspace_id, id=order_id)
    if row is None:
        raise Refused("quarantine_unknown")
    record = read_record(row)
    owner = Owner(kind=cast(OwnerKind, decision.party.kind), id=decision.party.id, tariff=decision.tariff)
    why = {"code": "attribution.decided", "params": {"name": decision.by_name}}
    yield from take_back(desk, record, grounds)
    left = record.amount - record.returned
    standing = yield from book_again(desk, record, left, Chosen(owner, why), kind="resolution")
    if standing.owner is None:
        raise Refused("quarantine_tariff_failed", tariff=decision.tariff)
