"""Running tickets of the desk moved to a newer release, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import select

from backend.db.models import Job, Release, Task, Ticket, TicketEvent
from backend.engine.events import Event, Migrated, Recorded
from backend.engine.release import Release as CompiledRelease
from backend.engine.state import State
from backend.engine.step import replay
from backend.graph.model import Definition
from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, VISIT, Desk, expect, open_desk
from tests.api.test_rehearsals import edit
from tests.support.workflows import REGISTRY


@pytest.fixture
async def site(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    """An installation that executes its jobs itself, on both databases."""
    async with open_site(database_url, tmp_path, run_jobs=True) as opened:
        yield opened


async def publish(desk: Desk, patch: dict[str, Any]) -> int:
    await edit(desk, patch)
    draft = expect(await desk.admin.get(f"{API}/workflows/{desk.workflow_id}/draft"))
    path = f"{API}/workflows/{desk.workflow_id}/releases"
    number: int = expect(await desk.admin.post(path, json={"revision": draft["revision"]}), 201)["number"]
    return number


async def settle(desk: Desk, migration: dict[str, Any]) -> dict[str, Any]:
    """Until nothing runs."""
    for _ in range(400):
        found: dict[str, Any] = expect(await desk.admin.get(f"{API}/migrations/{migration['id']}"))
        if found["status"] not in {"checking", "running", "undoing"}:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(found)


async def triage(desk: Desk, to: int, **wanted: Any) -> dict[str, Any]:
    path = f"{API}/workflows/{desk.workflow_id}/migrations"
    return await settle(desk, expect(await desk.admin.post(path, json={"to": to, **wanted}), 201))


async def act(desk: Desk, migration: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
    path = f"{API}/migrations/{migration['id']}/{what}"
    return await settle(desk, expect(await desk.admin.post(path, json=body if what == "run" else None)))


async def list_pile(desk: Desk, migration: dict[str, Any], pile: str) -> list[dict[str, Any]]:
    path = f"{API}/migrations/{migration['id']}/tickets"
    items: list[dict[str, Any]] = expect(await desk.admin.get(path, params={"pile": pile}))["items"]
    return items


async def check_log(desk: Desk, ticket_id: str) -> State:
    """The stored log leads to the stored state, from release to release."""
    async with desk.tenant.site.database.reading() as session:
        releases = {
            row.id: CompiledRelease(
                row.hash, row.number, msgspec.json.decode(row.definition, type=Definition), REGISTRY
            )
            for row in (await session.execute(select(Release))).scalars()
        }
        ticket = (await session.execute(select(Ticket).where(Ticket.id == ticket_id))).scalar_one()
        rows = (
            await session.execute(
                select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.seq)
            )
        ).scalars()
        recorded = [Recorded(at=row.at, event=msgspec.convert(row.event, Event)) for row in rows]
        tasks = (await session.execute(select(Task).where(Task.ticket_id == ticket_id))).scalars().all()
        timers = (
            await session.execute(
                select(Job.key).where(
                    Job.ticket_id == ticket_id, Job.kind == "timer", Job.status == "pending"
                )
            )
        ).scalars()
        moves = [item.event for item in recorded if isinstance(item.event, Migrated)]
        origin = moves[0].origin if moves else ticket.release_id
    state = msgspec.json.decode(ticket.state, type=State)
    replayed = replay(releases[origin], recorded, releases.__getitem__)
    assert replayed == state
    opened = {task.key: task.node for task in tasks if task.status == "open"}
    assert opened == {task.id: task.node for task in state.tasks.values() if task.outcome is None}
    assert set(timers) == set(state.timers)
    return state


RENAMED: dict[str, Any] = {
    "graph": {
        "nodes": {
            "n_visit": None,
            "n_manager": None,
            "n_site": {
                "type": "form_task",
                "label": {"zh": "上门维修", "en": "Site visit"},
                "config": {
                    "form": "visit",
                    "offer": {"to": "role", "role": "agent", "scope": "region"},
                    "sla": {"duration": "PT8H", "working_hours": False},
                },
            },
        },
        "edges": {"e1": {"target": "n_site"}, "e2": {"source": "n_site"}, "e3": None, "e4": None},
    },
    "settings": {"sla": {"resolution": {"targets": {"normal": "PT8H"}}}},
}
"""The visit under another id, with a time limit and without the manager's button."""


async def test_there_and_exactly_back(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    ticket = await desk.report(agent)
    task = await desk.open_task(agent, ticket["id"])
    expect(await agent.post(f"{API}/tasks/{task['id']}/claim"))
    before = await check_log(desk, ticket["id"])
    number = await publish(desk, RENAMED)
    path = f"{API}/workflows/{desk.workflow_id}/migrations/suggestion"
    suggestion = expect(await admin.get(path, params={"from": 1, "to": number}))
    matches = {match["old"]: (match["new"], match["kind"]) for match in suggestion["matches"]}
    assert matches["n_visit"] == ("n_site", "like") and matches["n_start"] == ("n_start", "same")
    assert matches["n_manager"] == (None, "none") and suggestion["standing"] == {"n_visit": 1}

    lost = await triage(desk, number)
    assert (lost["status"], lost["counts"]["red"]) == ("ready", 1)
    (row,) = await list_pile(desk, lost, "red")
    assert row["findings"][0]["code"] == "node_gone" and "Site visit" in row["findings"][0]["message"]

    found = await triage(desk, number, mapping={"n_visit": "n_site"})
    assert found["counts"]["amber"] == 1, await list_pile(desk, found, "red")
    assert await check_log(desk, ticket["id"]) == before, "a dry run touches nothing"
    greens = await act(desk, found, "run")
    assert (greens["status"], greens["counts"]["migrated"]) == ("done", 0)
    moved = await act(desk, found, "run", amber=True)
    assert moved["counts"]["migrated"] == 1
    after = await check_log(desk, ticket["id"])
    (kept,) = after.tasks.values()
    assert (kept.id, kept.node, kept.assignee) == ("k2", "n_site", tenant.members["agent"].id)
    assert kept.due_at is not None and [action.outcome for action in kept.actions] == ["done"]
    shown = expect(await agent.get(f"{API}/tickets/{ticket['id']}"))
    (clock,) = expect(await agent.get(f"{API}/tickets/{ticket['id']}/clocks"))["items"]
    assert [segment["kind"] for segment in clock["segments"]] == ["run"], "it began with the new release"
    assert shown["release_number"] == number
    assert shown["tasks"][0]["id"] == task["id"], "the task's row stays the same one"
    assert any("release 2" in entry["text"] for entry in shown["timeline"])

    undone = await act(desk, found, "undo")
    assert (undone["status"], undone["counts"]["undone"]) == ("undone", 1)
    back = await check_log(desk, ticket["id"])
    assert msgspec.structs.replace(back, version=before.version, seq=before.seq) == before
    body = {"outcome": "done", "data": VISIT}
    expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json=body))


async def test_going_back_after_work_went_on(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    tickets = [await desk.report(agent) for _ in range(3)]
    number = await publish(
        desk, {"graph": {"nodes": {"n_rate": {"label": {"zh": "请评价", "en": "Please rate"}}}}}
    )
    found = await triage(desk, number, dry_run=False, **{"from": [1]})
    done = await settle(desk, found) if found["status"] == "ready" else found
    for _ in range(100):
        if done["status"] == "done":
            break
        await asyncio.sleep(0.05)
        done = expect(await admin.get(f"{API}/migrations/{found['id']}"))
    assert (done["status"], done["counts"]["green"], done["counts"]["migrated"]) == ("done", 3, 3)
    task = await desk.open_task(agent, tickets[0]["id"])
    expect(await agent.post(f"{API}/tasks/{task['id']}/complete", json={"outcome": "done", "data": VISIT}))
    undone = await act(desk, done, "undo")
    assert undone["counts"]["undone"] == 3, "work that went on goes back through the triage"
    for ticket in tickets:
        await check_log(desk, ticket["id"])
        assert expect(await agent.get(f"{API}/tickets/{ticket['id']}"))["release_number"] == 1


async def test_money_and_answers(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    paid = await desk.visit(agent)
    waiting = await desk.report(agent)
    again = {
        "graph": {
            "nodes": {
                "n_pay": {
                    "type": "settle",
                    "config": {"tariff": "none_such"},
                    "label": {"zh": "再结", "en": "Pay"},
                }
            },
            "edges": {
                "e6": {"target": "n_pay"},
                "e7": {"source": "n_pay", "port": "next", "target": "n_end"},
            },
        },
        "forms": {"visit": {"schema": {"properties": {"hours": {"maximum": 2}}}}},
    }
    number = await publish(desk, again)
    found = await triage(desk, number)
    assert found["counts"]["red"] == 2
    reds = {row["ticket_id"]: row for row in await list_pile(desk, found, "red")}
    codes = {finding["code"] for finding in reds[paid["id"]]["findings"]}
    assert {"answer_breaks", "tariff_gone"} <= codes
    assert {finding["area"] for finding in reds[paid["id"]]["findings"]} == {"data", "money"}
    assert "answer_breaks" not in {finding["code"] for finding in reds[waiting["id"]]["findings"]}


async def test_who_may(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    number = await publish(desk, {"settings": {"priority": "high"}})
    path = f"{API}/workflows/{desk.workflow_id}/migrations"
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    assert (await agent.post(path, json={"to": number})).status_code == 403
    assert (await admin.post(path, json={"to": 9})).status_code == 404
    assert (await admin.post(path, json={"to": number, "from": [7]})).status_code == 422
    wrong = await admin.post(path, json={"to": number, "mapping": {"n_x": "n_y"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "mapping_unknown_node")
    found = await triage(desk, number)
    assert (found["status"], found["total"], found["done"]) == ("ready", 0, 0)
    assert (await admin.post(f"{API}/migrations/{found['id']}/undo")).status_code == 409
    assert expect(await admin.post(f"{API}/migrations/{found['id']}/stop"))["status"] == "ready"


async def test_forms_held_against_stored_answers(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    desk = await open_desk(tenant, admin)
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    await desk.visit(agent)
    await desk.report(agent)
    path = f"{API}/workflows/{desk.workflow_id}/form-verdicts"
    assert expect(await admin.get(path))["items"] == []
    fields = {"hours": {"maximum": 2}, "remark": None}
    await edit(desk, {"forms": {"visit": {"schema": {"properties": fields}}}})
    (form,) = expect(await admin.get(path))["items"]
    assert (form["form"], form["verdict"], form["tickets"], form["unfit"]) == ("visit", "breaking", 2, 1)
    assert any("工时" in words for words in form["changes"]) and any(
        "备注" in words for words in form["changes"]
    )
