"""A ticket's log in sentences: who did what when, newest last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from backend.contracts.common import Reference, Text
from backend.contracts.tickets import TimelineEntry
from backend.db.models import TicketEvent
from backend.engine.commands import Note
from backend.engine.events import (
    CalendarChanged,
    Cancelled,
    DataChanged,
    Event,
    IncidentResolved,
    InstanceAdded,
    JobDone,
    JobFailed,
    MessageArrived,
    Resumed,
    Returned,
    SignerAdded,
    Started,
    Suspended,
    TaskClaimed,
    TaskCompleted,
    TimerFired,
    Withdrawn,
)
from backend.engine.release import Release
from backend.forms.fields import read_label
from backend.messages import knows, render

QUIET = (TimerFired, JobDone, JobFailed, DataChanged, Cancelled, IncidentResolved, InstanceAdded)
"""Events whose notes say all there is to say."""


class Teller:
    """Turns events into sentences of one language."""

    def __init__(
        self,
        release: Release,
        members: Mapping[str, str],
        tasks: Mapping[str, tuple[str, Text]],
        locale: str,
        roles: Mapping[str, Text] | None = None,
    ) -> None:
        """`tasks`: node and label of each."""
        self._roles = roles or {}
        self._zone = "UTC"
        self._release = release
        self._members = members
        self._tasks = tasks
        self._locale = locale

    def tell(self, rows: Iterable[TicketEvent]) -> list[TimelineEntry]:
        """All entries, in the order in which they happened."""
        return [entry for row in rows for entry in self._tell_row(row)]

    def _tell_row(self, row: TicketEvent) -> list[TimelineEntry]:
        event = msgspec.convert(row.event, Event)
        if isinstance(event, Started):
            self._zone = event.ticket.calendar.zone
        told = self._tell_event(row, event)
        notes = [msgspec.convert(note, Note) for note in row.notes]
        return [*told, *(self._tell_note(row, note) for note in notes)]

    def _tell_event(self, row: TicketEvent, event: Any) -> list[TimelineEntry]:
        if isinstance(event, QUIET):
            return []
        params = self._describe(event)
        code = f"timeline_{params.pop('code')}"
        return [
            TimelineEntry(
                at=row.at,
                kind=type(event).__struct_config__.tag or "",
                text=render(code, params, self._locale),
                node=self._tasks.get(getattr(event, "task", ""), (None,))[0],
                actor=self._name(row.member_id),
                detail=getattr(event, "comment", None) or None,
            )
        ]

    def _describe(self, event: Any) -> dict[str, Any]:
        """The message code of an event with its params."""
        match event:
            case Started(ticket=facts):
                source = "parent" if facts.parent is not None else facts.source
                return {"code": f"started_{source}", "channel": facts.channel}
            case TaskClaimed(task=task, member=None):
                return {"code": "released", "task": self._label(task)}
            case TaskClaimed(task=task, member=member, by=by):
                taken = by is None or by == member
                return {
                    "code": "claimed" if taken else "delegated",
                    "task": self._label(task),
                    "member": self._members.get(member or "", ""),
                }
            case TaskCompleted(task=task, outcome=outcome):
                return {
                    "code": "completed",
                    "task": self._label(task),
                    "outcome": self._outcome(task, outcome),
                }
            case SignerAdded(task=task, member=member):
                name = self._members.get(member, "")
                return {"code": "signer_added", "task": self._label(task), "member": name}
            case Returned(task=task, to=to, resume=resume):
                node = self._release.nodes.get(to)
                code = "returned_direct" if resume == "direct" else "returned"
                return {"code": code, "task": self._label(task), "to": node.label if node else to}
            case Withdrawn(by=by):
                return {"code": "withdrawn" if by is not None else "withdrawn_by_customer"}
            case Suspended(reason=reason, until=until):
                if until is None:
                    return {"code": "suspended", "reason": reason}
                moment = until.astimezone(ZoneInfo(self._zone)).strftime("%Y-%m-%d %H:%M")
                return {"code": "suspended_until", "reason": reason, "until": moment}
            case Resumed():
                return {"code": "resumed"}
            case CalendarChanged():
                return {"code": "calendar_changed"}
            case MessageArrived(name=name, signal=signal):
                return {"code": "signal" if signal else "message", "name": name}
        return {"code": "unknown"}

    def _label(self, task: str) -> dict[str, str]:
        _, label = self._tasks.get(task, ("", Text(task, task)))
        return {"zh": label.zh, "en": label.en}

    def _outcome(self, task: str, outcome: str) -> str:
        """The port's label says it best."""
        place, _ = self._tasks.get(task, ("", None))
        return self._name_port(place, outcome)

    def _name_port(self, place: str, name: str) -> str:
        node = self._release.nodes.get(place)
        for port in node.ways_out if node else ():
            if port.name == name:
                return port.label.zh if self._locale == "zh" else port.label.en
        return name

    def _tell_note(self, row: TicketEvent, note: Note) -> TimelineEntry:
        params = {**note.params}
        for name, value in params.items():
            if name == "port" and note.node is not None:
                params[name] = self._name_port(note.node, value)
            elif name == "role" and value in self._roles:
                params[name] = msgspec.to_builtins(self._roles[value])
            elif isinstance(value, str) and value in self._members:
                params[name] = self._members[value]
            elif isinstance(value, str) and knows(value):
                params[name] = render(value, note.params, self._locale)
            elif isinstance(value, str) and value in self._release.nodes:
                params[name] = self._release.nodes[value].label
        if note.code == "data_changed":
            params["fields"] = [self._name_field(str(name)) for name in note.params.get("fields", ())]
        return TimelineEntry(
            at=row.at,
            kind=note.code,
            text=render(note.code, params, self._locale),
            node=note.node,
            actor=self._name(note.member),
        )

    def _name_field(self, name: str) -> str:
        """As the first form that has it calls it."""
        for form in self._release.definition.forms.values():
            if name in form.schema.get("properties", {}):
                label = read_label(form.schema["properties"][name], name)
                return label.zh if self._locale == "zh" else label.en
        return name

    def _name(self, member_id: str | None) -> Reference | None:
        return Reference(id=member_id, name=self._members.get(member_id, "")) if member_id else None


def list_member_ids(rows: Iterable[TicketEvent]) -> set[str]:
    """Everybody an event or a note names."""
    found: set[str] = set()
    for row in rows:
        values: list[Any] = [row.member_id, row.event.get("member"), row.event.get("by")]
        for note in row.notes:
            values += [note.get("member"), *note.get("params", {}).values()]
        found.update(value for value in values if isinstance(value, str) and len(value) == 36)
    return found
