"""Bad input, item by item: a clear 4xx, or a finding where it stands, in the reader's language; afterwards
nothing is lost and nothing happened twice.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import (
    API,
    REQUEST,
    STORED,
    TARIFF,
    VISIT,
    Desk,
    expect,
    make_photo,
    open_desk,
)

HAN = re.compile(r"[\u4e00-\u9fff]")
PATCH = "application/merge-patch+json"
DONE = {"outcome": "done", "data": VISIT}
UNKNOWN = "00000000-0000-7000-8000-000000000000"
LONG = "x" * 5_000


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


@pytest.fixture
async def agent(tenant: Tenant) -> httpx.AsyncClient:
    return await tenant.sign_in("wang", ["agent"], "shanghai")


def require_words(found: dict[str, dict[str, str]]) -> None:
    """`found`: locale -> {code or place: message}. Each message is a sentence of its language."""
    assert found["zh"].keys() == found["en"].keys()
    for code, message in [*found["zh"].items(), *found["en"].items()]:
        assert message and message != code.split("@", maxsplit=1)[0], code
        assert not re.search(r"\{\w+\}", message), f"{code}: {message}"
    for code, message in found["zh"].items():
        assert HAN.search(message), f"{code}: {message}"
    for code, message in found["en"].items():
        assert not HAN.search(message), f"{code}: {message}"


async def refuse(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str, **request: Any
) -> dict[str, Any]:
    """The English problem of a request that is refused, in both languages, with this status and code."""
    problems: dict[str, dict[str, Any]] = {}
    headers = request.pop("headers", {})
    for locale in ("zh", "en"):
        answer = await client.request(
            method, API + path, headers={**headers, "accept-language": locale}, **request
        )
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text[:400]}"
        assert answer.headers["content-type"] == "application/problem+json"
        problems[locale] = answer.json()
        assert problems[locale]["code"] == code, answer.text[:400]
    require_words(
        {
            locale: {
                code: problem["detail"],
                **{f"{item['code']}@{item['pointer']}": item["message"] for item in problem["errors"]},
            }
            for locale, problem in problems.items()
        }
    )
    return problems["en"]


async def edit(
    client: httpx.AsyncClient, workflow_id: str, patch: Any, revision: int, locale: str = "en"
) -> httpx.Response:
    content = patch if isinstance(patch, bytes) else json.dumps(patch)
    headers = {"if-match": f'"{revision}"', "content-type": PATCH, "accept-language": locale}
    return await client.patch(f"{API}/workflows/{workflow_id}/draft", content=content, headers=headers)


# --- definitions: what is wrong stands on the node, the edge or the form, and cannot be published ---

LOOP = {
    "nodes": {
        "a1": {"type": "set_fields", "label": {"zh": "甲", "en": "A"}},
        "a2": {"type": "set_fields", "label": {"zh": "乙", "en": "B"}},
    },
    "edges": {
        "e1": {"target": "a1"},
        "x1": {"source": "a1", "port": "next", "target": "a2"},
        "x2": {"source": "a2", "port": "next", "target": "a1"},
    },
}


def in_form(**field: Any) -> dict[str, Any]:
    return {"forms": {"visit": {"schema": {"properties": {"odd": field}}}}}


FINDINGS: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("type", {"graph": {"nodes": {"n_visit": {"type": "teleport"}}}}, "unknown_node_type", "node", "n_visit"),
    ("version", {"graph": {"nodes": {"n_visit": {"v": 2**70}}}}, "unknown_node_type", "node", "n_visit"),
    ("nowhere", {"graph": {"edges": {"e2": {"target": "n_gone"}}}}, "edge_to_nowhere", "edge", "e2"),
    ("from nowhere", {"graph": {"edges": {"e2": {"source": "n_gone"}}}}, "edge_to_nowhere", "edge", "e2"),
    ("loop", {"graph": LOOP}, "automatic_loop", "node", "a1"),
    (
        "long role",
        {"graph": {"nodes": {"n_visit": {"config": {"offer": {"role": LONG}}}}}},
        "config_wrong_value",
        "node",
        "n_visit",
    ),
    (
        "no form",
        {"graph": {"nodes": {"n_visit": {"config": {"form": "gone"}}}}},
        "form_unknown",
        "node",
        "n_visit",
    ),
    (
        "a foreign member",
        {"graph": {"nodes": {"n_visit": {"config": {"offer": {"to": "member", "member": UNKNOWN}}}}}},
        "stranger_named",
        "node",
        "n_visit",
    ),
    ("no schema", in_form(type="banana"), "form.schema_invalid", "form", "visit"),
    ("no schema either", in_form(maxLength=-1), "form.schema_invalid", "form", "visit"),
    ("remote", in_form(**{"$ref": "https://evil.example/s.json"}), "form.ref_remote", "form", "visit"),
    ("a file", in_form(**{"$ref": "file:///etc/passwd"}), "form.ref_remote", "form", "visit"),
    ("dynamic", in_form(**{"$dynamicRef": "#x"}), "form.keyword_refused", "form", "visit"),
    ("circle", in_form(**{"$ref": "#/properties/odd"}), "form.ref_cycle", "form", "visit"),
    ("pattern", in_form(type="string", pattern="("), "form.pattern_invalid", "form", "visit"),
    ("order", {"forms": {"visit": {"ui": {"ui:order": [[]]}}}}, "form.field_unknown", "form", "visit"),
    (
        "long formula",
        {"settings": {"title": "(" * 30_000}},
        "expression_too_long",
        "pointer",
        "/settings/title",
    ),
]


@pytest.mark.parametrize(
    ("patch", "code", "part", "place"), [case[1:] for case in FINDINGS], ids=[case[0] for case in FINDINGS]
)
async def test_a_wrong_draft_is_kept_and_told_where(  # noqa: PLR0917
    desk: Desk, admin: httpx.AsyncClient, patch: dict[str, Any], code: str, part: str, place: str
) -> None:
    """Saved, since nothing that was drawn may be lost; found in both languages; not published."""
    saved = expect(await edit(admin, desk.workflow_id, patch, 1))
    path = f"/workflows/{desk.workflow_id}"
    found: dict[str, dict[str, str]] = {}
    for locale in ("zh", "en"):
        headers = {"accept-language": locale}
        draft = expect(await admin.get(f"{API}{path}/draft", headers=headers))
        assert draft["revision"] == saved["revision"] == 2
        hits = [item for item in draft["findings"] if item["code"] == code and item[part] == place]
        assert hits and hits[0]["severity"] == "error", draft["findings"]
        found[locale] = {f"{item['code']}@{at}": item["message"] for at, item in enumerate(draft["findings"])}
    require_words(found)
    expect(await admin.get(f"{API}{path}/fields"))
    assert expect(await admin.get(f"{API}{path}/publish-preview"))["blocked"]
    problem = await refuse(admin, "POST", f"{path}/releases", 422, "unsound", json={"revision": 2})
    assert code in {item["code"] for item in problem["findings"]}
    assert [item["number"] for item in expect(await admin.get(f"{API}{path}/releases"))["items"]] == [1]
    expect(await edit(admin, desk.workflow_id, saved["inverse"], 2))
    assert expect(await admin.get(f"{API}{path}/draft"))["definition"] == STORED


TWICE = b'{"graph": {"nodes": {"n_new": {"type": "end"}, "n_new": {"type": "rating"}}}}'
DEEP: Any = json.loads('{"a":' * 100 + "1" + "}" * 100)
REFUSED: list[tuple[str, Any, int, str, str | None]] = [
    ("an id twice", TWICE, 400, "duplicate_key", None),
    ("two MiB", b'{"name": {"zh": "' + b"x" * (2 * 1024 * 1024) + b'"}}', 413, "body_too_large", None),
    ("depth 100", json.dumps(DEEP).encode(), 400, "body_too_deep", None),
    ("null character", b'{"name": {"zh": "a\\u0000"}}', 400, "null_character", None),
    ("lone surrogate", b'{"name": {"zh": "\\ud800"}}', 400, "invalid_json", None),
    (
        "1e400",
        b'{"graph": {"nodes": {"n_end": {"position": {"x": 1e400, "y": 0}}}}}',
        400,
        "invalid_json",
        None,
    ),
    ("schema is a list", {"forms": {"visit": {"schema": [1]}}}, 422, "invalid_definition", "/forms/visit"),
    ("schema is a text", {"forms": {"visit": {"schema": "x"}}}, 422, "invalid_definition", "/forms/visit"),
    ("node is a number", {"graph": {"nodes": {"n_x": 5}}}, 422, "invalid_definition", "/graph/nodes/n_x"),
    (
        "odd id",
        {"graph": {"nodes": {"../x": {"type": "end"}}}},
        422,
        "invalid_definition",
        "/graph/nodes/..~1x",
    ),
    ("long id", {"graph": {"nodes": {"n" * 65: {"type": "end"}}}}, 422, "invalid_definition", None),
    ("other format", {"format": "tierflow.workflow/9"}, 422, "invalid_definition", None),
    ("priority", {"settings": {"priority": "mega"}}, 422, "invalid_definition", "/settings"),
    ("no name", {"name": None}, 422, "invalid_fields", "/name"),
    ("long name", {"name": {"zh": LONG}}, 422, "invalid_fields", "/name"),
    ("a list", [1], 422, "invalid_fields", ""),
]


@pytest.mark.parametrize(
    ("patch", "status", "code", "pointer"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
async def test_what_is_no_definition_changes_nothing(  # noqa: PLR0917
    desk: Desk, admin: httpx.AsyncClient, patch: Any, status: int, code: str, pointer: str | None
) -> None:
    """As an edit, and as an import."""
    content = patch if isinstance(patch, bytes) else json.dumps(patch).encode()
    headers = {"if-match": '"1"', "content-type": PATCH}
    path = f"/workflows/{desk.workflow_id}"
    problem = await refuse(admin, "PATCH", f"{path}/draft", status, code, content=content, headers=headers)
    if pointer is not None:
        assert pointer in {item["pointer"] for item in problem["errors"]}
    draft = expect(await admin.get(f"{API}{path}/draft"))
    assert (draft["revision"], draft["definition"]) == (1, STORED)
    imported = b'{"name": {"zh": "a"}, "definition": ' + content + b"}"
    answer = await admin.post(
        f"{API}/workflows", content=imported, headers={"content-type": "application/json"}
    )
    if "name" not in (patch if isinstance(patch, dict) else {}):  # an import is given its name beside it
        assert answer.status_code in {400, 413, 422}, answer.text
        assert len(expect(await admin.get(f"{API}/workflows"))["items"]) == 1


async def test_names_in_other_languages_break_no_list(desk: Desk, admin: httpx.AsyncClient) -> None:
    nodes = {"n_visit": {"label": {"fr": "Visite"}}}
    patch = {"name": {"fr": "Dépannage"}, "graph": {"nodes": nodes}, "settings": {"priority": "high"}}
    expect(await edit(admin, desk.workflow_id, patch, 1))
    assert expect(await admin.get(f"{API}/workflows"))["items"][0]["name"] == {"zh": "维修", "en": "Repair"}
    expect(await admin.post(f"{API}/workflows/{desk.workflow_id}/releases", json={"revision": 2}), 201)
    started = await desk.report(admin)
    expect(await admin.get(f"{API}/tickets/{started['id']}"))


def in_title(text: str) -> dict[str, Any]:
    return {"settings": {"title": text}}


def in_settle(**config: Any) -> dict[str, Any]:
    return {"graph": {"nodes": {"n_settle": {"config": config}}}}


def measure(hours: str) -> dict[str, Any]:
    wanted = [{"measure": "hours", "value": hours}, {"measure": "recovered", "value": "1"}]
    return in_settle(quantities=wanted)


def pay(key: str) -> dict[str, Any]:
    return in_settle(parties=[{"slot": "assignee", "kind": "department", "key": f"'{key}'"}])


FORMULAS: list[tuple[str, dict[str, Any], str | None]] = [
    ("null in a title", in_title(r"'a\u0000b'"), "expression_null"),
    ("null as octal", in_title(r"'\000'"), "expression_null"),
    ("null in an attribute", in_settle(grade=r"'\x00'"), "expression_null"),
    ("surrogate", in_title(r"'\ud800'"), "expression_syntax"),
    ("no null", in_title(r"'\\u0000'"), None),
    ("long title", in_title("'" + "x" * 2_000 + "'"), None),
    ("long attribute", in_settle(service="'" + "x" * 1_500 + "'"), None),
    ("long party", pay("x" * 500), None),
    ("longest party", pay("x" * 80), None),
    ("no number", measure("0.0 / 0.0"), "quantity_unfit"),
    ("infinity", measure("1e308 * 10.0"), "quantity_unfit"),
    ("far number", measure("1e300"), "amount_too_large"),
    ("negative", measure("-5"), "quantity_negative"),
    ("missing", in_settle(quantities=[]), "measure_missing"),
    ("unknown tariff", in_settle(tariff="gone"), "no_tariff"),
]


@pytest.mark.parametrize(
    ("patch", "code"), [case[1:] for case in FORMULAS], ids=[case[0] for case in FORMULAS]
)
async def test_what_formulas_compute_fits_every_column(
    desk: Desk, admin: httpx.AsyncClient, patch: dict[str, Any], code: str | None
) -> None:
    """CEL has escapes and numbers of its own, which no check of the request sees: what cannot be kept is
    found before publishing, or becomes an incident that says why; `None`: it works.
    """
    saved = expect(await edit(admin, desk.workflow_id, patch, 1))
    if code is not None and code in {finding["code"] for finding in saved["findings"]}:
        await refuse(
            admin, "POST", f"/workflows/{desk.workflow_id}/releases", 422, "unsound", json={"revision": 2}
        )
        return
    expect(await admin.post(f"{API}/workflows/{desk.workflow_id}/releases", json={"revision": 2}), 201)
    agent = await desk.tenant.sign_in("wang", ["agent"], "shanghai")
    started = await desk.report(agent)
    expect(await agent.post(f"{API}/tasks/{started['next_task_id']}/complete", json=DONE))
    found: dict[str, dict[str, str]] = {}
    for locale in ("zh", "en"):
        headers = {"accept-language": locale}
        ticket = expect(await admin.get(f"{API}/tickets/{started['id']}", headers=headers))
        found[locale] = {incident["code"]: incident["message"] for incident in ticket["incidents"]}
    assert set(found["en"]) == ({code} if code else set())
    require_words(found)
    assert bool(ticket["lines"]) == (code is None)
    expect(await admin.get(f"{API}/tickets/{started['id']}/settlement-preview"))


async def test_a_hostile_pattern_is_bounded(desk: Desk, admin: httpx.AsyncClient) -> None:
    """Whether it is refused at publishing or matched in linear time: nobody waits for it."""
    for at, pattern in enumerate(("^(a+)+$", "^(?=(a+)+$).*$", "(a|a)*b", "^(([a-z])+.)+[A-Z]([a-z])+$")):
        revision = 2 * at + 1
        field = {"type": "string", "maxLength": 4000, "pattern": pattern}
        patch = {"forms": {"request": {"schema": {"properties": {"note": field}}}}}
        saved = expect(await edit(admin, desk.workflow_id, patch, revision))
        path = f"{API}/workflows/{desk.workflow_id}/releases"
        published = await admin.post(path, json={"revision": revision + 1})
        if published.status_code == 201:
            data = {**REQUEST, "note": "a" * 3_999 + "!"}
            region = desk.tenant.regions["shanghai"].id
            body = {"workflow_id": desk.workflow_id, "region_id": region, "data": data}
            answer = await asyncio.wait_for(admin.post(f"{API}/tickets", json=body), 2)
            assert answer.status_code in {201, 422}, answer.text
        else:
            assert published.json()["code"] == "unsound"
        expect(await edit(admin, desk.workflow_id, saved["inverse"], revision + 1))


# --- tariffs ---


def change(path: str, value: Any) -> dict[str, Any]:
    """The tariff with one place changed."""
    copy = deepcopy(TARIFF)
    place: Any = copy
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        place = place[step]
    place[last] = value
    return copy


TIERS = [{"from": "0", "to": "300000", "rate": "0.05"}, {"from": "200000", "to": None, "rate": "0.08"}]
OVERLAP = {"model": "graduated_percentage", "measure": "recovered", "inclusive": "lower", "tiers": TIERS}
TARIFFS: list[tuple[str, dict[str, Any], str]] = [
    ("overlapping tiers", change("rows/1/charge", OVERLAP), "tariff.tiers_overlap"),
    ("wrong currency", change("currency", "XXX"), "tariff.currency_unknown"),
    ("another currency", change("currency", "USD"), "tariff.currency_not_used"),
    ("lower case", change("currency", "cny"), "tariff.currency_unknown"),
    ("row twice", change("rows/1/id", "east"), "tariff.id_duplicate"),
    ("long id", change("rows/0/id", LONG), "tariff.id_invalid"),
    ("NaN", change("rows/0/charge/parts/0/charge/rate", "NaN"), "tariff.number_out_of_range"),
    ("2^63", change("rows/1/charge/amount", 2**63), "tariff.number_out_of_range"),
]


@pytest.mark.parametrize(
    ("document", "code"), [case[1:] for case in TARIFFS], ids=[case[0] for case in TARIFFS]
)
async def test_a_wrong_tariff_is_refused_where_it_stands(
    desk: Desk, admin: httpx.AsyncClient, document: dict[str, Any], code: str
) -> None:
    path = f"/tariffs/{desk.tariff_id}"
    body = {"document": document, "base_revision": 1}
    problem = await refuse(admin, "POST", f"{path}/revisions", 422, "tariff_refused", json=body)
    assert code in {item["code"] for item in problem["errors"]}, problem["errors"]
    stored = expect(await admin.get(API + path))
    assert (stored["current_revision"], stored["document"]) == (1, TARIFF)


async def test_absurd_numbers_are_refused_or_stop_at_the_settlement(
    desk: Desk, agent: httpx.AsyncClient
) -> None:
    """No number that was typed may fail later, in the database."""
    task = (await desk.report(agent))["next_task_id"]
    path = f"/tasks/{task}/complete"
    for number, status, code in (
        ("1e400", 400, "invalid_json"),
        ("NaN", 400, "invalid_json"),
        ("1" * 5000, 400, "invalid_json"),
        ("9223372036854775808", 422, "invalid_fields"),
        ("1e30", 422, "invalid_fields"),
        ("-1e300", 422, "invalid_fields"),
    ):
        for field, other in (("hours", "recovered"), ("recovered", "hours")):
            content = f'{{"outcome": "done", "data": {{"{field}": {number}, "{other}": 1}}}}'
            headers = {"content-type": "application/json"}
            await refuse(agent, "POST", path, status, code, content=content, headers=headers)
    expect(
        await agent.post(API + path, json={"outcome": "done", "data": {"hours": 2**53 - 1, "recovered": 1}})
    )
    found: dict[str, dict[str, str]] = {}
    for locale in ("zh", "en"):
        tickets = expect(await desk.admin.get(f"{API}/tickets"))["items"]
        ticket = expect(
            await desk.admin.get(f"{API}/tickets/{tickets[0]['id']}", headers={"accept-language": locale})
        )
        found[locale] = {incident["code"]: incident["message"] for incident in ticket["incidents"]}
    assert set(found["en"]) == {"amount_too_large"}
    require_words(found)
    assert expect(await desk.admin.get(f"{API}/settlement/lines"))["items"] == []


# --- files ---


def make_bomb() -> bytes:
    """A small file of 60 million pixels."""
    out = io.BytesIO()
    Image.new("1", (10_000, 6_000)).save(out, "PNG")
    return out.getvalue()


FILES: list[tuple[str, bytes, str, int, str]] = [
    ("photo.jpg", b"<script>alert(1)</script>", "image/jpeg", 422, "not_the_type_it_says"),
    ("photo.png", make_photo(), "image/png", 422, "not_the_type_it_says"),
    ("photo.jpg", b"%PDF-1.7", "image/jpeg", 422, "not_the_type_it_says"),
    ("photo.jpg", make_photo()[:300], "image/jpeg", 422, "not_the_type_it_says"),
    ("photo.svg", b"<svg onload='alert(1)'/>", "image/svg+xml", 415, "file_type_refused"),
    ("photo.png", make_bomb(), "image/png", 422, "picture_too_large"),
    ("photo.png", b"", "image/png", 422, "file_empty"),
    ("photo.pdf", b"%PDF-" + b"x" * (10 * 1024 * 1024), "application/pdf", 413, "file_too_large"),
]


async def test_a_file_that_is_not_what_it_says(desk: Desk, agent: httpx.AsyncClient, site: Site) -> None:
    public = f"/public/forms/{await desk.add_link()}/files"
    customer = site.open_client("198.51.100.20")
    for name, content, claimed, status, code in FILES:
        for client, path in ((agent, "/files"), (customer, public)):
            await refuse(client, "POST", path, status, code, files={"file": (name, content, claimed)})
    assert not [path for path in (site.settings.data / "files").rglob("*") if path.is_file()]
    for headers, content in (
        ({"content-type": "multipart/form-data"}, b"x"),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\nzzz"),
    ):
        answer = await agent.post(f"{API}/files", content=content, headers=headers)
        assert answer.status_code == 400, answer.text


async def test_multipart_is_no_way_around_the_checks_of_json(admin: httpx.AsyncClient) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    body = b'{"key": "a", "name": {"zh": "a\\u0000"}}'
    await refuse(admin, "POST", "/regions", 415, "unsupported_media_type", content=body, headers=headers)


# --- stale, twice, at once ---


async def test_a_stale_revision_gets_the_other_sides_change(
    desk: Desk, admin: httpx.AsyncClient, tenant: Tenant
) -> None:
    other = await tenant.sign_in("second", ["implementer"])
    mine, theirs = {"settings": {"priority": "low"}}, {"settings": {"priority": "high"}}
    expect(await edit(other, desk.workflow_id, theirs, 1))
    headers = {"if-match": '"1"', "content-type": PATCH}
    path = f"/workflows/{desk.workflow_id}"
    request = {"content": json.dumps(mine), "headers": headers}
    problem = await refuse(admin, "PATCH", f"{path}/draft", 409, "stale_revision", **request)
    assert (problem["current_revision"], problem["changes"][0]["patch"]) == (2, theirs)
    await refuse(admin, "POST", f"{path}/releases", 409, "stale_revision", json={"revision": 1})
    draft = expect(await admin.get(f"{API}{path}/draft"))
    assert (draft["revision"], draft["definition"]["settings"]["priority"]) == (2, "high")
    body = {"document": TARIFF, "base_revision": 1}
    expect(await admin.post(f"{API}/tariffs/{desk.tariff_id}/revisions", json=body), 201)
    await refuse(admin, "POST", f"/tariffs/{desk.tariff_id}/revisions", 409, "stale_revision", json=body)
    for revision in (0, 2**63):
        await refuse(admin, "POST", f"{path}/releases", 422, "invalid_fields", json={"revision": revision})


async def require_done_once(desk: Desk, ticket_id: str) -> None:
    """One completion in the timeline, one booking: two lines, 230.00."""
    ticket = expect(await desk.admin.get(f"{API}/tickets/{ticket_id}"))
    visits = [entry for entry in ticket["timeline"] if entry["kind"] == "task_completed"]
    assert len(visits) == 1, ticket["timeline"]
    amounts = sorted(line["amount"] for line in ticket["lines"] if line["side"] == "receiving")
    assert amounts == [5_000, 18_000]
    assert len({line["posting_id"] for line in ticket["lines"]}) == 1
    assert [task["node"] for task in ticket["tasks"]] == ["n_rate"]


@pytest.mark.parametrize("key", ["click", None])
async def test_a_double_click_completes_once(desk: Desk, agent: httpx.AsyncClient, key: str | None) -> None:
    """With one key every click gets the same answer; without, from two tabs, the second learns it is done."""
    started = await desk.report(agent)
    path = f"/tasks/{started['next_task_id']}/complete"
    headers = {"idempotency-key": key} if key else {}
    answers = await asyncio.gather(*(agent.post(API + path, json=DONE, headers=headers) for _ in range(5)))
    statuses = sorted(answer.status_code for answer in answers)
    if key:
        assert statuses == [200] * 5 and len({answer.text for answer in answers}) == 1
        other = {**DONE, "comment": "else"}
        await refuse(agent, "POST", path, 422, "idempotency_mismatch", json=other, headers=headers)
    else:
        assert statuses == [200, 409, 409, 409, 409]
        problem = await refuse(agent, "POST", path, 409, "task_closed_by", json=DONE)
        assert problem["closed_by"] == "wang"
    await require_done_once(desk, started["id"])


async def test_two_people_at_once_from_two_processes(
    database_url: str, tmp_path: Path, desk: Desk, agent: httpx.AsyncClient, tenant: Tenant
) -> None:
    """Two of the API on one database share no lock of the process: the database itself must decide."""
    colleague = await tenant.sign_in("zhou", ["agent"], "shanghai")
    async with open_site(database_url, tmp_path / "second", run_jobs=False) as second:
        elsewhere = second.open_client()
        elsewhere.cookies.set("tf_session", colleague.cookies["tf_session"])
        elsewhere.headers["x-csrf-token"] = colleague.headers["x-csrf-token"]
        for _ in range(4):
            started = await desk.report(agent)
            path = f"{API}/tasks/{started['next_task_id']}/complete"
            answers = await asyncio.gather(agent.post(path, json=DONE), elsewhere.post(path, json=DONE))
            assert sorted(answer.status_code for answer in answers) == [200, 409], [a.text for a in answers]
            lost = next(answer.json() for answer in answers if answer.status_code == 409)
            assert lost["code"] in {"task_closed_by", "task_closed"} and lost["detail"] != lost["code"]
            await require_done_once(desk, started["id"])


# --- a foreign workspace's id, where it does not stand in the path ---


async def test_foreign_ids_in_bodies_and_queries(
    desk: Desk, admin: httpx.AsyncClient, foreign: Tenant, tenant: Tenant, agent: httpx.AsyncClient
) -> None:
    """Answered as an unknown one is, and nothing is made with it. Ids in paths: `test_routes`."""
    boss = await foreign.sign_in("boss", ["admin"])
    theirs = await open_desk(foreign, boss)
    ticket = await theirs.report(boss)
    photo = expect(
        await boss.post(f"{API}/files", files={"file": ("a.jpg", make_photo(), "image/jpeg")}), 201
    )
    member = foreign.members["boss"].id
    task = (await desk.report(agent))["next_task_id"]
    mine = {"workflow_id": desk.workflow_id, "region_id": tenant.regions["shanghai"].id, "data": REQUEST}
    link = f"/workflows/{desk.workflow_id}/entry-links"
    region = foreign.regions["shanghai"].id
    cases: list[tuple[str, str, str, dict[str, Any], int]] = [
        (theirs.workflow_id, "POST", "/tickets", {**mine, "workflow_id": "ID"}, 404),
        (region, "POST", "/tickets", {**mine, "region_id": "ID"}, 404),
        (photo["id"], "POST", "/tickets", {**mine, "data": {**REQUEST, "photos": ["ID"]}}, 422),
        (member, "POST", f"/tasks/{task}/delegate", {"member_id": "ID"}, 422),
        (region, "POST", link, {"region_id": "ID"}, 422),
        (region, "POST", "/regions", {"key": "x", "name": {"zh": "x"}, "parent_id": "ID"}, 422),
        (region, "PATCH", f"/regions/{tenant.regions['east'].id}", {"parent_id": "ID"}, 422),
        (region, "PATCH", f"/members/{tenant.members['wang'].id}", {"region_id": "ID"}, 422),
        (region, "GET", "/tickets?view=all&region_id=ID", {}, 404),
        (region, "GET", "/settlement/lines?region_id=ID", {}, 404),
        (theirs.workflow_id, "GET", "/tickets?view=all&workflow_id=ID", {}, 200),
        (ticket["id"], "GET", "/settlement/lines?ticket_id=ID", {}, 200),
        (member, "GET", "/settlement/lines?member_id=ID", {}, 200),
    ]
    for known, method, path, body, status in cases:
        answers = []
        for value in (known, UNKNOWN):
            sent = json.dumps(body).replace('"ID"', json.dumps(value)) if body else None
            headers = {"content-type": "application/json"} if body else {}
            answers.append(
                await admin.request(method, API + path.replace("ID", value), content=sent, headers=headers)
            )
        assert answers[0].status_code == status, f"{method} {path} {body}: {answers[0].text}"
        assert answers[0].json() == answers[1].json(), f"{method} {path}"
        if status == 200:
            assert answers[0].json()["items"] == []
    assert len(expect(await boss.get(f"{API}/tickets"))["items"]) == 1
    assert len(expect(await admin.get(f"{API}/tickets"))["items"]) == 1
