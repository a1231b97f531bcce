"""The composition root: settings, database, runtime, routes, and nothing that decides anything itself.

To add a feature: make `backend/features/<noun>/` with `controller.py` (a `ROUTER`), `service.py`,
`queries.py`, its texts in
`backend/messages/<noun>.py`, its wire structs in `backend/contracts/<noun>.py`, and name it in FEATURES.
Every route declares
its right: `guards=[requires("edit")]`, `[signed_in]`, or `[public]`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

from litestar import Litestar, Request, Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp

from backend.db.migration import upgrade
from backend.db.session import Database
from backend.features.platform.actor import public
from backend.features.platform.authentication import COOKIE, authenticate
from backend.features.platform.bodies import limit_bodies
from backend.features.platform.cleaning import close_opened
from backend.features.platform.clock import Clock
from backend.features.platform.dependencies import make_dependencies
from backend.features.platform.envelope import Envelope, StrictTransport
from backend.features.platform.health import read_version, show_health
from backend.features.platform.idempotency import replay_keyed, store_answer
from backend.features.platform.problems import answer_problem
from backend.features.platform.retention import purge
from backend.features.platform.settings import Settings, read_settings
from backend.features.triggers.mailbox import attach_mailboxes
from backend.graph.registry import Registry
from backend.runtime.metrics import METRICS
from backend.runtime.runtime import Runtime
from backend.runtime.tracing import is_on, start_tracing, stop_tracing
from designer_nodes import NODE_TYPES

API = "/api/v1"

FEATURES = (
    "identity",
    "administration",
    "operations",
    "periods",
    "corrections",
    "workflows",
    "files",
    "tickets",
    "triggers",
    "messaging",
    "public",
    "settlement",
    "orders",
    "quarantine",
    "labour",
    "statements",
    "templates",
    "versions",
    "changes",
)


def load_routers() -> list[Router]:
    """The routers of all features."""
    packages = [f"backend.features.{name}" for name in FEATURES]
    modules = [f"{package}.controller" for package in packages if find_spec(package)]
    return [cast(Router, import_module(module).ROUTER) for module in modules if find_spec(module)]


def create_api(settings: Settings, database: Database, runtime: Runtime, registry: Registry) -> Litestar:
    """The HTTP API without the pages. Its lifespan migrates, and starts and stops the runtime."""
    clock = Clock(database.clock)

    @asynccontextmanager
    async def live(_: Litestar) -> AsyncIterator[None]:
        await upgrade(database.url)
        await purge(database)
        await runtime.start(settings.run_jobs)
        try:
            yield
        finally:
            await runtime.stop()
            await database.dispose()
            stop_tracing()

    return Litestar(
        path=API,  # of a router around them all, each route would be copied once more
        route_handlers=[show_health, show_openapi, *load_routers()],
        dependencies=make_dependencies(settings, database, clock, registry, runtime),
        middleware=[
            close_opened,
            limit_bodies,
            authenticate(database, clock, settings.public_url),
            replay_keyed(database, clock),
        ],
        after_request=store_answer(clock),
        exception_handlers={Exception: answer_problem},
        lifespan=[live],
        openapi_config=make_openapi(),
        logging_config=None,
    )


@get("/openapi.json", guards=[public], include_in_schema=False, sync_to_thread=False)
def show_openapi(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The description of the API itself."""
    return Response(request.app.openapi_schema.to_schema(), media_type="application/vnd.oai.openapi+json")


def make_openapi() -> OpenAPIConfig:
    """OpenAPI 3.1 at `/api/v1/openapi.json`."""
    return OpenAPIConfig(
        title="Tierflow API",
        version=read_version(),
        description="Workflows that settle themselves. Errors are RFC 9457 problems with a stable `code`.",
        openapi_router=Router(path="/schema", route_handlers=[], guards=[public], include_in_schema=False),
        render_plugins=[JsonRenderPlugin()],
        create_examples=True,
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "session": SecurityScheme(type="apiKey", name=COOKIE, security_scheme_in="cookie"),
                "token": SecurityScheme(type="http", scheme="bearer"),
            }
        ),
        security=[{"session": []}, {"token": []}],
    )


def observe(app: Envelope, settings: Settings, runtime: Runtime) -> Any:
    """With metrics and traces around it where the installation wants them; else the application itself."""
    start_tracing("tierflow")
    if settings.metrics:
        METRICS.switch_on()
    if not (settings.metrics or is_on()):
        return app
    from backend.features.platform.observation import Observation

    return Observation(app, runtime, metrics=settings.metrics, token=settings.metrics_token)


def create_app(
    settings: Settings | None = None, database: Database | None = None, *, pages: bool = True
) -> Any:
    """The whole ASGI application; `pages` mounts the frontend around the API."""
    settings = settings or read_settings()
    database = database or Database(settings.database_url)
    registry = Registry(NODE_TYPES)
    runtime = Runtime(database, registry, archive_after=settings.archive_after)
    attach_mailboxes(runtime, database, settings.data)
    api = create_api(settings, database, runtime, registry)
    app: Any = observe(Envelope(cast(ASGIApp, api), secure=settings.secure_cookies), settings, runtime)
    if not pages:
        return app
    from frontend.app import FrontendSettings, mount

    origins = frozenset({settings.public_url} if settings.public_url else ())
    whole: Any = mount(app, FrontendSettings(origins=origins))
    return StrictTransport(whole) if settings.secure_cookies else whole
