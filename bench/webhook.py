"""P4: a call over HTTP, a decision, a calculation, the answer; against n8n and Node-RED.

The same flow on all sides: a POST brings `amount`, a condition looks at it, a node doubles it. n8n and
Node-RED answer the number; ours answers the completed ticket, after the commit of its state and event log
(SQLite, `synchronous=FULL`). Node-RED keeps nothing, so beside it stands what ours does without keeping
anything: trying a tariff, where a row is chosen and a tier calculated (`POST /tariffs/{id}/try`; it reads the
caller's rights and the tariff from the database each time). A way to run a workflow and keep nothing is not
offered on purpose: what it would answer, nobody could look up afterwards.

16 connections; rates of rounds in turn. Memory is the resident size of the whole process tree under load;
start is from the command to the first good answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
from sqlalchemy import select

from backend.db.migration import upgrade
from backend.db.models import ApiToken, Tariff
from backend.db.session import Database, read_system_time
from backend.db.types import new_id
from backend.features.identity.workspaces import create_account, create_root_region, create_workspace
from backend.features.platform.authentication import hash_token
from bench.automation_peers import Peer, prepare_n8n, prepare_node_red
from bench.load import Request, make_post, rate, send_once
from tests.support.serving import find_port
from tests.unit.runtime.world import TARIFF, World, definition

ROUNDS = 5
CONNECTIONS = 16
SECONDS = 2.0
START_S = 60
ROOT = Path(__file__).resolve().parents[1]
BODY = {"amount": 50}
TOKEN = "bench-token"
FLOW = definition(
    {
        "start": ("start", {"form": "f", "sources": ["staff"]}),
        "choice": ("decision", {}),
        "calc": ("set_fields", {"fields": [{"field": "data.total", "value": "data.amount * 2"}]}),
        "end": ("end", {}),
    },
    ["start>choice", "choice.next>calc if data.amount > 10", "choice.next>end", "calc.next>end"],
)
FLOW["forms"]["f"]["schema"]["properties"] = {"amount": {"type": "integer", "title": "金额"}}
TRY = {"inputs": {"region": "all", "quantities": {"sale": "500000"}}}


class Side(NamedTuple):
    """One server under measure."""

    name: str
    process: subprocess.Popen[bytes]
    request: Request
    start_s: float

    def memory(self) -> float:
        """MiB of the whole tree."""
        main = psutil.Process(self.process.pid)
        tree = [main, *main.children(recursive=True)]
        return sum(each.memory_info().rss for each in tree) / 2**20


async def prepare_ours(folder: Path) -> tuple[str, str, str]:
    """A workspace with the flow, a tariff and a machine's key: ids of workflow, region, tariff."""
    url = f"sqlite+aiosqlite:///{folder / 'tierflow.sqlite'}"
    await upgrade(url)
    database = Database(url)
    now = read_system_time()
    world = World(database, read_system_time)  # type: ignore[arg-type]
    async with database.unit_of_work() as session:
        workspace = await create_workspace(session, "bench", now)
        region = await create_root_region(session, workspace.id)
        member = await create_account(
            session,
            workspace.id,
            name="bench",
            email="bench@example.com",
            password_hash="none",
            roles=["admin"],
            now=now,
        )
        token = {"name": "bench", "token_hash": hash_token(TOKEN), "created_at": now}
        session.add(ApiToken(id=new_id(), workspace_id=workspace.id, member_id=member.id, **token))
        world.workspace = workspace.id
        rows = [{**TARIFF["rows"][0], "match": {"region": "all"}}]
        await world._tariff(session, {**TARIFF, "rows": rows})
    workflow = await world.publish(FLOW, "bench")
    async with database.reading() as session:
        tariff = (await session.execute(select(Tariff.id))).scalar_one()
    await database.dispose()
    return workflow, region.id, tariff


async def launch(name: str, command: list[str], environment: dict[str, str], request: Request) -> Side:
    """Start it and wait for its first good answer."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while time.perf_counter() - began < START_S and process.poll() is None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            status, _ = await send_once(request)
            if 200 <= status < 300:
                return Side(name, process, request, time.perf_counter() - began)
        await asyncio.sleep(0.05)
    process.kill()
    raise RuntimeError(f"{name} did not start")


@contextlib.contextmanager
def ending(sides: list[Side]) -> Iterator[None]:
    try:
        yield
    finally:
        for side in sides:
            for each in psutil.Process(side.process.pid).children(recursive=True):
                each.terminate()
            side.process.terminate()
            side.process.wait()


async def launch_peer(peer: Peer | None, name: str) -> Side | None:
    if peer is None:
        print(f"P4 {name}: could not be installed here (bench/README.md says how), nothing to compare with")
        return None
    request = make_post(peer.url, json.dumps(BODY).encode())
    try:
        return await launch(peer.name, peer.command, peer.environment, request)
    except RuntimeError:
        print(f"P4 {name}: is installed but did not start here, nothing to compare with")
        return None


async def launch_ours(folder: Path) -> tuple[Side, Request]:
    """The serving process, with the request that is kept; and the one that keeps nothing."""
    workflow, region, tariff = await prepare_ours(folder)
    port = find_port()
    api = f"http://127.0.0.1:{port}/api/v1"
    body = {"workflow_id": workflow, "region_id": region, "data": BODY}
    bearer = {"authorization": f"Bearer {TOKEN}"}
    kept = make_post(f"{api}/tickets", json.dumps(body).encode(), **bearer)
    tried = make_post(f"{api}/tariffs/{tariff}/try", json.dumps(TRY).encode(), **bearer)
    command = [sys.executable, "-W", "ignore", "-m", "backend.cli", "serve"]
    command += ["--port", str(port), "--data", str(folder)]
    side = await launch("ours", command, dict(os.environ), kept)
    status, answer = await send_once(kept)
    assert status == 201 and json.loads(answer)["status"] == "completed", answer
    return side, tried


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tierflow-bench-") as folder:
        ours, tried = await launch_ours(Path(folder))
        sides = [ours]
        with ending(sides):
            peers: dict[str, Side] = {}
            for name, prepare in (("n8n", prepare_n8n), ("Node-RED", prepare_node_red)):
                peer = await launch_peer(prepare(find_port()), name)
                if peer is not None:
                    peers[name] = peer
                    sides.append(peer)
            requests = {"ours": ours.request, "ours, tried": tried}
            requests |= {name: side.request for name, side in peers.items()}
            for request in requests.values():
                await rate(request, CONNECTIONS, 1.0)
            rates = await take_turns(requests)
            report(rates)
            for side in sides:
                print(f"P4 {side.name}: {side.memory():,.0f} MiB under load, started in {side.start_s:.1f} s")
            print(
                f"P4 start and memory: {ours.start_s:.1f} s, {ours.memory():,.0f} MiB, goal < 3 s, <= 210 MiB"
            )


async def take_turns(requests: dict[str, Request]) -> dict[str, list[float]]:
    rates: dict[str, list[float]] = {name: [] for name in requests}
    for number in range(ROUNDS):
        for name, request in requests.items():
            rates[name].append(await rate(request, CONNECTIONS, SECONDS))
        print(
            f"P4 round {number + 1}:",
            ", ".join(f"{name} {found[-1]:,.0f}/s" for name, found in rates.items()),
        )
    return rates


def report(rates: dict[str, list[float]]) -> None:
    for mine, peer, goal in (
        ("ours", "n8n", "10x"),
        ("ours, tried", "Node-RED", "1x"),
        ("ours", "Node-RED", ""),
    ):
        if peer in rates:
            ratios = sorted(a / b for a, b in zip(rates[mine], rates[peer], strict=True))
            print(
                f"P4 {mine} against {peer}: {statistics.median(rates[mine]):,.0f}/s against "
                f"{statistics.median(rates[peer]):,.0f}/s, {statistics.median(ratios):.2f}x "
                f"({ratios[0]:.2f} to {ratios[-1]:.2f}), " + (f"goal {goal}" if goal else "goal: none set")
            )


if __name__ == "__main__":
    asyncio.run(main())
