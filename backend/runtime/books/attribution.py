"""Rules of attribution as they are stored, and the facts of an order they look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from backend.db.models import AttributionRule, Region
from backend.runtime.scripts import Script, ask
from backend.runtime.statements import Statement, read_json
from backend.settlement.attribution import Owner, Rule

_p = bindparam

LIST_RULES = Statement(
    select(
        AttributionRule.id,
        Region.key,
        AttributionRule.store,
        AttributionRule.channel,
        AttributionRule.owner_kind,
        AttributionRule.owner_id,
        AttributionRule.tariff_key,
        AttributionRule.valid_from,
    )
    .outerjoin(Region, Region.id == AttributionRule.region_id)
    .where(AttributionRule.workspace_id == _p("workspace"), AttributionRule.ended_at.is_(None))
)
LIST_REGIONS = Statement(select(Region.key, Region.name).where(Region.workspace_id == _p("workspace")))


def load_rules(workspace_id: str) -> Script[tuple[Rule, ...]]:
    """All that hold or will hold."""
    rows = yield from ask(LIST_RULES, workspace=workspace_id)
    return tuple(read_rule(row) for row in rows)


def read_rule(row: Iterable[Any]) -> Rule:
    """Of the columns of LIST_RULES."""
    rule_id, region, store, channel, kind, owner_id, tariff, valid_from = row
    return Rule(
        id=rule_id,
        region=region,
        store=store,
        channel=channel,
        owner=Owner(kind=kind, id=owner_id, tariff=tariff),
        valid_from=date.fromisoformat(valid_from),
    )


def load_region_names(workspace_id: str) -> Script[dict[str, dict[str, str]]]:
    """By key, for reasons in words."""
    rows = yield from ask(LIST_REGIONS, workspace=workspace_id)
    return {row[0]: read_json(row[1]) for row in rows}


def name_regions(params: Mapping[str, Any], names: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    """Params of a reason with the region's name for its key."""
    region = params.get("region")
    return {**params, "region": names.get(region, region)} if isinstance(region, str) else dict(params)
