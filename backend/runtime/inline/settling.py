"""Booking a ticket's money, inside the transition that asks for it.

The tariff revision in force is looked up by the workflow's policy (at creation or at completion); the
row, the amounts and the balance are the pure core's; this module resolves people and periods, holds the
period's sums under a row lock, and writes a posting whose cause is unique, so that nothing is ever booked
twice.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from backend.db.types import new_id
from backend.engine.events import Event, JobDone, JobFailed
from backend.engine.state import Job, State, Token
from backend.runtime import writes as w
from backend.runtime.books.periods import BookingPeriod, find_booking_period
from backend.runtime.inline.parties import PartyFinder
from backend.runtime.inline.tariffs import Ground, find_ground, read_facts
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import (
    FIND_POSTING,
    LOCK_ACCUMULATOR,
    OPEN_ACCUMULATOR,
    READ_ACCUMULATOR,
    read_json,
)
from backend.runtime.work import Work
from backend.settlement.calculation import calculate
from backend.settlement.lines import Accumulated, Calculation
from backend.settlement.matching import match_row
from backend.settlement.money import format_minor
from backend.settlement.periods import name_period
from backend.settlement.posting import Line, Posting, list_references, post
from backend.settlement.tariff import Facts, SettlementError

FAILURES = {"no_row": "no_tariff_row"}
"""Names that incidents and error ports know, by the pure core's name."""


class Settled:
    """What a settle step books, before it is written."""

    __slots__ = ("accumulator", "calculation", "facts", "ground", "posting")

    def __init__(
        self,
        ground: Ground,
        facts: Facts,
        calculation: Calculation,
        posting: Posting,
        accumulator: tuple[str, str] | None,
    ) -> None:
        self.ground = ground
        self.facts = facts
        self.calculation = calculation
        self.posting = posting
        self.accumulator = accumulator


def settle(work: Work, state: State, job: Job) -> Script[Event]:
    """Payload of the settle node -> {"posting", "total", "amount", "currency", "row", "tariff"}."""
    cause = f"{job.node}:{job.id}"
    if (yield from ask_one(FIND_POSTING, ticket=work.ticket_id, cause=cause)) is not None:
        return JobFailed(job=job.id, code="already_booked")
    try:
        settled = yield from work_out(work, state, job.payload, state.tokens.get(job.token), lock=True)
    except SettlementError as error:
        return JobFailed(job=job.id, code=FAILURES.get(error.code, error.code), params=error.params)
    times = yield from find_booking_period(work, work.region_path, settled.ground.day)
    posting_id = _write_posting(work, settled, cause, times)
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
    accumulated, place = None, None
    if ground.tariff.accumulation == "period":
        place = yield from _find_place(finder, ground, facts)
        accumulated = yield from _read_sums(work, *place, lock=lock)
    calculation = calculate(ground.tariff, facts, accumulated, evaluate=ground.evaluate)
    parties = yield from finder.resolve(list_references(calculation))
    return Settled(ground, facts, calculation, post(calculation, parties), place)


def _find_place(finder: PartyFinder, ground: Ground, facts: Facts) -> Script[tuple[str, str]]:
    """(key, period) of the sums: one for each tariff, row and payee."""
    found = match_row(ground.tariff, facts)
    if found is None:
        raise SettlementError("no_row", tariff=ground.tariff.key, region=" / ".join(facts.region_path))
    parties = yield from finder.resolve((found.row.pays,))
    holders = "+".join(f"{share.party.kind}:{share.party.id}" for share in parties[found.row.pays])
    key = f"{ground.tariff.key}|{found.row.id}|{holders}"[:240]
    return key, name_period(ground.day, ground.tariff.period)


def _read_sums(work: Work, key: str, period: str, *, lock: bool) -> Script[Accumulated]:
    for row in work.writes.of(w.ACCUMULATORS):
        if (row["key"], row["period"]) == (key, period):
            return _sums(row["tickets"], row["quantities"], row["booked"])
    params = {"workspace": work.workspace_id, "key": key, "period": period}
    if lock:
        yield from ask(OPEN_ACCUMULATOR, **params)
    stored = yield from ask_one(LOCK_ACCUMULATOR if lock else READ_ACCUMULATOR, **params)
    return _sums(stored[0], read_json(stored[1]), read_json(stored[2])) if stored else Accumulated()


def _sums(tickets: int, quantities: dict[str, str], booked: dict[str, int]) -> Accumulated:
    exact = {measure: Decimal(value) for measure, value in quantities.items()}
    return Accumulated(tickets=tickets, quantities=exact, booked=dict(booked))


def _write_posting(work: Work, settled: Settled, cause: str, times: BookingPeriod) -> str:
    posting_id = new_id()
    after = settled.calculation.accumulated
    if settled.accumulator is not None and after is not None:
        key, period = settled.accumulator
        rows = work.writes.of(w.ACCUMULATORS)
        rows[:] = [row for row in rows if (row["key"], row["period"]) != (key, period)]
        work.writes.add(
            w.ACCUMULATORS,
            {
                "workspace_id": work.workspace_id,
                "key": key,
                "period": period,
                "tickets": after.tickets,
                "quantities": {measure: str(value) for measure, value in after.quantities.items()},
                "booked": after.booked,
            },
        )
    counter = find_counter_sides(settled.calculation, settled.posting)
    for line in settled.posting.lines:
        row = _line_row(work, settled, posting_id, line, line.seq in counter)
        row |= {"period": times.key, "period_id": times.id, "earned_period": times.earned}
        work.writes.add(w.LINES, row)
    work.writes.add(
        w.POSTINGS,
        {
            "id": posting_id,
            "workspace_id": work.workspace_id,
            "ticket_id": work.ticket_id,
            "cause": cause,
            "reversal_of": None,
            "booked_at": work.now,
            "lines": len(settled.posting.lines),
        },
    )
    return posting_id


def _line_row(work: Work, settled: Settled, posting_id: str, line: Line, counter: bool) -> dict[str, Any]:
    ground = settled.ground
    inputs = {measure: str(value) for measure, value in settled.calculation.inputs.items()}
    return {
        "id": new_id(),
        "workspace_id": work.workspace_id,
        "posting_id": posting_id,
        "ticket_id": work.ticket_id,
        "workflow_id": work.workflow_id,
        "account": line.account,
        "party_kind": line.party.kind,
        "party_id": line.party.id,
        "amount": line.amount,
        "currency": line.currency,
        "component": line.component,
        "counter": counter,
        "tariff_id": ground.tariff_id,
        "tariff_revision": ground.revision,
        "row": line.row,
        "tier": line.tier,
        "inputs": {**inputs, "attributes": settled.facts.attributes},
        "formula": {"code": line.why.code, "params": line.why.params},
        "region_id": ground.region_id,
        "region_path": work.region_path,
        "booked_at": work.now,
    }


def find_counter_sides(calculation: Calculation, posting: Posting) -> frozenset[int]:
    """Seqs of the bearing side. Each amount is entered first for who receives it, then for who bears it."""
    entered = iter(posting.lines)
    counter: set[int] = set()
    for line in calculation.lines:
        for total, bearing in ((line.amount, False), (-line.amount, True)):
            left = total
            while left:
                side = next(entered)
                left -= side.amount
                if bearing:
                    counter.add(side.seq)
    return frozenset(counter)
