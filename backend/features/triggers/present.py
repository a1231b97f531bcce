"""Triggers and firings as they go out, in the reader's language. Secrets never do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from backend.contracts import triggers as wire
from backend.contracts.common import Reference, Text
from backend.db.models import Trigger, TriggerFiring
from backend.graph.registry import struct_schema
from backend.messages import LOCALES, render
from backend.runtime.triggers.config import KINDS
from backend.runtime.triggers.firing import Fired
from backend.runtime.triggers.planning import Unfit


def list_kinds() -> list[wire.TriggerKind]:
    """All kinds with the schema of their config."""
    return [
        wire.TriggerKind(
            kind=kind,
            label=_both(f"trigger_kind_{kind}"),
            summary=_both(f"trigger_kind_{kind}_text"),
            icon=described.icon,
            config_schema=struct_schema(described.config),
        )
        for kind, described in KINDS.items()
    ]


def _both(code: str) -> Text:
    return Text(**{locale: render(code, {}, locale) for locale in LOCALES})


def present_trigger(
    trigger: Trigger, base_url: str, last: wire.Firing | None = None, secret: str | None = None
) -> wire.Trigger:
    """`secret` only where it has just been made."""
    return wire.Trigger(
        id=trigger.id,
        workflow_id=trigger.workflow_id,
        kind=trigger.kind,
        name=trigger.name,
        config=trigger.config,
        active=trigger.active,
        region_id=trigger.region_id,
        url=_find_url(trigger, base_url),
        has_secret=trigger.secret is not None,
        next_at=trigger.next_at if trigger.active else None,
        last=last,
        secret=secret,
    )


def _find_url(trigger: Trigger, base_url: str) -> str | None:
    """Where other systems call."""
    if trigger.token:
        return f"{base_url}/api/v1/hooks/{trigger.token}"
    return f"{base_url}/api/v1/triggers/{trigger.id}/fire" if trigger.kind == "api" else None


def present_firing(firing: TriggerFiring, number: str | None, locale: str) -> wire.Firing:
    """`number`: of the ticket it started."""
    return wire.Firing(
        id=firing.id,
        cause=firing.cause,
        at=firing.at,
        outcome=firing.outcome,
        code=firing.code,
        reason=render(firing.code, firing.params, locale),
        ticket=Reference(id=firing.ticket_id, name=number or "") if firing.ticket_id else None,
        faults=present_faults(firing.params.get("faults", ()), locale),
    )


def present_faults(faults: Iterable[Mapping[str, Any]], locale: str) -> list[wire.FiringFault]:
    """Each field with what is wrong with it."""
    return [
        wire.FiringFault(
            field=fault["field"],
            label=Text(**fault["label"]),
            message=render(fault["code"], fault["params"], locale),
        )
        for fault in faults
    ]


def present_fired(fired: Fired, locale: str) -> wire.Fired:
    """As the caller of an API or webhook is answered."""
    return wire.Fired(
        outcome=fired.outcome,
        code=fired.code,
        reason=render(fired.code, fired.params, locale),
        repeated=fired.repeated,
        ticket_id=fired.ticket_id,
        number=fired.number,
    )


def present_unfit(error: Unfit, locale: str) -> wire.Tried:
    """Why a dry run started nothing."""
    faults = [msgspec.to_builtins(fault) for fault in error.faults]
    return wire.Tried(
        outcome="failed",
        code=error.code,
        reason=render(error.code, error.params, locale),
        faults=present_faults(faults, locale),
    )
