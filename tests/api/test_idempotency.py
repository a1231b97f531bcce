"""The same key gives the same answer, and what it did is done once."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import func, select

from backend.db.models import IdempotencyKey, Region
from tests.api.conftest import Tenant


def make_body(key: str) -> dict[str, object]:
    return {"key": key, "name": {"zh": "店", "en": "Store"}}


async def count_regions(tenant: Tenant, key: str) -> int:
    async with tenant.site.database.reading() as session:
        statement = select(func.count()).where(Region.key == key, Region.workspace_id == tenant.id)
        return (await session.execute(statement)).scalar_one()


async def test_hundred_repetitions_eight_at_once(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    gate = asyncio.Semaphore(8)

    async def send() -> httpx.Response:
        async with gate:
            return await admin.post(
                "/api/v1/regions", json=make_body("store"), headers={"idempotency-key": "one"}
            )

    answers = await asyncio.gather(*(send() for _ in range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert await count_regions(tenant, "store") == 1
    assert sum("idempotent-replay" in answer.headers for answer in answers) == 99


async def test_same_key_with_another_body_is_refused(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "one"}
    assert (await admin.post("/api/v1/regions", json=make_body("a"), headers=headers)).status_code == 201
    other = await admin.post("/api/v1/regions", json=make_body("b"), headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert await count_regions(tenant, "b") == 0


async def test_the_record_shares_the_transaction(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "one"}
    body = make_body("store") | {"parent_id": tenant.regions["east"].id}
    assert (await admin.post("/api/v1/regions", json=make_body("east"), headers=headers)).status_code == 409
    async with tenant.site.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(IdempotencyKey))).scalar_one() == 0
    assert (await admin.post("/api/v1/regions", json=body, headers=headers)).status_code == 201


async def test_keys_belong_to_their_member_and_route(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    other = await tenant.sign_in("second", ["admin"])
    headers = {"idempotency-key": "one"}
    assert (await admin.post("/api/v1/regions", json=make_body("a"), headers=headers)).status_code == 201
    assert (await other.post("/api/v1/regions", json=make_body("b"), headers=headers)).status_code == 201
    name = {"name": {"zh": "流程", "en": "Flow"}}
    assert (await admin.post("/api/v1/workflows", json=name, headers=headers)).status_code == 201


async def test_secrets_are_not_stored(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    body = {"name": "n", "email": "new@demo.example", "roles": ["agent"]}
    answer = await admin.post("/api/v1/members", json=body, headers={"idempotency-key": "one"})
    assert len(answer.json()["initial_password"]) == 16
    async with tenant.site.database.reading() as session:
        assert (await session.execute(select(func.count()).select_from(IdempotencyKey))).scalar_one() == 0


@pytest.mark.parametrize("key", ["", "x" * 101, "a\tb", "é"])
async def test_odd_keys(admin: httpx.AsyncClient, key: str) -> None:
    headers = {b"idempotency-key": key.encode("latin-1")}
    answer = await admin.post("/api/v1/regions", json=make_body("a"), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")
