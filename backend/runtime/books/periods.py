"""Which period of the books a line goes into.

A unit is the nearest region, upwards, that cuts its own periods on that day; else the topmost region; else,
for what lies in no region, the workspace. A period is opened by its first line. What falls into a period
that is closed, or just being closed, counts in the unit's next open one and keeps the period it was earned
in.

The database refuses a line whose period was closed meanwhile (see the migration), and the transaction is
made anew (`backend.runtime.collisions`); so nothing here needs a lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import String, bindparam, func, literal, null, select, union_all
from sqlalchemy.dialects.postgresql import insert as upsert

from backend.db.models import Region, SettlementPeriod, SettlementRule
from backend.db.types import Json, new_id
from backend.runtime.books.sums import Desk
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import Statement, read_json
from backend.settlement.calendars import (
    DatedRule,
    PeriodSpan,
    find_period_under,
    find_rule,
    next_period,
    read_rule,
)

OPEN_STATES = frozenset({"open", "review"})
DEFAULT_ZONE = "Asia/Shanghai"

_p = bindparam

_AT = SettlementPeriod
UNIT_LINE = Statement(
    union_all(
        select(
            Region.id.label("unit"),
            Region.path.label("path"),
            Region.zone.label("zone"),
            SettlementRule.starts_on.label("starts_on"),
            SettlementRule.rule.label("rule"),
            null().label("period"),
            literal("").label("key"),
            literal("").label("state"),
        )
        .outerjoin(SettlementRule, SettlementRule.region_id == Region.id)
        .where(
            Region.workspace_id == _p("workspace"),
            func.substr(bindparam("path", type_=String()), 1, func.length(Region.path)) == Region.path,
        ),
        select(
            _AT.unit_id,
            literal(""),
            literal(""),
            _AT.starts_on,
            null().cast(Json),
            _AT.id,
            _AT.key,
            _AT.state,
        ).where(_AT.workspace_id == _p("workspace"), _AT.starts_on <= _p("day"), _AT.ends_on >= _p("day")),
    )
)
"""The regions above a path with their rules, and the periods in which a day lies: one round trip."""
LATER_PERIODS = Statement(
    select(_AT.id, _AT.key, _AT.state).where(
        _AT.workspace_id == _p("workspace"), _AT.unit_id == _p("unit"), _AT.starts_on > _p("day")
    )
)
OPEN_PERIOD = Statement(
    upsert(SettlementPeriod)
    .values(
        id=_p("id"),
        workspace_id=_p("workspace"),
        unit_id=_p("unit"),
        key=_p("key"),
        starts_on=_p("starts_on"),
        ends_on=_p("ends_on"),
        zone=_p("zone"),
        state=literal("open"),
        steps=_p("steps"),
        closing_id=null(),
        opened_at=_p("now"),
    )
    .on_conflict_do_update(
        index_elements=["workspace_id", "unit_id", "key"],
        set_={"opened_at": SettlementPeriod.__table__.c.opened_at},
    )
    .returning(SettlementPeriod.id, SettlementPeriod.state)
)
"""Its row, whoever opened it first."""


class BookingPeriod(NamedTuple):
    """Where a line goes: `key` into `ledger_lines.period`, `earned` into `earned_period` (None: the same),
    `id` into `period_id`."""

    key: str
    earned: str | None
    id: str


class Unit(NamedTuple):
    """Whose periods these are."""

    id: str
    zone: str
    rules: tuple[DatedRule, ...]


class Stored(NamedTuple):
    """A period's row, as far as a booking asks."""

    id: str
    key: str
    state: str


def find_booking_period(desk: Desk, region_path: str, day: date) -> Script[BookingPeriod]:
    """Where a line of this region goes that was earned on this local day. Opens the period if need be."""
    rows = yield from ask(UNIT_LINE, workspace=desk.workspace_id, path=region_path, day=day.isoformat())
    unit = choose_unit(desk.workspace_id, rows, day)
    span = find_period_under(day, unit.rules)
    stored = next((Stored(row[5], row[6], row[7]) for row in rows if row[5] and row[0] == unit.id), None)
    if stored is None:
        stored = yield from _open(desk, unit, span)
    if stored.state in OPEN_STATES:
        return BookingPeriod(stored.key, None, stored.id)
    later = yield from _find_open_after(desk, unit, span)
    return BookingPeriod(later.key, stored.key, later.id)


def _find_open_after(desk: Desk, unit: Unit, span: PeriodSpan) -> Script[Stored]:
    rows = yield from ask(
        LATER_PERIODS, workspace=desk.workspace_id, unit=unit.id, day=span.starts.isoformat()
    )
    known = {row[1]: Stored(*row) for row in rows}
    while True:
        span = next_period(span, unit.rules)
        stored = known.get(span.key) or (yield from _open(desk, unit, span))
        if stored.state in OPEN_STATES:
            return stored


def _open(desk: Desk, unit: Unit, span: PeriodSpan) -> Script[Stored]:
    row = yield from ask_one(
        OPEN_PERIOD,
        id=new_id(),
        workspace=desk.workspace_id,
        unit=unit.id,
        key=span.key,
        starts_on=span.starts.isoformat(),
        ends_on=span.ends.isoformat(),
        zone=unit.zone,
        steps="[]",
        now=desk.now,
    )
    assert row is not None
    return Stored(row[0], span.key, row[1])


def choose_unit(workspace_id: str, rows: Iterable[Sequence[Any]], day: date) -> Unit:
    """Of the regions above a place: the nearest with a rule of its own on that day, else the topmost."""
    rules: dict[str, list[DatedRule]] = {}
    places: dict[str, tuple[str, str]] = {}
    for region, path, zone, starts_on, rule, *_ in rows:
        if not path:
            continue
        places[path] = (region, zone)
        if starts_on is not None:
            rules.setdefault(path, []).append(
                DatedRule(date.fromisoformat(starts_on), read_rule(read_json(rule)))
            )
    units = [
        Unit(*places[path], tuple(sorted(rules.get(path, ()), key=lambda dated: dated.starts)))
        for path in sorted(places, key=len)
    ]
    for unit in reversed(units):
        holding = find_rule(day, unit.rules)
        if holding is not None and holding.rule is not None:
            return unit
    return units[0] if units else Unit(workspace_id, DEFAULT_ZONE, ())
