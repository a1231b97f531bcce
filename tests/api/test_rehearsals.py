"""A draft tried with the tickets of the desk: what it would have made of them, in ways, answers and money."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, Desk, expect, monthly, open_desk


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """An installation that executes its jobs itself, on both databases."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


async def edit(desk: Desk, patch: dict[str, Any]) -> None:
    """A merge patch over the draft as it is now."""
    draft = expect(await desk.admin.get(f"{API}/workflows/{desk.workflow_id}/draft"))
    headers = {"if-match": f'"{draft["revision"]}"', "content-type": "application/merge-patch+json"}
    expect(await desk.admin.patch(f"{API}/workflows/{desk.workflow_id}/draft", json=patch, headers=headers))


async def rehearse(desk: Desk, **wanted: Any) -> dict[str, Any]:
    """Asked for, and waited for."""
    path = f"{API}/workflows/{desk.workflow_id}/rehearsals"
    started = expect(await desk.admin.post(path, json=wanted), 201)
    for _ in range(400):
        found: dict[str, Any] = expect(await desk.admin.get(f"{API}/rehearsals/{started['id']}"))
        if found["status"] not in {"pending", "running"}:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def list_class(desk: Desk, rehearsal: dict[str, Any], verdict: str) -> list[dict[str, Any]]:
    path = f"{API}/rehearsals/{rehearsal['id']}/tickets"
    items: list[dict[str, Any]] = expect(await desk.admin.get(path, params={"class": verdict}))["items"]
    return items


async def open_visited(tenant: Tenant, admin: httpx.AsyncClient, count: int = 3) -> Desk:
    """Tickets whose visit was done and paid; the customer has not rated yet."""
    desk = await open_desk(tenant, admin, monthly())
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    for at in range(count):
        await desk.visit(agent, recovered=100_000 + at)
    return desk


async def test_an_unchanged_draft_changes_nothing(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_visited(tenant, admin)
    done = await rehearse(desk)
    assert (done["status"], done["total"], done["done"], done["current"]) == ("done", 3, 3, True)
    assert done["counts"] == {"unchanged": 3} | dict.fromkeys(
        ("rerouted", "stuck", "invalid", "ended", "unreadable", "money"), 0
    )
    (person,) = done["people"]
    assert (person["label"], person["difference"]) == ("agent", 0)
    assert person["old"] == person["new"] == (300_003 * 8 + 50) // 100
    lines = expect(await admin.get(f"{API}/settlement/lines"))["items"]
    await rehearse(desk)
    assert expect(await admin.get(f"{API}/settlement/lines"))["items"] == lines, "nothing is booked"


async def test_a_new_step_is_where_tickets_would_wait(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_visited(tenant, admin)
    approval = {
        "type": "approval",
        "label": {"zh": "主管审批", "en": "Manager's approval"},
        "config": {"offer": {"to": "role", "role": "regional_manager"}},
    }
    edges = {
        "e2": {"target": "n_ok"},
        "e7": {"source": "n_ok", "port": "approved", "target": "n_settle"},
        "e8": {"source": "n_ok", "port": "rejected", "target": "n_end"},
    }
    await edit(desk, {"graph": {"nodes": {"n_ok": approval}, "edges": edges}})
    done = await rehearse(desk)
    assert done["counts"]["stuck"] == 3 and done["counts"]["money"] == 3
    ticket, *_ = await list_class(desk, done, "stuck")
    assert "Manager's approval" in ticket["reasons"][0]
    opened = expect(await admin.get(f"{API}/rehearsals/{done['id']}/tickets/{ticket['ticket_id']}"))
    assert [point["node"] for point in opened["new"]["way"]] == ["n_start", "n_visit", "n_ok"]
    assert [point["node"] for point in opened["new"]["way"] if point["parts"]] == ["n_ok"]
    assert [point["node"] for point in opened["old"]["way"] if point["parts"]] == ["n_settle"]
    assert opened["new"]["lines"] == [] and opened["old"]["lines"]
    tried = expect(await admin.get(f"{API}/rehearsals/{done['id']}/definition"))
    assert "n_ok" in tried["definition"]["graph"]["nodes"]
    assert [port["label"]["en"] for port in tried["derived"]["n_ok"]["ports"][:2]] == ["Approved", "Rejected"]
    assert done["published"] is None
    releases = f"{API}/workflows/{desk.workflow_id}/releases"
    release = expect(await admin.post(releases, json={"revision": done["revision"], "note": ""}), 201)
    shown = expect(await admin.get(f"{API}/rehearsals/{done['id']}"))
    assert (shown["published"], shown["current"]) == (release["number"], True)
    drawn = expect(await admin.get(f"{releases}/{release['number']}"))
    assert drawn["derived"] == tried["derived"]


async def test_answers_that_do_not_fit_and_money_that_changes(
    tenant: Tenant, admin: httpx.AsyncClient
) -> None:
    desk = await open_visited(tenant, admin)
    narrow = {"forms": {"visit": {"schema": {"properties": {"hours": {"maximum": 2}}}}}}
    await edit(desk, narrow)
    done = await rehearse(desk, limit=2)
    assert (done["total"], done["counts"]["invalid"], done["current"]) == (2, 2, True)
    ticket, *_ = await list_class(desk, done, "invalid")
    assert "工时" in ticket["reasons"][0] and "2" in ticket["reasons"][0]
    await edit(desk, {"forms": {"visit": {"schema": {"properties": {"hours": {"maximum": 100}}}}}})
    double = [{"measure": "recovered", "value": "data.recovered * 2"}]
    await edit(desk, {"graph": {"nodes": {"n_settle": {"config": {"quantities": double}}}}})
    paid = await rehearse(desk)
    assert (paid["counts"]["unchanged"], paid["counts"]["money"]) == (3, 3)
    (person,) = paid["people"]
    assert person["new"] == 2 * person["old"] and person["difference"] == person["old"]
    listed = await list_class(desk, paid, "money")
    assert sum(row["money"][0]["difference"] for row in listed) == person["difference"]
    first = expect(await admin.get(f"{API}/rehearsals/{done['id']}"))
    assert first["current"] is False, "the draft has changed since"


async def test_cancelling_and_limits(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_visited(tenant, admin, 1)
    path = f"{API}/workflows/{desk.workflow_id}/rehearsals"
    assert (await admin.post(path, json={"limit": 10_001})).status_code in {400, 422}
    done = await rehearse(desk)
    assert (await admin.delete(f"{API}/rehearsals/{done['id']}")).status_code == 204
    assert expect(await admin.get(f"{API}/rehearsals/{done['id']}"))["status"] == "done"
    assert [item["id"] for item in expect(await admin.get(path))["items"]] == [done["id"]]
    manager = await tenant.sign_in("manager", ["regional_manager"], "north")
    assert (await manager.get(f"{API}/rehearsals/{done['id']}")).status_code == 404
