"""What the codes that chose a tariff's row are called: choices of the forms, and the common ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.common import Text
from backend.db.models import Release
from backend.forms.fields import list_fields
from backend.messages import LOCALES, knows, render

MOST_WORKFLOWS = 20
"""A page of lines rarely has more; beyond that codes stay codes."""

Choices = Mapping[str, Text]


class _Forms(msgspec.Struct):
    forms: dict[str, dict[str, Any]] = {}


_decode = msgspec.json.Decoder(_Forms).decode


async def load_choices(session: AsyncSession, workflow_ids: set[str]) -> dict[str, Choices]:
    """By workflow: choice -> its name in the newest release's forms."""
    if not workflow_ids or len(workflow_ids) > MOST_WORKFLOWS:
        return {}
    latest = (
        select(Release.workflow_id, func.max(Release.number).label("number"))
        .where(Release.workflow_id.in_(workflow_ids))
        .group_by(Release.workflow_id)
        .subquery()
    )
    statement = select(Release.workflow_id, Release.definition).join(
        latest, (Release.workflow_id == latest.c.workflow_id) & (Release.number == latest.c.number)
    )
    rows = (await session.execute(statement)).all()
    return {workflow_id: _read_choices(_decode(definition).forms) for workflow_id, definition in rows}


def _read_choices(forms: Mapping[str, dict[str, Any]]) -> Choices:
    named = {key: {"schema": form.get("schema", {}), **form} for key, form in forms.items()}
    return {
        choice.value: Text(choice.label.zh, choice.label.en)
        for field in list_fields(named)
        for choice in field.choices
        if isinstance(choice.value, str)
    }


def name_codes(inputs: Mapping[str, Any], choices: Choices) -> dict[str, Text]:
    """Name of each attribute's code, where it has one."""
    attributes = inputs.get("attributes")
    found: dict[str, Text] = {}
    for dimension, value in attributes.items() if isinstance(attributes, dict) else ():
        common = f"code_{dimension}_{value}"
        if not isinstance(value, str):
            continue
        if value in choices:
            found[value] = choices[value]
        elif knows(common):
            found[value] = Text(*(render(common, {}, locale) for locale in LOCALES))
    return found
