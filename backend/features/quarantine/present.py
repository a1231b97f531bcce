"""Items of quarantine on the wire, reasons in words."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, cast

from backend.contracts import quarantine as wire
from backend.features.quarantine.queries import Found
from backend.features.settlement.naming import Names, name_party, name_region
from backend.messages import knows, render


def list_members(found: Iterable[Found]) -> set[str]:
    """Ids of every member that these items name."""
    named: set[str] = set()
    for item, *_ in found:
        named.update(each["id"] for each in item.candidates if each["kind"] == "member")
        if item.party_kind == "member" and item.party_id:
            named.add(item.party_id)
    return named


def present_item(found: Found, names: Names, locale: str, shared: Container[str] = ()) -> wire.QuarantineItem:
    """One of them."""
    item, number, order_number, resolved_by = found
    party = None
    if item.party_kind and item.party_id:
        party = wire.Candidate(
            kind=item.party_kind,
            id=item.party_id,
            name=name_party(names, item.party_kind, item.party_id, locale),
            why="",
        )
    return wire.QuarantineItem(
        id=item.id,
        posting_id=item.posting_id,
        ticket_id=item.ticket_id or "",
        number=number or "",
        order_id=item.order_id or "",
        order_number=order_number or "",
        reason=render(item.reason, item.params, locale),
        waits_for=_name_reference(item.ref, locale),
        candidates=[_present_candidate(each, names, locale) for each in item.candidates],
        amount=item.amount,
        currency=item.currency,
        region_path=name_region(names, item.region_id),
        shared=item.id in shared,
        state=cast(Any, item.state),
        created_at=item.created_at,
        resolved_at=item.resolved_at,
        resolved_by=resolved_by or "",
        party=party,
        note=item.note,
    )


def _present_candidate(each: Mapping[str, str], names: Names, locale: str) -> wire.Candidate:
    return wire.Candidate(
        kind=each["kind"],
        id=each["id"],
        name=name_party(names, each["kind"], each["id"], locale),
        why=render(each.get("why", ""), {}, locale),
        tariff=each.get("tariff", ""),
    )


def _name_reference(ref: Mapping[str, Any], locale: str) -> str:
    """`the worker of “visit”`; an order waits for its owner."""
    code = f"quarantine.ref_{ref.get('party', 'owner')}"
    return render(code, {"key": ref.get("key") or ""}, locale) if knows(code) else str(ref.get("key") or "")
