"""A ticket that starts another one: both show it; a field is corrected, and its history says so."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import FindMember
from tests.e2e.visits import Member, Visits
from tests.support.browsing import DESKTOP, PHONE, take_picture

FORM = {
    "title": {"zh": "受理", "en": "Request"},
    "schema": {
        "type": "object",
        "properties": {
            "problem": {"type": "string", "title": "问题", "x-title": {"zh": "问题", "en": "Problem"}},
            "contact_name": {"type": "string", "title": "姓名", "x-title": {"zh": "姓名", "en": "Name"}},
        },
    },
    "ui": {"ui:order": ["problem", "contact_name"]},
}


def publish(admin: Member, key: str, middle: dict[str, Any], out: str, sources: list[str]) -> str:
    """Start, one step, end; its id."""
    nodes = {
        "s": {"type": "start", "config": {"form": "f", "sources": sources}, "position": {"x": 0, "y": 0}},
        "m": {**middle, "position": {"x": 260, "y": 0}},
        "z": {"type": "end", "position": {"x": 520, "y": 0}},
    }
    ways = (("s", "next", "m"), ("m", out, "z"))
    definition = {
        "format": "tierflow.workflow/1",
        "name": {"zh": f"流程 {key}", "en": f"Workflow {key}"},
        "graph": {
            "format": "tierflow.graph/1",
            "nodes": nodes,
            "edges": {
                f"e{at}": dict(zip(("source", "port", "target"), way, strict=True))
                for at, way in enumerate(ways)
            },
        },
        "forms": {"f": FORM},
        "settings": {"title": "data.problem"},
    }
    made = admin.post("/workflows", {"name": definition["name"], "key": key, "definition": definition})
    admin.post(f"/workflows/{made['id']}/releases", {"revision": 1, "note": ""})
    return str(made["id"])


@pytest.mark.parametrize(("locale", "size"), [("zh", DESKTOP), ("en", PHONE)])
def test_linked_tickets_corrections_and_history(
    visits: Visits, member: FindMember, locale: str, size: Any
) -> None:
    admin = member("admin")
    visit_step = {
        "type": "form_task",
        "label": {"zh": "上门", "en": "Visit"},
        "config": {"form": "f", "offer": {"to": "role", "role": "agent"}},
    }
    sub = {
        "type": "subflow",
        "label": {"zh": "派人检修", "en": "Send somebody"},
        "config": {
            "workflow": f"below-{locale}",
            "inputs": [{"field": "problem", "value": "data.problem"}],
        },
    }
    publish(admin, f"below-{locale}", visit_step, "done", ["system"])
    above = publish(admin, f"above-{locale}", sub, "next", ["staff"])
    region = next(item for item in admin.get("/regions")["items"] if item["key"] == "jingan")
    body = {
        "workflow_id": above,
        "region_id": region["id"],
        "data": {"problem": "厨房漏水", "contact_name": "赵先生"},
    }
    ticket = admin.post("/tickets", body)
    visit = visits.start(admin, locale, size)
    page = visit.open(f"/tickets/{ticket['id']}")
    below = f"{visit.t('tickets.link.child')} · {ticket['number']}-1"
    expect(page.get_by_text(below)).to_be_visible()
    visit.button("tickets.correct").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("厨房和卫生间漏水")
    dialog.get_by_role("button", name="保存更正" if locale == "zh" else "Save the correction").click()
    expect(dialog).to_have_count(0)
    take_picture(page, f"ticket-linked.{locale}")
    visit.settle()
    visit.button("tickets.history").click()
    newest = page.get_by_role("dialog").locator("ol li").first
    expect(newest).to_contain_text("厨房和卫生间漏水")
    expect(newest).to_contain_text(visit.t("tickets.history.correction"))
    page.locator("[data-dialog-close]").click()
    page.get_by_role("link", name=visit.t("tickets.follow_up"), exact=True).click()
    expect(page.get_by_text(visit.t("tickets.new.follows", number=ticket["number"]))).to_be_visible()
