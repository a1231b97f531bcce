"""Which job is answered inside the transaction that asks for it, and by what."""

from __future__ import annotations

from collections.abc import Callable

from backend.engine.events import Event
from backend.engine.state import Job, State
from backend.runtime.inline.dispatch import dispatch
from backend.runtime.inline.notices import notify
from backend.runtime.inline.reversing import reverse_settlement
from backend.runtime.inline.rosters import resolve_members
from backend.runtime.inline.settling import settle
from backend.runtime.scripts import Script
from backend.runtime.work import Work

INLINE: dict[str, Callable[[Work, State, Job], Script[Event]]] = {
    "dispatch": dispatch,
    "notify": notify,
    "resolve_members": resolve_members,
    "reverse_settlement": reverse_settlement,
    "settle": settle,
}
