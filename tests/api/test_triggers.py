"""Triggers, variants and records by the API."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx
import msgspec
import pytest

from backend.features.triggers.hooks import sign
from tests.api.conftest import Tenant
from tests.api.service_desk import API, DEFINITION, REQUEST, Desk, expect, open_desk


@pytest.fixture
async def desk(tenant: Tenant, admin: httpx.AsyncClient) -> Desk:
    return await open_desk(tenant, admin)


async def add(desk: Desk, kind: str, config: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A trigger of Shanghai."""
    region = desk.tenant.regions["shanghai"].id
    body = {"kind": kind, "name": kind, "config": config or {}, "region_id": region, **more}
    made: dict[str, Any] = expect(
        await desk.admin.post(f"{API}/workflows/{desk.workflow_id}/triggers", json=body), 201
    )
    return made


async def publish(admin: httpx.AsyncClient, key: str, definition: dict[str, Any]) -> str:
    """Id of a workflow with a release."""
    words = {"name": {"zh": key, "en": key}, "key": key, "definition": definition}
    made = expect(await admin.post(f"{API}/workflows", json=words), 201)
    body = {"revision": made["draft_revision"], "note": ""}
    expect(await admin.post(f"{API}/workflows/{made['id']}/releases", json=body), 201)
    workflow_id: str = made["id"]
    return workflow_id


class Sender:
    """Another system that signs what it sends."""

    def __init__(self, desk: Desk, hook: dict[str, Any]) -> None:
        self.client = desk.tenant.site.open_client()
        self.clock = desk.tenant.site.clock
        self.path = hook["url"].removeprefix("http://tierflow.test")
        self.secret = hook["secret"]

    async def send(self, body: Any, delivery: str = "d1", late: int = 0, **headers: str) -> httpx.Response:
        content = msgspec.json.encode(body)
        stamp = str(int(self.clock().timestamp()) - late)
        signed = {
            "webhook-id": delivery,
            "webhook-timestamp": stamp,
            "webhook-signature": sign(self.secret, delivery, stamp, content),
            "content-type": "application/json",
        }
        return await self.client.post(self.path, content=content, headers=signed | headers)


MAPPING = [
    {"field": "contact_name", "value": "body.buyer.name"},
    {"field": "problem", "value": "'Order ' + string(body.no)"},
]
ORDER = {"no": 7, "buyer": {"name": "王芳"}}


async def test_a_signed_delivery_opens_a_ticket_once(desk: Desk) -> None:
    sender = Sender(desk, await add(desk, "webhook", {"mapping": MAPPING, "condition": "body.no > 0"}))
    first = expect(await sender.send(ORDER))
    assert (first["outcome"], first["repeated"]) == ("started", False)
    again = expect(await sender.send({**ORDER, "no": 8}))
    assert again == {**first, "repeated": True}
    assert expect(await sender.send({**ORDER, "no": 0}, "d2"))["outcome"] == "skipped"
    ticket = expect(await desk.admin.get(f"{API}/tickets/{first['ticket_id']}"))
    assert (ticket["data"]["problem"], ticket["source"]) == ("Order 7", "system")
    assert ticket["timeline"][1]["text"] == "Opened by the trigger “webhook”"
    listed = expect(await desk.admin.get(f"{API}/workflows/{desk.workflow_id}/triggers"))["items"]
    assert "secret" not in msgspec.json.encode(listed).decode().replace("has_secret", "").replace(
        '"secret":null', ""
    )
    firings = expect(await desk.admin.get(f"{API}/triggers/{listed[0]['id']}/firings?limit=1"))
    assert (firings["items"][0]["cause"], firings["items"][0]["outcome"]) == ("d2", "skipped")
    older = expect(await desk.admin.get(f"{API}/triggers/{listed[0]['id']}/firings?cursor={firings['next']}"))
    assert older["items"][0]["ticket"]["name"] == first["number"]


FORGED: list[tuple[dict[str, Any], int, str]] = [
    ({"webhook-signature": "v1,AAAA"}, 401, "hook_signature_wrong"),
    ({"webhook-signature": ""}, 401, "hook_signature_wrong"),
    ({"webhook-signature": "v1,é"}, 401, "hook_signature_wrong"),
    ({"webhook-id": "other"}, 401, "hook_signature_wrong"),
    ({"webhook-id": ""}, 400, "hook_id_missing"),
    ({"webhook-timestamp": "soon"}, 401, "hook_timestamp_wrong"),
    ({"webhook-timestamp": "9" * 400}, 401, "hook_timestamp_wrong"),
    ({"late": 301}, 401, "hook_timestamp_wrong"),
    ({"late": -301}, 401, "hook_timestamp_wrong"),
]


async def test_forged_and_stale_deliveries(desk: Desk) -> None:
    sender = Sender(desk, await add(desk, "webhook", {"mapping": MAPPING}))
    for change, status, code in FORGED:
        headers = {name: value.encode() for name, value in change.items() if name != "late"}
        answer = await sender.send(ORDER, late=change.get("late", 0), **headers)
        assert expect(answer, status)["code"] == code, change
    assert expect(await desk.admin.get(f"{API}/tickets"))["items"] == []


async def test_a_delivery_that_does_not_fit_names_the_fields(desk: Desk) -> None:
    hook = await add(desk, "webhook")
    sender = Sender(desk, hook)
    refused = expect(await sender.send({"problem": "x" * 41}), 422)
    assert refused["code"] == "trigger_data_unfit"
    assert {error["pointer"] for error in refused["errors"]} == {"/data/contact_name", "/data/problem"}
    (firing,) = expect(await desk.admin.get(f"{API}/triggers/{hook['id']}/firings"))["items"]
    assert (firing["outcome"], len(firing["faults"])) == ("failed", 2)
    started = expect(await sender.send({"contact_name": "王", "problem": "x", "noise": 1}))
    assert started["outcome"] == "started"


async def test_secrets_turn_and_switches_hold(desk: Desk) -> None:
    hook = await add(desk, "webhook", {"mapping": MAPPING})
    sender, path = Sender(desk, hook), f"{API}/triggers/{hook['id']}"
    turned = expect(await desk.admin.post(f"{path}/rotate"))
    expect(await sender.send(ORDER), 401)
    sender.secret = turned["secret"]
    expect(await sender.send(ORDER))
    assert expect(await desk.admin.patch(path, json={"active": False}))["active"] is False
    assert expect(await sender.send(ORDER, "d9"), 409)["code"] == "trigger_off"
    assert expect(await desk.admin.get(path))["secret"] is None
    expect(await desk.admin.delete(path), 204)
    expect(await sender.send(ORDER), 404)
    expect(await desk.admin.get(path), 404)


async def test_calls_by_the_api(desk: Desk) -> None:
    path = f"{API}/triggers/{(await add(desk, 'api'))['id']}/fire"
    agent = await desk.tenant.sign_in("agent", ["agent"], "shanghai")
    refused = expect(await agent.post(path, json={"cause": "c1", "data": {**REQUEST, "colour": "red"}}), 422)
    assert [error["pointer"] for error in refused["errors"]] == ["/data/colour"]
    first = expect(await agent.post(path, json={"cause": "c1", "data": REQUEST}))
    again = expect(await agent.post(path, json={"cause": "c1", "data": {}}))
    assert (first["outcome"], again["number"], again["repeated"]) == ("started", first["number"], True)
    elsewhere = {"cause": "c2", "data": REQUEST, "region_id": desk.tenant.regions["beijing"].id}
    expect(await agent.post(path, json=elsewhere), 422)


async def allow(desk: Desk, *hosts: str) -> None:
    expect(await desk.admin.put(f"{API}/connections/webhook", json={"hosts": list(hosts)}))


UNWORKABLE: list[tuple[str, dict[str, Any], dict[str, Any], str, str]] = [
    ("schedule", {"cron": "0 25 * * *"}, {}, "/config/cron", "trigger_cron_invalid"),
    ("schedule", {}, {}, "/config/cron", "missing_field"),
    ("schedule", {"cron": "0 9 * * *"}, {"region_id": None}, "/region_id", "trigger_region_required"),
    ("webhook", {"condition": "body.a =="}, {}, "/config/condition", "expression_syntax"),
    ("webhook", {"condition": "data2.a"}, {}, "/config/condition", "trigger_unknown_name"),
    (
        "webhook",
        {"mapping": [{"field": "a", "value": "nope()"}]},
        {},
        "/config/mapping/0/value",
        "trigger_unknown_name",
    ),
    (
        "webhook",
        {"mapping": [{"field": "a b", "value": "1"}]},
        {},
        "/config/mapping/0/field",
        "out_of_range",
    ),
    ("event", {"workflow_id": "nowhere"}, {}, "/config/workflow_id", "variant_workflow_unknown"),
    ("record_date", {"field": "ends"}, {}, "/config/workflow_id", "trigger_workflow_required"),
    (
        "record_date",
        {"field": "e", "source": "records"},
        {},
        "/config/collection",
        "trigger_collection_required",
    ),
    ("email", {"host": "mail.example", "username": "u"}, {}, "/password", "trigger_password_required"),
    ("email", {"host": "a b", "username": "u"}, {"password": "p"}, "/config/host", "host_invalid"),
    ("email", {"host": "127.0.0.1", "username": "u"}, {}, "/config/host", "trigger_host_not_allowed"),
    ("email", {"host": "10.0.0.1", "username": "u"}, {}, "/config/host", "trigger_address_refused"),
    ("email", {"host": "localhost", "username": "u"}, {}, "/config/host", "trigger_address_refused"),
    ("api", {}, {"region_id": "nowhere"}, "/region_id", "unknown_region"),
]


async def test_what_cannot_work_is_refused(desk: Desk) -> None:
    region = desk.tenant.regions["shanghai"].id
    await allow(desk, "mail.example", "10.0.0.1", "localhost")
    for kind, config, more, pointer, code in UNWORKABLE:
        body = {"kind": kind, "name": "t", "config": config, "region_id": region, **more}
        answer = await desk.admin.post(f"{API}/workflows/{desk.workflow_id}/triggers", json=body)
        errors = expect(answer, 422)["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)], (kind, config)


async def test_who_may_make_triggers(desk: Desk) -> None:
    path = f"{API}/workflows/{desk.workflow_id}/triggers"
    implementer = await desk.tenant.sign_in("implementer", ["implementer"])
    agent = await desk.tenant.sign_in("agent", ["agent"], "shanghai")
    region = desk.tenant.regions["shanghai"].id
    body = {"kind": "api", "name": "a", "region_id": region}
    expect(await implementer.post(path, json=body), 201)
    expect(await agent.post(path, json=body), 403)
    config = {"host": "mail.example", "username": "u"}
    mail = {"kind": "email", "name": "m", "config": config, "password": "p", "region_id": region}
    expect(await implementer.post(path, json=mail), 403)
    await allow(desk, "mail.example", "mail2.example")
    made = expect(await desk.admin.post(path, json=mail | {"active": False}), 201)
    assert made["has_secret"] is True
    assert "password" not in msgspec.json.encode(made).decode()
    # the stored password goes to no other host
    moved = {"config": {"host": "mail2.example", "username": "u"}}
    refused = expect(await desk.admin.patch(f"{API}/triggers/{made['id']}", json=moved), 422)
    assert refused["errors"][0]["code"] == "password_of_other_host"
    expect(await desk.admin.patch(f"{API}/triggers/{made['id']}", json=moved | {"password": "q"}))


async def test_a_dry_run_writes_nothing(desk: Desk) -> None:
    hook = await add(desk, "webhook", {"mapping": MAPPING, "condition": "body.no > 0"})
    path = f"{API}/triggers/{hook['id']}/try"
    good = expect(await desk.admin.post(path, json={"body": ORDER}))
    assert (good["outcome"], good["region"]) == ("started", "shanghai")
    assert good["data"] == {"contact_name": "王芳", "problem": "Order 7"}
    assert expect(await desk.admin.post(path, json={"body": {"no": 0}}))["outcome"] == "skipped"
    bad = expect(await desk.admin.post(path, json={"body": {"no": 1}}))
    assert (bad["outcome"], bad["faults"][0]["field"]) == ("failed", "contact_name")
    timed = await add(desk, "schedule", {"cron": "0 9 * * 1"})
    assert timed["next_at"] is not None
    tried = expect(await desk.admin.post(f"{API}/triggers/{timed['id']}/try", json={}))
    assert len(tried["moments"]) == 5
    assert tried["moments"][0] == timed["next_at"]
    assert expect(await desk.admin.get(f"{API}/tickets"))["items"] == []
    assert expect(await desk.admin.get(f"{API}/triggers/{hook['id']}/firings"))["items"] == []


async def test_kinds_draw_their_forms(admin: httpx.AsyncClient) -> None:
    kinds = expect(await admin.get(f"{API}/trigger-kinds"))["items"]
    assert [kind["kind"] for kind in kinds] == [
        "api",
        "webhook",
        "schedule",
        "event",
        "record_date",
        "email",
        "message",
    ]
    cron = kinds[2]["config_schema"]["properties"]["cron"]
    assert cron["x-title"]["en"] == "When (cron)"


async def test_records(admin: httpx.AsyncClient) -> None:
    path = f"{API}/records/contracts"
    for key in ("C2", "C1"):
        expect(await admin.put(f"{path}/{key}", json={"data": {"ends": "2030-06-30"}}))
    page = expect(await admin.get(f"{path}?limit=1"))
    assert page["items"][0]["key"] == "C1"
    rest = expect(await admin.get(f"{path}?cursor={page['next']}"))
    assert [item["key"] for item in rest["items"]] == ["C2"]
    expect(await admin.delete(f"{path}/C1"), 204)
    expect(await admin.get(f"{path}/C1"), 404)
    expect(await admin.delete(f"{path}/C1"), 404)
    assert expect(await admin.get(f"{path}/C2"))["data"] == {"ends": "2030-06-30"}


# --- variants ---


def vip_definition() -> dict[str, Any]:
    """Asks for a contract number, and knows no photos."""
    definition = deepcopy(DEFINITION)
    schema = definition["forms"]["request"]["schema"]
    schema["properties"]["contract"] = {
        "type": "string",
        "title": "合同号",
        "x-title": {"zh": "合同号", "en": "Contract"},
    }
    schema["required"] = [*schema["required"], "contract"]
    del schema["properties"]["photos"]
    definition["forms"]["request"]["ui"] = {}
    return definition


async def test_the_first_rule_that_holds_chooses_the_workflow(desk: Desk) -> None:
    plain = await publish(desk.admin, "second", DEFINITION)
    vip = await publish(desk.admin, "vip", vip_definition())
    path = f"{API}/workflows/{desk.workflow_id}/variants"
    rules = [
        {
            "id": "east",
            "name": {"zh": "华北", "en": "North"},
            "when": "'north' in ticket.region_path",
            "workflow_id": plain,
        },
        {
            "id": "vip",
            "name": {"zh": "贵宾", "en": "VIP"},
            "when": "data.problem == 'vip'",
            "workflow_id": vip,
        },
        {"id": "broken", "name": {"zh": "坏", "en": "Broken"}, "when": "data.problem", "workflow_id": plain},
        {
            "id": "shop",
            "name": {"zh": "门店", "en": "Shop"},
            "when": "ticket.channel == 'store'",
            "workflow_id": plain,
        },
    ]
    expect(await desk.admin.put(path, json={"rules": rules}))
    shown = expect(await desk.admin.get(path))
    assert [rule["id"] for rule in shown["rules"]] == ["east", "vip", "broken", "shop"]
    assert [(each["rule"], "Contract" in each["message"]) for each in shown["warnings"]] == [("vip", True)]

    async def start(region: str = "shanghai", channel: str = "", status: int = 201, **data: Any) -> Any:
        body = {
            "workflow_id": desk.workflow_id,
            "region_id": desk.tenant.regions[region].id,
            "data": {**REQUEST, **data},
            "channel": channel,
        }
        answer = expect(await desk.admin.post(f"{API}/tickets", json=body), status)
        return expect(await desk.admin.get(f"{API}/tickets/{answer['id']}")) if status == 201 else answer

    assert (await start())["workflow"]["id"] == desk.workflow_id
    assert (await start("beijing"))["workflow"]["id"] == plain
    assert (await start(channel="store"))["workflow"]["id"] == plain
    refused = await start(status=422, problem="vip")
    assert refused["code"] == "variant_unfit"
    assert "Contract" in refused["detail"]
    assert "VIP" in refused["detail"]
    assert [error["pointer"] for error in refused["errors"]] == ["/data/contract"]
    chosen = await start(problem="vip", contract="K-1", photos=[])
    assert chosen["workflow"]["id"] == vip
    assert chosen["timeline"][1]["text"] == "Came here from “Repair” by the rule “VIP”"

    token = await desk.add_link("shanghai")
    customer = desk.tenant.site.open_client()
    sent = expect(await customer.post(f"{API}/public/forms/{token}", json={"data": REQUEST}), 201)
    found = expect(await desk.admin.get(f"{API}/tickets", params={"q": sent["number"]}))["items"]
    assert found[0]["workflow"]["id"] == plain

    tried = expect(await desk.admin.post(f"{path}/try", json={"data": {"problem": "vip"}}))
    assert (tried["rule"], tried["workflow_id"]) == ("vip", vip)
    assert {fault["field"] for fault in tried["faults"]} == {"contact_name", "contract"}
    tried = expect(await desk.admin.post(f"{path}/try", json={"data": REQUEST}))
    assert tried["rule"] is None
    assert [verdict["message"] is None for verdict in tried["verdicts"]] == [True, True, False, True]
    expect(await desk.admin.put(path, json={"rules": []}))
    assert (await start("beijing"))["workflow"]["id"] == desk.workflow_id


BAD_RULES: list[tuple[dict[str, Any], str, str]] = [
    ({"when": "data.a =="}, "/rules/0/when", "expression_syntax"),
    ({"workflow_id": "nowhere"}, "/rules/0/workflow_id", "variant_workflow_unknown"),
    ({"workflow_id": None}, "/rules/0/workflow_id", "variant_itself"),
    ({"twice": True}, "/rules/1/id", "variant_twice"),
]


async def test_rules_that_cannot_work(desk: Desk) -> None:
    other = await publish(desk.admin, "second", DEFINITION)
    for rule, pointer, code in BAD_RULES:
        words = {
            "id": "a",
            "name": {"zh": "规则", "en": "Rule"},
            "when": "true",
            "workflow_id": other,
            **rule,
        }
        words["workflow_id"] = words["workflow_id"] or desk.workflow_id
        rules = [words] * (2 if words.pop("twice", False) else 1)
        answer = await desk.admin.put(f"{API}/workflows/{desk.workflow_id}/variants", json={"rules": rules})
        errors = expect(answer, 422)["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [(pointer, code)], rule


async def test_a_failed_delivery_is_tried_again_with_what_it_brought(desk: Desk) -> None:
    hook = await add(desk, "webhook", {"mapping": [{"field": "problem", "value": "body.no"}]})
    expect(await Sender(desk, hook).send(ORDER), 422)
    path = f"{API}/triggers/{hook['id']}"
    (firing,) = expect(await desk.admin.get(f"{path}/firings"))["items"]
    again = f"{path}/firings/{firing['id']}/retry"
    assert expect(await desk.admin.post(again))["outcome"] == "failed"
    expect(await desk.admin.patch(path, json={"config": {"mapping": MAPPING}}))
    started = expect(await desk.admin.post(again))
    assert (started["outcome"], started["repeated"]) == ("started", False)
    ticket = expect(await desk.admin.get(f"{API}/tickets/{started['ticket_id']}"))
    assert ticket["data"]["problem"] == "Order 7"
    assert expect(await desk.admin.post(again), 409)["code"] == "trigger_not_failed"
    repeated = expect(await Sender(desk, hook).send(ORDER))
    assert (repeated["repeated"], repeated["ticket_id"]) == (True, started["ticket_id"])


async def test_a_firing_of_another_trigger_is_not_there(desk: Desk) -> None:
    """A firing is found below its own trigger only."""
    hook, other = await add(desk, "webhook"), await add(desk, "api")
    expect(await Sender(desk, hook).send({}), 422)
    (firing,) = expect(await desk.admin.get(f"{API}/triggers/{hook['id']}/firings"))["items"]
    expect(await desk.admin.post(f"{API}/triggers/{other['id']}/firings/{firing['id']}/retry"), 404)


@pytest.mark.parametrize(("scope", "ok"), [("step", False), ("trigger", True)])
async def test_expressions_of_triggers_know_what_came(desk: Desk, scope: str, ok: bool) -> None:
    body = {"text": "body.no > 1", "scope": scope}
    checked = expect(
        await desk.admin.post(f"{API}/workflows/{desk.workflow_id}/expression-checks", json=body)
    )
    assert checked["ok"] is ok
