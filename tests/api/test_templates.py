"""The template library over the API: proofs, playing, cloning, and a clone that books a ticket's money."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend.features.identity.workspaces import create_workspace
from tests.api.conftest import Tenant

TEMPLATES = "/api/v1/templates"
COMPLAINT = f"{TEMPLATES}/restaurant/chain-complaint"
DATA = {"kind": "service", "description": "等位四十分钟无人接待", "contact_phone": "13800000000"}


async def clone(client: httpx.AsyncClient, path: str = COMPLAINT, **parameters: Any) -> dict[str, Any]:
    answer = await client.post(f"{path}/clone", json={"parameters": parameters})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_the_gallery_shows_what_is_proven(admin: httpx.AsyncClient) -> None:
    items = (await admin.get(TEMPLATES)).json()["items"]
    assert {item["id"] for item in items} == {
        "automotive/body-and-paint",
        "education/trial-lesson",
        "restaurant/chain-complaint",
    }
    for item in items:
        assert item["proven"] and item["scenarios"]["passed"] == item["scenarios"]["total"] >= 4
        assert item["counts"]["nodes"] == len(item["graph"]["nodes"]) > 8
        assert item["counts"]["forms"] >= 5 and item["counts"]["tariffs"] >= 1
        assert all(node["label"]["zh"] and node["label"]["en"] for node in item["graph"]["nodes"])


async def test_a_template_shows_all_its_parts(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    detail = (await admin.get(COMPLAINT)).json()
    workflow = detail["workflows"]["complaint"]
    assert set(workflow["forms"]) == {
        "complaint",
        "compensation",
        "quality_evidence",
        "rating",
        "store_follow_up",
        "supervisor_check",
    }
    assert set(detail["derived"]["complaint"]) == set(workflow["graph"]["nodes"])
    assert any("20000" in str(edge.get("when")) for edge in workflow["graph"]["edges"].values())
    assert len(detail["words"]["complaint_handling"]) == 3
    offered = detail["parameters"]["properties"]["east_region"]["x-regions"]
    assert {region["id"] for region in offered} == {region.id for region in tenant.regions.values()}
    assert [item["passed"] for item in detail["scenarios"]] == [True] * len(detail["scenarios"])
    assert {role["key"]: role["members"] for role in detail["roles"]}["supervisor"] == 0


@pytest.mark.parametrize(("path", "status"), [("restaurant/none", 404), ("..%2f/x", 404), ("a/b%00", 400)])
async def test_unknown_templates(admin: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await admin.get(f"{TEMPLATES}/{path}")).status_code == status


async def test_a_scenario_is_played_in_words(admin: httpx.AsyncClient) -> None:
    body = {"scenario": "food-safety-side-by-side"}
    english = (await admin.post(f"{COMPLAINT}/play", json=body)).json()
    chinese = (await admin.post(f"{COMPLAINT}/play", json=body, headers={"accept-language": "zh"})).json()
    assert english["passed"] and len(english["steps"]) == 8
    start, last = english["steps"][0], english["steps"][-1]
    assert start["open_nodes"] == ["n_quality", "n_supervisor"]
    assert start["event"] == {"zh": "客户提交", "en": "The customer submits"}
    assert last["status"] == "completed" and sum(line["amount"] for line in last["lines"]) == 0
    earned = {line["component"]: line["amount"] for line in last["lines"] if line["side"] == "receiving"}
    assert earned == {"time": 8000, "share": 5000, "urgent": 6500}
    both = zip(last["lines"], chinese["steps"][-1]["lines"], strict=True)
    whys = [(mine["why"], theirs["why"]) for mine, theirs in both]
    assert all(mine and theirs and mine != theirs for mine, theirs in whys)
    assert (await admin.post(f"{COMPLAINT}/play", json={"scenario": "none"})).status_code == 404


async def test_a_clone_runs_at_once(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    agent = await tenant.sign_in("li", ["agent"], "north")
    made = await clone(admin, workflow_name={"zh": "客诉", "en": "Complaints"}, north_fixed=4200)
    links = {link["region_id"]: link for link in made["entry_links"]}
    link = links[tenant.regions["beijing"].id]
    assert (await admin.get(f"/api/v1/entry-links/{link['id']}/qr.svg")).status_code == 200
    visitor = tenant.site.open_client()
    form = (await visitor.get(f"/api/v1/public/forms/{link['token']}")).json()
    assert form["workflow_name"] in ({"zh": "客诉", "en": "Complaints"}, "Complaints")
    sent = await visitor.post(f"/api/v1/public/forms/{link['token']}", json={"data": DATA})
    assert sent.status_code == 201, sent.text
    token = sent.json()["tracking_token"]
    tasks = (await agent.get("/api/v1/tasks?view=mine")).json()["items"]
    assert [task["node"] for task in tasks] == ["n_store"]
    answer = {"outcome": "done", "data": {"contacted": "reached", "finding": "已致歉并赠送小菜"}}
    assert (await agent.post(f"/api/v1/tasks/{tasks[0]['id']}/complete", json=answer)).status_code in (
        200,
        201,
    )
    progress = (await visitor.get(f"/api/v1/public/tickets/{token}")).json()
    rated = {"outcome": "rated", "data": {"stars": 5}}
    path = f"/api/v1/public/tickets/{token}/tasks/{progress['task']['id']}"
    assert (await visitor.post(path, json=rated)).status_code in (200, 201)
    lines = (await admin.get("/api/v1/settlement/lines?side=both")).json()["items"]
    mine = [line for line in lines if line["party"]["id"] == tenant.members["li"].id]
    assert [(line["amount"], line["tariff"]["row"]) for line in mine] == [(4200, "north")]


async def test_a_second_clone_gets_keys_and_tariffs_of_its_own(admin: httpx.AsyncClient) -> None:
    first, second = await clone(admin), await clone(admin)
    workflows = (await admin.get("/api/v1/workflows")).json()["items"]
    assert {item["key"] for item in workflows} == {"complaint", "complaint-2"}
    assert all(item["release_number"] == 1 for item in workflows)
    tariffs = {item["id"]: item["key"] for item in (await admin.get("/api/v1/tariffs")).json()["items"]}
    assert tariffs == {
        first["tariffs"][0]: "complaint_handling",
        second["tariffs"][0]: "complaint_handling-2",
    }
    path = f"/api/v1/workflows/{second['workflows'][0]}/releases/1"
    nodes = (await admin.get(path)).json()["definition"]["graph"]["nodes"]
    assert nodes["n_settle"]["config"]["tariff"] == "complaint_handling-2"
    assert (await admin.get(COMPLAINT)).json()["installed"] == 2


async def test_regions_are_parameters(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    made = await clone(admin, east_region=tenant.regions["shanghai"].id)
    document = (await admin.get(f"/api/v1/tariffs/{made['tariffs'][0]}")).json()["document"]
    assert {row["match"].get("region") for row in document["rows"]} == {"north", "shanghai", None}
    assert made["regions"] == []
    assert {link["region_id"] for link in made["entry_links"]} == {
        tenant.regions["shanghai"].id,
        tenant.regions["beijing"].id,
    }


async def test_missing_regions_and_roles_are_made(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    async with tenant.site.database.unit_of_work() as session:
        workspace = await create_workspace(session, "empty", tenant.site.clock())
    other = await Tenant(tenant.site, workspace, {}).sign_in("boss", ["admin"])
    made = await clone(other)
    regions = {item["key"]: item for item in (await other.get("/api/v1/regions")).json()["items"]}
    assert set(regions) == {"cn", "east", "north"} and len(made["regions"]) == 3
    assert regions["east"]["parent_id"] == regions["cn"]["id"]
    roles = {item["key"] for item in (await other.get("/api/v1/roles")).json()["items"]}
    assert {"supervisor", "quality_control"} <= roles


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"north_fixed": -1}, "/parameters/north_fixed"),
        ({"north_fixed": "free"}, "/parameters/north_fixed"),
        ({"east_share": "2"}, "/parameters/east_share"),
        ({"workflow_name": {"zh": "客诉"}}, "/parameters/workflow_name/en"),
        ({"nonsense": 1}, "/parameters/nonsense"),
        ({"east_region": "mars"}, "/parameters/east_region"),
        ({"east_region": ["east"]}, "/parameters/east_region"),
    ],
)
async def test_bad_parameters_are_named(
    admin: httpx.AsyncClient, parameters: dict[str, Any], pointer: str
) -> None:
    answer = await admin.post(f"{COMPLAINT}/clone", json={"parameters": parameters})
    problem = answer.json()
    assert answer.status_code == 422, problem
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert all(error["message"] != error["code"] for error in problem["errors"])
    assert (await admin.get("/api/v1/workflows")).json()["items"] == []
    assert (await admin.get("/api/v1/tariffs")).json()["items"] == []


async def test_a_foreign_region_is_unknown(foreign: Tenant, admin: httpx.AsyncClient) -> None:
    parameters = {"east_region": foreign.regions["east"].id}
    answer = await admin.post(f"{COMPLAINT}/clone", json={"parameters": parameters})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "unknown_region")


async def test_rights(tenant: Tenant) -> None:
    for role, shown, cloned in (("implementer", 200, 201), ("finance", 200, 403), ("agent", 403, 403)):
        client = await tenant.sign_in(role, [role], "north" if role == "agent" else None)
        assert (await client.get(TEMPLATES)).status_code == shown
        answer = await client.post(f"{COMPLAINT}/clone", json={"parameters": {}})
        assert answer.status_code == cloned


async def test_departments_are_called_by_their_names(admin: httpx.AsyncClient) -> None:
    path = f"{TEMPLATES}/automotive/body-and-paint"
    played = (await admin.post(f"{path}/play", json={"scenario": "in-stock-gold"})).json()
    names = {line["party"]["id"]: line["party"]["name"] for line in played["steps"][-1]["lines"]}
    assert names["parts"] == "Parts (department)" and names["qiu"] == "邱师傅"


async def test_the_same_key_clones_once(admin: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "clone-1"}
    answers = [
        await admin.post(f"{COMPLAINT}/clone", json={"parameters": {}}, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len((await admin.get("/api/v1/workflows")).json()["items"]) == 1


async def test_cloning_is_in_the_audit_log(admin: httpx.AsyncClient) -> None:
    await clone(admin)
    actions = [item["action"] for item in (await admin.get("/api/v1/audit")).json()["items"]]
    assert "template.cloned" in actions
