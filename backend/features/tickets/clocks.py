"""Service level clocks in words: where they stand, and every run and pause with its cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from backend.contracts import tickets as wire
from backend.contracts.common import Text
from backend.db.models import TicketEvent
from backend.engine.clocks import CUSTOMER, SUSPENDED, Segment, counted, explain, list_marks
from backend.engine.events import Event, Recorded
from backend.engine.release import Release
from backend.engine.state import Clock, State
from backend.engine.step import replay_steps
from backend.graph.clocks import ClockConfig
from backend.messages import knows, render

SECOND = timedelta(seconds=1)


def present_clocks(release: Release, state: State, now: datetime, locale: str) -> list[wire.TicketClock]:
    """Where each clock stands now."""
    return [_present(release, state, key, now, locale) for key in release.clocks if key in state.clocks]


def list_releases(rows: Iterable[TicketEvent]) -> list[str]:
    """Ids of every release that the ticket was moved from or to, its first one first."""
    moves = [row.event for row in rows if row.event.get("type") == "migrated"]
    return list(dict.fromkeys(key for move in moves for key in (move["origin"], move["release"])))


def explain_clocks(  # noqa: PLR0917 - a ticket, its log, and who reads it
    release: Release,
    state: State,
    rows: Iterable[TicketEvent],
    now: datetime,
    locale: str,
    releases: Mapping[str, Release],
) -> list[wire.TicketClock]:
    """The same with every stretch since the ticket began. `releases`: those of `list_releases`, by id."""
    recorded = [Recorded(at=row.at, event=msgspec.convert(row.event, Event)) for row in rows]
    first = next(iter(releases.values()), release)
    told = explain(replay_steps(first, recorded, releases.__getitem__), release, now)
    return [
        msgspec.structs.replace(
            clock, segments=[_present_segment(release, each, locale) for each in told.get(clock.key, ())]
        )
        for clock in present_clocks(release, state, now, locale)
    ]


def name_clock(key: str, config: ClockConfig) -> Text:
    """What administrators call it; the usual names where they did not say."""
    code = f"clock_name_{key}"
    usual = {locale: render(code, {}, locale) if knows(code) else key for locale in ("zh", "en")}
    zh, en = config.name.zh or config.name.en, config.name.en or config.name.zh
    return Text(zh=zh or usual["zh"], en=en or usual["en"])


def _present(release: Release, state: State, key: str, now: datetime, locale: str) -> wire.TicketClock:
    clock, config = state.clocks[key], release.clocks[key]
    accrued = counted(clock, config, state.ticket.calendar, now)
    return wire.TicketClock(
        key=key,
        name=name_clock(key, config),
        state=_name_state(clock),
        target_seconds=clock.target,
        accrued_seconds=accrued // SECOND,
        working_hours=config.working_hours,
        breached=clock.breached,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        cause=_name_pause(release, clock, locale),
        marks=[
            wire.ClockMark(
                percent=mark.percent,
                action=mark.rung.action if mark.rung is not None else "target",
                text=render(
                    f"clock_mark_{mark.rung.action if mark.rung is not None else 'target'}", {}, locale
                ),
                reached=at < clock.fired,
            )
            for at, mark in enumerate(list_marks(config))
        ],
    )


def _name_state(clock: Clock) -> str:
    if clock.stopped_at is not None:
        return "stopped"
    return "running" if clock.running_since is not None else "paused"


def _name_pause(release: Release, clock: Clock, locale: str) -> str:
    if not clock.pauses:
        return ""
    first = clock.pauses[0]
    code = first if first in {CUSTOMER, SUSPENDED} else "node"
    return _cause(release, f"clock_why_{code}", {"nodes": list(clock.pauses)}, locale)


def _present_segment(release: Release, segment: Segment, locale: str) -> wire.ClockSegment:
    return wire.ClockSegment(
        start=segment.start,
        end=segment.end,
        kind=segment.kind,
        cause=_cause(release, segment.code, segment.params, locale),
        working_seconds=segment.counted // SECOND,
        target_seconds=segment.target,
        due_at=segment.due_at,
    )


def _cause(release: Release, code: str, params: dict[str, Any], locale: str) -> str:
    nodes = [
        release.nodes[node].label.get(locale, node) if node in release.nodes else node
        for node in params.get("nodes", ())
    ]
    return render(code, {"nodes": nodes}, locale)
