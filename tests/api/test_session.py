"""Set-up, sign-in, what a session may do and when it ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from backend.db.models import ApiToken, SignInAttempt, UserSession
from backend.db.types import new_id
from backend.features.identity.service import issue_setup_link
from backend.features.platform.authentication import hash_token
from tests.api.conftest import Site, Tenant, open_site

PASSWORD = "a long enough password"


def make_setup(token: str, **changed: Any) -> dict[str, Any]:
    return {
        "token": token,
        "workspace_name": "织单",
        "name": "周敏",
        "email": "Admin@Example.com ",
        "password": PASSWORD,
        **changed,
    }


async def set_up(site: Site) -> httpx.AsyncClient:
    async with site.database.unit_of_work() as session:
        token = await issue_setup_link(session, site.clock())
    assert token is not None
    client = site.open_client()
    answer = await client.post("/api/v1/setup", json=make_setup(token))
    assert answer.status_code == 201, answer.text
    client.headers["x-csrf-token"] = answer.json()["csrf"]
    return client


async def test_setup_link_works_once(site: Site) -> None:
    async with site.database.unit_of_work() as session:
        older = await issue_setup_link(session, site.clock())
        token = await issue_setup_link(session, site.clock())
    assert older and token
    async with site.open_client() as client:
        for refused in (older, "guess"):
            assert (await client.post("/api/v1/setup", json=make_setup(refused))).status_code == 403
        weak = await client.post("/api/v1/setup", json=make_setup(token, password="short"))
        assert weak.json()["errors"][0]["pointer"] == "/password"
        first, second = await asyncio.gather(
            client.post("/api/v1/setup", json=make_setup(token)),
            client.post("/api/v1/setup", json=make_setup(token)),
        )
        assert sorted((first.status_code, second.status_code)) == [201, 403]
        info = (await client.get("/api/v1/session")).json()
        assert info["user"]["email"] == "admin@example.com"
        assert info["rights"] == ["view", "edit", "publish", "run", "settle", "administer"]
    async with site.database.unit_of_work() as session:
        assert await issue_setup_link(session, site.clock()) is None


async def test_fresh_install_has_nothing_open(site: Site) -> None:
    async with site.open_client() as client:
        assert (await client.get("/api/v1/health")).json()["status"] == "ok"
        credentials = {"email": "admin", "password": "admin"}
        assert (await client.post("/api/v1/session", json=credentials)).status_code == 401
        assert (await client.get("/api/v1/members")).status_code == 401


async def test_sign_in_gives_a_fresh_session_and_sign_out_ends_it(site: Site) -> None:
    client = await set_up(site)
    before = client.cookies["tf_session"]
    answer = await client.post("/api/v1/session", json={"email": "ADMIN@example.com", "password": PASSWORD})
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert client.cookies["tf_session"] != before
    stolen = site.open_client()
    stolen.cookies.set("tf_session", before)
    assert (await stolen.get("/api/v1/session")).status_code == 401
    client.headers["x-csrf-token"] = answer.json()["csrf"]
    kept = client.cookies["tf_session"]
    assert (await client.delete("/api/v1/session")).status_code == 204
    stolen.cookies.set("tf_session", kept)
    assert (await stolen.get("/api/v1/session")).status_code == 401


async def test_secure_cookies_behind_https(database_url: str, tmp_path: Any) -> None:
    async with open_site(database_url, tmp_path, secure_cookies=True) as site:
        client = await set_up(site)
        answer = await client.post(
            "/api/v1/session", json={"email": "admin@example.com", "password": PASSWORD}
        )
        assert "Secure" in answer.headers["set-cookie"]
        assert "max-age" in answer.headers["strict-transport-security"]


async def test_ten_wrong_tries_then_wait_but_never_for_good(site: Site) -> None:
    await set_up(site)
    client = site.open_client("198.51.100.7")
    wrong = {"email": "admin@example.com", "password": "wrong"}
    statuses = [(await client.post("/api/v1/session", json=wrong)).status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    right = {"email": "admin@example.com", "password": PASSWORD}
    refused = await client.post("/api/v1/session", json=right)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    site.clock.shift += timedelta(minutes=16)
    assert (await client.post("/api/v1/session", json=right)).status_code == 201


async def test_an_office_behind_one_address_signs_in(site: Site) -> None:
    await set_up(site)
    client = site.open_client("198.51.100.9")
    right = {"email": "admin@example.com", "password": PASSWORD}
    wrong = {**right, "password": "wrong"}
    for at in range(14):
        answer = await client.post("/api/v1/session", json=wrong if at % 5 == 4 else right)
        assert answer.status_code == (401 if at % 5 == 4 else 201)


async def test_one_address_cannot_try_many_accounts(site: Site) -> None:
    client = site.open_client("198.51.100.8")
    statuses = [
        (
            await client.post("/api/v1/session", json={"email": f"u{at}@x.example", "password": "x"})
        ).status_code
        for at in range(11)
    ]
    assert statuses == [401] * 10 + [429]


async def test_unknown_account_and_wrong_password_look_the_same(site: Site) -> None:
    await set_up(site)
    client = site.open_client()
    unknown = await client.post("/api/v1/session", json={"email": "nobody@x.example", "password": "x"})
    wrong = await client.post("/api/v1/session", json={"email": "admin@example.com", "password": "x"})
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())


async def test_right_password_clears_the_account(site: Site) -> None:
    await set_up(site)
    client = site.open_client()
    await client.post("/api/v1/session", json={"email": "admin@example.com", "password": "x"})
    await client.post("/api/v1/session", json={"email": "admin@example.com", "password": PASSWORD})
    async with site.database.reading() as session:
        subjects = list((await session.execute(select(SignInAttempt.subject))).scalars())
    assert "account:admin@example.com" not in subjects


CSRF_CASES = [
    ({}, "csrf_mismatch"),
    ({"x-csrf-token": "guess"}, "csrf_mismatch"),
    ({"origin": "https://evil.example"}, "foreign_origin"),
    ({"origin": "null"}, "foreign_origin"),
]


@pytest.mark.parametrize(("headers", "code"), CSRF_CASES)
async def test_writes_by_cookie_need_token_and_origin(
    tenant: Tenant, headers: dict[str, str], code: str
) -> None:
    client = await tenant.sign_in("admin", ["admin"])
    if code == "csrf_mismatch":
        del client.headers["x-csrf-token"]
    refused = await client.patch("/api/v1/me", json={"theme": "dark"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, code)
    assert (await client.get("/api/v1/session")).json()["user"]["theme"] is None


async def test_times_are_those_of_the_members_region(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    for region, zone in (("shanghai", "Asia/Tokyo"), ("cn", "Asia/Urumqi")):
        path = f"/api/v1/regions/{tenant.regions[region].id}"
        assert (await admin.patch(path, json={"zone": zone})).status_code == 200
    assert (await agent.get("/api/v1/session")).json()["zone"] == "Asia/Tokyo"
    assert (await admin.get("/api/v1/session")).json()["zone"] == "Asia/Urumqi", "of the root region"


async def test_own_origin_is_taken(admin: httpx.AsyncClient) -> None:
    answer = await admin.patch(
        "/api/v1/me", json={"theme": "dark", "locale": "en"}, headers={"origin": "http://tierflow.test"}
    )
    assert answer.json()["user"] == answer.json()["user"] | {"theme": "dark", "locale": "en"}


async def test_cross_site_sign_in_is_refused(site: Site) -> None:
    client = site.open_client(origin="https://evil.example")
    answer = await client.post("/api/v1/session", json={"email": "a@b.example", "password": "x"})
    assert answer.json()["code"] == "foreign_origin"


@pytest.mark.parametrize("ending", ["revoked_at", "expires_at"])
async def test_a_session_ends_at_once(site: Site, tenant: Tenant, ending: str) -> None:
    client = await tenant.sign_in("agent", ["agent"], "east")
    assert (await client.get("/api/v1/session")).status_code == 200
    async with site.database.unit_of_work() as session:
        await session.execute(update(UserSession).values({ending: site.clock()}))
    assert (await client.get("/api/v1/session")).status_code == 401


async def test_api_token(site: Site, tenant: Tenant) -> None:
    member = await tenant.add_member("machine", ["admin"])
    async with site.database.unit_of_work() as session:
        session.add(
            ApiToken(
                id=new_id(),
                workspace_id=tenant.id,
                member_id=member.id,
                name="sync",
                token_hash=hash_token("secret-token"),
                created_at=site.clock(),
            )
        )
    good = site.open_client(authorization="Bearer secret-token")
    assert (await good.patch("/api/v1/me", json={"theme": "dark"})).status_code == 200
    for header in ("Bearer wrong", "Basic c2VjcmV0"):
        assert (await site.open_client(authorization=header).get("/api/v1/session")).status_code == 401
    async with site.database.unit_of_work() as session:
        await session.execute(update(ApiToken).values(revoked_at=site.clock()))
    assert (await good.get("/api/v1/session")).status_code == 401
