"""What the parties of orders, rules and quarantine are called."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import orders as wire
from backend.features.settlement.naming import (
    Names,
    list_regions,
    load_departments,
    map_members,
    name_party,
)


async def load_party_names(session: AsyncSession, workspace_id: str, members: Iterable[str | None]) -> Names:
    """Regions, departments, and these members."""
    regions = await list_regions(session, workspace_id)
    return Names(
        members=await map_members(session, workspace_id, {each for each in members if each}),
        regions={region.id: region for region in regions},
        region_keys={region.key: region for region in regions},
        departments=await load_departments(session, workspace_id),
    )


def name_owner(names: Names, kind: str, key: str, locale: str) -> wire.Owner:
    """A party with what people call it."""
    return wire.Owner(kind=kind, id=key, name=name_party(names, kind, key, locale))
