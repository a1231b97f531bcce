"""Attacks that must come to nothing: fields nobody may set, values no column holds, stored code."""

from __future__ import annotations

import csv
import io
import json
from typing import Any, get_args, get_origin

import httpx
import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from tests.api.conftest import Tenant, open_site
from tests.api.service_desk import API, REQUEST, STORED, TARIFF, VISIT, Desk, expect, open_desk
from tests.api.test_routes import ROUTES

FREE_FORM = {
    "PATCH /api/v1/workflows/{workflow_id}/draft",
    "PUT /api/v1/connections/{kind}",
}
"""Bodies that the handler checks itself: a merge patch, and a config by its kind."""


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


@pytest.fixture
async def agent(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("wang", ["agent"], "shanghai")


# --- mass assignment ---


def find_body(handler: HTTPRouteHandler) -> Any:
    """The type of a handler's `data`, without its metadata; None without a body."""
    found = handler.parsed_fn_signature.parameters.get("data")
    if found is None:
        return None
    kind = found.annotation
    return get_args(kind)[0] if get_origin(kind) is not None and hasattr(kind, "__metadata__") else kind


def list_bodies() -> list[tuple[str, Any]]:
    return [
        (f"{method} {path}", body)
        for method, path, handler in ROUTES
        if method in {"POST", "PUT", "PATCH"} and (body := find_body(handler)) is not None
    ]


@pytest.mark.parametrize(("route", "body"), list_bodies(), ids=[route for route, _ in list_bodies()])
def test_every_body_takes_only_the_named_fields(route: str, body: Any) -> None:
    if route in FREE_FORM or route.endswith(("/files", "/file")):
        return
    assert isinstance(body, type) and issubclass(body, msgspec.Struct), route
    assert body.__struct_config__.forbid_unknown_fields, f"{route} would drop what it does not know"


async def test_nobody_raises_oneself(
    desk: Desk, admin: httpx.AsyncClient, agent: httpx.AsyncClient, tenant: Tenant, foreign: Tenant
) -> None:
    """A field too many refuses the whole request, so that nothing of it is half done."""
    started = await desk.report(agent)
    task = f"/tasks/{started['next_task_id']}"
    wang = f"/members/{tenant.members['wang'].id}"
    region = {"key": "x", "name": {"zh": "x"}}
    ticket = {
        "workflow_id": desk.workflow_id,
        "region_id": tenant.regions["shanghai"].id,
        "data": REQUEST,
    }
    cases: list[tuple[httpx.AsyncClient, str, str, dict[str, Any], dict[str, Any]]] = [
        (agent, "PATCH", "/me", {"theme": "dark"}, {"roles": ["admin"]}),
        (agent, "PATCH", "/me", {"theme": "dark"}, {"password_hash": "x"}),
        (admin, "PATCH", wang, {"name": "x"}, {"workspace_id": foreign.id}),
        (admin, "PATCH", wang, {"name": "x"}, {"user_id": tenant.members["admin"].user_id}),
        (admin, "POST", "/regions", region, {"id": "mine"}),
        (admin, "POST", "/regions", region, {"path": "/"}),
        (agent, "POST", "/tickets", ticket, {"status": "completed"}),
        (agent, "POST", "/tickets", ticket, {"price": 1}),
        (agent, "POST", "/tickets", ticket, {"workspace_id": foreign.id}),
        (agent, "POST", "/tickets", {**ticket, "data": {**REQUEST, "amount": 1}}, {}),
        (agent, "POST", "/tickets", {**ticket, "data": {**REQUEST, "__proto__": {"admin": True}}}, {}),
        (agent, "POST", f"{task}/complete", {"outcome": "done", "data": VISIT}, {"assignee_id": "x"}),
        (agent, "POST", f"{task}/complete", {"outcome": "done", "data": {**VISIT, "margin": 1}}, {}),
        (
            admin,
            "POST",
            f"/tariffs/{desk.tariff_id}/revisions",
            {"document": TARIFF, "base_revision": 1},
            {"id": 1},
        ),
        (admin, "POST", "/workflows", {"name": {"zh": "x"}}, {"workspace_id": foreign.id}),
    ]
    before = {path: (await admin.get(API + path)).json() for path in ("/members", "/regions", "/workflows")}
    for client, method, path, body, extra in cases:
        answer = await client.request(method, API + path, json={**body, **extra})
        assert answer.status_code == 422, f"{method} {path} {extra}: {answer.text}"
        codes = {item["code"] for item in answer.json()["errors"]}
        assert codes <= {"unknown_field", "answer.unknown_field", "answer.field_not_editable"}, answer.text
    assert before == {path: (await admin.get(API + path)).json() for path in before}
    assert [item["id"] for item in expect(await admin.get(f"{API}/tickets?view=all"))["items"]] == [
        started["id"]
    ]
    assert expect(await agent.get(f"{API}/session"))["rights"] == ["run"]


# --- cross-site requests ---


OPEN = {f"{API}/session", f"{API}/setup", f"{API}/hooks/{{token}}"}
"""Where no cookie counts: signing in, the set-up link, and deliveries that carry their own signature."""


async def test_every_write_with_a_cookie_needs_its_token(admin: httpx.AsyncClient) -> None:
    wrong: list[tuple[dict[str, str], str]] = [
        ({"x-csrf-token": ""}, "csrf_mismatch"),
        ({"x-csrf-token": "guess"}, "csrf_mismatch"),
        ({"origin": "https://evil.example"}, "foreign_origin"),
        ({"origin": "http://tierflow.test.evil.example"}, "foreign_origin"),
        ({"origin": "null"}, "foreign_origin"),
    ]
    for method, path, _ in ROUTES:
        if method in {"GET", "HEAD"} or path in OPEN or "/public/" in path:
            continue
        address = path.replace("{number}", "1").replace("{", "").replace("}", "")
        for headers, code in wrong:
            answer = await admin.request(method, address, headers=headers, json={})
            assert (answer.status_code, answer.json()["code"]) == (403, code), f"{method} {path}"


# --- what no column holds ---

FAR = [
    "/tickets?limit=-1",
    "/tickets?limit=99999999999999999999",
    "/tickets?cursor=-1",
    "/tickets?cursor=" + "A" * 5_000,
    "/tickets?q=" + "x" * 5_000,
    "/tickets?q=%ED%A0%80",
    "/tickets?workflow_id=" + "x" * 3_000,
    "/tickets?region_id=%ff%fe",
    "/tickets?unknown=1&unknown=2",
    "/tasks?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDgsIngiXQ",
    "/tasks/" + "x" * 3_000,
    "/audit?cursor=Wzk5OTk5OTk5OTk5XQ",
    "/audit?action=" + "x" * 500,
    "/notifications?cursor=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwieCJd",
    "/jobs?cursor=WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5IiwieCJd",
    "/members?cursor=WyJ4IiwiXHVkODAwIl0",
    "/settlement/lines?from=0001-01-01&to=0001-01-01",
    "/settlement/lines?from=9999-12-31&to=9999-12-31",
    "/settlement/summary?from=0001-01-01&to=9999-12-31",
    "/settlement/export.csv?from=0001-01-01",
    "/settlement/lines?member_id=%ED%A0%80",
    "/me/earnings?period=0000-01",
    "/me/earnings?period=9999-12",
    "/changes?wait=0&after=99999999999999999999",
    "/tariffs/x?revision=99999999999",
    "/workflows/x/releases/18446744073709551616",
    "/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/templates/..%2f..%2fetc/passwd",
    "/connections/" + "x" * 500,
]


async def test_addresses_far_out(admin: httpx.AsyncClient) -> None:
    for path in FAR:
        answer = await admin.get(API + path)
        assert answer.status_code in {200, 400, 404}, f"{path[:80]}: {answer.status_code} {answer.text[:200]}"


async def test_texts_longer_than_their_columns(
    desk: Desk, admin: httpx.AsyncClient, agent: httpx.AsyncClient, tenant: Tenant
) -> None:
    """SQLite would take any length; both databases must refuse the same."""
    long, place = "x" * 5_000, tenant.regions["shanghai"].id
    started = await desk.report(agent)
    task = started["next_task_id"]
    workflow = f"/workflows/{desk.workflow_id}"
    member = {"name": "a", "email": "a@example.com", "roles": ["agent"]}
    ticket = {"workflow_id": desk.workflow_id, "region_id": place, "data": REQUEST}
    cases: list[tuple[str, str, dict[str, Any], int]] = [
        *(
            ("POST", "/members", {**member, **{name: value}}, 422)
            for name, value in (
                ("name", long),
                ("email", f"{long}@example.com"),
                ("region_id", long),
                ("level", long),
                ("department", long),
                ("roles", [long]),
                ("skills", [long]),
                ("password", long),
            )
        ),
        ("PATCH", "/me", {"locale": long}, 422),
        ("POST", "/api-tokens", {"name": long}, 422),
        ("POST", "/regions", {"key": long, "name": {"zh": "a"}}, 422),
        ("POST", "/regions", {"key": "a", "name": {"zh": long}}, 422),
        ("POST", "/regions", {"key": "a", "name": {"zh": "a"}, "zone": long}, 422),
        ("POST", "/regions", {"key": "a", "name": {"zh": "a"}, "currency": long}, 422),
        ("POST", "/regions", {"key": "a", "name": {"zh": "a"}, "parent_id": long}, 422),
        ("POST", "/workflows", {"name": {"zh": long}}, 422),
        ("POST", "/workflows", {"name": {"zh": "a"}, "key": long}, 422),
        ("POST", f"{workflow}/releases", {"revision": 1, "note": long}, 422),
        ("POST", f"{workflow}/entry-links", {"region_id": place, "name": long}, 422),
        ("POST", f"{workflow}/entry-links", {"region_id": place, "channel": long}, 422),
        ("POST", f"{workflow}/entry-links", {"region_id": long}, 422),
        ("POST", "/tickets", {**ticket, "channel": long}, 422),
        ("POST", "/tickets", {**ticket, "region_id": long}, 404),
        ("POST", "/tickets", {**ticket, "workflow_id": long}, 404),
        ("POST", "/tickets", {**ticket, "customer": {"name": long}}, 422),
        ("POST", f"/tasks/{task}/complete", {"outcome": long, "data": {}}, 422),
        ("POST", f"/tasks/{task}/complete", {"outcome": "done", "data": VISIT, "comment": long}, 422),
        ("POST", f"/tasks/{task}/delegate", {"member_id": long}, 422),
        ("POST", f"/tickets/{started['id']}/cancel", {"reason": long}, 422),
        ("PUT", f"/tasks/{task}/draft", {"data": {}, "schema_hash": long}, 422),
        ("POST", "/notifications/read", {"ids": [long]}, 422),
        ("POST", "/notifications/read", {"ids": ["x"] * 40_000}, 422),
        ("POST", "/tariffs", {"document": TARIFF, "note": long}, 422),
        ("PUT", "/connections/smtp", {"host": long, "sender": "a@example.com"}, 422),
    ]
    for method, path, body, status in cases:
        client = agent if path.startswith("/tasks") else admin
        answer = await client.request(method, API + path, json=body)
        assert answer.status_code == status, f"{method} {path} {str(body)[:80]}: {answer.text[:300]}"
    phone = {**ticket, "customer": {"phone": "1" * 200, "grade": "x" * 200}}
    expect(await agent.post(f"{API}/tickets", json=phone), 201)


# --- code in texts ---

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
LINK = "javascript:alert(1)"


async def test_code_in_texts_stays_text(
    desk: Desk, agent: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    """Answers are JSON that no browser sniffs, under a policy that runs nothing; texts are what was typed."""
    region = desk.tenant.regions["shanghai"].id
    body = {"workflow_id": desk.workflow_id, "region_id": region}
    typed = {"contact_name": SCRIPT, "problem": LINK}
    started = expect(await agent.post(f"{API}/tickets", json={**body, "data": typed}), 201)
    task = started["next_task_id"]
    hand_up = {"outcome": "hand_up", "data": {"remark": "${7*7}{{7*7}}{data.problem}"}, "comment": SCRIPT}
    expect(await agent.post(f"{API}/tasks/{task}/complete", json=hand_up))
    for path in (f"/tickets/{started['id']}", "/tickets", "/audit", "/tasks?view=all"):
        answer = await admin.get(API + path)
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    ticket = expect(await admin.get(f"{API}/tickets/{started['id']}"))
    assert (ticket["title"], ticket["data"]["contact_name"]) == (LINK, SCRIPT)
    assert ticket["data"]["remark"] == "${7*7}{{7*7}}{data.problem}"
    assert SCRIPT in [entry["detail"] for entry in ticket["timeline"]]


FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "＝1+1")


async def test_a_spreadsheet_gets_no_formula(desk: Desk, tenant: Tenant, admin: httpx.AsyncClient) -> None:
    for at, name in enumerate(FORMULAS):
        agent = await tenant.sign_in(name, ["agent"], "shanghai")
        await desk.visit(agent, hours=at + 1)
    answer = await admin.get(f"{API}/settlement/export.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert len(rows) >= 2 * len(FORMULAS)
    parties = {row["Party"] for row in rows}
    assert {f"'{name}" for name in FORMULAS[:4]} <= parties
    for row in rows:
        assert float(row["Amount"]) != 0
        assert not [
            text for name, text in row.items() if name != "Amount" and text[:1] in "=+-@\t\r" and text
        ]


# --- pages ---


async def test_pages_run_only_our_scripts(database_url: str, tmp_path: Any) -> None:
    """The whole product, as it is served behind HTTPS."""
    from backend.app import create_app

    async with open_site(database_url, tmp_path, secure_cookies=True) as site:
        tenant = await site.open_workspace("own")
        client = await tenant.sign_in("admin", ["admin"])
        app = create_app(site.settings, site.database, pages=True)
        cookies = {"tf_session": client.cookies["tf_session"]}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://tierflow.test", cookies=cookies
        ) as browser:
            for path in ("/", "/tickets", "/login", "/f/none", "/t/none", f"/tickets/{SCRIPT}"):
                headers = (await browser.get(path)).headers
                policy = headers["content-security-policy"]
                assert "unsafe-eval" not in policy and "script-src 'self' 'nonce-" in policy, path
                assert "unsafe-inline" not in policy.split("style-src-attr")[0], path
                assert "object-src 'none'" in policy and "frame-ancestors 'none'" in policy
                assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
                assert "max-age" in headers["strict-transport-security"], path


async def test_numbers_in_a_definition_stay_within_every_reader(desk: Desk, admin: httpx.AsyncClient) -> None:
    """Far numbers are refused or kept exactly; the draft can be read afterwards."""
    headers = {"content-type": "application/merge-patch+json"}
    place = f"{API}/workflows/{desk.workflow_id}/draft"
    for number in ("1e308", "9223372036854775808", "1" * 400, "-1" + "0" * 4_000, "1" * 5_000):
        edges, ui = f'{{"e2": {{"order": {number}}}}}', f'{{"a": {{"b": {number}}}}}'
        content = f'{{"graph": {{"edges": {edges}}}, "forms": {{"visit": {{"ui": {ui}}}}}}}'
        revision = expect(await admin.get(place))["revision"]
        answer = await admin.patch(place, content=content, headers={**headers, "if-match": str(revision)})
        assert answer.status_code in {200, 400, 422}, answer.text[:300]
        expect(await admin.get(f"{API}/workflows/{desk.workflow_id}/publish-preview"))
        if answer.status_code == 200:
            undo = json.dumps(answer.json()["inverse"])
            revision = answer.json()["revision"]
            expect(await admin.patch(place, content=undo, headers={**headers, "if-match": str(revision)}))
    assert expect(await admin.get(place))["definition"] == STORED
