"""Filling the demo workspace: every template cloned, and tickets really worked through the runtime.

The stories are data (`template_library/demo.json`). Each is played on a clock that starts so long ago and
moves on from act to act, so that queues, timelines and the ledger look like a week of work. Nothing is
written past the runtime.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from PIL import Image, ImageDraw
from sqlalchemy import select

from backend.db.models import Member, Region
from backend.db.session import Database
from backend.engine.events import TaskClaimed, TaskCompleted
from backend.engine.state import State, Task
from backend.features.files.service import keep_file, record_file
from backend.features.files.store import FileStore
from backend.features.platform.settings import Settings
from backend.features.templates.cloning import clone_package
from backend.features.templates.operators import make_operator
from backend.features.templates.package import LIBRARY, find_package
from backend.graph.registry import Registry
from backend.runtime.intake import customer_of
from backend.runtime.runtime import Runtime, StartTicket

CLONED_AGO = timedelta(days=30)
"""Before every story, so that its tariffs were in force."""


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody (by address; nobody: the customer) does the open task of a node."""

    node: str
    who: str | None = None
    after: timedelta
    takes: timedelta
    outcome: str = "done"
    data: dict[str, Any] = {}
    comment: str | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ticket. Text `@+P1D` or `@-PT2H` is a moment from now, `@day+P2D` a date, `@photo` the photo."""

    template: str
    workflow: str
    region: str
    ago: timedelta
    channel: str
    start: dict[str, Any]
    acts: tuple[Act, ...] = ()
    photo: str | None = None


class Demo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`demo.json`. `roles` are given to the accounts beside their own."""

    format: str
    roles: dict[str, list[str]]
    templates: tuple[str, ...]
    stories: tuple[Story, ...]


class StoryClock:
    """The moment of the story that is being told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def fill_demo(
    settings: Settings, database: Database, workspace_id: str, accounts: Sequence[Any], registry: Registry
) -> None:
    """Clone what the demo names and tell its stories. `accounts` have `email` and `member_id`."""
    demo = msgspec.json.decode((LIBRARY / "demo.json").read_bytes(), type=Demo)
    members = {account.email: account.member_id for account in accounts}
    workflows = await _clone_templates(database, workspace_id, demo, members, registry)
    clock = StoryClock(database.clock())
    runtime = Runtime(database, registry, clock)
    await runtime.start(run_jobs=False)
    try:
        teller = StoryTeller(
            database,
            runtime,
            clock,
            store=FileStore(settings.data),
            workspace_id=workspace_id,
            members=members,
        )
        for story in sorted(demo.stories, key=lambda story: story.ago, reverse=True):
            await teller.tell(story, workflows[f"{story.template}/{story.workflow}"])
    finally:
        await runtime.stop()


async def _clone_templates(
    database: Database, workspace_id: str, demo: Demo, members: dict[str, str], registry: Registry
) -> dict[str, str]:
    """`<template>/<workflow>` -> workflow id."""
    workflows: dict[str, str] = {}
    now = database.clock() - CLONED_AGO
    async with database.unit_of_work() as session:
        people = {
            member.id: member
            for member in (
                await session.execute(select(Member).where(Member.workspace_id == workspace_id))
            ).scalars()
        }
        admin = next(member for member in people.values() if "admin" in member.roles)
        for template in demo.templates:
            package = find_package(template)
            assert package is not None, template
            made = await clone_package(
                session, make_operator(admin, "zh"), package, {}, registry=registry, now=now, locale="zh"
            )
            workflows |= {f"{template}/{key}": workflow for key, workflow in made.workflows.items()}
        for email, roles in demo.roles.items():
            member = people[members[email]]
            member.roles = [*member.roles, *roles]
    return workflows


class StoryTeller:
    """Works one ticket after the other."""

    def __init__(
        self,
        database: Database,
        runtime: Runtime,
        clock: StoryClock,
        *,
        store: FileStore,
        workspace_id: str,
        members: dict[str, str],
    ) -> None:
        self.store = store
        self.database = database
        self.runtime = runtime
        self.clock = clock
        self.workspace_id = workspace_id
        self.members = members
        self.today = clock.now

    async def tell(self, story: Story, workflow_id: str) -> None:
        """Open the ticket and act."""
        self.clock.now = self.today - story.ago
        photo = await self._draw(story.photo) if story.photo else None
        start = self._fill(story.start, photo)
        result = await self.runtime.start_ticket(
            StartTicket(
                workspace_id=self.workspace_id,
                workflow_id=workflow_id,
                region_id=await self._find_region(story.region),
                data=start,
                customer=customer_of(start),
                source="customer",
                channel=story.channel,
                files=(photo,) if photo else (),
            )
        )
        state = result.state
        for act in story.acts:
            state = await self._act(result.ticket_id, state, act, photo)

    async def _act(self, ticket_id: str, state: State, act: Act, photo: str | None) -> State:
        self.clock.now += act.after
        task = find_open_task(state.tasks.values(), act.node)
        member = self.members[act.who] if act.who else None
        if member is not None:
            claim = TaskClaimed(task=task.id, member=member, by=member)
            await self.runtime.apply(self.workspace_id, ticket_id, claim, actor=member)
        self.clock.now += act.takes
        event = TaskCompleted(
            task=task.id,
            outcome=act.outcome,
            data=self._fill(act.data, photo),
            member=member,
            comment=act.comment,
        )
        return (await self.runtime.apply(self.workspace_id, ticket_id, event, actor=member)).state

    async def _find_region(self, key: str) -> str:
        async with self.database.reading() as session:
            statement = select(Region.id).where(Region.workspace_id == self.workspace_id, Region.key == key)
            found: str = (await session.execute(statement)).scalar_one()
            return found

    def _fill(self, value: Any, photo: str | None) -> Any:
        """Moments and the photo in the places that the story left for them."""
        if isinstance(value, dict):
            return {name: self._fill(item, photo) for name, item in value.items()}
        if isinstance(value, list):
            return [self._fill(item, photo) for item in value]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        if value == "@photo":
            return photo
        if value.startswith("@day"):
            return (self.today + read_shift(value[4:])).date().isoformat()
        moment = self.today + read_shift(value[1:])
        return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")

    async def _draw(self, name: str) -> str:
        """A small picture, kept as an upload would be; answers the file's id."""
        content = draw_picture(name)
        digest, media_type = await keep_file(self.store, name, content, "image/jpeg")
        async with self.database.unit_of_work() as session:
            record = await record_file(
                session,
                self.workspace_id,
                "demo",
                name=name,
                media_type=media_type,
                size=len(content),
                digest=digest,
                now=self.clock.now,
            )
        return record.id


def find_open_task(tasks: Iterable[Task], node: str) -> Task:
    """Raises LookupError: the story does not fit its workflow."""
    for task in tasks:
        if task.node == node and task.outcome is None:
            return task
    raise LookupError(f"no open task at {node}")


def read_shift(text: str) -> timedelta:
    """`+P1D`, `-PT2H`."""
    length = msgspec.convert(text[1:], timedelta)
    return -length if text[0] == "-" else length


def draw_picture(name: str) -> bytes:
    """A plate with a bowl, or a scratched panel: enough to see that photos are there."""
    picture = Image.new("RGB", (960, 720), "#d9cbb8" if name.startswith("dish") else "#9aa4ad")
    pen = ImageDraw.Draw(picture)
    if name.startswith("dish"):
        pen.ellipse((180, 60, 780, 660), fill="#f7f4ee", outline="#cfc6b8", width=6)
        pen.ellipse((270, 150, 690, 570), fill="#b5562f")
        for x, y in ((360, 260), (480, 220), (560, 330), (420, 400), (540, 450)):
            pen.ellipse((x, y, x + 80, y + 70), fill="#7a3a22")
        pen.ellipse((548, 318, 652, 412), outline="#c62828", width=8)
    else:
        pen.polygon(((0, 520), (960, 380), (960, 720), (0, 720)), fill="#39434d")
        for shift in (0, 14, 30):
            pen.line((260, 300 + shift, 640, 250 + shift * 2), fill="#e9edf0", width=4)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()
