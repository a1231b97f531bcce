"""Sending work back and asking one more signer; a ticket that rests, with its clocks; many at once."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visit, Visits
from tests.support.browsing import DESKTOP, PHONE

FORM = {
    "title": {"zh": "记录", "en": "Record"},
    "schema": {"type": "object", "properties": {"note": {"type": "string", "title": "备注"}}},
    "ui": {"ui:order": ["note"]},
}
CLOCKS = {
    "first_response": {"targets": {"normal": "PT30M"}, "stops_at": "first_response"},
    "resolution": {
        "targets": {"normal": "PT8H"},
        "ladder": [{"percent": 80, "action": "escalate", "role": "regional_manager"}],
    },
}


def step_of(kind: str, zh: str, en: str, role: str) -> dict[str, Any]:
    form = {"form": "record"} if kind == "form_task" else {}
    return {
        "type": kind,
        "label": {"zh": zh, "en": en},
        "config": {**form, "offer": {"to": "role", "role": role, "scope": "region"}},
    }


def publish(admin: Member, key: str) -> str:
    """Visit by an agent, then approval by the manager; its id."""
    nodes: dict[str, dict[str, Any]] = {
        "s": {"type": "start", "config": {"form": "record", "sources": ["staff"]}},
        "visit": step_of("form_task", "上门", "Visit", "agent"),
        "ok": step_of("approval", "审批", "Approval", "regional_manager"),
        "z": {"type": "end"},
    }
    for at, node in enumerate(nodes.values()):
        node["position"] = {"x": 260 * at, "y": 0}
    ways = [("s", "next", "visit"), ("visit", "done", "ok"), ("ok", "approved", "z"), ("ok", "rejected", "z")]
    definition = {
        "format": "tierflow.workflow/1",
        "name": {"zh": f"巡检 {key}", "en": f"Inspection {key}"},
        "graph": {
            "format": "tierflow.graph/1",
            "nodes": nodes,
            "edges": {
                f"e{at}": {"source": source, "port": port, "target": target}
                for at, (source, port, target) in enumerate(ways)
            },
        },
        "forms": {"record": FORM},
        "settings": {"title": "data.note", "sla": CLOCKS},
    }
    made = admin.post("/workflows", {"name": definition["name"], "key": key, "definition": definition})
    admin.post(f"/workflows/{made['id']}/releases", {"revision": 1, "note": ""})
    return str(made["id"])


def open_ticket(member: Member, workflow: str, note: str) -> dict[str, Any]:
    region = next(item for item in member.get("/regions")["items"] if item["key"] == "jingan")
    body = {"workflow_id": workflow, "region_id": region["id"], "data": {"note": note}}
    started: dict[str, Any] = member.post("/tickets", body)
    return started


def test_return_to_who_did_it_and_ask_one_more_signer(visits: Visits, member: FindMember) -> None:
    agent, manager = member("agent"), member("regional_manager")
    ticket = open_ticket(agent, publish(member("admin"), "returning"), "配电箱巡检")
    agent.post(f"/tasks/{ticket['next_task_id']}/complete", {"outcome": "done"})
    path = f"/tickets/{ticket['id']}"
    visits.picture(
        manager, path, "ticket-return", DESKTOP, lambda shown: shown.button("tickets.return").click()
    )
    visit = visits.start(manager, "zh", DESKTOP)
    page = visit.open(path)
    visit.button("tickets.return").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(visit.t("tickets.return.direct")).check()
    dialog.get_by_label(visit.t("tickets.return.comment")).fill("照片不清楚")
    dialog.get_by_role("button", name=visit.t("tickets.return"), exact=True).click()
    expect(page.get_by_text("照片不清楚")).to_be_visible()
    (back,) = agent.get(f"/tickets/{ticket['id']}")["tasks"]
    assert (back["node"], back["mine"]) == ("visit", True)
    agent.post(f"/tasks/{back['id']}/complete", {"outcome": "done"})
    expect(page.get_by_text("处理完毕，直接回到退回人")).to_be_visible()
    visit.settle()
    visit.button("tickets.sign").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(visit.t("tickets.candidates.search")).fill("钱")
    expect(dialog.get_by_role("radio")).to_have_count(1)
    dialog.get_by_role("radio").click()
    dialog.get_by_role("button", name=visit.t("tickets.sign"), exact=True).click()
    expect(page.get_by_text("加签：钱佳")).to_be_visible()
    assert len(manager.get(f"/tickets/{ticket['id']}")["tasks"]) == 2


def test_a_ticket_rests_and_its_clocks_say_why(visits: Visits, member: FindMember) -> None:
    agent, manager = member("agent"), member("regional_manager")
    ticket = open_ticket(agent, publish(member("admin"), "resting"), "Lift inspection")
    visit = visits.start(manager, "en", PHONE)
    page = visit.open(f"/tickets/{ticket['id']}")
    page.get_by_label(visit.t("tickets.menu")).click()
    visit.button("tickets.suspend").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(visit.t("tickets.suspend.reason")).fill("Spare part ordered")
    dialog.get_by_role("button", name=visit.t("tickets.suspend"), exact=True).click()
    said = visit.t("tickets.resting", reason="Spare part ordered")
    expect(page.get_by_role("status").filter(has_text=said)).to_be_visible()
    visit.button("tickets.resume").click()
    expect(visit.button("tickets.resume")).to_have_count(0)
    visit.button("tickets.clock.why").click()
    told = page.locator("section ol li", has_text="The ticket was suspended")
    expect(told).to_have_count(2)
    expect(page.locator("section ol li", has_text="The ticket was resumed")).to_have_count(2)
    path = f"/tickets/{ticket['id']}"
    visits.picture(
        manager, path, "ticket-clocks", PHONE, lambda shown: shown.button("tickets.clock.why").click()
    )


def test_several_tasks_with_one_press(visits: Visits, member: FindMember) -> None:
    agent = member("agent")
    workflow = publish(member("admin"), "together")
    tickets = [open_ticket(agent, workflow, f"灭火器 {at}") for at in (1, 2)]

    def ask(shown: Visit) -> None:
        shown.button("tickets.bulk.start").click()
        for ticket in tickets:
            shown.page.get_by_label(ticket["number"]).check()
        expect(shown.page.get_by_text(shown.t("tickets.bulk.count", count=2))).to_be_visible()
        shown.button("tickets.bulk.finish").click()

    visits.picture(agent, "/tickets?view=team", "queue-bulk", DESKTOP, ask)
    visit = visits.start(agent, "zh", DESKTOP)
    page = visit.open("/tickets?view=team")
    ask(visit)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="完成", exact=True).click()
    expect(dialog.get_by_text(visit.t("tickets.bulk.done", count=2))).to_be_visible()
    nodes = [agent.get(f"/tickets/{ticket['id']}")["tasks"][0]["node"] for ticket in tickets]
    assert nodes == ["ok", "ok"]
