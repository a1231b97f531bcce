"""Projects, rates, hours and cost on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from backend.contracts import labour as wire
from backend.contracts.common import Reference, Text
from backend.db.models import LabourRate, LabourRun, Project, Region
from backend.features.labour.queries import Entry
from backend.features.platform.actor import Actor
from backend.messages import render


def present_project(project: Project, regions: Mapping[str, Region]) -> wire.Project:
    """With the path of its region."""
    path: list[Text] = []
    region = regions.get(project.region_id or "")
    while region is not None:
        path.insert(0, Text(**region.name))
        region = regions.get(region.parent_id or "")
    return wire.Project(
        id=project.id,
        key=project.key,
        name=Text(**project.name),
        region_id=project.region_id,
        region_path=path,
        workflows=list(project.workflows),
        active=project.active,
    )


def present_rate(rate: LabourRate, name: str) -> wire.LabourRate:
    """One rate."""
    return wire.LabourRate(
        id=rate.id,
        member=Reference(id=rate.member_id, name=name),
        kind=cast(Any, rate.kind),
        hourly=rate.hourly,
        currency=rate.currency,
        valid_from=date.fromisoformat(rate.valid_from),
    )


def name_project(key: str, name: Mapping[str, str], locale: str) -> str:
    """What admins call it, else its key."""
    return name.get(locale) or name.get("zh") or name.get("en") or key


def present_entry(found: Entry, actor: Actor, locale: str) -> wire.LabourEntry:
    """Amounts only for those who may see money, and for one's own."""
    entry, key, name, member, number, decider = found
    return wire.LabourEntry(
        id=entry.id,
        project=Reference(id=entry.project_id, name=name_project(key, name, locale)),
        member=Reference(id=entry.member_id, name=member),
        day=date.fromisoformat(entry.day),
        seconds=entry.seconds,
        source=cast(Any, entry.source),
        ticket_id=entry.ticket_id or "",
        number=number or "",
        note=entry.note,
        state=cast(Any, entry.state),
        kind=render(f"labour_{entry.kind}", {}, locale) if entry.kind else "",
        amount=entry.amount,
        currency=entry.currency,
        decided_by=decider or "",
        reason=entry.reason,
        mine=actor.member_id in {entry.member_id, entry.entered_by},
    )


def present_run(run: LabourRun, names: Mapping[str, str]) -> wire.LabourRun:
    """How far it has come, and who has no rate."""
    return wire.LabourRun(
        id=run.id,
        month=run.month,
        state=cast(Any, run.state),
        done=run.done,
        booked=run.booked,
        unmatched=run.unmatched,
        unpriced=[names.get(each, each) for each in run.unpriced],
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
