"""Booking a ticket's money, inside the transition that asks for it.

The tariff revision in force is looked up by the workflow's policy (at creation or at completion); the
row, the amounts and the balance are the pure core's; this module resolves people and periods, holds the
period's sums under a row lock, and writes a posting whose cause is unique, so that nothing is ever booked
twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from backend.engine.events import Event, JobDone, JobFailed
from backend.engine.overlay import find_instance
from backend.engine.state import Job, State, Token
from backend.runtime.books.basis import Answers, Basis, keep_parties, name_place
from backend.runtime.books.entries import Head, Place, find_times, list_lines, write_entry
from backend.runtime.books.identity import derive_posting_id
from backend.runtime.books.quarantine import Unresolved, write_items
from backend.runtime.books.sum_periods import find_sum_period
from backend.runtime.books.sums import Sums, read_sums, write_sums
from backend.runtime.inline.parties import PartyFinder
from backend.runtime.inline.tariffs import Ground, find_ground, read_facts
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import FIND_POSTING
from backend.runtime.work import Work
from backend.settlement.calculation import calculate
from backend.settlement.lines import Calculation
from backend.settlement.matching import match_row
from backend.settlement.money import format_minor
from backend.settlement.posting import Posting, list_row_references, post
from backend.settlement.tariff import Facts, Row, SettlementError

FAILURES = {"no_row": "no_tariff_row"}
"""Names that incidents and error ports know, by the pure core's name."""


class Settled:
    """What a settle step books, before it is written."""

    __slots__ = ("basis", "calculation", "facts", "ground", "posting", "unresolved")

    def __init__(
        self,
        ground: Ground,
        facts: Facts,
        calculation: Calculation,
        posting: Posting,
        basis: Basis,
        *,
        unresolved: Sequence[Unresolved] = (),
    ) -> None:
        self.unresolved = unresolved
        self.ground = ground
        self.facts = facts
        self.calculation = calculation
        self.posting = posting
        self.basis = basis


def settle(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload of the settle node -> {"posting", "total", "amount", "currency", "row", "tariff"}."""
    cause = f"{job.node}:{job.id}"
    if (yield from ask_one(FIND_POSTING, ticket=work.ticket_id, cause=cause)) is not None:
        return JobFailed(job=job.id, code="already_booked")
    try:
        settled = yield from work_out(work, state, job.payload, state.tokens.get(job.token), lock=True)
    except SettlementError as error:
        return JobFailed(job=job.id, code=FAILURES.get(error.code, error.code), params=error.params)
    posting_id = yield from _write(work, settled, cause)
    total = settled.calculation.total
    result = {
        "posting": posting_id,
        "total": format_minor(total.amount, total.currency),
        "amount": total.amount,
        "currency": total.currency,
        "row": settled.calculation.row,
        "tariff": {"key": settled.ground.tariff.key, "revision": settled.ground.revision},
    }
    return JobDone(job=job.id, result=result)


def work_out(
    work: Work, state: State, payload: dict[str, Any], token: Token | None = None, *, lock: bool
) -> Script[Settled]:
    """Everything but the writing; `lock` holds the period's sums until the end. `token` is the one that
    settles: inside an instance, conditions see the instance's data. Raises SettlementError."""
    ground = yield from find_ground(work, state, payload, token)
    facts = read_facts(state, payload, ground)
    finder = PartyFinder(work, state, payload)
    if facts.attributes.get("level") is None:
        level = yield from finder.find_level()
        facts = msgspec.structs.replace(facts, attributes={**facts.attributes, "level": level})
    row = _find_row(ground, facts)
    parties = yield from finder.resolve(list_row_references(row))
    place, sums = None, Sums()
    if ground.tariff.accumulation == "period":
        period = yield from find_sum_period(work, ground.tariff, work.region_path, ground.day)
        place = name_place(ground.tariff.key, row.id, parties[row.pays], period)
        sums = yield from read_sums(work, place, lock=lock)
    answers = Answers(ground.evaluate)
    calculation = calculate(ground.tariff, facts, sums.accumulated, evaluate=answers)
    basis = Basis(
        tariff_id=ground.tariff_id,
        revision=ground.revision,
        moment=ground.moment,
        day=ground.day,
        currency=ground.currency,
        row=row.id,
        region_path=facts.region_path,
        quantities=facts.quantities,
        inputs=calculation.inputs,
        attributes=facts.attributes,
        place=place,
        parties=keep_parties(parties),
        conditions=answers.given,
        node=token.node if token is not None else "",
        inside=token is not None and find_instance(state, token) is not None,
    )
    posting = post(calculation, parties)
    return Settled(ground, facts, calculation, posting, basis, unresolved=finder.unresolved)


def _find_row(ground: Ground, facts: Facts) -> Row:
    found = match_row(ground.tariff, facts)
    if found is None:
        raise SettlementError("no_row", tariff=ground.tariff.key, region=" / ".join(facts.region_path))
    return found.row


def _write(work: Work, settled: Settled, cause: str) -> Script[str]:
    ground, basis = settled.ground, settled.basis
    if basis.place is not None and settled.calculation.accumulated is not None:
        write_sums(work, basis.place, settled.calculation.accumulated, ground.revision)
    head = Head(
        id=derive_posting_id(work.ticket_id, cause), cause=cause, tariff_id=ground.tariff_id, basis=basis
    )
    place = Place(work.ticket_id, work.workflow_id, ground.region_id, work.region_path)
    times = yield from find_times(work, place, ground.day)
    lines = list_lines(
        settled.calculation,
        settled.posting,
        tariff_id=ground.tariff_id,
        revision=ground.revision,
        attributes=settled.facts.attributes,
    )
    write_entry(work, head, place, times, lines)
    write_items(work, head.id, place, settled.calculation, settled.unresolved)
    return head.id
