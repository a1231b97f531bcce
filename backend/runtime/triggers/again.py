"""A failed firing, tried again: by what was kept of its cause, or by what the cause still points at.

A ticket or record is read as it is now, for that is where the reason of the failure may have been mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from backend.engine.run import describe_ticket
from backend.runtime.scripts import Script, ask_one
from backend.runtime.triggers.dates import Subject, decode_state, find_subject, find_zone
from backend.runtime.triggers.firing import stamp
from backend.runtime.triggers.planning import Given
from backend.runtime.triggers.statements import DEPTH_OF, TICKET, TriggerRow


def recall(trigger: TriggerRow, cause: str, depth: int, params: Mapping[str, Any]) -> Script[Given | None]:
    """`params` are the firing's own. None: nothing is known of the cause any more."""
    if "given" in params:
        kept = msgspec.convert(params["given"], Given)
        return msgspec.structs.replace(kept, cause=cause, depth=depth)
    if trigger.kind == "schedule":
        return describe_moment(datetime.fromisoformat(cause), (yield from find_zone(trigger)))
    if trigger.kind == "event":
        return (yield from describe_event(trigger.workspace_id, cause.partition(":")[0], cause))
    if trigger.kind == "record_date":
        subject, _, day = cause.rpartition(":")
        found = yield from find_subject(trigger, subject)
        return describe_date(found, subject, day) if found else None
    return None


def describe_moment(moment: datetime, zone: str, missed: int = 0) -> Given:
    """A moment of a schedule, as its expressions see it: `body.date`, `body.time`, `body.missed`."""
    local = moment.astimezone(ZoneInfo(zone))
    body = {
        "scheduled": stamp(moment),
        "date": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "missed": missed,
    }
    return Given(cause=stamp(moment), names={"body": body})


def describe_date(found: Subject, subject: str, day: str) -> Given:
    """A watched date that has come."""
    return Given(
        cause=f"{subject}:{day}",
        names=found.names,
        plain=found.data,
        customer=found.customer,
        region_id=found.region_id,
    )


def describe_event(workspace_id: str, ticket_id: str, cause: str) -> Script[Given | None]:
    """The ticket that it happened to, as it is now, and how long the chain behind it is."""
    row = yield from ask_one(TICKET, workspace=workspace_id, ticket=ticket_id)
    if row is None:
        return None
    depth = yield from find_depth(ticket_id)
    state = decode_state(row[0])
    return Given(
        cause=cause,
        names={"data": state.data, "ticket": describe_ticket(state), "customer": state.customer},
        plain=state.data,
        customer=state.customer,
        region_id=row[2],
        depth=depth,
    )


def find_depth(ticket_id: str) -> Script[int]:
    """Of what this ticket causes: one more than its own."""
    row = yield from ask_one(DEPTH_OF, ticket=ticket_id)
    return 1 + ((row[0] if row else None) or 0)
