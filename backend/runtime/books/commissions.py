"""What a tariff makes of an order.

Measures of money take the order's amount, those that count take one order; a column of the file that is
called like a measure goes before both. Dimensions (service, level, grade ...) are read from columns of the
same name; the channel is the order's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import msgspec

from backend.runtime.books.basis import Answers, Basis, keep_parties, name_place
from backend.runtime.books.entries import Head, Place, Times, list_lines, write_entry
from backend.runtime.books.quarantine import (
    IN_QUARANTINE,
    Unresolved,
    name_candidate,
    write_items,
)
from backend.runtime.books.sum_periods import find_sum_period
from backend.runtime.books.sums import Sums, read_sums, write_sums
from backend.runtime.inline.tariffs import read_tariff
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import TARIFF_IN_FORCE
from backend.settlement.attribution import Owner
from backend.settlement.calculation import calculate
from backend.settlement.document import is_bounded
from backend.settlement.lines import Calculation
from backend.settlement.matching import match_row
from backend.settlement.posting import Party, Posting, Share, list_row_references, post
from backend.settlement.tariff import DIMENSIONS, Facts, PartyRef, SettlementError, Tariff

if TYPE_CHECKING:
    from backend.runtime.books.orders import OrderDesk, OrderFile


class Commission(msgspec.Struct, frozen=True, kw_only=True):
    """Worked out and not yet written."""

    calculation: Calculation
    posting: Posting
    basis: Basis
    unresolved: tuple[Unresolved, ...] = ()


def work_out_commission(desk: OrderDesk, order: OrderFile, owner: Owner) -> Script[Commission]:
    """By the revision in force now, with the sums of its period locked. Raises SettlementError."""
    found = yield from _find_tariff(desk, owner.tariff)
    if found is None:
        raise SettlementError("no_tariff", tariff=owner.tariff)
    tariff = read_tariff(found[1], found[3])
    facts = read_facts(order, tariff)
    matched = match_row(tariff, facts)
    if matched is None:
        raise SettlementError("no_row", tariff=tariff.key, region=" / ".join(facts.region_path))
    row = matched.row
    parties, unresolved = resolve(list_row_references(row), owner, facts.region_path)
    day, place, sums = date.fromisoformat(order.day), None, Sums()
    if tariff.accumulation == "period":
        period = yield from _find_period(desk, tariff, order.region_path, day)
        place = name_place(tariff.key, row.id, parties[row.pays], period)
        sums = yield from read_sums(desk, place, lock=True)
    answers = Answers(None)
    calculation = calculate(tariff, facts, sums.accumulated, evaluate=answers)
    basis = Basis(
        tariff_id=found[0],
        revision=found[2],
        moment=desk.now,
        day=day,
        currency=order.currency,
        row=row.id,
        region_path=facts.region_path,
        quantities=facts.quantities,
        inputs=calculation.inputs,
        attributes=facts.attributes,
        place=place,
        parties=keep_parties(parties),
        conditions=answers.given,
    )
    return Commission(
        calculation=calculation, posting=post(calculation, parties), basis=basis, unresolved=unresolved
    )


def _find_tariff(desk: OrderDesk, key: str) -> Script[tuple[Any, ...] | None]:
    known = desk.found.tariffs
    if key not in known:
        known[key] = yield from ask_one(
            TARIFF_IN_FORCE, workspace=desk.workspace_id, key=key, moment=desk.now
        )
    return known[key]


def _find_period(desk: OrderDesk, tariff: Tariff, region_path: str, day: date) -> Script[str]:
    known, place = desk.found.sum_periods, (tariff.key, region_path, day.isoformat())
    if place not in known:
        known[place] = yield from find_sum_period(desk, tariff, region_path, day)
    return known[place]


def read_facts(order: OrderFile, tariff: Tariff) -> Facts:
    """Raises SettlementError `quantity_unfit` for a column that holds no number."""
    quantities = {"tickets": Decimal(1)}
    for name, measure in tariff.measures.items():
        given = order.attributes.get(name)
        if given is not None:
            quantities[name] = _read_quantity(given)
        else:
            quantities[name] = Decimal(order.amount) if measure.kind == "money" else Decimal(1)
    attributes: dict[str, str | None] = {name: order.attributes.get(name) for name in DIMENSIONS}
    attributes["channel"] = order.channel or None
    return Facts(
        quantities=quantities,
        currency=order.currency,
        attributes=attributes,
        region_path=tuple(part for part in order.region_path.split("/") if part),
    )


def _read_quantity(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise SettlementError("quantity_unfit", value=text[:40]) from error
    if not is_bounded(value):
        raise SettlementError("quantity_unfit", value=text[:40])
    return value


def resolve(
    references: Iterable[PartyRef], owner: Owner, region_path: tuple[str, ...]
) -> tuple[dict[PartyRef, tuple[Share, ...]], tuple[Unresolved, ...]]:
    """An order has no steps that somebody worked: its one person is its owner, where that is a person."""
    parties: dict[PartyRef, tuple[Share, ...]] = {}
    unresolved = []
    for ref in references:
        party = _find(ref, owner, region_path)
        if party is None:
            parties[ref] = IN_QUARANTINE
            pool = Party(kind="region", id=region_path[-1], name=region_path[-1])
            candidates = (
                name_candidate(owner.party, "candidate.owner"),
                name_candidate(pool, "candidate.pool"),
            )
            unresolved.append(Unresolved(ref=ref, reason="quarantine.order_person", candidates=candidates))
        else:
            parties[ref] = (Share(party=party),)
    return parties, tuple(unresolved)


def _find(ref: PartyRef, owner: Owner, region_path: tuple[str, ...]) -> Party | None:
    key = ref.key or ""
    match ref.party:
        case "region_pool":
            return Party(kind="region", id=key or region_path[-1], name="")
        case "customer":
            return Party(kind="account", id="customer", name="customer")
        case "department" | "partner" | "account":
            return Party(kind=ref.party, id=key, name=key) if key else None
        case "assignee" | "contributors" if owner.kind == "member":
            return owner.party
        case _:
            return None


def write_commission(
    desk: OrderDesk, head: Head, place: Place, times: Times, commission: Commission, *, order_id: str
) -> None:
    """Its posting, the sums of its period, and what of it waits in quarantine."""
    basis, calculation = commission.basis, commission.calculation
    if basis.place is not None and calculation.accumulated is not None:
        write_sums(desk, basis.place, calculation.accumulated, basis.revision)
    lines = list_lines(
        calculation,
        commission.posting,
        tariff_id=basis.tariff_id,
        revision=basis.revision,
        attributes=basis.attributes,
    )
    write_entry(desk, head, place, times, lines)
    write_items(desk, head.id, place, calculation, commission.unresolved, order_id=order_id)
