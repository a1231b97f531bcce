"""PostgreSQL stops and starts under load: nothing acknowledged is lost, nobody has to restart anything."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from backend.db.migration import upgrade
from backend.db.models import Connection, Incident, Job, Ticket, TicketEvent
from tests.api.conftest import Site, Tenant, open_site
from tests.api.service_desk import API, expect
from tests.support.engines import PostgresqlServer
from tests.support.receivers import WebhookReceiver
from tests.unit.runtime.world import AGENT, definition

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
RESTARTS = 20 if LONG else 2
CLIENTS = 4
UP_S = 3.0
"""Between two restarts."""
BACK_S = 10.0 if LONG else 30.0
"""After which everything must work again; in the short form the machine may be busy with other tests."""
ROOT = Path(__file__).resolve().parents[2]


def describe_flow(url: str) -> dict[str, Any]:
    call = {"method": "POST", "url": url, "result_field": "answer"}
    return definition(
        {
            "start": ("start", {"sources": ["staff"]}),
            "wait": ("wait", {"duration": "PT1S"}),
            "call": ("webhook", call),
            "work": ("form_task", AGENT),
            "end": ("end", {}),
        },
        ["start>wait", "wait.next>call", "call.ok>work", "work.done>end"],
    )


class Load:
    """Clients that start tickets and work them off, and repeat with the same key what was not answered."""

    def __init__(self, tenant: Tenant, agent: httpx.AsyncClient, workflow: str) -> None:
        self.tenant = tenant
        self.agent = agent
        self.workflow = workflow
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self.finished: list[str] = []
        self.answered_at = 0.0
        """When a write was last answered well."""
        self.stopping = False
        self._numbers = itertools.count()

    async def run(self) -> None:
        while not self.stopping:
            region = self.tenant.regions["shanghai"].id
            body = {"workflow_id": self.workflow, "region_id": region, "data": {}}
            started = (await self.insist("/tickets", body)).json()
            task = await self.find_task(started["id"])
            await self.insist(f"/tasks/{task}/complete", {"outcome": "done", "data": {}})
            self.finished.append(started["id"])

    async def find_task(self, ticket: str) -> str:
        while True:
            answer = await self.ask("GET", f"/tickets/{ticket}")
            if answer.status_code == 200 and (tasks := answer.json()["tasks"]):
                return str(tasks[0]["id"])
            await asyncio.sleep(0.1)

    async def insist(self, path: str, body: dict[str, Any]) -> httpx.Response:
        headers = {"idempotency-key": f"k{next(self._numbers)}"}
        while True:
            answer = await self.ask("POST", path, json=body, headers=headers)
            if answer.status_code != 503:
                self.answered_at = time.monotonic()
                return answer
            await asyncio.sleep(0.1)

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        began = time.monotonic()
        answer = await self.agent.request(method, f"{API}{path}", **options)
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.statuses[answer.status_code] += 1
        assert answer.status_code in {200, 201, 503}, answer.text
        return answer


@asynccontextmanager
async def working(url: str, data: Path) -> AsyncIterator[None]:
    """A `tierflow worker` of its own; it must live through everything."""
    words = [sys.executable, "-W", "ignore", "-m", "backend.cli", "worker", "--database-url", url]
    with (data / "worker.log").open("w") as log:
        worker = await asyncio.create_subprocess_exec(
            *words, "--data", str(data), cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield
            assert worker.returncode is None, "the worker has died"
        finally:
            if worker.returncode is None:
                worker.terminate()
            await worker.wait()


async def open_load(site: Site, receiver: WebhookReceiver) -> Load:
    tenant = await site.open_workspace("own")
    admin = await tenant.sign_in("admin", ["admin"])
    agent = await tenant.sign_in("agent", ["agent"], "shanghai")
    async with site.database.unit_of_work() as session:
        config = {"private_hosts": [receiver.host]}
        session.add(
            Connection(workspace_id=tenant.id, kind="webhook", config=config, updated_at=site.clock())
        )
    flow = describe_flow(receiver.url)
    body = {"name": {"zh": "流程", "en": "Flow"}, "key": "flow", "definition": flow}
    created = expect(await admin.post(f"{API}/workflows", json=body), 201)
    releases = f"{API}/workflows/{created['id']}/releases"
    expect(await admin.post(releases, json={"revision": 1, "note": ""}), 201)
    return Load(tenant, agent, created["id"])


@pytest.mark.faults
@pytest.mark.postgresql
@pytest.mark.timeout(1800)
async def test_work_goes_on_after_each_restart(tmp_path: Path, webhook_receiver: WebhookReceiver) -> None:
    folder = Path(mkdtemp(prefix="tierflow-restarts-"))
    folder.chmod(0o755)
    server = await asyncio.to_thread(PostgresqlServer, folder / "pg")
    url = server.url("tierflow")
    try:
        await server.execute("CREATE DATABASE tierflow")
        await upgrade(url)
        async with open_site(url, tmp_path) as site, working(url, tmp_path):
            load = await open_load(site, webhook_receiver)
            clients = [asyncio.create_task(load.run()) for _ in range(CLIENTS)]
            for _ in range(RESTARTS):
                await asyncio.sleep(UP_S)
                await restart(server, load, site)
            load.stopping = True
            async with asyncio.timeout(60):
                await asyncio.gather(*clients)
            await check_everything(site, load, webhook_receiver)
    finally:
        await asyncio.to_thread(server.stop)
        shutil.rmtree(folder, ignore_errors=True)


async def restart(server: PostgresqlServer, load: Load, site: Site) -> None:
    """Down, up, and all of it works again in time: writes, reads, the worker."""
    done = len(load.finished)
    refused = load.statuses[503]
    await asyncio.to_thread(server.kill)
    await asyncio.sleep(1)
    assert load.statuses[503] > refused, "while it is away, requests are told so"
    await asyncio.to_thread(server.start)
    up = time.monotonic()
    async with asyncio.timeout(BACK_S):
        while load.answered_at < up:
            await asyncio.sleep(0.05)
        health = await load.agent.get(f"{API}/health")
        assert health.status_code == 200
    async with asyncio.timeout(2 * BACK_S):
        while len(load.finished) < done + 2 * CLIENTS:
            await asyncio.sleep(0.05)


async def check_everything(site: Site, load: Load, receiver: WebhookReceiver) -> None:
    assert set(load.statuses) == {200, 201, 503}
    assert load.slowest < BACK_S
    async with site.database.reading() as session:
        tickets = dict((await session.execute(select(Ticket.id, Ticket.status))).tuples().all())
        jobs = Counter((await session.execute(select(Job.status))).scalars())
        incidents = (await session.execute(select(func.count(Incident.id)))).scalar_one()
        ids = select(Job.id).where(Job.kind == "webhook")
        calls = set((await session.execute(ids)).scalars())
        log = Counter((await session.execute(select(TicketEvent.ticket_id))).scalars())
    assert set(tickets) == set(load.finished), "each start was answered, and happened once"
    assert set(tickets.values()) == {"completed"}
    assert jobs == {"done": 2 * len(tickets)}
    assert incidents == 0
    assert set(log.values()) == {4}, "started, timer, answer, completed: each once"
    assert {delivery.headers["idempotency-key"] for delivery in receiver.deliveries} == calls
