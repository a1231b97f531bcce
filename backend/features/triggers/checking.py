"""Is a trigger's config one that can work? Every fault at once, at its field."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import Connection
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid
from backend.features.platform.problems import describe_shape
from backend.features.triggers import queries
from backend.graph.expressions import check_expression
from backend.runtime.outside import LIST, HostRefused, find_allowed, read_allow_list, refuse_plainly_inner
from backend.runtime.triggers.config import (
    NAMES,
    Config,
    EmailConfig,
    EventConfig,
    RecordDateConfig,
    ScheduleConfig,
)
from backend.runtime.triggers.config import read_config as convert_config
from backend.runtime.triggers.schedule import CronInvalid, next_moment

HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


async def check_config(
    session: AsyncSession,
    actor: Actor,
    kind: str,
    submitted: dict[str, Any],
    *,
    region_id: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The config as it is stored. Raises Invalid."""
    try:
        config = convert_config(kind, submitted)
    except msgspec.ValidationError as error:
        message = str(error)
        where = re.search(r"`\$\.?(.*)`$", message)
        found = describe_shape(
            message.split(" - ", maxsplit=1)[0], f"config.{where[1]}" if where else "config"
        )
        raise Invalid(errors=[found]) from error
    errors = [*_check_expressions(config), *await _check_kind(session, actor, config, region_id, now)]
    if errors:
        raise Invalid(errors=errors)
    stored: dict[str, Any] = msgspec.to_builtins(config)
    return stored


def _check_expressions(config: Config) -> list[FieldError]:
    texts = [("/config/condition", config.condition), ("/config/region", getattr(config, "region", ""))]
    for name in ("mapping", "customer"):
        texts += [(f"/config/{name}/{at}/value", each.value) for at, each in enumerate(getattr(config, name))]
    return [error for pointer, text in texts if text and (error := check_text(pointer, text))]


def check_text(pointer: str, text: str) -> FieldError | None:
    """What is wrong with an expression of a trigger."""
    failed = check_expression(text, NAMES)
    if failed is None:
        return None
    code = "trigger_unknown_name" if failed.code == "expression_unknown_name" else failed.code
    return FieldError(pointer, code, dict(failed.params))


async def _check_kind(
    session: AsyncSession, actor: Actor, config: Config, region_id: str | None, now: datetime
) -> list[FieldError]:
    found: list[FieldError] = []
    if isinstance(config, ScheduleConfig):
        if region_id is None:
            found.append(FieldError("/region_id", "trigger_region_required"))
        try:
            next_moment(config.cron, "UTC", now)
        except CronInvalid:
            found.append(FieldError("/config/cron", "trigger_cron_invalid"))
    if isinstance(config, EmailConfig):
        if region_id is None and not config.region:
            found.append(FieldError("/region_id", "trigger_region_required"))
        if fault := await _find_host_fault(session, actor, config):
            found.append(FieldError("/config/host", fault, {"host": config.host}))
    if isinstance(config, RecordDateConfig):
        if config.source == "tickets" and not config.workflow_id:
            found.append(FieldError("/config/workflow_id", "trigger_workflow_required"))
        if config.source == "records" and not config.collection:
            found.append(FieldError("/config/collection", "trigger_collection_required"))
        if config.source == "records" and region_id is None and not config.region:
            found.append(FieldError("/region_id", "trigger_region_required"))
    if isinstance(config, (EventConfig, RecordDateConfig)) and config.workflow_id:
        known = await queries.map_workflows(session, actor)
        if config.workflow_id not in known:
            found.append(FieldError("/config/workflow_id", "variant_workflow_unknown"))
    return found


async def _find_host_fault(session: AsyncSession, actor: Actor, config: EmailConfig) -> str | None:
    """Of a mail server: the workspace's list has to allow it. Names are resolved at each look, not here."""
    if not HOST.fullmatch(config.host):
        return "host_invalid"
    stored = await session.get(Connection, (actor.workspace_id, LIST))
    listed = read_allow_list(stored.config if stored else {})
    try:
        refuse_plainly_inner(find_allowed(listed, config.host, config.port), config.host)
    except HostRefused as refused:
        return f"trigger_{refused.reason}"
    return None
