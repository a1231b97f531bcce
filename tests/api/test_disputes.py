"""Questions about amounts: who may ask, who may answer, who hears of it, and what an acceptance needs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from backend.db.models import LedgerLine, Posting
from backend.db.types import new_id
from tests.api.conftest import Tenant
from tests.api.service_desk import API, Desk, expect, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def book(desk: Desk) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """A visit of wang; answers the browser and the line that pays the labour."""
    wang = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    await desk.visit(wang)
    lines = expect(await wang.get(f"{API}/settlement/lines"))["items"]
    return wang, next(line for line in lines if line["component"] == "labour")


async def ask(client: httpx.AsyncClient, line: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"line_id": line["id"], "text": "少算了一小时", **more}
    found: dict[str, Any] = expect(await client.post(f"{API}/disputes", json=body), 201)
    return found


async def list_notices(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = expect(await client.get(f"{API}/notifications"))["items"]
    return [item for item in items if (item["link"] or "").startswith("/settlement/disputes/")]


async def count(client: httpx.AsyncClient, view: str = "open") -> int:
    return len(expect(await client.get(f"{API}/disputes", params={"view": view}))["items"])


async def test_both_sides_see_the_talk_and_are_told(desk: Desk) -> None:
    finance = await desk.tenant.sign_in("qian", ["finance"])
    wang, line = await book(desk)
    asked = await ask(wang, line, amount=24_000)
    assert asked["item"]["state"] == "open" and asked["may"] == ["message", "withdraw"]
    assert asked["item"]["expected"] == 24_000 and asked["item"]["amount"] == line["amount"]
    path = f"{API}/disputes/{asked['item']['id']}"
    [notice] = await list_notices(finance)
    assert "wang" in notice["text"] and "少算了一小时" in notice["text"]
    assert notice["link"] == f"/settlement/disputes/{asked['item']['id']}"
    assert expect(await finance.get(path))["may"] == ["message", "resolve"]
    expect(await finance.post(f"{path}/messages", json={"text": "请补充打卡记录"}), 201)
    assert len(await list_notices(wang)) == 1
    expect(await wang.post(f"{path}/messages", json={"text": "已补充"}), 201)
    answer = {"outcome": "explained", "text": "工时以系统记录为准"}
    closed = expect(await finance.post(f"{path}/resolution", json=answer))
    assert closed["item"]["state"] == "explained" and closed["item"]["answered"]
    talk = expect(await wang.get(path))
    assert [(each["by"]["name"], each["kind"]) for each in talk["messages"]] == [
        ("wang", "opened"),
        ("qian", "message"),
        ("wang", "message"),
        ("qian", "explained"),
    ]
    assert (await count(wang), await count(wang, "closed"), await count(finance, "all")) == (0, 1, 1)
    assert talk["may"] == ["message"]
    again = expect(await wang.post(f"{path}/messages", json={"text": "还是不对"}), 201)
    assert again["item"]["state"] == "open"


async def test_who_may_ask_and_who_may_answer(desk: Desk, foreign: Tenant) -> None:
    wang, line = await book(desk)
    east = await desk.tenant.sign_in("lu", ["regional_manager"], "east")
    north = await desk.tenant.sign_in("bei", ["regional_manager"], "north")
    colleague = await desk.tenant.sign_in("zhou", ["agent"], "shanghai")
    stranger = await foreign.sign_in("admin", ["admin"])
    body = {"line_id": line["id"], "text": "?"}
    for outsider in (north, colleague, stranger):
        assert (await outsider.post(f"{API}/disputes", json=body)).status_code == 404
    asked = await ask(wang, line)
    path = f"{API}/disputes/{asked['item']['id']}"
    second = await wang.post(f"{API}/disputes", json=body)
    assert (second.status_code, second.json()["code"]) == (409, "dispute_open")
    for outsider in (north, colleague, stranger):
        assert (await outsider.get(path)).status_code == 404
        assert await count(outsider, "all") == 0
    assert expect(await east.get(path))["may"] == [] and await count(east) == 1
    answer = {"outcome": "explained", "text": "x"}
    for client in (wang, east):
        assert (await client.post(f"{path}/resolution", json=answer)).status_code == 403
    assert (await east.post(f"{path}/messages", json={"text": "x"})).status_code == 403
    assert (await east.post(f"{path}/withdrawal")).status_code == 403
    taken = expect(await wang.post(f"{path}/withdrawal"))
    assert taken["item"]["state"] == "withdrawn" and taken["may"] == []
    assert (await wang.post(f"{path}/messages", json={"text": "x"})).status_code == 409
    assert (await ask(wang, line))["item"]["state"] == "open"


async def test_finance_cannot_decide_upon_its_own_question(desk: Desk) -> None:
    _, line = await book(desk)
    finance = await desk.tenant.sign_in("qian", ["finance"])
    asked = await ask(finance, line)
    path = f"{API}/disputes/{asked['item']['id']}/resolution"
    answer = {"outcome": "explained", "text": "x"}
    assert (await finance.post(path, json=answer)).status_code == 403
    other = await desk.tenant.sign_in("sun", ["finance"])
    assert expect(await other.post(path, json=answer))["item"]["state"] == "explained"


async def test_accepting_names_the_correction(desk: Desk) -> None:
    wang, line = await book(desk)
    finance = await desk.tenant.sign_in("qian", ["finance"])
    asked = await ask(wang, line)
    path = f"{API}/disputes/{asked['item']['id']}/resolution"
    accepted = {"outcome": "accepted", "text": "已更正"}
    refused = await finance.post(path, json=accepted)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/posting_id")
    reversal = await reverse(desk, line["posting_id"])
    wrong = await finance.post(path, json={**accepted, "posting_id": line["posting_id"]})
    assert wrong.status_code == 422
    closed = expect(await finance.post(path, json={**accepted, "posting_id": reversal}))
    assert (closed["item"]["state"], closed["correction_id"]) == ("accepted", reversal)
    [notice] = await list_notices(wang)
    assert "已更正" in notice["text"]


async def reverse(desk: Desk, posting_id: str) -> str:
    """The exact negative of a posting, as the ledger keeps it."""
    reversal, now = new_id(), desk.tenant.site.clock()
    async with desk.tenant.site.database.unit_of_work() as session:
        rows = (
            await session.execute(select(LedgerLine).where(LedgerLine.posting_id == posting_id))
        ).scalars()
        copied = [
            {column.key: getattr(row, column.key) for column in LedgerLine.__table__.columns} for row in rows
        ]
        for values in copied:
            changed = {"id": new_id(), "posting_id": reversal, "amount": -values["amount"]}
            session.add(LedgerLine(**(values | changed)))
        await session.flush()
        session.add(
            Posting(
                id=reversal,
                workspace_id=desk.tenant.id,
                ticket_id=copied[0]["ticket_id"],
                cause=f"reversal:{posting_id}",
                kind="reversal",
                reversal_of=posting_id,
                booked_at=now,
                lines=len(copied),
            )
        )
    return reversal
