"""What a service level clock must have to keep its promise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from backend.graph.clocks import ClockConfig
from backend.graph.model import Definition, Issue, Where
from backend.node_sdk.parts import NEEDS_ROLE

LONGEST = timedelta(days=3650)


def check_clocks(definition: Definition) -> list[Issue]:
    """Targets that are no time, steps that are not there, reminders to nobody."""
    return [
        Issue(
            code=code,
            where=Where(pointer=f"/settings/sla/{key}{pointer}"),
            params={"clock": _name(key, clock)},
        )
        for key, clock in definition.settings.sla.items()
        for code, pointer in _find(definition, clock)
    ]


def _name(key: str, clock: ClockConfig) -> dict[str, str]:
    zh, en = clock.name.zh or clock.name.en, clock.name.en or clock.name.zh
    return {"zh": zh or key, "en": en or key}


def _find(definition: Definition, clock: ClockConfig) -> Iterator[tuple[str, str]]:
    targets = clock.targets
    given = {
        "normal": targets.normal,
        "urgent": targets.urgent,
        "high": targets.high,
        "low": targets.low,
    }
    if not any(given.values()):
        yield "clock_without_target", "/targets/normal"
    for priority, target in given.items():
        if target is not None and not timedelta() < target <= LONGEST:
            yield "clock_target_unfit", f"/targets/{priority}"
    nodes = definition.graph.nodes
    if clock.stops_at == "node" and (clock.node is None or clock.node not in nodes):
        yield "clock_step_missing", "/node"
    for at, node in enumerate(clock.pause_nodes):
        if node not in nodes:
            yield "clock_step_missing", f"/pause_nodes/{at}"
    for at, rung in enumerate(clock.ladder):
        if rung.action in NEEDS_ROLE and not rung.role:
            yield "clock_role_missing", f"/ladder/{at}/role"
