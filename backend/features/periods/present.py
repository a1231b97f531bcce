"""Periods on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from backend.contracts import periods as wire
from backend.contracts.common import NamedReference, Text
from backend.contracts.settlement import Party, Total
from backend.db.models import PeriodClosing, Region, SettlementPeriod
from backend.features.periods.obstacles import Obstacle
from backend.features.periods.queries import Sum, today_at
from backend.features.settlement.naming import Names, name_party
from backend.messages import render
from backend.runtime.books.periods import Unit
from backend.runtime.books.units import Tree
from backend.settlement.calendars import (
    MONTH,
    PeriodSpan,
    find_period_under,
    find_rule,
    next_period,
    write_rule,
)


def present_region(region: Region | None) -> NamedReference | None:
    """None for the workspace's own books."""
    return NamedReference(id=region.id, name=Text(**region.name)) if region is not None else None


def present_span(span: PeriodSpan) -> wire.Span:
    return wire.Span(key=span.key, starts_on=span.starts, ends_on=span.ends)


def present_unit(unit: Unit, tree: Tree, now: datetime) -> wire.SettlementUnit:
    """With the period of today and the one after it."""
    today = today_at(unit.zone, now)
    current = find_period_under(today, unit.rules)
    holding = find_rule(today, unit.rules)
    planned = next((dated for dated in unit.rules if dated.starts > today), None)
    return wire.SettlementUnit(
        id=unit.id,
        region=present_region(tree.find_region(unit.id)),
        zone=unit.zone,
        rule=write_rule(holding.rule if holding is not None and holding.rule is not None else MONTH),
        current=present_span(current),
        next=present_span(next_period(current, unit.rules)),
        planned=write_rule(planned.rule) if planned is not None else None,
        planned_from=planned.starts if planned is not None else None,
    )


def present_period(
    period: SettlementPeriod,
    tree: Tree,
    *,
    closing: PeriodClosing | None,
    sums: tuple[dict[str, int], int] | None,
    now: datetime,
    locale: str,
) -> wire.Period:
    """`sums`: what was received, and the number of lines, of a closed one."""
    return wire.Period(
        id=period.id,
        unit_id=period.unit_id,
        region=present_region(tree.find_region(period.unit_id)),
        key=period.key,
        starts_on=date.fromisoformat(period.starts_on),
        ends_on=date.fromisoformat(period.ends_on),
        zone=period.zone,
        state=period.state,  # type: ignore[arg-type]
        over=today_at(period.zone, now) > date.fromisoformat(period.ends_on),
        closing=present_closing(closing, locale) if closing is not None else None,
        totals=[Total(amount=amount, currency=key) for key, amount in sorted(sums[0].items())]
        if sums
        else [],
        lines=sums[1] if sums else None,
    )


def present_closing(closing: PeriodClosing, locale: str) -> wire.Closing:
    """The time that is left goes by the pace so far."""
    left = None
    if closing.status == "running" and closing.done and closing.total:
        left = closing.worked_ms * (closing.total - closing.done) // closing.done // 1000
    return wire.Closing(
        id=closing.id,
        run=closing.run,
        status=closing.status,
        total=closing.total,
        done=closing.done,
        postings=closing.postings,
        worked_ms=closing.worked_ms,
        left_s=left,
        started_at=closing.started_at,
        started_by=closing.started_by,
        finished_at=closing.finished_at,
        findings=[present_finding(found, locale) for found in closing.findings],
        hash=closing.hash,
    )


def present_finding(found: Mapping[str, Any], locale: str) -> wire.Finding:
    """What a run found wrong in the books."""
    params = {"count": found["count"]}
    return wire.Finding(
        code=found["code"],
        severity="error",
        count=found["count"],
        message=render(f"period.finding.{found['code']}", params, locale),
        named=list(found["named"]),
    )


def present_obstacle(obstacle: Obstacle, locale: str) -> wire.Finding:
    """What is missing before the close."""
    return wire.Finding(
        code=obstacle.code,
        severity=obstacle.severity,
        count=obstacle.count,
        message=render(f"period.obstacle.{obstacle.code}", {"count": obstacle.count}, locale),
        link=obstacle.link,
    )


def present_kinds(sums: Iterable[Sum], locale: str) -> list[wire.KindTotal]:
    """By kind of account and currency."""
    found: dict[tuple[str, str], list[Sum]] = {}
    for each in sums:
        found.setdefault((each.party_kind, each.currency), []).append(each)
    return [
        wire.KindTotal(
            kind=kind,
            label=render(f"period.kind.{kind}", {}, locale),
            currency=currency,
            received=sum(each.received for each in each_kind),
            borne=sum(each.borne for each in each_kind),
            lines=sum(each.lines for each in each_kind),
            parties=len({each.party_id for each in each_kind}),
        )
        for (kind, currency), each_kind in sorted(found.items())
    ]


def present_party(total: Sum, period_id: str, names: Names, locale: str) -> wire.PartyTotal:
    """One party, and the way to its lines."""
    name = name_party(names, total.party_kind, total.party_id, locale)
    return wire.PartyTotal(
        party=Party(kind=total.party_kind, id=total.party_id, name=name),
        currency=total.currency,
        received=total.received,
        borne=total.borne,
        lines=total.lines,
        filters={
            "period_id": period_id,
            "party": f"{total.party_kind}:{total.party_id}",
            "currency": total.currency,
        },
    )


def present_steps(period: SettlementPeriod, members: Mapping[str, str]) -> list[wire.PeriodStep]:
    """The newest first."""
    return [
        wire.PeriodStep(
            state=step["state"],
            at=datetime.fromisoformat(step["at"]),
            by=members.get(step["by"] or ""),
            reason=step["reason"],
        )
        for step in reversed(period.steps)
    ]
