"""What an operator does: find the cause of stopped tickets, mend them, and watch the jobs."""

from __future__ import annotations

from time import monotonic, sleep
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

FORM = {
    "title": {"zh": "报价", "en": "Quote"},
    "schema": {
        "type": "object",
        "properties": {
            "hours": {
                "type": "number",
                "minimum": 0,
                "title": "工时",
                "x-title": {"zh": "工时", "en": "Hours"},
            },
            "cost": {"type": "number", "title": "费用", "x-title": {"zh": "费用", "en": "Cost"}},
        },
    },
    "ui": {},
}


def publish_flow(admin: Member, key: str, step: dict[str, Any], port: str) -> str:
    """A workflow of one automatic step; its id."""
    nodes: dict[str, Any] = {
        "s": {"type": "start", "config": {"form": "request", "sources": ["staff"]}},
        "step": {"label": {"zh": "算报价", "en": "Reckon quote"}, **step},
        "z": {"type": "end"},
    }
    edges = {
        "e1": {"source": "s", "port": "next", "target": "step"},
        "e2": {"source": "step", "port": port, "target": "z"},
    }
    name = {"zh": f"报价 {key}", "en": f"Quote {key}"}
    definition = {
        "format": "tierflow.workflow/1",
        "name": name,
        "graph": {"format": "tierflow.graph/1", "nodes": nodes, "edges": edges},
        "forms": {"request": FORM},
        "settings": {},
    }
    made = admin.post("/workflows", {"name": name, "key": key, "definition": definition})
    admin.post(f"/workflows/{made['id']}/releases", {"revision": 1, "note": ""})
    return str(made["id"])


def open_tickets(admin: Member, workflow: str, count: int) -> list[str]:
    region = admin.get("/regions")["items"][0]["id"]
    body = {"workflow_id": workflow, "region_id": region, "data": {}}
    return [str(admin.post("/tickets", body)["id"]) for _ in range(count)]


@pytest.mark.parametrize(("locale", "size"), [("en", DESKTOP), ("zh", PHONE)], ids=["desk", "phone"])
def test_stopped_tickets_are_repaired_and_go_on(
    visits: Visits, member: FindMember, locale: str, size: dict[str, int]
) -> None:
    admin = member("admin")
    step = {"type": "set_fields", "config": {"fields": [{"field": "cost", "value": "data.hours * 60"}]}}
    workflow = publish_flow(admin, f"quote_{locale}", step, "next")
    ticket, *_ = open_tickets(admin, workflow, 2)
    visit = visits.start(admin, locale=locale, size=size)
    page = visit.open("/admin/incidents")
    name = {"en": f"Quote quote_{locale} › Reckon quote", "zh": f"报价 quote_{locale} › 算报价"}[locale]
    page.get_by_role("link", name=name).click()
    number = next(item for item in admin.get("/incidents")["items"] if item["ticket_id"] == ticket)["number"]
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=number, exact=True))
    row.get_by_role("button", name=visit.t("operations.incidents.mend")).click()
    row.get_by_role("button", name=visit.t("operations.mend.repair"), exact=True).click()
    row.get_by_label({"en": "Hours", "zh": "工时"}[locale]).fill("2")
    take_picture(page, f"incidents.{locale}")
    row.get_by_role("button", name=visit.t("operations.mend.repair.submit")).click()
    expect(page.get_by_role("link", name=number, exact=True)).to_have_count(0)
    found = admin.get(f"/tickets/{ticket}")
    assert (found["status"], found["data"]["cost"]) == ("completed", 120)
    page.get_by_role("listitem").filter(has=page.get_by_role("link", name=name)).get_by_role(
        "button", name=visit.t("operations.incidents.retry_all")
    ).click()
    done = visit.t("operations.bulk.done", done=1)
    expect(page.get_by_text(done)).to_be_visible()


def test_jobs_are_watched_and_slowed_down(visits: Visits, member: FindMember) -> None:
    admin = member("admin")
    call = {"type": "webhook", "config": {"method": "POST", "url": "https://nowhere.invalid/x"}}
    open_tickets(admin, publish_flow(admin, "calls", call, "ok"), 2)
    deadline = monotonic() + 20
    while len(admin.get("/jobs", status="dead", target="nowhere.invalid")["items"]) < 2:
        assert monotonic() < deadline
        sleep(0.1)
    visit = visits.start(admin, locale="en", size=DESKTOP)
    page = visit.open("/admin/jobs")
    group = page.get_by_role("link", name="Webhook · nowhere.invalid").first
    group.click()
    page.get_by_role("button", name="Webhook · nowhere.invalid").first.click()
    expect(page.get_by_text('"url": "https://nowhere.invalid/x"')).to_be_visible()
    page.get_by_role("button", name=visit.t("operations.limits.add")).click()
    page.get_by_label(visit.t("operations.limits.pattern")).fill("*.invalid")
    page.get_by_label(visit.t("operations.limits.at_once")).fill("2")
    page.get_by_role("button", name=visit.t("admin.save")).click()
    expect(page.get_by_text("*.invalid")).to_be_visible()
    visits.picture(admin, page.url, "jobs", DESKTOP)
    (limit,) = admin.get("/job-limits")["items"]
    assert (limit["pattern"], limit["at_once"]) == ("*.invalid", 2)
