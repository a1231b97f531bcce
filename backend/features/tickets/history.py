"""Who changed which field of a ticket when, and what it was before; in the words of the forms.

Nothing is stored for it: the log is played again and its states compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import records as wire
from backend.contracts.common import Reference, Text
from backend.contracts.tasks import ShownField
from backend.db.models import Ticket, TicketEvent
from backend.engine.changes import FieldChange, list_changes
from backend.engine.events import (
    DataChanged,
    Event,
    IncidentResolved,
    MessageArrived,
    Recorded,
    Started,
    TaskCompleted,
)
from backend.engine.release import Release
from backend.features.platform.actor import Actor
from backend.features.tickets import forms, queries
from backend.features.tickets.detail import read_state
from backend.features.tickets.instances import describe_item
from backend.features.tickets.sight import Sight, find_sight
from backend.features.tickets.written import label_written
from backend.runtime.runtime import Runtime

COMPUTING = ("automatic", "money")
CAUSES: tuple[tuple[type, str], ...] = (
    (Started, "start"),
    (TaskCompleted, "task"),
    (DataChanged, "correction"),
    (MessageArrived, "message"),
    (IncidentResolved, "repair"),
)


async def describe_history(
    session: AsyncSession, runtime: Runtime, actor: Actor, ticket: Ticket, field: str | None
) -> wire.FieldHistory:
    """Of one field (`data.amount` or `amount`) or of all that the reader sees; newest first."""
    rows = await queries.list_events(session, ticket)
    releases = await _load_releases(runtime, ticket, rows)
    release = releases[ticket.release_id]
    sight = find_sight(actor, ticket, release, read_state(ticket))
    wanted = field.removeprefix("data.").split(".")[0] if field else None
    first = _find_first(ticket, rows)
    recorded = (Recorded(at=row.at, event=msgspec.convert(row.event, Event)) for row in rows)
    changes = [
        change
        for change in list_changes(lambda key: releases[key or first], recorded)
        if (wanted is None or change.field == wanted) and (sight.shown is None or change.field in sight.shown)
    ]
    by = {at: row.member_id for at, row in enumerate(rows, 1)}
    names = await queries.map_members(session, actor.workspace_id, by.values())
    teller = _Teller(release, {seq: member for seq, member in by.items() if member}, names, sight)
    return wire.FieldHistory(items=[teller.tell(change) for change in reversed(changes)])


async def _load_releases(runtime: Runtime, ticket: Ticket, rows: list[TicketEvent]) -> dict[str, Release]:
    ids = {ticket.release_id}
    for row in rows:
        if row.event.get("type") == "migrated":
            ids |= {row.event["release"], row.event.get("origin") or ticket.release_id}
    return {release_id: await runtime.release(release_id) for release_id in ids}


def _find_first(ticket: Ticket, rows: list[TicketEvent]) -> str:
    """The release that the ticket began with."""
    moves = (row.event.get("origin") for row in rows if row.event.get("type") == "migrated")
    return next((origin for origin in moves if origin), ticket.release_id)


class _Teller:
    """Turns changes into what the page shows."""

    def __init__(
        self, release: Release, by: Mapping[int, str], names: Mapping[str, str], sight: Sight
    ) -> None:
        self._release = release
        self._sight = sight
        self._by = by
        self._names = names

    def tell(self, change: FieldChange) -> wire.FieldChange:
        before, after = self._show(change.field, change.before), self._show(change.field, change.after)
        label = next((shown.label for shown in (after, before) if shown is not None), None)
        member = self._by.get(change.seq)
        node = self._release.nodes.get(change.node or "")
        cause = next((cause for kind, cause in CAUSES if isinstance(change.event, kind)), "step")
        if node is not None and node.type.family in COMPUTING and cause in {"start", "task", "message"}:
            cause = "step"  # what happened led on to a step that wrote by itself
        return wire.FieldChange(
            seq=change.seq,
            at=change.at,
            field=f"data.{change.field}",
            label=label or Text(change.field, change.field),
            cause=cause,
            by=Reference(id=member, name=self._names.get(member, "")) if member else None,
            step=Text(**node.label) if node is not None else None,
            before=before,
            after=after,
            item=describe_item(self._release, change.group, *change.item, self._sight) if change.item else "",
        )

    def _show(self, field: str, value: Any) -> ShownField | None:
        if value is None:
            return None
        path = f"data.{field}"
        shown = forms.show_fields(self._release.definition, (path,), {field: value})
        if shown:
            return shown[0]
        label = label_written(self._release, path)
        return ShownField(path=path, label=label, type=_guess_type(value), value=value)


def _guess_type(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "list" if isinstance(value, list) else "object" if isinstance(value, dict) else "string"
