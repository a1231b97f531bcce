"""The description of the API is true enough to be tested from: generated requests never cause a 5xx."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.schemas import OpenApiSchema

from tests.api.conftest import Tenant
from tests.api.test_routes import ROUTES

EXAMPLES = 3
METHODS = {"get", "post", "put", "patch", "delete"}
OURS = {"cookie", "authorization", "content-length", "x-csrf-token"}
ENDING = {("DELETE", "/api/v1/session"), ("POST", "/api/v1/session")}
"""Would sign the test out, or only meet the rate limit."""
SLOW = {"/api/v1/changes"}
"""Waits on purpose."""


async def load(client: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await client.get("/api/v1/openapi.json")).json()
    return document


async def test_every_route_is_described_with_examples(admin: httpx.AsyncClient) -> None:
    document = await load(admin)
    assert document["openapi"].startswith("3.1")
    described = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in METHODS
    }
    assert described >= {(m, p) for m, p, _ in ROUTES if p != "/api/v1/openapi.json" and m != "HEAD"}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                assert operation.get("description"), f"{method} {path} says nothing"


@pytest.mark.timeout(600)  # some thousand requests, and more with every route
async def test_generated_requests_never_break_the_server(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    """Valid and invalid requests of every operation, with an administrator's session."""
    document = await load(admin)
    schema: OpenApiSchema = schemathesis.openapi.from_dict(document)
    loop = asyncio.get_running_loop()
    failures: list[str] = []
    statuses: list[int] = []

    async def send(case: Any) -> None:
        try:
            made = requests.Request(**case.as_transport_kwargs(base_url="http://tierflow.test")).prepare()
            headers = {name: str(value) for name, value in made.headers.items() if name.lower() not in OURS}
            content = made.body.encode() if isinstance(made.body, str) else made.body or b""
            if not isinstance(content, bytes):
                return
            answer = await admin.request(str(made.method), str(made.url), content=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, AttributeError):
            return  # not even a request: the generator went beyond what a client can send
        statuses.append(answer.status_code)
        if answer.status_code >= 500:
            failures.append(f"{made.method} {made.url} {made.body!r}: {answer.text[:200]}")

    def explore() -> None:
        for found in schema.get_all_operations():
            assert isinstance(found, Ok)
            operation = found.ok()
            if operation.path in SLOW or (operation.method.upper(), operation.path) in ENDING:
                continue
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                run_operation(operation, mode)

    def run_operation(operation: Any, mode: GenerationMode) -> None:
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: Any) -> None:
            asyncio.run_coroutine_threadsafe(send(case), loop).result(60)

        check()

    await asyncio.to_thread(explore)
    assert not failures, "\n".join(failures[:10])
    assert len(statuses) > len(ROUTES) and {200, 404, 422} <= set(statuses)


@pytest.mark.parametrize("method", ["DELETE", "PUT"])
async def test_other_methods_are_refused(admin: httpx.AsyncClient, method: str) -> None:
    answer = await admin.request(method, "/api/v1/regions")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
