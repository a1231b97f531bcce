"""What handlers ask for by name.

`session`: the unit of work of a write; commits once when the handler has answered. `reading`: a read-only
session.
A handler that calls the runtime takes `reading`, never `session`: the runtime has its own transaction.
`actor`, `locale`, `clock`, `settings`, `registry`, `runtime`, `database`, `address` (of the client).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from litestar import Request
from litestar.di import Provide
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.session import Database
from backend.features.files.store import FileStore
from backend.features.platform.actor import Actor
from backend.features.platform.cleaning import Opened
from backend.features.platform.clock import Clock
from backend.features.platform.errors import SignInRequired
from backend.features.platform.idempotency import current
from backend.features.platform.languages import choose_locale
from backend.features.platform.settings import Settings
from backend.graph.registry import Registry
from backend.runtime.runtime import Runtime


def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """The caller. Raises SignInRequired: a route that needs an actor is never run without one."""
    actor = request.scope.get("user")
    if not isinstance(actor, Actor):
        raise SignInRequired()
    return actor


def provide_locale(request: Request[Any, Any, Any]) -> str:
    """The language of the answer."""
    return choose_locale(request.headers.get("accept-language"))


def provide_address(request: Request[Any, Any, Any]) -> str:
    """The client's network address, for rate limits."""
    return request.client.host if request.client else "unknown"


def provide_base_url(request: Request[Any, Any, Any], settings: Settings) -> str:
    """Where customers reach this installation, without a trailing slash."""
    if settings.public_url:
        return settings.public_url
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"


def make_dependencies(
    settings: Settings, database: Database, clock: Clock, registry: Registry, runtime: Runtime
) -> dict[str, Provide]:
    """All names, for the root of the application."""
    files = FileStore(settings.data)

    async def provide_session() -> AsyncGenerator[AsyncSession, None]:
        async with database.unit_of_work() as session:
            keyed = current.get()
            if keyed is not None:
                keyed.session = session
            yield session

    async def provide_reading() -> AsyncGenerator[AsyncSession, None]:
        async with database.reading() as session:
            yield session

    return {
        "session": Opened(provide_session),
        "reading": Opened(provide_reading),
        "actor": Provide(provide_actor, sync_to_thread=False),
        "locale": Provide(provide_locale, sync_to_thread=False),
        "address": Provide(provide_address, sync_to_thread=False),
        "base_url": Provide(provide_base_url, sync_to_thread=False),
        "settings": Provide(lambda: settings, sync_to_thread=False),
        "database": Provide(lambda: database, sync_to_thread=False),
        "clock": Provide(lambda: clock, sync_to_thread=False),
        "registry": Provide(lambda: registry, sync_to_thread=False),
        "files": Provide(lambda: files, sync_to_thread=False),
        "runtime": Provide(lambda: runtime, sync_to_thread=False),
    }
