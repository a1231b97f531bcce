"""Units and their calendars, read for pages: which region's books are kept where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Region, SettlementRule
from backend.runtime.books.periods import DEFAULT_ZONE, Unit
from backend.settlement.calendars import DatedRule, find_rule, read_rule


class Tree(NamedTuple):
    """The regions of a workspace, parents first, each with its rules in the order of their days."""

    workspace_id: str
    regions: Sequence[Region]
    rules: dict[str, tuple[DatedRule, ...]]

    def find_unit(self, region: Region | None, day: date) -> Unit:
        """Whose periods the region's lines lie in on that day."""
        above = [other for other in self.regions if region is not None and region.path.startswith(other.path)]
        for other in reversed(above):
            holding = find_rule(day, self.rules.get(other.id, ()))
            if holding is not None and holding.rule is not None:
                return self.as_unit(other)
        return self.as_unit(above[0]) if above else Unit(self.workspace_id, DEFAULT_ZONE, ())

    def as_unit(self, region: Region) -> Unit:
        """With its own calendar."""
        return Unit(region.id, region.zone, self.rules.get(region.id, ()))

    def find_region(self, unit_id: str) -> Region | None:
        """None for the workspace's own unit."""
        return next((region for region in self.regions if region.id == unit_id), None)

    def list_units(self, day: date, kept: Iterable[str] = ()) -> list[Unit]:
        """All that keep books on that day, and those that kept some."""
        units = [self.find_unit(region, day) for region in self.regions]
        regions = [self.find_region(unit_id) for unit_id in kept]
        units += [self.as_unit(region) if region else self.find_unit(None, day) for region in regions]
        return list({unit.id: unit for unit in units}.values()) or [self.find_unit(None, day)]

    def list_regions_of(self, unit_id: str, day: date) -> list[Region]:
        """Those whose lines lie in the unit's periods on that day."""
        return [region for region in self.regions if self.find_unit(region, day).id == unit_id]


async def read_tree(session: AsyncSession, workspace_id: str) -> Tree:
    """Regions and rules of a workspace."""
    regions = select(Region).where(Region.workspace_id == workspace_id).order_by(Region.path)
    rules = select(SettlementRule).where(SettlementRule.workspace_id == workspace_id)
    rows = list((await session.execute(rules)).scalars())
    return Tree(
        workspace_id,
        list((await session.execute(regions)).scalars()),
        {
            key: _date_rules(row for row in rows if row.region_id == key)
            for key in {row.region_id for row in rows}
        },
    )


def _date_rules(rows: Iterable[SettlementRule]) -> tuple[DatedRule, ...]:
    dated = [DatedRule(date.fromisoformat(row.starts_on), read_rule(row.rule)) for row in rows]
    return tuple(sorted(dated, key=lambda rule: rule.starts))
