"""Tariffs that sum up over a region's settlement period, among many others side by side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
from sqlalchemy import select

from backend.db.models import Accumulator, LedgerLine
from backend.runtime.books.basis import LONGEST_KEY, name_place
from backend.settlement.posting import Party, Share
from tests.api.conftest import Tenant
from tests.api.service_desk import API, TARIFF, expect, monthly, open_desk


async def test_sums_follow_the_calendar_of_the_region(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    """Weeks in the east: the tier is reached within the week, under its key; twenty tables stand beside."""
    for at in range(20):
        document = {**TARIFF, "key": f"other_{at}"}
        expect(await admin.post(f"{API}/tariffs", json={"document": document}), 201)
    monday = datetime.now(UTC).date() - timedelta(days=datetime.now(UTC).weekday() + 7)
    change = {"settlement": {"kind": "week"}, "settlement_from": monday.isoformat()}
    expect(await admin.patch(f"{API}/regions/{tenant.regions['east'].id}", json=change))
    desk = await open_desk(tenant, admin, monthly(period="settlement"))
    assert len(expect(await admin.get(f"{API}/tariffs"))["items"]) == 21
    wang = await tenant.sign_in("wang", ["agent"], "shanghai")
    for recovered in (150_000, 100_000):
        await desk.visit(wang, recovered=recovered)
    async with tenant.site.database.reading() as session:
        (gathered,) = (await session.execute(select(Accumulator))).scalars()
        lines = list((await session.execute(select(LedgerLine))).scalars())
    (period,) = {line.period for line in lines}
    assert gathered.period == period and "-W" in period
    assert sum(line.amount for line in lines if not line.counter) == 250_000 * 8 // 100
    ahead = expect(await admin.get(f"{API}/tariffs/{desk.tariff_id}"))
    assert ahead["words"][0]["text"].startswith("Summed up over the region's settlement period")


def test_long_keys_of_sums_never_meet() -> None:
    holders = [Share(party=Party(kind="member", id=f"{at:036}", name="")) for at in range(9)]
    other = [*holders[:-1], Share(party=Party(kind="member", id="x" * 36, name=""))]
    keys = {name_place("t", "r", shares, "2026-03")[0] for shares in (holders, other)}
    assert len(keys) == 2 and max(map(len, keys)) == LONGEST_KEY
