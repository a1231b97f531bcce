"""PostgreSQL stops and starts under load: nothing acknowledged is lost, nobody has to restart anything."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
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
from tests.support.serving import find_port
from tests.unit.runtime.world import AGENT, definition

LONG = os.environ.get("TIERFLOW_FAULTS") == "long"
RESTARTS = 20 if LONG else 2
CLIENTS = 4
ROUNDS = 2 if LONG else 1
"""Tickets that each client gets done between two restarts, in the mean."""
BACK_S = 10.0 if LONG else 300.0
"""After which everything must work again. The short form tells only healing from hanging: the machine may
be busy with other tests."""
LOOKS_EVERY_S = 0.05
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


class Worker:
    """A `tierflow worker` of its own; it must live through everything."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def wait_until(self, what: str, holds: Callable[[], bool], most_s: float = BACK_S) -> None:
        """As long as it takes on a busy machine; but not with a dead worker."""
        began = time.monotonic()
        while not holds():
            assert self._process.returncode is None, f"the worker has died: {self.tell()}"
            assert time.monotonic() - began < most_s, f"not {what} in {most_s} s; the worker: {self.tell()}"
            await asyncio.sleep(LOOKS_EVERY_S)

    def tell(self) -> str:
        """What it has said."""
        return self._log.read_text()


@asynccontextmanager
async def working(url: str, data: Path) -> AsyncIterator[Worker]:
    """A worker that has begun to work."""
    async with starting("worker", url, data) as worker:
        await worker.wait_until("working", lambda: "working" in worker.tell(), 300.0)
        yield worker


@asynccontextmanager
async def starting(command: str, url: str, data: Path, *options: str) -> AsyncIterator[Worker]:
    """A command of its own process that must live until the end."""
    log_file = data / f"{command}.log"
    words = [sys.executable, "-W", "ignore", "-m", "backend.cli", command, "--database-url", url]
    with log_file.open("w") as log:
        process = await asyncio.create_subprocess_exec(
            *words, "--data", str(data), *options, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield Worker(process, log_file)
            assert process.returncode is None, f"{command} has died: {log_file.read_text()}"
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


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
        async with open_site(url, tmp_path) as site, working(url, tmp_path) as worker:
            load = await open_load(site, webhook_receiver)
            async with asyncio.TaskGroup() as clients:  # one that fails ends the test at once
                running = [clients.create_task(load.run()) for _ in range(CLIENTS)]
                await worker.wait_until("done", lambda: len(load.finished) >= ROUNDS * CLIENTS, 300.0)
                for _ in range(RESTARTS):
                    await restart(server, load, worker)
                load.stopping = True
                await worker.wait_until("finished", lambda: all(client.done() for client in running), 300.0)
            await check_everything(site, load, webhook_receiver)
    finally:
        await asyncio.to_thread(server.stop)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.faults
@pytest.mark.postgresql
@pytest.mark.timeout(600)
async def test_whoever_starts_first_waits_for_the_database(tmp_path: Path) -> None:
    folder = Path(mkdtemp(prefix="tierflow-restarts-"))
    folder.chmod(0o755)
    server = await asyncio.to_thread(PostgresqlServer, folder / "pg")
    url, port = server.url("tierflow"), find_port()
    try:
        await server.execute("CREATE DATABASE tierflow")
        await asyncio.to_thread(server.kill)
        async with (
            starting("worker", url, tmp_path) as worker,
            starting("serve", url, tmp_path, "--port", str(port)) as site,
        ):
            told = (worker.tell, site.tell)
            await worker.wait_until("waiting", lambda: all("does not answer" in tell() for tell in told), 300)
            assert not any("Traceback" in tell() for tell in told)
            await asyncio.to_thread(server.start)
            await worker.wait_until("working", lambda: "working" in worker.tell(), 300)
            await site.wait_until("serving", lambda: "/setup?token=" in site.tell(), 300)
    finally:
        await asyncio.to_thread(server.stop)
        shutil.rmtree(folder, ignore_errors=True)


async def restart(server: PostgresqlServer, load: Load, worker: Worker) -> None:
    """Down, up, and all of it works again in time: writes, reads, the worker."""
    refused = load.statuses[503]
    await asyncio.to_thread(server.kill)
    await worker.wait_until("refused while it is away", lambda: load.statuses[503] > refused)
    await asyncio.sleep(0.5)
    await asyncio.to_thread(server.start)
    up, done = time.monotonic(), len(load.finished)
    # clients write when the worker has brought them their task: so this needs both
    await worker.wait_until("writing", lambda: load.answered_at > up)
    health = await load.agent.get(f"{API}/health")
    assert health.status_code == 200
    goal = done + ROUNDS * CLIENTS
    await worker.wait_until("working on", lambda: len(load.finished) >= goal, 2 * BACK_S)


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
