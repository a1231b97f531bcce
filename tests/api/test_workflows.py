"""Drafts, edits, publishing, releases, entry links."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from backend.db.models import Release
from backend.graph.canonical import content_hash
from backend.graph.merge_patch import apply
from tests.api.conftest import Tenant

TASK: dict[str, Any] = {
    "type": "form_task",
    "v": 1,
    "label": {"zh": "处理", "en": "Handle"},
    "config": {"form": "report", "offer": {"to": "role", "role": "agent"}},
    "position": {"x": 240, "y": 160},
}
FORM: dict[str, Any] = {
    "title": {"zh": "报告", "en": "Report"},
    "schema": {
        "type": "object",
        "properties": {
            "amount": {
                "type": "integer",
                "title": "金额",
                "x-title": {"zh": "金额", "en": "Amount"},
                "x-type": "money",
                "x-currency": "CNY",
            }
        },
        "required": ["amount"],
    },
    "ui": {"ui:order": ["amount"]},
}
ADD_TASK: dict[str, Any] = {
    "graph": {
        "nodes": {"n_task": TASK},
        "edges": {
            "e_start": {"target": "n_task"},
            "e_task": {"source": "n_task", "port": "done", "target": "n_end", "order": 0},
        },
    },
    "forms": {"report": FORM},
}
MERGE = "application/merge-patch+json"


async def create(admin: httpx.AsyncClient, **body: Any) -> str:
    answer = await admin.post("/api/v1/workflows", json={"name": {"zh": "客诉", "en": "Complaint"}, **body})
    assert answer.status_code == 201, answer.text
    workflow_id: str = answer.json()["id"]
    return workflow_id


async def edit(
    client: httpx.AsyncClient, workflow_id: str, patch: dict[str, Any], revision: int
) -> httpx.Response:
    headers = {"if-match": f'"{revision}"', "content-type": MERGE}
    return await client.patch(f"/api/v1/workflows/{workflow_id}/draft", json=patch, headers=headers)


async def publish(client: httpx.AsyncClient, workflow_id: str, revision: int) -> httpx.Response:
    body = {"revision": revision, "note": "first"}
    return await client.post(f"/api/v1/workflows/{workflow_id}/releases", json=body)


async def test_a_new_workflow_is_sound(admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    answer = await admin.get(f"/api/v1/workflows/{workflow_id}/draft")
    draft = answer.json()
    assert answer.headers["etag"] == '"1"'
    assert (draft["revision"], draft["findings"]) == (1, [])
    assert draft["soundness"]["verdict"] == "sound"
    assert [port["name"] for port in draft["derived"]["n_start"]["ports"]] == ["next"]
    listed = (await admin.get("/api/v1/workflows")).json()["items"]
    assert [(item["key"], item["release_number"]) for item in listed] == [("complaint", None)]
    assert await create(admin) and len((await admin.get("/api/v1/workflows?limit=1")).json()["items"]) == 1


async def test_every_edit_answers_its_inverse_and_findings(admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    before = (await admin.get(f"/api/v1/workflows/{workflow_id}/draft")).json()["definition"]
    saved = (await edit(admin, workflow_id, ADD_TASK, 1)).json()
    assert (saved["revision"], saved["soundness"]["verdict"]) == (2, "sound")
    assert set(saved["derived"]) == {"n_start", "n_task", "n_end"}
    draft = (await admin.get(f"/api/v1/workflows/{workflow_id}/draft")).json()
    assert apply(draft["definition"], saved["inverse"]) == before
    broken = (
        await edit(admin, workflow_id, {"graph": {"edges": {"e_task": {"target": "n_gone"}}}}, 2)
    ).json()
    assert broken["revision"] == 3
    assert any(item["severity"] == "error" and item["edge"] == "e_task" for item in broken["findings"])
    assert all(item["message"] != item["code"] for item in broken["findings"])


async def test_a_stale_edit_gets_the_other_sides_change(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    other = await tenant.sign_in("second", ["implementer"])
    assert (await edit(other, workflow_id, {"settings": {"priority": "high"}}, 1)).status_code == 200
    stale = await edit(admin, workflow_id, ADD_TASK, 1)
    problem = stale.json()
    assert (stale.status_code, problem["code"], problem["current_revision"]) == (409, "stale_revision", 2)
    assert [(item["by"], item["patch"]) for item in problem["changes"]] == [
        ("second", {"settings": {"priority": "high"}})
    ]
    assert (await edit(admin, workflow_id, ADD_TASK, 2)).json()["revision"] == 3


async def test_of_two_edits_at_once_one_wins(admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    patches = [{"settings": {"title": f'"{at}"'}} for at in range(6)]
    answers = await asyncio.gather(*(edit(admin, workflow_id, patch, 1) for patch in patches))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 5]


@pytest.mark.parametrize(("header", "status"), [(None, 428), ("x", 400), ('W/"1"', 200), ("1", 200)])
async def test_if_match(admin: httpx.AsyncClient, header: str | None, status: int) -> None:
    workflow_id = await create(admin)
    headers = {"if-match": header} if header else {}
    path = f"/api/v1/workflows/{workflow_id}/draft"
    answer = await admin.patch(path, json={"settings": {"priority": "low"}}, headers=headers)
    assert answer.status_code == status


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"graph": {"nodes": {"n_x": 5}}}, "/graph/nodes/n_x"),
    ({"graph": {"nodes": {"a b": {"type": "end"}}}}, "/graph/nodes/a b"),
    ({"graph": {"edges": {"e": {"source": "n_start"}}}}, "/graph/edges/e"),
    ({"settings": {"priority": "soon"}}, "/settings"),
    ({"graph": {"nodes": {f"n{at}": {"type": "end"} for at in range(2100)}}}, ""),
]


@pytest.mark.parametrize(("patch", "pointer"), BROKEN, ids=range(len(BROKEN)))
async def test_what_cannot_be_read_is_not_saved(
    admin: httpx.AsyncClient, patch: dict[str, Any], pointer: str
) -> None:
    workflow_id = await create(admin)
    answer = await edit(admin, workflow_id, patch, 1)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_definition")
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)
    assert (await admin.get(f"/api/v1/workflows/{workflow_id}/draft")).json()["revision"] == 1


FINDINGS: list[tuple[dict[str, Any], str]] = [
    ({"graph": {"nodes": {"n_x": {"type": "teleport", "v": 1}}}}, "unknown_node_type"),
    ({"forms": {"report": {"schema": {"type": "object", "properties": {"a": {"type": "wish"}}}}}}, ""),
    (
        {
            "forms": {
                "report": {"schema": {"type": "object", "properties": {"a": {"$ref": "https://x.example/s"}}}}
            }
        },
        "",
    ),
    ({"graph": {"edges": {"e_task": None}}}, ""),
]


@pytest.mark.parametrize(("patch", "code"), FINDINGS, ids=range(len(FINDINGS)))
async def test_findings_block_publishing(admin: httpx.AsyncClient, patch: dict[str, Any], code: str) -> None:
    workflow_id = await create(admin)
    await edit(admin, workflow_id, ADD_TASK, 1)
    saved = (await edit(admin, workflow_id, patch, 2)).json()
    errors = [item for item in saved["findings"] if item["severity"] == "error"]
    assert errors and (not code or code in {item["code"] for item in errors})
    preview = (await admin.get(f"/api/v1/workflows/{workflow_id}/publish-preview")).json()
    assert preview["blocked"] is True
    refused = await publish(admin, workflow_id, 3)
    assert (refused.status_code, refused.json()["code"]) == (422, "unsound")
    assert refused.json()["findings"]
    assert (await admin.get(f"/api/v1/workflows/{workflow_id}/releases")).json()["items"] == []


async def test_publish_freezes_and_restore_brings_back(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    path = f"/api/v1/workflows/{workflow_id}"
    first = (await publish(admin, workflow_id, 1)).json()
    assert (first["number"], len(first["hash"]), first["by"]["name"]) == (1, 64, "admin")
    assert (await publish(admin, workflow_id, 1)).json()["code"] == "nothing_to_publish"
    await edit(admin, workflow_id, ADD_TASK, 1)
    preview = (await admin.get(f"{path}/publish-preview")).json()
    kinds = {(change["kind"], change["subject"], change["id"]) for change in preview["changes"]}
    assert {("added", "node", "n_task"), ("added", "form", "report"), ("changed", "edge", "e_start")} <= kinds
    assert (preview["next_number"], preview["blocked"]) == (2, False)
    assert (await publish(admin, workflow_id, 1)).json()["code"] == "stale_revision"
    assert (await publish(admin, workflow_id, 2)).json()["number"] == 2
    made, grown = [
        (await admin.get(f"{path}/releases/{number}/changes")).json()["items"] for number in (1, 2)
    ]
    assert {change["kind"] for change in made} == {"added"}
    assert kinds == {(change["kind"], change["subject"], change["id"]) for change in grown}
    shown = (await admin.get(f"{path}/releases/1")).json()
    assert content_hash(shown["definition"]) == first["hash"] == shown["hash"]
    restored = await admin.post(f"{path}/restore", json={"number": 1})
    assert restored.json()["draft_revision"] == 3
    assert (await admin.get(f"{path}/draft")).json()["definition"]["graph"].keys() == {
        "format",
        "nodes",
        "edges",
    }
    assert (await publish(admin, workflow_id, 3)).json()["hash"] == first["hash"]
    numbers = [item["number"] for item in (await admin.get(f"{path}/releases")).json()["items"]]
    assert numbers == [3, 2, 1]
    for missing in ("releases/9", "releases/9/changes", "releases/99999999999"):
        assert (await admin.get(f"{path}/{missing}")).status_code in {400, 404}
    assert (await admin.post(f"{path}/restore", json={"number": 9})).status_code == 404


async def test_published_rows_cannot_be_changed(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    await publish(admin, workflow_id, 1)
    for statement in ("UPDATE releases SET note = 'x'", "DELETE FROM releases"):
        with pytest.raises(DBAPIError):
            async with tenant.site.database.unit_of_work() as session:
                await session.execute(text(statement))
    async with tenant.site.database.reading() as session:
        assert (await session.execute(select(Release.note))).scalar_one() == "first"


async def test_a_double_click_publishes_once(admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    answers = await asyncio.gather(*(publish(admin, workflow_id, 1) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_fields_and_expressions(admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    await edit(admin, workflow_id, ADD_TASK, 1)
    path = f"/api/v1/workflows/{workflow_id}"
    fields = {item["path"]: item for item in (await admin.get(f"{path}/fields")).json()["items"]}
    assert (fields["data.amount"]["type"], fields["data.amount"]["label"]["en"]) == ("money", "Amount")
    assert [choice["value"] for choice in fields["ticket.priority"]["choices"]][-1] == "urgent"
    cases = {"data.amount > 100": True, "data.amount >": False, "open('x')": False, "x" * 3000: False}
    for expression, ok in cases.items():
        checked = (await admin.post(f"{path}/expression-checks", json={"text": expression})).json()
        assert (checked["ok"], checked["message"] is None) == (ok, ok)


async def test_entry_links_and_their_code(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin)
    path = f"/api/v1/workflows/{workflow_id}/entry-links"
    body = {"region_id": tenant.regions["shanghai"].id, "channel": "qr", "name": "门口"}
    assert (await admin.post(path, json=body)).json()["code"] == "publish_first"
    await publish(admin, workflow_id, 1)
    link = (await admin.post(path, json=body)).json()
    assert len(link["token"]) >= 43
    assert link["url"] == f"http://tierflow.test/f/{link['token']}"
    drawn = await admin.get(f"/api/v1/entry-links/{link['id']}/qr.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.text.startswith("<?xml") and "<script" not in drawn.text
    for change, status in (({"region_id": "x"}, 422), ({"channel": "a b"}, 422), ({"token": "mine"}, 422)):
        assert (await admin.post(path, json=body | change)).status_code == status
    beijing = await tenant.sign_in("north", ["regional_manager"], "beijing")
    assert (await beijing.get(path)).json()["items"] == []
    assert (await beijing.get(f"/api/v1/entry-links/{link['id']}/qr.svg")).status_code == 404


async def test_imported_definition_and_keys(admin: httpx.AsyncClient) -> None:
    workflow_id = await create(admin, key="mine")
    definition = (await admin.get(f"/api/v1/workflows/{workflow_id}/draft")).json()["definition"]
    assert await create(admin, definition=definition)
    for key, status in (("mine", 409), ("Not a key", 422)):
        body = {"name": {"zh": "a"}, "key": key}
        assert (await admin.post("/api/v1/workflows", json=body)).status_code == status
    nameless = await admin.post("/api/v1/workflows", json={"name": {"zh": " "}})
    assert nameless.json()["errors"][0]["pointer"] == "/name"


async def test_what_an_import_leaves_out_stands_in_its_draft(admin: httpx.AsyncClient) -> None:
    graph = {"nodes": {"s": {"type": "start"}, "z": {"type": "end"}}}
    workflow_id = await create(admin, definition={"format": "tierflow.workflow/1", "graph": graph})
    definition = (await admin.get(f"/api/v1/workflows/{workflow_id}/draft")).json()["definition"]
    assert (definition["forms"], definition["settings"], definition["graph"]["edges"]) == ({}, {}, {})
    assert definition["graph"]["nodes"]["s"] == {"type": "start", "v": 1, "label": {"zh": "", "en": ""}}


async def test_the_palette_has_every_node_type(admin: httpx.AsyncClient) -> None:
    items = (await admin.get("/api/v1/node-types")).json()["items"]
    assert len(items) >= 14
    for item in items:
        assert item["label"]["zh"] and item["label"]["en"] and item["icon"]
        assert item["config_schema"]["type"] == "object"
