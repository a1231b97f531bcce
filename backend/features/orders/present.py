"""Orders, imports, rules and pools on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, cast

from backend.contracts import orders as wire
from backend.contracts.common import MoneyValue
from backend.db.models import AttributionRule, Order, OrderImport
from backend.features.orders.naming import name_owner
from backend.features.settlement.naming import Names, name_region
from backend.messages import render

QUARANTINE = ("account", "quarantine")


def present_order(order: Order, names: Names, locale: str) -> wire.Order:
    """With its reason in words."""
    owner = (order.owner_kind, order.owner_id)
    return wire.Order(
        id=order.id,
        number=order.number,
        channel=order.channel,
        store=order.store,
        region_id=order.region_id,
        region_path=name_region(names, order.region_id),
        amount=order.amount,
        currency=order.currency,
        returned=order.returned,
        ordered_at=order.ordered_at,
        state=cast(Any, order.state),
        owner=name_owner(names, owner[0], owner[1], locale) if owner[0] and owner[1] else None,
        why=render(order.why.get("code", ""), order.why.get("params", {}), locale),
        tariff=order.tariff_key,
        attributes={str(name): str(value) for name, value in order.attributes.items()},
        posting_id=order.posting_id,
    )


def present_pools(
    rows: Iterable[tuple[str | None, str | None, str, int, int]], names: Names, locale: str
) -> wire.Pools:
    """The total is the sum of the pools, quarantine among them."""
    items, total = [], dict[str, int]()
    for kind, key, currency, amount, count in rows:
        owner = (kind, key) if kind and key else QUARANTINE
        named = name_owner(names, owner[0], owner[1], locale)
        items.append(wire.Pool(owner=named, amount=amount, currency=currency, orders=count))
        total[currency] = total.get(currency, 0) + amount
    return wire.Pools(items=items, total=add_up(total))


def add_up(sums: Mapping[str, int]) -> list[MoneyValue]:
    """By currency, in a fixed order."""
    return [MoneyValue(amount=amount, currency=currency) for currency, amount in sorted(sums.items())]


def present_import(record: OrderImport, by: str, locale: str) -> wire.OrderImport:
    """Progress, and every fault in words."""
    return wire.OrderImport(
        id=record.id,
        name=record.name,
        state=cast(Any, record.state),
        total=record.total,
        known=record.known,
        done=record.done,
        booked=record.booked,
        quarantined=record.quarantined,
        returned=record.returned,
        sums=add_up(record.sums),
        faults=[_present_fault(fault, locale) for fault in record.faults],
        fault_count=record.fault_count,
        created_at=record.created_at,
        created_by=by,
        finished_at=record.finished_at,
    )


def _present_fault(fault: Mapping[str, Any], locale: str) -> wire.ImportFault:
    params = dict(fault.get("params") or {})
    if fault["code"] == "order_column_missing":
        params["field"] = render(f"order_field_{params['field']}", {}, locale)
    return wire.ImportFault(
        cell=fault["cell"],
        row=fault["row"],
        code=fault["code"],
        message=render(fault["code"], params, locale),
    )


def present_rule(rule: AttributionRule, names: Names, locale: str) -> wire.AttributionRule:
    """A pool without an id is that of the order's own region."""
    own_pool = rule.owner_kind == "region" and not rule.owner_id
    owner = (
        wire.Owner(kind="region", id="", name=render("party_own_region", {}, locale))
        if own_pool
        else name_owner(names, rule.owner_kind, rule.owner_id, locale)
    )
    return wire.AttributionRule(
        id=rule.id,
        region_id=rule.region_id,
        region_path=name_region(names, rule.region_id),
        store=rule.store,
        channel=rule.channel,
        owner=owner,
        tariff=rule.tariff_key,
        valid_from=date.fromisoformat(rule.valid_from),
    )
