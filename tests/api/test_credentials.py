"""One's own password, API tokens, and entry links that are switched off."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select, update

from backend.db.models import ApiToken, AuditEntry, IdempotencyKey, Member, User
from backend.features.identity.passwords import hash_password
from tests.api.conftest import Site, Tenant
from tests.api.service_desk import API, REQUEST, expect, open_desk

OLD, NEW = "the first password", "a second password"


async def sign_in(site: Site, email: str, password: str) -> httpx.AsyncClient:
    client = site.open_client()
    info = expect(await client.post(f"{API}/session", json={"email": email, "password": password}), 201)
    client.headers["x-csrf-token"] = info["csrf"]
    return client


@pytest.fixture
async def email(tenant: Tenant) -> str:
    """Address of an agent whose password is OLD."""
    member: Member = await tenant.add_member("wang", ["agent"], "shanghai")
    hashed = await hash_password(OLD)
    async with tenant.site.database.unit_of_work() as session:
        await session.execute(update(User).where(User.id == member.user_id).values(password_hash=hashed))
        return (await session.get_one(User, member.user_id)).email


async def test_a_new_password_ends_the_other_sessions(site: Site, email: str) -> None:
    here, elsewhere = await sign_in(site, email, OLD), await sign_in(site, email, OLD)
    body = {"current_password": OLD, "new_password": NEW}
    headers = {"idempotency-key": "once"}
    assert (await here.post(f"{API}/me/password", json=body, headers=headers)).status_code == 204
    assert (await elsewhere.get(f"{API}/session")).status_code == 401
    assert (await here.get(f"{API}/session")).status_code == 200
    refused = await site.open_client().post(f"{API}/session", json={"email": email, "password": OLD})
    assert refused.status_code == 401
    await sign_in(site, email, NEW)
    async with site.database.reading() as session:
        assert list((await session.execute(select(IdempotencyKey.key))).scalars()) == []
        actions = list((await session.execute(select(AuditEntry.action))).scalars())
    assert actions.count("password.changed") == 1


async def test_the_present_password_is_asked_and_not_for_guessing(site: Site, email: str) -> None:
    here, elsewhere = await sign_in(site, email, OLD), await sign_in(site, email, OLD)
    path = f"{API}/me/password"
    weak = expect(await here.post(path, json={"current_password": OLD, "new_password": "short"}), 422)
    assert (weak["errors"][0]["pointer"], weak["errors"][0]["code"]) == (
        "/new_password",
        "password_too_short",
    )
    wrong = {"current_password": "guess", "new_password": NEW}
    answers = [await here.post(path, json=wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert answers[0].json()["errors"][0]["message"] == "The current password is not right"
    assert (await elsewhere.get(f"{API}/session")).status_code == 200
    site.clock.shift += timedelta(minutes=16)
    right = {"current_password": OLD, "new_password": NEW}
    assert (await here.post(path, json=right)).status_code == 204


async def test_a_token_acts_as_its_member_until_it_is_revoked(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    headers = {"idempotency-key": "once"}
    made = expect(await agent.post(f"{API}/api-tokens", json={"name": " 门店系统 "}, headers=headers), 201)
    assert made["name"] == "门店系统" and made["secret"].startswith("tf_") and len(made["secret"]) > 40
    machine = tenant.site.open_client(authorization=f"Bearer {made['secret']}")
    info = expect(await machine.get(f"{API}/session"))
    assert (info["user"]["name"], info["rights"]) == ("wang", ["run"])
    assert (await machine.get(f"{API}/audit")).status_code == 403
    async with tenant.site.database.reading() as session:
        stored = list((await session.execute(select(ApiToken.token_hash))).scalars())
        assert list((await session.execute(select(IdempotencyKey.key))).scalars()) == []
    assert made["secret"] not in stored
    for client in (agent, admin):
        (listed,) = expect(await client.get(f"{API}/api-tokens"))["items"]
        assert (listed["id"], listed["member"]["name"], listed["secret"]) == (made["id"], "wang", None)
    for method, path, body in (
        ("POST", "/api-tokens", {"name": "another"}),
        ("DELETE", f"/api-tokens/{made['id']}", None),
        ("POST", "/me/password", {"current_password": OLD, "new_password": NEW}),
    ):
        refused = await machine.request(method, API + path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), path
    colleague = await tenant.sign_in("zhou", ["agent"], "east")
    assert expect(await colleague.get(f"{API}/api-tokens"))["items"] == []
    assert (await colleague.delete(f"{API}/api-tokens/{made['id']}")).status_code == 404
    assert (await admin.delete(f"{API}/api-tokens/{made['id']}")).status_code == 204
    assert (await machine.get(f"{API}/session")).status_code == 401
    assert (await agent.delete(f"{API}/api-tokens/{made['id']}")).status_code == 404
    assert expect(await agent.get(f"{API}/api-tokens"))["items"] == []


async def test_tokens_are_few_and_end_with_their_member(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    agent = await tenant.sign_in("wang", ["agent"], "shanghai")
    made = [expect(await agent.post(f"{API}/api-tokens", json={"name": str(at)}), 201) for at in range(20)]
    full = expect(await agent.post(f"{API}/api-tokens", json={"name": "one more"}), 409)
    assert full["code"] == "too_many_tokens" and "20" in full["detail"]
    first = expect(await agent.get(f"{API}/api-tokens?limit=15"))
    rest = expect(await agent.get(f"{API}/api-tokens?limit=15&cursor={first['next']}"))
    listed = [item["id"] for item in (*first["items"], *rest["items"])]
    assert listed == [token["id"] for token in reversed(made)] and rest["next"] is None
    machine = tenant.site.open_client(authorization=f"Bearer {made[0]['secret']}")
    assert (await machine.get(f"{API}/session")).status_code == 200
    member = tenant.members["wang"].id
    expect(await admin.patch(f"{API}/members/{member}", json={"active": False}))
    assert (await machine.get(f"{API}/session")).status_code == 401


async def test_an_entry_link_is_switched_off_and_on(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    token = await desk.add_link()
    (link,) = expect(await admin.get(f"{API}/workflows/{desk.workflow_id}/entry-links"))["items"]
    customer = tenant.site.open_client("198.51.100.30")
    form, path = f"{API}/public/forms/{token}", f"{API}/entry-links/{link['id']}"
    for active, shown, sent in ((False, 409, 409), (True, 200, 201)):
        changed = expect(await admin.patch(path, json={"active": active, "name": "后门"}))
        assert (changed["active"], changed["name"], changed["token"]) == (active, "后门", token)
        answer = await customer.get(form)
        assert answer.status_code == shown
        assert active or answer.json()["code"] == "link_closed"
        assert (await customer.post(form, json={"data": REQUEST})).status_code == sent
    assert len(expect(await admin.get(f"{API}/tickets"))["items"]) == 1
    for body in ({"token": "mine"}, {"region_id": "x"}, {"active": "no"}, {"name": "x" * 101}):
        assert (await admin.patch(path, json=body)).status_code == 422
    north = await tenant.sign_in("north", ["regional_manager"], "beijing")
    assert (await north.patch(path, json={"active": False})).status_code in {403, 404}
    assert expect(await admin.get(f"{API}/workflows/{desk.workflow_id}/entry-links"))["items"][0]["active"]
