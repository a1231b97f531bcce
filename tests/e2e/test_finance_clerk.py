"""A finance clerk begins with nothing: regions, tables, two hundred tickets, a new rate, a reversal, orders,
the close of the month; and every figure of a statement leads to the cell that it comes from.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Locator, Page, expect

from backend.messages import render
from tests.e2e.test_signin import find_setup_link
from tests.e2e.test_tariffs import cell, paste, wait_saved
from tests.e2e.visits import API, Member, Visit, visiting
from tests.support.serving import Account, LiveServer, serve

PASSWORD = "correct horse battery"
CLERK = Account("admin", "fang@example.com", PASSWORD, "方会计", "")


class Place(NamedTuple):
    """A region, how many tickets it settles, who works there, and at which step."""

    key: str
    zh: str
    en: str
    currency: str
    tickets: int
    worker: str


PLACES = (
    Place("east", "华东", "East China", "CNY", 80, "wang"),
    Place("chengdu", "成都", "Chengdu", "CNY", 50, "li"),
    Place("guangzhou", "广州", "Guangzhou", "CNY", 40, "li"),
    Place("sea", "东南亚", "Southeast Asia", "USD", 30, "wang"),
)
SALES = 100_000
"""Of each ticket, in fen."""
DOMESTIC = [
    ["行", "区域", "计价方式", "计量", "单价", "档位"],
    ["华东 阶梯", "华东", "阶梯 · 全额比例", "销售额", "", "0 → 5% | 50,000 → 8%"],
    ["广州 混合", "广州", "保底 + 超额", "单量", "500", "10 → 28"],
]
NEW_TIERS = "0 → 6% | 60,000 → 9%"
EXPECTED = {
    ("wang", "CNY"): 711_000,
    ("wang", "USD"): 12_000,
    ("li", "CNY"): 175_000 + 134_000,
}
"""Worked out by hand. Wang, East: 80 tickets of 1,000.00, one taken back, 79,000.00 x 9 % at the rate that
holds at the end of the month. Wang, Southeast Asia: 30 x 4.00. Li, Chengdu: 50 x 35.00; Guangzhou: 500.00 for
the first 10, and 30 x 28.00."""
ORDERS = (
    "订单号,渠道,区域,金额,下单时间\n"
    "N1,门店,chengdu,120.50,{day}\n"
    "N2,门店,guangzhou,80,{day}\n"
    "N3,抖音,east,99,{day}\n"
)


def settle_node(tariff: str, *quantities: dict[str, str]) -> dict[str, Any]:
    party = {"slot": "assignee", "kind": "member", "key": "data.worker"}
    return {
        "type": "settle",
        "config": {"tariff": tariff, "quantities": list(quantities), "parties": [party]},
    }


def make_workflow(tariffs: dict[str, str]) -> dict[str, Any]:
    """What is reported is settled at once, by the table of its region; `tariffs` are their keys."""
    sales = {"measure": "sales", "value": "data.sales"}
    text = {"type": "string", "maxLength": 40}
    fields = {"worker": text, "sales": {"type": "integer", "minimum": 0}}
    to_end = {f"e_{name}": {"source": f"n_{name}", "port": "next", "target": "n_end"} for name in tariffs}
    return {
        "format": "tierflow.workflow/1",
        "name": {"zh": "上门服务", "en": "Site visits"},
        "graph": {
            "format": "tierflow.graph/1",
            "nodes": {
                "n_start": {"type": "start", "config": {"form": "report", "sources": ["staff"]}},
                "n_which": {"type": "decision", "config": {}},
                "n_domestic": settle_node(tariffs["domestic"], sales),
                "n_fixed": settle_node(tariffs["fixed"]),
                "n_orders": settle_node(tariffs["orders"]),
                "n_end": {"type": "end"},
            },
            "edges": {
                "e1": {"source": "n_start", "port": "next", "target": "n_which"},
                "e2": edge("n_fixed", 'ticket.region == "chengdu"'),
                "e3": edge("n_orders", 'ticket.region == "sea"'),
                "e4": {**edge("n_domestic", None), "default": True},
                **to_end,
            },
        },
        "forms": {
            "report": {
                "title": {"zh": "登记", "en": "Report"},
                "ui": {},
                "schema": {"type": "object", "properties": fields},
            }
        },
        "settings": {"tariff_policy": "at_completion"},
    }


def edge(target: str, when: str | None) -> dict[str, Any]:
    return {"source": "n_which", "port": "next", "target": target, **({"when": when} if when else {})}


class Clerk:
    """The one who set the workspace up: at the screens, and at the API for what other people do."""

    def __init__(self, server: LiveServer, visit: Visit) -> None:
        self.visit, self.page, self.t = visit, visit.page, visit.t
        self.page.goto(find_setup_link(server))
        for name, value in (("workspace", "华裕"), ("name", CLERK.name), ("email", CLERK.email)):
            self.page.locator(f"#{name}").fill(value)
        self.page.locator("#password").fill(PASSWORD)
        self.page.locator("form button[type=submit]").click()
        expect(self.page.locator("#main")).to_contain_text(CLERK.name)
        self.api = Member(server.url, CLERK)
        self.people: dict[str, str] = {}
        self.regions: dict[str, str] = {}
        self.workflow = ""

    def press(self, key: str, within: Locator | Page | None = None, **params: object) -> None:
        inside = within or self.page
        inside.get_by_role("button", name=self.t(key, **params), exact=True).first.click()

    def add_regions(self) -> None:
        self.visit.open("/admin/regions")
        for place in PLACES:
            self.press("admin.regions.below")
            form = self.page.get_by_role("dialog")
            form.locator("[data-pointer='/name'] input").first.fill(place.zh)
            form.locator("[data-pointer='/name'] input").last.fill(place.en)
            form.locator("[data-pointer='/key'] input").fill(place.key)
            form.locator("[data-pointer='/currency'] input").fill(place.currency)
            self.press("admin.save", form)
            expect(self.page.locator("#main li").filter(has_text=place.zh)).to_be_visible()
        self.regions = {each["key"]: each["id"] for each in self.api.get("/regions")["items"]}

    def add_people(self) -> None:
        for key, name in (("wang", "王芳"), ("li", "李杰")):
            body = {"name": name, "email": f"{key}@example.com", "roles": ["agent"], "password": PASSWORD}
            self.people[key] = self.api.post("/members", body)["id"]

    def begin_tariff(self, name: str, pattern: str, currency: str = "CNY") -> None:
        self.visit.open("/settlement/tariffs")
        self.press("tariffs.new")
        form = self.page.get_by_role("dialog")
        form.get_by_label(self.t("tariffs.new.name"), exact=True).fill(name)
        form.get_by_text(self.t(f"tariffs.pattern.{pattern}"), exact=True).click()
        form.get_by_label(self.t("tariffs.currency")).fill(currency)
        self.press("tariffs.new.create")
        expect(cell(self.page, 0, "name")).to_be_visible()

    def publish(self, moment: datetime | None = None) -> None:
        """The draft that is open; at `moment`, or now."""
        self.press("tariffs.publish")
        form = self.page.get_by_role("dialog")
        if moment is not None:
            form.get_by_label(self.t("tariffs.publish.later")).first.check()
            local = moment.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M:%S")
            form.locator("input[type=datetime-local]").fill(local)
        self.press("tariffs.publish", form)
        expect(form).to_be_hidden()

    def add_workflow(self) -> None:
        tariffs = {each["name"]["zh"]: each["key"] for each in self.api.get("/tariffs")["items"]}
        named = {
            "domestic": tariffs["国内结算"],
            "fixed": tariffs["成都 固定服务费"],
            "orders": tariffs["东南亚 按单"],
        }
        made = self.api.post(
            "/workflows",
            {
                "name": {"zh": "上门服务", "en": "Site visits"},
                "key": "visits",
                "definition": make_workflow(named),
            },
        )
        self.workflow = made["id"]
        self.api.post(f"/workflows/{made['id']}/releases", {"revision": 1, "note": ""})

    def settle(self, place: Place, count: int) -> list[dict[str, Any]]:
        """As many tickets as staff would open."""
        body = {
            "workflow_id": self.workflow,
            "region_id": self.regions[place.key],
            "data": {"worker": self.people[place.worker], "sales": SALES},
        }
        with ThreadPoolExecutor(4) as several:
            return list(several.map(lambda _: self.api.post("/tickets", body), range(count)))

    def list_lines(self) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.api.get("/settlement/lines", limit=200, **cursor)
            lines += page["items"]
            if not page["next"]:
                return lines
            cursor = {"cursor": page["next"]}


def add_up(lines: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str], int]:
    sums: Counter[tuple[str, str]] = Counter()
    for party, currency, amount in lines:
        sums[party, currency] += amount
    return dict(sums)


def test_a_month_from_an_empty_workspace_to_figures_that_lead_to_their_rules(
    browser: Browser, tmp_path: Path
) -> None:
    with serve(tmp_path / "empty", "serve") as server, visiting(browser, server) as visits:
        clerk = Clerk(server, visits.start(None, "zh"))
        clerk.add_regions()
        clerk.add_people()
        set_up_tariffs(clerk)
        clerk.add_workflow()
        half = settle_first_half(clerk)
        noon = change_rate(clerk)
        import_orders(clerk)
        settle_second_half(clerk, noon)
        reverse(clerk, half[0]["id"])
        check_sums(clerk)
        close_month(clerk)
        drill(clerk)


def set_up_tariffs(clerk: Clerk) -> None:
    """Two regions in one table, by cells of a spreadsheet; two tables as they begin."""
    page = clerk.page
    clerk.begin_tariff("国内结算", "tiers")
    cell(page, 0, "name").click()
    paste(page, DOMESTIC)
    expect(cell(page, 1, "tiers")).to_contain_text("10 → 28")
    wait_saved(page)
    clerk.publish()
    clerk.begin_tariff("成都 固定服务费", "fixed")
    expect(cell(page, 0, "price")).to_contain_text("35")
    clerk.begin_tariff("东南亚 按单", "orders", "USD")
    expect(cell(page, 0, "tiers")).to_contain_text("0 → 4 | 100 → 3.6")


def settle_first_half(clerk: Clerk) -> list[dict[str, Any]]:
    """Before the rate changes: half of the tickets of the east, and all the others."""
    east, *others = PLACES
    for place in others:
        clerk.settle(place, place.tickets)
    return clerk.settle(east, east.tickets // 2)


def change_rate(clerk: Clerk) -> datetime:
    """The new tiers are typed, and hold from a moment a few seconds ahead."""
    page = clerk.page
    found = next(each for each in clerk.api.get("/tariffs")["items"] if each["name"]["zh"] == "国内结算")
    clerk.visit.open(f"/settlement/tariffs/{found['id']}")
    cell(page, 0, "tiers").click()
    page.keyboard.press("F2")
    page.keyboard.type(NEW_TIERS)
    page.keyboard.press("Enter")
    wait_saved(page)
    noon = datetime.now(ZoneInfo("UTC")).replace(microsecond=0) + timedelta(seconds=12)
    clerk.publish(noon)
    east = clerk.settle(PLACES[0], 1)[0]["id"]
    assert {line["tariff"]["revision"] for line in clerk.api.get(f"/tickets/{east}")["lines"]} == {2}
    return noon


def settle_second_half(clerk: Clerk, noon: datetime) -> None:
    east = PLACES[0]
    time.sleep(max(0.0, (noon - datetime.now(ZoneInfo("UTC"))).total_seconds()))
    first = clerk.settle(east, 1)[0]["id"]
    assert {line["tariff"]["revision"] for line in clerk.api.get(f"/tickets/{first}")["lines"]} == {3}
    clerk.settle(east, east.tickets - east.tickets // 2 - 2)


def reverse(clerk: Clerk, ticket: str) -> None:
    page = clerk.visit.open(f"/tickets/{ticket}")
    clerk.press("corrections.reverse", page.locator("#main"))
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("客户退货")
    clerk.press("corrections.reverse", dialog)
    expect(dialog).to_be_hidden()
    expect(page.locator("#main .line-through").first).to_be_visible()


def import_orders(clerk: Clerk) -> None:
    """Orders belong to their region; what comes from one channel also to a department, and so is doubtful."""
    page, t = clerk.visit.open("/settlement/orders"), clerk.t
    rules: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("region", "", {}),
        ("department", "online", {"channel": "抖音"}),
        ("partner", "shop", {"channel": "抖音"}),
    )
    for kind, code, match in rules:
        clerk.press("orders.rules.add")
        form = page.locator("#main form")
        form.get_by_role("radiogroup").get_by_text(t(f"orders.kind.{kind}"), exact=True).click()
        if code:
            form.locator("[data-pointer='/owner_id'] input").fill(code)
        form.locator("[data-pointer='/channel'] input").fill(match.get("channel", ""))
        clerk.press("orders.rules.save", form)
        expect(form).to_be_hidden()
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    page.get_by_label(t("orders.import.cells")).fill(ORDERS.format(day=day))
    page.get_by_role("button", name=t("orders.import.check")).click()
    page.get_by_role("button", name=t("orders.import.apply", count=3)).click()
    expect(page.locator("[data-state=done]")).to_be_visible()
    page = clerk.visit.open("/settlement/quarantine")
    item = page.locator("#main li").filter(has_text="N3")
    item.get_by_role("button", name=re.compile("online")).click()
    expect(page.locator("#main li").filter(has_text="N3")).to_have_count(0)


def check_sums(clerk: Clerk) -> None:
    """What was worked out by hand, the ledger, its export, the sums and the statements say the same."""
    names = {"王芳": "wang", "李杰": "li"}
    lines = clerk.list_lines()
    booked = add_up((line["party"]["name"], line["currency"], line["amount"]) for line in lines)
    sums = clerk.api.get("/settlement/summary", by="person")["items"]
    statements = clerk.api.get("/statements")["items"]
    text = clerk.api.client.get(f"{API}/settlement/export.csv").raise_for_status().content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text))
    at = {name: head.index(render(f"column_{name}", {}, "zh")) for name in ("party", "amount", "currency")}
    exported = ((row[at["party"]], row[at["currency"]], minor(row[at["amount"]])) for row in rows)
    for told in (
        booked,
        add_up((each["label"], each["currency"], each["amount"]) for each in sums),
        add_up((each["party"]["name"], each["currency"], each["received"]) for each in statements),
        add_up(exported),
    ):
        people = {(names[name], currency): each for (name, currency), each in told.items() if name in names}
        assert people == EXPECTED
    nets = add_up(("", each["currency"], each["net"]) for each in statements)
    assert set(nets.values()) == {0}
    traced = [line for line in lines if line["ticket_id"]]
    assert (len({line["ticket_id"] for line in traced}), {bool(line["tariff"]) for line in traced}) == (
        200,
        {True},
    )


def close_month(clerk: Clerk) -> None:
    page = clerk.visit.open("/settlement/periods")
    page.locator("#main section[data-unit] li a").first.click()
    card = page.locator("#main section[data-state]")
    clerk.press("periods.do.review", card)
    expect(card).to_have_attribute("data-state", "review")
    for box in card.get_by_role("checkbox").all():
        box.click()
        expect(box).to_be_checked()
    clerk.press("periods.do.close", card)
    expect(card).to_have_attribute("data-state", "closed")


def drill(clerk: Clerk) -> None:
    """From the total to one person, from the statement to a line, its ticket, and the row of its table."""
    page, main = clerk.visit.open("/settlement?by=person"), clerk.page.locator("#main")
    main.locator("li a").filter(has_text="¥7,110.00").first.click()
    expect(main).to_contain_text("¥7,110.00")
    expect(main).to_contain_text("王芳")

    page = clerk.visit.open("/settlement/statements?kind=member")
    main.locator("tbody a").filter(has_text="王芳").first.click()
    expect(main.locator("dl").first).to_contain_text("¥7,110.00")
    lines = main.locator("section li details")
    amounts = [
        minor(text) for text in lines.locator("summary .tf-tabular").all_inner_texts() if "$" not in text
    ]
    assert sum(amounts) == EXPECTED["wang", "CNY"]
    rules = lines.locator("a[href*='/settlement/tariffs/'][href*='&row=']")
    expect(rules).to_have_count(lines.count())
    first = lines.filter(has_text="= ¥90.00").first
    first.locator("summary").click()
    first.locator("a[href*='/settlement/lines/']").first.click()
    expect(page).to_have_url(re.compile("/settlement/lines/"))
    ticket = main.locator("a[href^='/tickets/']")
    rule = main.locator("a[href*='/settlement/tariffs/']")
    expect(rule).to_have_count(1)
    expect(main).to_contain_text("9% = ¥90.00")
    where = str(rule.get_attribute("href"))
    ticket.click()
    expect(page).to_have_url(re.compile("/tickets/"))
    expect(main.locator("section").filter(has_text=clerk.t("tickets.money.booked"))).to_contain_text("¥90.00")
    clerk.visit.open(where)
    expect(cell(page, 0, "tiers")).to_contain_text("60,000 → 9%")


def minor(text: str) -> int:
    """`-¥1,000.50` -> -100050."""
    return int(Decimal(re.sub(r"[^\d.-]", "", text)) * 100)
