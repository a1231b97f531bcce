"""The API in process, on SQLite and on PostgreSQL, with two workspaces so that nothing crosses unseen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar
from litestar.types import ASGIApp

from backend.app import create_api, observe
from backend.db.models import Member, Region, Workspace
from backend.db.session import Database
from backend.db.types import new_id
from backend.features.identity.service import open_session
from backend.features.identity.workspaces import create_account, create_workspace
from backend.features.platform.envelope import Envelope
from backend.features.platform.settings import Settings
from backend.features.triggers.mailbox import attach_mailboxes
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime
from designer_nodes import NODE_TYPES

BASE = "http://tierflow.test"


class Clock:
    """A moment that tests move on by hand; it starts at the real one, as databases also look at the time."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


class Site:
    """One running API."""

    def __init__(self, app: Any, database: Database, settings: Settings, clock: Clock) -> None:
        self.app = app
        self.database = database
        self.settings = settings
        self.clock = clock

    def open_client(self, address: str = "203.0.113.5", **headers: str) -> httpx.AsyncClient:
        """A browser without a session. An error in the server shows as a 500 answer, as it would outside."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 4711))
        return httpx.AsyncClient(
            transport=transport, base_url=BASE, headers={"accept-language": "en", **headers}
        )

    async def open_workspace(self, name: str) -> Tenant:
        """A workspace with a small region tree."""
        async with self.database.unit_of_work() as session:
            workspace = await create_workspace(session, name, self.clock())
            regions = make_regions(workspace)
            session.add_all(regions.values())
        return Tenant(self, workspace, regions)


class Tenant:
    """One workspace of the site."""

    def __init__(self, site: Site, workspace: Workspace, regions: dict[str, Region]) -> None:
        self.site = site
        self.id = workspace.id
        self.regions = regions
        self.members: dict[str, Member] = {}

    async def add_member(self, name: str, roles: Sequence[str], region: str | None = None) -> Member:
        """A member who cannot sign in by password; tests open the session directly."""
        async with self.site.database.unit_of_work() as session:
            member = await create_account(
                session,
                self.id,
                name=name,
                email=f"{name}-{new_id()}@demo.example",
                password_hash="none",
                roles=roles,
                now=self.site.clock(),
                region_id=self.regions[region].id if region else None,
            )
        self.members[name] = member
        return member

    async def sign_in(self, name: str, roles: Sequence[str], region: str | None = None) -> httpx.AsyncClient:
        """A browser of a (new) member, which sends the CSRF token by itself."""
        member = self.members.get(name) or await self.add_member(name, roles, region)
        async with self.site.database.unit_of_work() as session:
            signed = await open_session(session, member, self.site.clock())
        client = self.site.open_client()
        client.cookies.set("tf_session", signed.token)
        info = (await client.get("/api/v1/session")).json()
        client.headers["x-csrf-token"] = info["csrf"]
        return client


def make_regions(workspace: Workspace) -> dict[str, Region]:
    """全国 > 华东 > 上海, 华北 > 北京."""
    found: dict[str, Region] = {}
    for key, parent_key, zh in (
        ("cn", None, "全国"),
        ("east", "cn", "华东"),
        ("shanghai", "east", "上海"),
        ("north", "cn", "华北"),
        ("beijing", "north", "北京"),
    ):
        parent = found.get(parent_key or "")
        found[key] = Region(
            id=new_id(),
            workspace_id=workspace.id,
            key=key,
            parent_id=parent.id if parent else None,
            path=f"{parent.path if parent else '/'}{key}/",
            name={"zh": zh, "en": key},
            zone="Asia/Shanghai",
            currency="CNY",
            calendar={},
        )
    return found


class Late:
    """Stands in an API for a database or a runtime that each test chooses anew."""

    def __init__(self, kind: type, target: Any) -> None:
        self.__dict__.update(kind=kind, target=target)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        """Signatures of handlers are checked as if it were the object itself."""
        kind: type = self.__dict__["kind"]
        return kind

    def clock(self) -> datetime:
        """Of the present target, also for who keeps this function."""
        moment: datetime = self.__dict__["target"].clock()
        return moment

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["target"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["target"], name, value)


class Stage:
    """One API for many tests: registering some hundred routes takes most of a second."""

    def __init__(self, settings: Settings, database: Database) -> None:
        registry = Registry(NODE_TYPES)
        self.settings = settings
        self.registry = registry
        self.database = cast(Any, Late(Database, database))
        self.runtime = cast(Any, Late(Runtime, None))
        self.taken = False
        self.api = create_api(settings, self.database, self.runtime, registry)

    def set(self, database: Database) -> Any:
        """The application on another database, with a runtime of its own."""
        runtime = Runtime(database, self.registry, archive_after=self.settings.archive_after)
        attach_mailboxes(runtime, database, self.settings.data)
        self.database.__dict__["target"] = database
        self.runtime.__dict__["target"] = runtime
        envelope = Envelope(cast(ASGIApp, self.api), secure=self.settings.secure_cookies)
        return observe(envelope, self.settings, runtime)


STAGES: dict[tuple[tuple[str, Any], ...], Stage] = {}


@asynccontextmanager
async def open_site(database_url: str, data: Path, **settings: Any) -> AsyncIterator[Site]:
    """The whole API with its lifespan. Files of all tests lie in the folder of the first: ids keep them
    apart."""
    clock = Clock()
    database = Database(database_url, clock)
    key = tuple(sorted(settings.items()))
    stage = STAGES.get(key)
    if stage is None or stage.taken:
        stage = Stage(Settings(data=data, database_url=database_url, **settings), database)
        STAGES.setdefault(key, stage)
    stage.taken = True
    try:
        app = stage.set(database)
        async with run_lifespan(stage.api):
            yield Site(app, database, stage.settings, clock)
    finally:
        stage.taken = False


@asynccontextmanager
async def run_lifespan(app: Litestar) -> AsyncIterator[None]:
    """In a task of its own: a fixture begins and ends in different tasks, which Litestar's task group
    refuses.
    """
    ready, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await stop.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        if task.done():
            await task
        yield
    finally:
        stop.set()
        await task


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """An empty installation."""
    async with open_site(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def tenant(site: Site) -> Tenant:
    """Our workspace."""
    return await site.open_workspace("own")


@pytest.fixture
async def foreign(site: Site) -> Tenant:
    """Somebody else's workspace on the same installation."""
    return await site.open_workspace("foreign")


@pytest.fixture
async def admin(tenant: Tenant) -> httpx.AsyncClient:
    """An administrator's browser."""
    return await tenant.sign_in("admin", ["admin"])
