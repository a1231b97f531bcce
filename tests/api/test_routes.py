"""Every route declares its right; a foreign workspace's id is answered exactly as an unknown one.

A new route with an id in its path needs nothing here when its parameter is known; a new kind of id needs a
row in
`seed_foreign`, and a write with a body a row in BODIES: without them these tests fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from backend.app import create_app
from backend.db.models import (
    ApiToken,
    BulkRun,
    Correction,
    Dispute,
    EntryLink,
    Incident,
    Job,
    JobLimit,
    LedgerLine,
    Migration,
    Posting,
    Rehearsal,
    Release,
    StoredFile,
    Tariff,
    TariffBacktest,
    TariffRevision,
    Task,
    Team,
    Ticket,
    TicketLink,
    Trigger,
    TriggerFiring,
    Workflow,
)
from backend.db.models.workflows import Draft
from backend.db.session import Database
from backend.db.types import new_id
from backend.features.platform.actor import Requirement, is_public
from backend.features.platform.settings import Settings
from tests.api import books_rows
from tests.api.conftest import Tenant
from tests.support.books import make_period

UNKNOWN = "00000000-0000-7000-8000-000000000000"

PUBLIC = {
    "GET /api/v1/health",
    "GET /api/v1/openapi.json",
    "POST /api/v1/session",
    "POST /api/v1/setup",
    "POST /api/v1/hooks/{token}",
}
"""Beside these only what customers reach by an unguessable token: `/api/v1/public/...`."""

BODIES: dict[str, Any] = {
    "PATCH /api/v1/members/{member_id}": {"name": "x"},
    "PATCH /api/v1/regions/{region_id}": {"name": {"zh": "x"}},
    "PATCH /api/v1/entry-links/{link_id}": {"active": False},
    "PATCH /api/v1/workflows/{workflow_id}/draft": {"settings": {}},
    "POST /api/v1/workflows/{workflow_id}/expression-checks": {"text": "true"},
    "POST /api/v1/workflows/{workflow_id}/releases": {"revision": 1},
    "POST /api/v1/workflows/{workflow_id}/restore": {"number": 1},
    "POST /api/v1/workflows/{workflow_id}/entry-links": {"region_id": UNKNOWN},
    "POST /api/v1/workflows/{workflow_id}/rehearsals": {},
    "POST /api/v1/workflows/{workflow_id}/migrations": {"to": 1},
    "POST /api/v1/migrations/{migration_id}/run": {},
    "POST /api/v1/tickets/{ticket_id}/cancel": {"reason": "x"},
    "POST /api/v1/tickets/{ticket_id}/items": {"node": "n", "item": 1},
    "PATCH /api/v1/tickets/{ticket_id}/data": {"data": {"x": 1}},
    "POST /api/v1/tickets/{ticket_id}/correction": {"data": {"x": 1}},
    "POST /api/v1/tickets/{ticket_id}/links": {"ticket_id": UNKNOWN},
    "POST /api/v1/tickets/{ticket_id}/withdraw": {},
    "POST /api/v1/tickets/{ticket_id}/suspend": {"reason": "x"},
    "POST /api/v1/tasks/{task_id}/return": {"to": "n", "comment": "x"},
    "POST /api/v1/tasks/{task_id}/signers": {"member_id": UNKNOWN},
    "PATCH /api/v1/teams/{team_id}": {"name": {"zh": "x"}},
    "POST /api/v1/tasks/{task_id}/complete": {"outcome": "done", "data": {}},
    "POST /api/v1/tasks/{task_id}/delegate": {"member_id": UNKNOWN},
    "PUT /api/v1/tasks/{task_id}/draft": {"data": {}, "schema_hash": "x"},
    "POST /api/v1/tariffs/{tariff_id}/revisions": {"document": {}, "base_revision": 1},
    "POST /api/v1/tariffs/{tariff_id}/try": {"inputs": {}},
    "POST /api/v1/tariffs/{tariff_id}/sheet": {"text": "x"},
    "PUT /api/v1/tariffs/{tariff_id}/draft": {"document": {}, "base_revision": 1},
    "POST /api/v1/tariffs/{tariff_id}/draft/submission": {"etag": "x"},
    "POST /api/v1/tariffs/{tariff_id}/draft/approval": {"etag": "x"},
    "POST /api/v1/tariffs/{tariff_id}/draft/rejection": {"etag": "x", "comment": "x"},
    "POST /api/v1/tariffs/{tariff_id}/copies": {"from_region": "x", "to_region": "y"},
    "POST /api/v1/tariffs/{tariff_id}/backtests": {"from": "2026-01-01", "to": "2026-01-31"},
    "PUT /api/v1/job-limits/{limit_id}": {"pattern": "*", "at_once": 1},
    "POST /api/v1/incidents/{incident_id}/skip": {"port": "next"},
    "POST /api/v1/incidents/{incident_id}/repair": {"set": {"x": 1}},
    "POST /api/v1/incidents/{incident_id}/cancel": {"reason": "x"},
}
BODIES |= {  # questions about amounts
    "POST /api/v1/disputes/{dispute_id}/messages": {"text": "x"},
    "POST /api/v1/disputes/{dispute_id}/resolution": {"outcome": "explained", "text": "x"},
}
BODIES |= {  # periods
    "POST /api/v1/settlement/periods/{period_id}/reopening": {"reason": "x"},
    "POST /api/v1/settlement/periods/{period_id}/closing": {},
}
BODIES |= {  # corrections
    "POST /api/v1/settlement/postings/{posting_id}/reversal": {"reason": "x"},
    "POST /api/v1/tickets/{ticket_id}/reversal": {"reason": "x"},
    "POST /api/v1/tickets/{ticket_id}/rebooking": {"reason": "x"},
    "POST /api/v1/corrections/{correction_id}/start": {"reason": "x"},
    "POST /api/v1/tickets/{ticket_id}/postings/{posting_id}/figures/correction": {"reason": "x"},
    "POST /api/v1/tickets/{ticket_id}/postings/{posting_id}/figures/preview": {},
}
BODIES |= {  # triggers
    "POST /api/v1/workflows/{workflow_id}/triggers": {"kind": "api", "name": "x"},
    "PATCH /api/v1/triggers/{trigger_id}": {"active": False},
    "POST /api/v1/triggers/{trigger_id}/fire": {"cause": "x"},
    "POST /api/v1/triggers/{trigger_id}/try": {},
    "PUT /api/v1/workflows/{workflow_id}/variants": {"rules": []},
    "POST /api/v1/workflows/{workflow_id}/variants/try": {},
}
UPLOADS = {"POST /api/v1/tariffs/{tariff_id}/sheet/file"}
"""Routes that take a file instead of JSON."""
BODIES |= books_rows.BODIES
UPLOADS |= books_rows.UPLOADS
NOT_IDS = {"collection", "key", "kind", "number", "token", "industry", "slug", "path"}
"""Path parameters that name no row of a workspace by its id."""


def list_routes(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, path with {names}, handler) of the API, without the framework's own."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        path = "/".join(
            part if isinstance(part, str) else f"{{{part.name}}}" for part in ["", *route.path_components]
        )
        for handler in route.route_handlers:
            for method in sorted(str(getattr(name, "value", name)) for name in handler.http_methods):
                if method != "OPTIONS" and not path.startswith("/api/v1/schema"):
                    yield method, path, handler


def make_app() -> Litestar:
    """Never started: the routes are only looked at."""
    settings = Settings(data=Path("unused"), database_url="sqlite+aiosqlite:///:memory:")
    app: Litestar = create_app(settings, Database(settings.database_url), pages=False).app
    return app


ROUTES = sorted(list_routes(make_app()), key=lambda route: route[:2])
"""Litestar orders them by a set; the processes of a run must agree."""


def handler_parameters(path: str) -> list[str]:
    """Names in braces."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def list_addressed() -> list[tuple[str, str]]:
    """Routes that address a row by id."""
    return [
        (method, path)
        for method, path, handler in ROUTES
        if not is_public(handler) and set(handler_parameters(path)) - NOT_IDS
    ]


@pytest.mark.parametrize(("method", "path", "handler"), ROUTES, ids=[f"{m} {p}" for m, p, _ in ROUTES])
def test_every_route_declares_its_right(method: str, path: str, handler: HTTPRouteHandler) -> None:
    if is_public(handler):
        assert f"{method} {path}" in PUBLIC or path.startswith("/api/v1/public/")
    else:
        assert any(isinstance(guard, Requirement) for guard in handler.resolve_guards())


async def test_nobody_gets_in_without_a_session(tenant: Tenant) -> None:
    client = tenant.site.open_client()
    for method, path, handler in ROUTES:
        if not is_public(handler):
            address = path.replace("{number}", "1").replace("{", "").replace("}", "")
            answer = await client.request(method, address, json={})
            assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_required"), path


async def seed_foreign(tenant: Tenant) -> dict[str, str]:
    """One row of every kind in a workspace; parameter name -> id."""
    ids = {name: new_id() for name in ("workflow_id", "release", "ticket_id", "task_id", "job_id", "link_id")}
    ids["ticket_link_id"] = new_id()
    ids |= {name: new_id() for name in ("file_id", "tariff_id", "posting_id", "line_id", "incident_id")}
    ids |= {name: new_id() for name in ("limit_id", "run_id")}
    ids |= {name: new_id() for name in ("team_id", "backtest_id")}
    ids |= {name: new_id() for name in ("rehearsal_id", "migration_id")}
    ids |= {name: new_id() for name in ("period_id", "correction_id")}
    now, workspace = tenant.site.clock(), {"workspace_id": tenant.id}
    place = {"region_id": tenant.regions["cn"].id, "region_path": "/cn/"}
    tariff = {"tariff_id": ids["tariff_id"], **workspace}
    groups: list[list[Any]] = [
        [
            Team(id=ids["team_id"], key="t", name={"zh": "t", "en": "t"}, **workspace),
            Workflow(id=ids["workflow_id"], key="w", name={}, created_at=now, updated_at=now, **workspace),
            Tariff(id=ids["tariff_id"], key="t", name={}, created_at=now, **workspace),
        ],
        [
            Draft(workflow_id=ids["workflow_id"], definition={}, updated_at=now, **workspace),
            Release(
                id=ids["release"],
                workflow_id=ids["workflow_id"],
                number=1,
                hash="",
                definition="{}",
                created_at=now,
                **workspace,
            ),
            TariffRevision(
                id=new_id(), revision=1, document={}, effective_from=now, created_at=now, **tariff
            ),
        ],
        [
            Ticket(
                id=ids["ticket_id"],
                workflow_id=ids["workflow_id"],
                release_id=ids["release"],
                number="T-1",
                title="",
                status="running",
                priority="normal",
                source="staff",
                state="{}",
                version=1,
                tracking_token=new_id(),
                created_at=now,
                **workspace,
                **place,
            ),
            TicketLink(
                id=ids["ticket_link_id"],
                ticket_id=ids["ticket_id"],
                other_id=new_id(),
                kind="related",
                created_at=now,
                **workspace,
            ),
            EntryLink(
                id=ids["link_id"],
                workflow_id=ids["workflow_id"],
                region_id=place["region_id"],
                token=new_id(),
                created_at=now,
                **workspace,
            ),
            Job(
                id=ids["job_id"],
                key="j",
                kind="webhook",
                status="dead",
                due_at=now,
                created_at=now,
                **workspace,
            ),
            TariffBacktest(
                id=ids["backtest_id"],
                document={},
                first=now.date(),
                last=now.date(),
                status="done",
                created_at=now,
                **tariff,
            ),
            JobLimit(id=ids["limit_id"], pattern="*", at_once=1, updated_at=now, **workspace),
            Correction(
                id=ids["correction_id"], kind="retroactive", state="ready", created_at=now, **workspace
            ),
            make_period(tenant.id, "2026-01", id=ids["period_id"]),
            BulkRun(id=ids["run_id"], action="retry", total=0, created_at=now, **workspace),
            Rehearsal(
                id=ids["rehearsal_id"],
                workflow_id=ids["workflow_id"],
                revision=1,
                definition="{}",
                most=1,
                status="done",
                created_at=now,
                **workspace,
            ),
            Migration(
                id=ids["migration_id"],
                workflow_id=ids["workflow_id"],
                target_id=ids["release"],
                target_number=1,
                status="ready",
                created_at=now,
                **workspace,
            ),
        ],
        [
            Task(
                id=ids["task_id"],
                ticket_id=ids["ticket_id"],
                key="k1",
                node="n",
                label={},
                kind="form",
                status="open",
                offer_to="role",
                role="admin",
                region_path="/cn/",
                opened_at=now,
                **workspace,
            ),
            Incident(
                id=ids["incident_id"],
                ticket_id=ids["ticket_id"],
                key="i1",
                node="n",
                code="node_error",
                at=now,
                **workspace,
            ),
            StoredFile(
                id=ids["file_id"],
                name="a.pdf",
                media_type="application/pdf",
                size=1,
                sha256="0" * 64,
                owner="member:x",
                ticket_id=ids["ticket_id"],
                created_at=now,
                **workspace,
            ),
        ],
        [
            LedgerLine(
                id=ids["line_id"],
                posting_id=ids["posting_id"],
                ticket_id=ids["ticket_id"],
                account="customer",
                party_kind="customer",
                party_id="x",
                amount=0,
                currency="CNY",
                component="base",
                tariff_revision=1,
                row="r",
                inputs={},
                formula={},
                period="2026-01",
                period_id=ids["period_id"],
                booked_at=now,
                **tariff,
                **place,
            )
        ],
        [
            Posting(
                id=ids["posting_id"],
                ticket_id=ids["ticket_id"],
                cause="n:j",
                lines=1,
                booked_at=now,
                **workspace,
            )
        ],
    ]
    async with tenant.site.database.unit_of_work() as session:
        for group in groups:
            session.add_all(group)
            await session.flush()
    member = await tenant.add_member("somebody", ["agent"])
    dispute = Dispute(id=new_id(), line_id=ids["line_id"], posting_id=ids["posting_id"], member_id=member.id)
    dispute.period, dispute.state, dispute.region_path = "2026-01", "open", "/cn/"
    dispute.workspace_id, dispute.opened_at, dispute.updated_at = tenant.id, now, now
    key = ApiToken(
        id=new_id(), member_id=member.id, name="k", token_hash=new_id(), created_at=now, **workspace
    )
    trigger = Trigger(
        id=new_id(), workflow_id=ids["workflow_id"], kind="api", name="t", config={}, place={}, **workspace
    )
    trigger.created_at = trigger.updated_at = now
    async with tenant.site.database.unit_of_work() as session:
        session.add_all([key, trigger, dispute])
        await session.flush()
        words = {"cause": "c", "at": now, "outcome": "failed", "code": "trigger_failed", "params": {}}
        firing = TriggerFiring(id=new_id(), trigger_id=trigger.id, **words, **workspace)
        session.add(firing)
    ids["dispute_id"] = dispute.id
    ids |= await books_rows.seed_books(tenant, ids["posting_id"], member.id)
    ids |= {"member_id": member.id, "region_id": tenant.regions["cn"].id}
    return ids | {"token_id": key.id, "trigger_id": trigger.id, "firing_id": firing.id}


async def ask(client: httpx.AsyncClient, method: str, path: str, address: str) -> httpx.Response:
    """The route's own kind of body, sent to an address."""
    if f"{method} {path}" in UPLOADS:
        return await client.request(method, address, files={"file": ("a.csv", b"row", "text/csv")})
    headers = {"if-match": '"1"'} if method == "PATCH" else {}
    return await client.request(method, address, json=BODIES.get(f"{method} {path}"), headers=headers)


async def test_foreign_ids_look_unknown(tenant: Tenant, foreign: Tenant, admin: httpx.AsyncClient) -> None:
    ids = await seed_foreign(foreign)
    for method, path in list_addressed():
        answers = []
        for known in (ids, dict.fromkeys(ids, UNKNOWN)):
            address = path
            for name in handler_parameters(path):
                if name not in NOT_IDS:
                    assert name in ids, f"{path}: seed_foreign has no row for {name}"
                address = address.replace(f"{{{name}}}", known.get(name, "1"))
            answers.append(await ask(admin, method, path, address))
        foreign_answer, unknown_answer = answers
        assert foreign_answer.status_code == 404, f"{method} {path}: {foreign_answer.text}"
        assert foreign_answer.json() == unknown_answer.json(), f"{method} {path}"


async def test_lists_show_nothing_foreign(tenant: Tenant, foreign: Tenant, admin: httpx.AsyncClient) -> None:
    ids = await seed_foreign(foreign)
    for method, path, handler in ROUTES:
        if method == "GET" and not is_public(handler) and not handler_parameters(path):
            text = (await admin.get(path, timeout=30)).text if "changes" not in path else ""
            assert not [name for name, value in ids.items() if value in text], path
