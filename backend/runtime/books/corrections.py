"""Setting right what is booked: reversals and rebookings.

A posting never changes. What it did is taken back by a reversal, once, and what should have been is booked
anew. Where tiers look at a period, a reversal takes the ticket out of the period's sums, under the revision
that those sums stand under now; so the booked lines equal the model on the total after any mix of bookings,
reversals and rebookings. Ids and amounts follow from the causes: what is run again does nothing again.

All is a script within somebody's transaction: the caller holds the ticket's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from backend.engine.run import Refused
from backend.runtime import writes as w
from backend.runtime.books.basis import Answers, Basis, keep_parties, name_place
from backend.runtime.books.entries import Head, find_times, list_lines, write_entry
from backend.runtime.books.identity import derive_posting_id
from backend.runtime.books.quarantine import IN_QUARANTINE, follow_items, withdraw_items
from backend.runtime.books.reading import Line, Stored, find_day, read_posting, read_revision, rebuild_basis
from backend.runtime.books.statements import FIND_ENTRY, LAST_REVISION_BOOKED
from backend.runtime.books.sum_periods import find_sum_period
from backend.runtime.books.sums import Desk, Sums, read_sums, write_sums
from backend.runtime.scripts import Script, ask_one
from backend.settlement.calculation import calculate, withdraw
from backend.settlement.matching import match_row
from backend.settlement.modifiers import Evaluate
from backend.settlement.posting import Share, list_references, list_row_references, post
from backend.settlement.tariff import Facts, PartyRef, SettlementError

Shares = Mapping[PartyRef, Sequence[Share]]
Find = Callable[[Iterable[PartyRef]], Script[dict[PartyRef, tuple[Share, ...]]]]
"""Resolves references that the posting's basis does not know: those of another revision's row."""


class Grounds(msgspec.Struct, frozen=True, kw_only=True):
    """Why, by whom, and as part of which correction."""

    reason: str
    by: str | None = None
    correction_id: str | None = None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What is other in a rebooking than it was. Null: as it was.

    `quantities` and `attributes` replace those of the same name; `parties` replaces who stands behind a
    reference; `evaluate` answers conditions that were not asked before, `find` resolves references that were
    not; with `afresh` it is `evaluate` that answers, also what is known.
    """

    revision: int | None = None
    quantities: Mapping[str, Any] = {}
    attributes: Mapping[str, str | None] = {}
    parties: Any = None
    evaluate: Evaluate | None = None
    find: Any = None
    afresh: bool = False


class Entered(NamedTuple):
    """A posting of a correction; `lines` are its own, none when it had been written before."""

    id: str
    repeated: bool
    lines: tuple[Line, ...] = ()


class Rebooked(NamedTuple):
    """Both sides of a rebooking."""

    reversal: Entered
    booking: Entered


def reverse(desk: Desk, posting_id: str, grounds: Grounds) -> Script[Entered]:
    """Take back what a posting booked. Doing so again changes nothing.

    Raises PostingUnknown, Refused: reversal_final (it is itself a reversal), basis_missing,
    nothing_to_withdraw (the period's sums do not hold it).
    """
    cause = f"reversal:{posting_id}"
    known = yield from _find_entry(desk, derive_posting_id(posting_id, cause, "reversal"))
    if known is not None:
        return known
    stored = yield from read_posting(desk, posting_id)
    yield from withdraw_items(desk, posting_id)
    return (yield from _reverse(desk, stored, grounds))


def rebook(
    desk: Desk, posting_id: str, grounds: Grounds, changes: Changes | None = None, *, kind: str = "rebooking"
) -> Script[Rebooked]:
    """Take back what a posting booked, unless that is done already, and book what should have been.

    Raises what `reverse` raises, and Refused with the code of what keeps it from being worked out: no_row,
    measure_missing, condition_unavailable ...
    """
    changes = changes or Changes()
    cause = f"rebooking:{posting_id}"
    reversed_id = derive_posting_id(posting_id, f"reversal:{posting_id}", "reversal")
    booked = yield from _find_entry(desk, derive_posting_id(posting_id, cause, kind))
    if booked is not None:
        return Rebooked(Entered(reversed_id, True), booked)
    stored = yield from read_posting(desk, posting_id)
    if stored.is_reversal:
        raise Refused("reversal_final")
    basis = stored.basis or (yield from rebuild_basis(desk, stored))
    reversal = yield from _find_entry(desk, reversed_id)
    if reversal is None:
        reversal = yield from _reverse(desk, stored, grounds)
    head = Head(
        id=derive_posting_id(posting_id, cause, kind),
        cause=cause,
        kind=kind,
        correction_id=grounds.correction_id,
        reason=grounds.reason,
        booked_by=grounds.by,
    )
    try:
        lines = yield from _book(desk, stored, basis, changes, head)
    except SettlementError as error:
        raise refuse(error) from error
    return Rebooked(reversal, Entered(head.id, False, lines))


def refuse(error: SettlementError) -> Refused:
    """The same reason, for who asked for a correction."""
    params: dict[str, Any] = dict(error.params)
    return Refused(error.code, **params)


def _find_entry(desk: Desk, posting_id: str) -> Script[Entered | None]:
    """Whether it is written, by this transaction or before."""
    if any(row["id"] == posting_id for row in desk.writes.of(w.POSTINGS)):
        return Entered(posting_id, True)
    row = yield from ask_one(FIND_ENTRY, id=posting_id, workspace=desk.workspace_id)
    return Entered(posting_id, True) if row is not None else None


def _reverse(desk: Desk, stored: Stored, grounds: Grounds) -> Script[Entered]:
    if stored.is_reversal:
        raise Refused("reversal_final")
    cause = f"reversal:{stored.id}"
    head = Head(
        id=derive_posting_id(stored.id, cause, "reversal"),
        cause=cause,
        kind="reversal",
        tariff_id=stored.lines[0]["tariff_id"],
        reversal_of=stored.id,
        correction_id=grounds.correction_id,
        reason=grounds.reason,
        booked_by=grounds.by,
    )
    basis = yield from _find_sums_of(desk, stored)
    if basis is None or basis.place is None:
        lines = tuple({**line, "amount": -line["amount"]} for line in stored.lines)
    else:
        try:
            lines = yield from _withdraw(desk, basis, basis.place)
        except SettlementError as error:
            raise refuse(error) from error
    day = yield from find_day(desk, stored)
    times = yield from find_times(desk, stored.place, day)
    write_entry(desk, head, stored.place, times, lines)
    return Entered(head.id, False, lines)


def _find_sums_of(desk: Desk, stored: Stored) -> Script[Basis | None]:
    """The basis of what was added to a period's sums; null where the posting alone is the whole of it."""
    if stored.basis is not None or stored.lines[0]["tariff_id"] is None:
        return stored.basis
    first = stored.lines[0]
    tariff = yield from read_revision(desk, first["tariff_id"], first["tariff_revision"])
    if tariff.accumulation == "ticket":
        return None
    return (yield from rebuild_basis(desk, stored))


def _withdraw(desk: Desk, basis: Basis, place: tuple[str, str]) -> Script[tuple[Line, ...]]:
    sums = yield from read_sums(desk, place, lock=True)
    revision = yield from _find_standing(desk, basis, sums)
    tariff = yield from read_revision(desk, basis.tariff_id, revision)
    facts = Facts(quantities=basis.quantities, currency=basis.currency)
    calculation = withdraw(tariff, facts, sums.accumulated, row=basis.row)
    parties = _complete(basis.find_parties(), list_references(calculation))
    posting = post(calculation, parties)
    assert calculation.accumulated is not None
    write_sums(desk, place, calculation.accumulated, revision)
    return tuple(
        list_lines(
            calculation,
            posting,
            tariff_id=basis.tariff_id,
            revision=revision,
            attributes=basis.attributes,
        )
    )


def _find_standing(desk: Desk, basis: Basis, sums: Sums) -> Script[int]:
    """The revision that the sums stand under: the one that booked into them last."""
    if sums.revision is not None:
        return sums.revision
    for behind in basis.parties:
        for held in behind.shares:
            row = yield from ask_one(
                LAST_REVISION_BOOKED,
                workspace=desk.workspace_id,
                kind=held.kind,
                party=held.id,
                tariff=basis.tariff_id,
                row=basis.row,
            )
            if row is not None:
                return int(row[0])
    return basis.revision


def _book(desk: Desk, stored: Stored, basis: Basis, changes: Changes, head: Head) -> Script[tuple[Line, ...]]:
    revision = basis.revision if changes.revision is None else changes.revision
    tariff = yield from read_revision(desk, basis.tariff_id, revision)
    facts = Facts(
        quantities={**basis.quantities, **changes.quantities},
        currency=basis.currency,
        attributes={**basis.attributes, **changes.attributes},
        region_path=basis.region_path,
    )
    found = match_row(tariff, facts)
    if found is None:
        raise SettlementError("no_row", tariff=tariff.key, region=" / ".join(facts.region_path))
    parties = yield from _resolve(basis, changes, list_row_references(found.row))
    place, sums = None, Sums()
    if tariff.accumulation == "period":
        period = yield from find_sum_period(desk, tariff, stored.place.region_path, basis.day)
        place = name_place(tariff.key, found.row.id, parties[found.row.pays], period)
        sums = yield from read_sums(desk, place, lock=True)
    answers = Answers(changes.evaluate, {} if changes.afresh else basis.conditions)
    calculation = calculate(tariff, facts, sums.accumulated, evaluate=answers)
    posting = post(calculation, parties)
    if place is not None and calculation.accumulated is not None:
        write_sums(desk, place, calculation.accumulated, revision)
    new = msgspec.structs.replace(
        basis,
        revision=revision,
        row=found.row.id,
        quantities=facts.quantities,
        inputs=calculation.inputs,
        attributes=facts.attributes,
        place=place,
        parties=keep_parties(parties),
        conditions=answers.given,
    )
    times = yield from find_times(desk, stored.place, basis.day)
    lines = tuple(
        list_lines(
            calculation,
            posting,
            tariff_id=basis.tariff_id,
            revision=revision,
            attributes=facts.attributes,
        )
    )
    head = msgspec.structs.replace(head, tariff_id=basis.tariff_id, basis=new)
    write_entry(desk, head, stored.place, times, lines)
    yield from follow_items(desk, stored.id, head.id, stored.place, calculation=calculation, parties=parties)
    return lines


def _resolve(
    basis: Basis, changes: Changes, references: Sequence[PartyRef]
) -> Script[dict[PartyRef, tuple[Share, ...]]]:
    """Who stands behind each reference: whom the correction names, else who did, else who would now."""
    named: dict[PartyRef, tuple[Share, ...]] = {**basis.find_parties(), **(changes.parties or {})}
    unknown = [ref for ref in references if not named.get(ref)]
    if unknown and changes.find is not None:
        found = yield from changes.find(unknown)
        named.update(found)
    return _complete({ref: named[ref] for ref in references if ref in named}, references)


def _complete(parties: Shares, references: Iterable[PartyRef]) -> dict[PartyRef, tuple[Share, ...]]:
    held = {ref: tuple(shares) for ref, shares in parties.items() if shares}
    return {**dict.fromkeys(references, IN_QUARANTINE), **held}
