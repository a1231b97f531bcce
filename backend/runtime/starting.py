"""Starting a ticket: its release, its place in the region tree, its number, its first step."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from backend.db.types import new_id
from backend.engine.commands import Note
from backend.engine.events import Started
from backend.engine.state import Calendar, TicketFacts
from backend.engine.step import new_state
from backend.runtime import writes as w
from backend.runtime.channels import COUNT_CHILDREN
from backend.runtime.errors import NotPublished, RegionUnknown
from backend.runtime.family import make_link
from backend.runtime.releases import load_release
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import LATEST_RELEASE, NAMED_RELEASE, NEXT_NUMBER, REGION_LINE, read_json
from backend.runtime.transition import (
    Environment,
    IdempotencyKeyParams,
    TransitionResult,
    advance,
    check_key,
    conclude,
    ticket_columns,
)
from backend.runtime.triggers.events import hear
from backend.runtime.work import Work
from backend.runtime.writes import WriteSet

DEFAULT_ZONE = "Asia/Shanghai"


class Parent(NamedTuple):
    """The ticket whose step starts another one, in its own transaction."""

    ticket_id: str
    number: str
    depth: int
    job: str | None
    """The job that waits for the child's end; None: nobody waits."""
    work: Work


class StartTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket to begin: on the workflow's latest release, unless `release_id` names one.

    `data` is what the start form wrote, already validated. `actor` is the member who starts it, None for
    a customer.
    """

    workspace_id: str
    workflow_id: str = ""
    release_id: str | None = None
    region_id: str | None = None
    data: dict[str, Any] = {}
    customer: dict[str, Any] = {}
    source: Literal["customer", "staff", "system"] = "staff"
    channel: str = ""
    priority: str = "normal"
    title: str = ""
    actor: str | None = None
    start: str | None = None
    files: tuple[str, ...] = ()
    """Ids of uploaded files that the data names."""
    parent: Parent | None = None
    follow_up_of: str | None = None
    """Id of the ticket that this one follows up; checked by the caller."""
    notes: tuple[Note, ...] = ()
    """Lines of the timeline that say why it began: a trigger, a variant."""


class Place(NamedTuple):
    """Where the ticket belongs."""

    region_id: str | None
    path: str
    keys: tuple[str, ...]
    calendar: Calendar


def start_ticket(
    environment: Environment, wanted: StartTicket, idempotency: IdempotencyKeyParams | None = None
) -> Script[TransitionResult]:
    """Raises NotPublished, RegionUnknown, Refused, IdempotencyReplay, IdempotencyMismatch."""
    yield from check_key(idempotency)
    release_id, workflow_id, workflow_key = yield from _find_release(wanted)
    release = yield from load_release(environment.releases, release_id)
    place = yield from _find_place(wanted)
    now = environment.clock()
    parent = wanted.parent
    if parent is None:
        number = yield from _next_number(wanted.workspace_id, now, place.calendar.zone)
    else:
        number = yield from _next_child_number(parent)
    facts = TicketFacts(
        id=new_id(),
        number=number,
        workflow=workflow_key,
        region=place.keys[-1] if place.keys else None,
        region_path=place.keys,
        priority=wanted.priority,
        title=wanted.title,
        source=wanted.source,
        channel=wanted.channel,
        created_at=now,
        creator=wanted.actor,
        calendar=place.calendar,
        parent=parent.ticket_id if parent else None,
        depth=parent.depth + 1 if parent else 0,
    )
    work = Work(
        workspace_id=wanted.workspace_id,
        ticket_id=facts.id,
        workflow_id=workflow_id,
        region_path=place.path,
        customer_key=find_customer_key(wanted.customer),
        actor=wanted.actor,
        now=now,
        release=release,
        writes=WriteSet(),
    )
    if parent is not None:
        work.join(parent.work)
    if wanted.follow_up_of is not None:
        work.writes.add(w.LINKS, make_link(work, wanted.follow_up_of, facts.id, "follow_up"))
    event = Started(ticket=facts, data=wanted.data, customer=wanted.customer, start=wanted.start)
    state = yield from advance(environment, work, new_state(facts), event)
    if wanted.notes:
        work.writes.of(w.EVENTS)[0]["notes"][:0] = wanted.notes
    work.attach(wanted.files)
    row = {**ticket_columns(state, now), **_fixed_columns(work, wanted, facts, release_id, place)}
    work.writes.add(w.TICKET, row)
    yield from hear(environment.listeners, work, None, state)
    return (yield from conclude(work, state, idempotency, row["tracking_token"]))


def _find_release(wanted: StartTicket) -> Script[tuple[str, str, str]]:
    if wanted.release_id is not None:
        row = yield from ask_one(NAMED_RELEASE, workspace=wanted.workspace_id, release=wanted.release_id)
    else:
        row = yield from ask_one(LATEST_RELEASE, workspace=wanted.workspace_id, workflow=wanted.workflow_id)
    if row is None:
        raise NotPublished(wanted.release_id or wanted.workflow_id)
    return row[0], row[1], row[2]


def _find_place(wanted: StartTicket) -> Script[Place]:
    """The region with the nearest calendar on the way up. No region: the root of everything, around the
    clock."""
    if wanted.region_id is None:
        return Place(None, "/", (), Calendar(zone=DEFAULT_ZONE))
    line = yield from ask(REGION_LINE, workspace=wanted.workspace_id, region=wanted.region_id)
    if not line:
        raise RegionUnknown(wanted.region_id)
    region_id, path = line[0][0], line[0][1]
    keys = tuple(part for part in path.split("/") if part)
    return Place(region_id, path, keys, _nearest_calendar(line))


def find_calendar(workspace_id: str, region_id: str) -> Script[Calendar]:
    """The working hours that hold in a region now. Raises RegionUnknown."""
    line = yield from ask(REGION_LINE, workspace=workspace_id, region=region_id)
    if not line:
        raise RegionUnknown(region_id)
    return _nearest_calendar(line)


def _nearest_calendar(line: list[tuple[Any, ...]]) -> Calendar:
    """`line`: the region's row, then its ancestors'. The zone is always the region's own."""
    documents = (read_json(ancestor[4]) for ancestor in line)
    calendar: dict[str, Any] = next((document for document in documents if document), {})
    return msgspec.convert({**calendar, "zone": line[0][2]}, Calendar)


def _next_number(workspace_id: str, now: datetime, zone: str) -> Script[str]:
    """`T-2026-0412`: without gaps, by the year of the region's own calendar."""
    year = now.astimezone(ZoneInfo(zone)).year
    row = yield from ask_one(NEXT_NUMBER, workspace=workspace_id, year=year)
    assert row is not None
    return f"T-{year}-{row[0]:04d}"


def _next_child_number(parent: Parent) -> Script[str]:
    """`T-2026-0412-2`: counted under the parent's own lock."""
    row = yield from ask_one(COUNT_CHILDREN, parent=parent.ticket_id)
    assert row is not None
    return f"{parent.number}-{row[0] + 1}"


def find_customer_key(customer: dict[str, Any]) -> str | None:
    """Digits of the phone, without the country code of China."""
    digits = "".join(sign for sign in str(customer.get("phone") or "") if sign.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return digits[:40] or None


def _fixed_columns(
    work: Work, wanted: StartTicket, facts: TicketFacts, release_id: str, place: Place
) -> dict[str, Any]:
    return {
        "id": facts.id,
        "workspace_id": wanted.workspace_id,
        "workflow_id": work.workflow_id,
        "release_id": release_id,
        "number": facts.number,
        "region_id": place.region_id,
        "region_path": place.path,
        "source": wanted.source,
        "channel": wanted.channel,
        "customer": wanted.customer,
        "customer_key": work.customer_key,
        "tracking_token": secrets.token_urlsafe(32),
        "created_at": work.now,
        "created_by": wanted.actor,
        "parent_id": wanted.parent.ticket_id if wanted.parent else None,
        "parent_job": wanted.parent.job if wanted.parent else None,
        "archived_at": None,
    }
