"""Migrations on the wire: piles, and reasons that name steps and fields as people do."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Row

from backend.contracts import versions as wire
from backend.contracts.common import Reference, Text
from backend.db.models import Migration, MigrationTicket
from backend.features.versions.queries import Names
from backend.messages import knows, render

COUNTED = ("green", "amber", "red", "migrated", "left", "undone", "kept")


def present_migration(row: Row[Migration, str], locale: str) -> wire.Migration:
    """With its counts as far as it goes."""
    migration, by = row
    return wire.Migration(
        id=migration.id,
        workflow_id=migration.workflow_id,
        target=migration.target_number,
        sources=list(migration.sources),
        mapping=dict(migration.mapping),
        amber=migration.amber,
        status=migration.status,
        total=migration.total,
        done=migration.done,
        counts={name: migration.counts.get(name, 0) for name in COUNTED},
        created_at=migration.created_at,
        by=Reference(id=migration.created_by, name=by or "") if migration.created_by else None,
        finished_at=migration.finished_at,
        message=render(migration.error, {}, locale) if migration.error else None,
    )


def present_ticket(row: MigrationTicket, names: Names, locale: str) -> wire.MigrationTicket:
    """With its reasons in words."""
    return wire.MigrationTicket(
        ticket_id=row.ticket_id,
        number=row.number,
        title=row.title,
        origin=row.origin_number,
        standing=[names.nodes.get(node, Text(node, node)) for node in row.standing],
        verdict=row.verdict,
        status=row.status,
        findings=[present_finding(finding, names, locale) for finding in row.findings],
    )


def present_finding(finding: dict[str, Any], names: Names, locale: str) -> wire.MigrationFinding:
    """A reason that names nodes and fields as people do."""
    node = finding.get("node")
    params: dict[str, Any] = dict(finding.get("params", {}))
    if node is not None:
        params["node"] = msgspec.to_builtins(names.nodes.get(node, Text(node, node)))
    if "field" in params:
        field = params["field"]
        params["field"] = msgspec.to_builtins(names.fields.get(field, Text(field, field)))
    if isinstance(params.get("why"), str) and knows(params["why"]):
        params["why"] = render(params["why"], params, locale)
    return wire.MigrationFinding(
        area=finding["area"],
        level=finding["level"],
        code=finding["code"],
        message=render(f"migration.{finding['code']}", params, locale),
        node=node,
    )
