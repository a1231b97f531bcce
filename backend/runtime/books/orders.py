"""An order in the books: its amount in the pool of its owner, and the commissions that a tariff gives.

Two postings, so that each can be corrected by itself: `order:<id>:<n>` moves the amount from the account
`sales` to the owner (to `quarantine` when there is none), `commission:<id>:<n>` holds what the rule's tariff
makes of it. A return takes both back and books what is left of the order as the n+1st.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from backend.runtime import writes as w
from backend.runtime.books.attribution import name_regions
from backend.runtime.books.commissions import Commission, work_out_commission, write_commission
from backend.runtime.books.entries import Head, Place, Times, find_times, write_entry
from backend.runtime.books.identity import derive_posting_id
from backend.runtime.books.quarantine import QUARANTINE, Unresolved, name_candidate, write_item
from backend.runtime.scripts import Script
from backend.runtime.writes import WriteSet
from backend.settlement.attribution import Attribution, OrderFacts, Owner, Rule, attribute
from backend.settlement.posting import Party, account_of
from backend.settlement.tariff import Phrase, SettlementError

SALES = Party(kind="account", id="sales", name="sales")
"""Bears what owners receive."""
COMPONENT = "order"


class OrderDesk(NamedTuple):
    """Where orders are booked: one transaction of an import, or of a decision."""

    workspace_id: str
    now: datetime
    writes: WriteSet
    rules: tuple[Rule, ...]
    region_names: Mapping[str, dict[str, str]]
    found: Findings
    by: str | None = None


class Findings:
    """What one transaction has found out, and what its next order need not ask again. None of it outlives
    the transaction: the next one sees rules, tariffs and periods as they are then."""

    def __init__(self) -> None:
        self.owners: dict[tuple[str, str, str, str], Attribution] = {}
        """By region path, store, channel, day."""
        self.times: dict[tuple[str, str], Times] = {}
        """By region path and day."""
        self.tariffs: dict[str, tuple[Any, ...] | None] = {}
        """Rows of TARIFF_IN_FORCE by key."""
        self.sum_periods: dict[tuple[str, str, str], str] = {}
        """By tariff, region path and day."""


class OrderFile(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it came; `amount` is what of it is to be booked."""

    id: str
    number: str
    channel: str
    store: str
    region_id: str
    region_path: str
    amount: int
    currency: str
    ordered_at: datetime
    day: str
    attributes: dict[str, str] = {}

    def facts(self) -> OrderFacts:
        """What rules look at."""
        return OrderFacts(
            region_path=tuple(part for part in self.region_path.split("/") if part),
            store=self.store,
            channel=self.channel,
            day=date.fromisoformat(self.day),
        )


class Chosen(NamedTuple):
    """An owner that needs no rule, and why."""

    owner: Owner
    why: dict[str, Any]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an order stands in the books after it was booked."""

    state: Literal["booked", "quarantined", "returned"]
    owner: Owner | None
    why: dict[str, Any]
    posting_id: str | None


Part = Literal["order", "commission"]


def name_cause(part: Part, order_id: str, booking: int) -> str:
    """Unique in the workspace: nothing is booked twice."""
    return f"{part}:{order_id}:{booking}"


def name_posting(part: Part, order_id: str, booking: int) -> str:
    """Id of the posting; a later booking sorts behind the reversal of the one before."""
    rank = "import" if booking == 1 else "rebooking"
    return derive_posting_id(order_id, name_cause(part, order_id, booking), rank)


def book_order(
    desk: OrderDesk, order: OrderFile, booking: int, chosen: Chosen | None = None, kind: str = "import"
) -> Script[Standing]:
    """Books it for whom was `chosen`, else for whom the rules name; a tariff that gives no answer leaves the
    whole order in quarantine, as nobody would see half of it missing."""
    found = (
        Attribution(owner=chosen.owner, candidates=(chosen.owner,), why=Phrase("", {}))
        if chosen is not None
        else _attribute(desk, order)
    )
    named = {"code": found.why.code, "params": name_regions(found.why.params, desk.region_names)}
    why: dict[str, Any] = named if chosen is None else chosen.why
    owner, commission = found.owner, None
    if owner is not None and owner.tariff:
        try:
            commission = yield from work_out_commission(desk, order, owner)
        except SettlementError as error:
            why = {
                "code": "attribution.tariff_failed",
                "params": {"tariff": owner.tariff, "code": error.code},
            }
            owner = None
    posting_id = yield from _write_amount(desk, order, booking, found, owner, why=why, kind=kind)
    if commission is not None:
        yield from _write_commission(desk, order, booking, commission, kind)
    return Standing(state="booked" if owner else "quarantined", owner=owner, why=why, posting_id=posting_id)


def _attribute(desk: OrderDesk, order: OrderFile) -> Attribution:
    place = (order.region_path, order.store, order.channel, order.day)
    found = desk.found.owners.get(place)
    if found is None:
        found = desk.found.owners[place] = attribute(order.facts(), desk.rules)
    return found


def _find_times(desk: OrderDesk, order: OrderFile) -> Script[Times]:
    place = (order.region_path, order.day)
    times = desk.found.times.get(place)
    if times is None:
        times = yield from find_times(desk, find_place(order), date.fromisoformat(order.day))
        desk.found.times[place] = times
    return times


def _write_amount(
    desk: OrderDesk,
    order: OrderFile,
    booking: int,
    found: Attribution,
    owner: Owner | None,
    *,
    why: dict[str, Any],
    kind: str,
) -> Script[str]:
    cause = name_cause("order", order.id, booking)
    head = Head(id=name_posting("order", order.id, booking), cause=cause, kind=kind, booked_by=desk.by)
    place = find_place(order)
    times = yield from _find_times(desk, order)
    party = owner.party if owner else QUARANTINE
    write_entry(desk, head, place, times, list_amount_lines(order, party, why))
    if owner is None:
        candidates = tuple(
            name_candidate(each.party, "candidate.rule", tariff=each.tariff) for each in found.candidates
        )
        unresolved = Unresolved(ref=None, reason=why["code"], params=why["params"], candidates=candidates)
        write_item(
            desk, head.id, place, unresolved, amount=order.amount, currency=order.currency, order_id=order.id
        )
    return head.id


def _write_commission(
    desk: OrderDesk, order: OrderFile, booking: int, commission: Commission, kind: str
) -> Script[None]:
    cause = name_cause("commission", order.id, booking)
    head = Head(
        id=name_posting("commission", order.id, booking),
        cause=cause,
        kind=kind,
        tariff_id=commission.basis.tariff_id,
        basis=commission.basis,
        booked_by=desk.by,
    )
    times = yield from _find_times(desk, order)
    write_commission(desk, head, find_place(order), times, commission, order_id=order.id)


def find_place(order: OrderFile) -> Place:
    """No ticket and no workflow; the order's own region."""
    return Place(None, None, order.region_id, order.region_path)


def list_amount_lines(order: OrderFile, party: Party, why: dict[str, Any]) -> list[dict[str, Any]]:
    """The owner receives, `sales` bears."""
    inputs = {"order": order.number, "channel": order.channel, "store": order.store, "day": order.day}
    return [
        {
            "account": account_of(held, receiving=not counter),
            "party_kind": held.kind,
            "party_id": held.id,
            "amount": amount,
            "currency": order.currency,
            "component": COMPONENT,
            "counter": counter,
            "tariff_id": None,
            "tariff_revision": None,
            "row": "",
            "tier": None,
            "inputs": inputs,
            "formula": why,
        }
        for held, amount, counter in ((party, order.amount, False), (SALES, -order.amount, True))
    ]


def write_order(desk: OrderDesk, order: OrderFile, import_id: str, standing: Standing) -> None:
    """The row of a new order."""
    desk.writes.add(
        w.ORDERS,
        {
            **{name: getattr(order, name) for name in _STORED},
            "workspace_id": desk.workspace_id,
            "import_id": import_id,
            "returned": 0,
            **_describe(standing),
            "bookings": 1,
            "created_at": desk.now,
        },
    )


def change_order(desk: OrderDesk, order_id: str, *, returned: int, bookings: int, standing: Standing) -> None:
    """How it stands now."""
    row = {"id": order_id, "returned": returned, "bookings": bookings, **_describe(standing)}
    desk.writes.add(w.ORDER_CHANGES, row)


_STORED = (
    "id",
    "number",
    "channel",
    "store",
    "region_id",
    "region_path",
    "amount",
    "currency",
    "ordered_at",
    "attributes",
)


def _describe(standing: Standing) -> dict[str, Any]:
    owner = standing.owner
    return {
        "state": standing.state,
        "owner_kind": owner.kind if owner else None,
        "owner_id": owner.id if owner else None,
        "tariff_key": owner.tariff if owner else "",
        "why": standing.why,
        "posting_id": standing.posting_id,
    }
