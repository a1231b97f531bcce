"""What tickets that a tariff pays for can be: the values that its workflows, people and steps really have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Member
from backend.features.settlement.vocabulary import (
    list_nodes,
    list_settle_configs,
    load_workflows,
    read_fields,
)
from backend.settlement.tariff import DIMENSIONS

Known = dict[str, set[str]]


async def load_known(session: AsyncSession, workspace_id: str, tariff: Any) -> Known:
    """Values by dimension for the tariff of this key; a dimension that nothing is known of is left out, and
    everything is while no workflow settles by the tariff."""
    users = [
        definition
        for _, definition in await load_workflows(session, workspace_id)
        if any(config.get("tariff") == tariff for config in list_settle_configs(definition))
    ]
    if not users:
        return {}
    found: Known = {}
    for definition in users:
        _collect_choices(definition, tariff, found)
        found.setdefault("role", set()).update(_list_roles(definition))
    statement = select(Member.level).where(
        Member.workspace_id == workspace_id, Member.active, Member.level != ""
    )
    found.setdefault("level", set()).update((await session.execute(statement.distinct())).scalars())
    return {dimension: values for dimension, values in found.items() if values}


def _collect_choices(definition: Mapping[str, Any], tariff: Any, found: Known) -> None:
    """A dimension that a settle step reads from a field has the choices of that field."""
    fields = read_fields(definition)
    for config in list_settle_configs(definition):
        if config.get("tariff") != tariff:
            continue
        for dimension in DIMENSIONS:
            field = fields.get(str(config.get(dimension) or "").strip())
            values = (
                {choice.value for choice in field.choices if isinstance(choice.value, str)} if field else ()
            )
            found.setdefault(dimension, set()).update(values)


def _list_roles(definition: Mapping[str, Any]) -> Iterable[str]:
    """Roles that steps are offered to."""
    for _, node in list_nodes(definition):
        config = node.get("config")
        offer = config.get("offer") if isinstance(config, Mapping) else None
        role = offer.get("role") if isinstance(offer, Mapping) else None
        if isinstance(role, str) and role:
            yield role
