"""Bad input is a 4xx that says what to mend; nothing is a 500, nothing leaks."""

from __future__ import annotations

import sqlite3
import time
from errno import ENOSPC
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from backend.features.administration import regions
from tests.api.conftest import Site, Tenant

DEEP = b'{"a":' * 100 + b"1" + b"}" * 100

BODIES: list[tuple[str, bytes, int, str]] = [
    ("two MiB", b'{"key": "' + b"x" * (2 * 1024 * 1024) + b'"}', 413, "body_too_large"),
    ("depth 100", DEEP, 400, "body_too_deep"),
    ("brackets", b"[" * 100_000, 400, "body_too_deep"),
    ("no JSON", b"{key: 1}", 400, "invalid_json"),
    ("cut off", b'{"key": "a"', 400, "invalid_json"),
    ("broken UTF-8", b'{"key": "\xff\xfe"}', 400, "invalid_json"),
    ("lone surrogate", b'{"key": "\\ud800"}', 400, "invalid_json"),
    ("null character", b'{"key": "a\\u0000b"}', 400, "null_character"),
    ("wrong type", b'{"key": 5, "name": {}}', 422, "invalid_fields"),
    ("a list", b"[1]", 422, "invalid_fields"),
    ("empty", b"", 422, "invalid_fields"),
    ("missing", b"{}", 422, "invalid_fields"),
]


@pytest.mark.parametrize(("name", "body", "status", "code"), BODIES, ids=[case[0] for case in BODIES])
async def test_bodies(admin: httpx.AsyncClient, name: str, body: bytes, status: int, code: str) -> None:
    started = time.perf_counter()
    answer = await admin.post("/api/v1/regions", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert time.perf_counter() - started < 1
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_bracket_in_a_string_is_not_depth(admin: httpx.AsyncClient) -> None:
    body = {"key": "a", "name": {"zh": "[" * 90, "en": '{"\\' * 30}}
    assert (await admin.post("/api/v1/regions", json=body)).status_code == 201


POINTERS: list[tuple[dict[str, Any], str, str]] = [
    ({"key": "a", "name": {"zh": "a"}, "workspace_id": "x"}, "/workspace_id", "unknown_field"),
    ({"name": {"zh": "a"}}, "/key", "missing_field"),
    ({"key": "a", "name": {"zh": 1}}, "/name/zh", "wrong_type"),
    ({"key": "a" * 61, "name": {"zh": "a"}}, "/key", "out_of_range"),
    ({"key": "A b", "name": {"zh": "a"}}, "/key", "region_key_invalid"),
    ({"key": "a", "name": {"zh": " "}}, "/name", "name_required"),
    ({"key": "a", "name": {"zh": "a"}, "zone": "Mars/Base"}, "/zone", "unknown_zone"),
    ({"key": "a", "name": {"zh": "a"}, "currency": "XXQ"}, "/currency", "unknown_currency"),
    ({"key": "a", "name": {"zh": "a"}, "parent_id": "x"}, "/parent_id", "unknown_region"),
    (
        {"key": "a", "name": {"zh": "a"}, "calendar": {"week": {"9": []}}},
        "/calendar/week",
        "calendar_invalid",
    ),
]


@pytest.mark.parametrize(("body", "pointer", "code"), POINTERS)
async def test_errors_point_to_the_field(
    admin: httpx.AsyncClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await admin.post("/api/v1/regions", json=body)
    assert answer.status_code == 422
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [(pointer, code)]


LANGUAGES = [
    ("", "没有找到"),
    ("en", "Not found"),
    ("en;q=0.4, zh-CN;q=0.9", "没有找到"),
    ("fr, en-GB;q=0.8, zh;q=0.5", "Not found"),
    ("en;q=x, zh;q=0.1", "没有找到"),
    ("*", "没有找到"),
]


@pytest.mark.parametrize(("header", "title"), LANGUAGES)
async def test_problems_speak_the_callers_language(site: Site, header: str, title: str) -> None:
    answer = await site.open_client().get("/api/v1/nowhere", headers={"accept-language": header})
    assert answer.json()["title"] == title


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/v1/jobs?limit=0", "invalid_parameter"),
        ("/api/v1/jobs?limit=9999", "invalid_parameter"),
        ("/api/v1/jobs?status=odd", "invalid_parameter"),
        ("/api/v1/jobs?cursor=@@@", "invalid_cursor"),
        ("/api/v1/audit?cursor=WyJ4Il0", "invalid_cursor"),
        ("/api/v1/members?role=%00", "null_character"),
    ],
)
async def test_parameters(admin: httpx.AsyncClient, path: str, code: str) -> None:
    answer = await admin.get(path)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


STORAGE = [
    (OSError(ENOSPC, "No space left on device"), 507, "storage_full"),
    (
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
        507,
        "storage_full",
    ),
    (OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked")), 503, "busy"),
    (ConnectionRefusedError("secret host"), 503, "busy"),
    (RuntimeError("secret detail"), 500, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), STORAGE, ids=[repr(case[0])[:40] for case in STORAGE])
async def test_storage_and_bugs(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    async def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(regions, "list_regions", fail)
    answer = await admin.get("/api/v1/regions")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"]


async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    for path in ("/api/v1/health", "/api/v1/nowhere"):
        headers = (await site.open_client().get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


async def test_region_scope_of_rights(tenant: Tenant) -> None:
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    info = (await agent.get("/api/v1/session")).json()
    assert (info["rights"], info["region"]["name"]["zh"]) == (["run"], "上海")
    assert (await agent.get("/api/v1/audit")).status_code == 403
    assert (await agent.post("/api/v1/workflows", json={"name": {"zh": "a"}})).json()["code"] == "not_allowed"
