"""Orders: a file is checked as a whole, each order finds its owner, and pools sum to the total."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from backend.db.models import LedgerLine, Order, Posting
from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, expect, monthly


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """Jobs are executed here, on PostgreSQL too."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


HEAD = "订单号,渠道,门店,区域,金额,下单时间"


async def add_rule(client: httpx.AsyncClient, **rule: Any) -> dict[str, Any]:
    made: dict[str, Any] = expect(
        await client.post(f"{API}/attribution-rules", json={"valid_from": "2026-01-01", **rule}), 201
    )
    return made


async def check(client: httpx.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = expect(
        await client.post(f"{API}/orders/imports", json={"text": text, **more}), 201
    )
    return found


async def apply(client: httpx.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    """Checked without a fault, booked to the end."""
    checked = await check(client, text, **more)
    assert checked["state"] == "checked", checked["faults"]
    return await run(client, checked["id"])


async def run(client: httpx.AsyncClient, import_id: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(await client.post(f"{API}/orders/imports/{import_id}/apply"), 201)
    for _ in range(200):
        if found["state"] == "done":
            return found
        await asyncio.sleep(0.05)
        found = expect(await client.get(f"{API}/orders/imports/{import_id}"))
    raise AssertionError(found)


async def list_orders(client: httpx.AsyncClient, **query: str) -> dict[str, dict[str, Any]]:
    page = expect(await client.get(f"{API}/orders", params=query))
    return {item["number"]: item for item in page["items"]}


async def read_pools(client: httpx.AsyncClient) -> dict[str, int]:
    """Amounts by owner; they sum to the total."""
    pools = expect(await client.get(f"{API}/orders/pools"))
    amounts = {f"{item['owner']['kind']}:{item['owner']['id']}": item["amount"] for item in pools["items"]}
    assert sum(amounts.values()) == sum(total["amount"] for total in pools["total"])
    return amounts


async def read_accounts(tenant: Tenant) -> dict[str, int]:
    """What each party of the ledger holds of the orders' amounts; the whole sums to 0."""
    async with tenant.site.database.reading() as session:
        statement = (
            select(LedgerLine.party_kind, LedgerLine.party_id, func.sum(LedgerLine.amount))
            .where(LedgerLine.workspace_id == tenant.id, LedgerLine.component == "order")
            .group_by(LedgerLine.party_kind, LedgerLine.party_id)
        )
        held = {f"{row[0]}:{row[1]}": int(row[2]) for row in (await session.execute(statement)).all()}
    assert sum(held.values()) == 0
    return {party: amount for party, amount in held.items() if amount and party != "account:sales"}


async def test_orders_find_their_owners_and_pools_sum_to_the_total(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    await add_rule(admin, owner_kind="region")
    await add_rule(admin, owner_kind="partner", owner_id="acme", channel="tmall")
    await add_rule(admin, owner_kind="department", owner_id="sales", region_id=tenant.regions["east"].id)
    done = await apply(
        admin,
        f'{HEAD}\nA1,shop,,北京,100.00,2026-11-05\nA2,tmall,,beijing,"1,250.50",2026-11-05 09:30\n'
        "A3,shop,,华东/上海,80,2026/11/6\nA4,tmall,,上海,70.07,2026年11月7日\n",
    )
    assert (done["booked"], done["quarantined"], done["returned"]) == (3, 1, 0)
    assert done["sums"] == [{"amount": 150057, "currency": "CNY"}]
    orders = await list_orders(admin)
    owners = {number: item["owner"] and item["owner"]["id"] for number, item in orders.items()}
    assert owners == {"A1": "beijing", "A2": "acme", "A3": "sales", "A4": None}
    assert "the channel “tmall”" in orders["A2"]["why"]
    assert "2 owners" in orders["A4"]["why"]
    pools = {
        "region:beijing": 10000,
        "partner:acme": 125050,
        "department:sales": 8000,
        "account:quarantine": 7007,
    }
    assert await read_pools(admin) == pools
    assert await read_accounts(tenant) == pools


async def test_the_same_file_twice_books_nothing_twice(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    await add_rule(admin, owner_kind="region")
    text = f"{HEAD}\nB1,shop,,北京,100,2026-11-05\nB2,shop,,北京,50,2026-11-05\n"
    first, second = await check(admin, text), await check(admin, text)
    await run(admin, first["id"])
    again = await run(admin, second["id"])
    third = await apply(admin, text)
    assert (again["booked"], third["known"], third["booked"]) == (0, 2, 0)
    assert await read_accounts(tenant) == {"region:beijing": 15000}


FAULTS = [
    (f"{HEAD}\nC1,shop,,北京,\"1.234,56\",2026-11-05\nC2,shop,,北京,\"1,234.56\",2026-11-05\n",
     {"E2": "order_amount_mixed", "E3": "order_amount_mixed"}),
    (f"{HEAD}\nC1,shop,,火星,10,2026-11-05\n", {"D2": "order_region_unknown"}),
    (f"{HEAD}\nC1,shop,,北京,abc,2026-11-05\n\nC2,shop,,北京,10,soon\n",
     {"E2": "order_amount_unreadable", "F4": "order_date_unreadable"}),
    (f"{HEAD},币种\nC1,shop,,北京,10,2026-11-05,XXQ\n", {"G2": "order_currency_unknown"}),
    (f"{HEAD}\nC1,shop,,北京,10,2026-11-05\nC1,shop,,北京,12,2026-11-05\n", {"A3": "order_duplicate"}),
    (f"{HEAD}\nC1,shop,,北京,-10,2026-11-05\n", {"E2": "order_return_unknown"}),
    (f"{HEAD}\n,shop,,北京,10.123,2026-02-30\n",
     {"A2": "order_number_missing", "E2": "order_amount_precise", "F2": "order_date_unreadable"}),
    (f"{HEAD}\nC1,shop,S9,北京,10,2026-11-05\n", {"C2": "order_store_unknown"}),
    ("订单号,渠道\nC1,shop\n", {"A1": "order_column_missing"}),
    (f"{HEAD}\nC1,shop,,北京,0,2026-11-05\nC2,shop,,北京,,2026-11-05\n",
     {"E2": "order_amount_zero", "E3": "order_amount_missing"}),
    (f"{HEAD}\nK1,shop,,北京,99,2026-11-05\n", {"E2": "order_differs"}),
    (f"{HEAD}\nK1,shop,,北京,-100.01,2026-11-09\n", {"E2": "order_return_exceeds"}),
]  # fmt: skip


async def test_what_must_be_mended_is_named_at_its_cell_and_nothing_is_booked(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    await add_rule(admin, owner_kind="region", store="S1")
    await apply(admin, f"{HEAD}\nK1,shop,S1,北京,100,2026-11-05\n".replace("S1,北京", ",北京"))
    before = await read_accounts(tenant)
    for text, wanted in FAULTS:
        checked = await check(admin, text)
        assert checked["state"] == "refused"
        assert {fault["cell"]: fault["code"] for fault in checked["faults"]} == wanted
        refused = await admin.post(f"{API}/orders/imports/{checked['id']}/apply")
        assert refused.status_code == 409
    assert await read_accounts(tenant) == before
    taken = await check(admin, f"{HEAD}\nC1,shop,S9,北京,10,2026-11-05\n", new_stores=True)
    assert taken["state"] == "checked"


async def test_returns_take_back_what_was_booked_and_book_the_rest(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    await add_rule(admin, owner_kind="region")
    await apply(
        admin,
        f"{HEAD}\nD1,shop,,北京,100,2026-11-05\nD2,shop,,北京,60,2026-11-05\nD1,shop,,北京,-30,2026-11-08\n",
    )
    assert await read_accounts(tenant) == {"region:beijing": 13000}
    back = f"{HEAD},状态\nD1,shop,,北京,-20,2026-11-09,\nD2,shop,,北京,60,2026-11-05,已退货\n"
    for _ in range(2):
        await apply(admin, back)
        assert await read_accounts(tenant) == {"region:beijing": 5000}
        assert await read_pools(admin) == {"region:beijing": 5000}
    orders = await list_orders(admin)
    assert (orders["D1"]["returned"], orders["D1"]["state"]) == (5000, "booked")
    assert (orders["D2"]["returned"], orders["D2"]["state"]) == (6000, "returned")
    async with tenant.site.database.reading() as session:
        kinds = select(Posting.kind, func.count()).where(Posting.workspace_id == tenant.id)
        counted = {row[0]: row[1] for row in (await session.execute(kinds.group_by(Posting.kind))).all()}
    assert counted["reversal"] == 3


async def test_xlsx_and_rows_of_a_program(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["Order", "Channel", "Region", "Amount", "Date", "Colour"])
    sheet.append(["E1", "shop", "上海", 12.5, "2026-11-05", "red"])
    out = io.BytesIO()
    book.save(out)
    uploaded = expect(
        await admin.post(f"{API}/orders/imports/file", files={"file": ("orders.xlsx", out.getvalue())}), 201
    )
    assert (uploaded["state"], uploaded["name"]) == ("checked", "orders.xlsx")
    await run(admin, uploaded["id"])
    row = {
        "number": "E2",
        "region": "beijing",
        "amount": 4200,
        "currency": "CNY",
        "ordered_at": "2026-11-05T09:30:00+08:00",
    }
    checked = expect(await admin.post(f"{API}/orders/imports", json={"rows": [row]}), 201)
    await run(admin, checked["id"])
    orders = await list_orders(admin)
    assert (orders["E1"]["amount"], orders["E1"]["attributes"]) == (1250, {"Colour": "red"})
    assert (orders["E2"]["amount"], orders["E2"]["ordered_at"]) == (4200, "2026-11-05T01:30:00Z")
    assert {item["state"] for item in orders.values()} == {"quarantined"}


async def test_a_region_manager_imports_and_sees_only_the_own_region(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    await add_rule(admin, owner_kind="region")
    await apply(admin, f"{HEAD}\nF1,shop,,北京,10,2026-11-05\nF2,shop,,上海,20,2026-11-05\n")
    manager = await tenant.sign_in("zhao", ["regional_manager"], "east")
    assert set(await list_orders(manager)) == {"F2"}
    assert await read_pools(manager) == {"region:shanghai": 2000}


async def test_many_rows_go_in_pieces_and_can_be_stopped(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    await add_rule(admin, owner_kind="region")
    lines = "".join(f"G{at},shop,,北京,{at + 1}.00,2026-11-05\n" for at in range(450))
    checked = await check(admin, f"{HEAD}\n{lines}")
    done = await run(admin, checked["id"])
    assert (done["done"], done["booked"]) == (450, 450)
    assert await read_accounts(tenant) == {"region:beijing": sum(range(1, 451)) * 100}
    assert (await admin.post(f"{API}/orders/imports/{checked['id']}/stop")).status_code == 409
    async with tenant.site.database.reading() as session:
        count = select(func.count()).select_from(Order).where(Order.workspace_id == tenant.id)
        assert (await session.execute(count)).scalar_one() == 450


async def test_commissions_follow_the_rules_tariff_through_tiers_and_returns(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    wang = (await tenant.add_member("wang", ["agent"])).id
    expect(await admin.post(f"{API}/tariffs", json={"document": monthly()}), 201)
    await add_rule(admin, owner_kind="member", owner_id=wang, tariff="visits")
    await add_rule(admin, owner_kind="partner", owner_id="acme", channel="tmall", tariff="visits")
    await apply(admin, f"{HEAD}\nH1,shop,,北京,1000,2026-11-05\nH2,shop,,北京,1000,2026-11-06\n")
    # 2,000.00 in the month: 8 % of all of it
    assert await read_commissions(tenant) == {f"member:{wang}": 16000}
    await apply(admin, f"{HEAD}\nH2,shop,,北京,-400,2026-11-07\n")
    assert await read_commissions(tenant) == {f"member:{wang}": 8000}  # 5 % of 1,600.00
    await apply(admin, f"{HEAD}\nH3,tmall,,北京,500,2026-11-07\n")
    commissions = await read_commissions(tenant)
    assert commissions == {f"member:{wang}": 8000, "account:quarantine": 2500}
    item = expect(await admin.get(f"{API}/quarantine"))["items"][0]
    assert (item["order_number"], item["amount"]) == ("H3", 2500)
    path = f"{API}/quarantine/{item['id']}/resolution"
    expect(await admin.post(path, json={"party": {"kind": "member", "id": wang}}), 201)
    assert await read_commissions(tenant) == {f"member:{wang}": 16800}  # 8 % of 2,100.00
    await apply(admin, f"{HEAD},状态\nH3,tmall,,北京,500,2026-11-07,已退货\n")
    assert await read_commissions(tenant) == {f"member:{wang}": 8000}
    assert await read_accounts(tenant) == {f"member:{wang}": 160000}


async def test_a_tariff_without_an_answer_leaves_the_order_in_quarantine(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    document = monthly(rows=[{**monthly()["rows"][0], "match": {"region": "east"}}])
    expect(await admin.post(f"{API}/tariffs", json={"document": document}), 201)
    await add_rule(admin, owner_kind="department", owner_id="sales", tariff="visits")
    done = await apply(admin, f"{HEAD}\nI1,shop,,北京,1000,2026-11-05\n")
    assert done["quarantined"] == 1
    item = expect(await admin.get(f"{API}/quarantine"))["items"][0]
    assert "visits" in item["reason"]
    path = f"{API}/quarantine/{item['id']}/resolution"
    party = {"kind": "department", "id": "sales"}
    again = await admin.post(path, json={"party": {**party, "tariff": "visits"}})
    assert (again.status_code, again.json()["code"]) == (409, "quarantine_tariff_failed")
    assert await read_accounts(tenant) == {"account:quarantine": 100000}
    expect(await admin.post(path, json={"party": party}), 201)
    assert await read_accounts(tenant) == {"department:sales": 100000}


async def read_commissions(tenant: Tenant) -> dict[str, int]:
    """What parties received by tariffs, less what was taken back."""
    async with tenant.site.database.reading() as session:
        statement = (
            select(LedgerLine.party_kind, LedgerLine.party_id, func.sum(LedgerLine.amount))
            .where(
                LedgerLine.workspace_id == tenant.id,
                LedgerLine.component != "order",
                LedgerLine.counter.is_(False),
            )
            .group_by(LedgerLine.party_kind, LedgerLine.party_id)
        )
        found = {f"{row[0]}:{row[1]}": int(row[2]) for row in (await session.execute(statement)).all()}
    return {party: amount for party, amount in found.items() if amount}
