"""A full disk: writes are refused with a clear word, reading goes on, and nobody has to restart anything."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from backend.db.models import Ticket, TicketEvent
from tests.api.conftest import Site, open_site
from tests.api.service_desk import API, Desk, expect, make_photo, open_desk
from tests.unit.runtime.world import definition

SMALL = "16m"
LONGEST = 400
"""Writes until a full disk must have shown: the log file may have room of its own left."""
SOON = definition(
    {"start": ("start", {"sources": ["staff"]}), "wait": ("wait", {"duration": "PT2S"}), "end": ("end", {})},
    ["start>wait", "wait.next>end"],
)


class SmallDisk:
    """A file system of 16 MiB in memory, filled up by a file of its own. Needs the right to mount."""

    answers: frozenset[int] = frozenset()

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "small"
        self.folder.mkdir()
        self._filler = self.folder / "filler"

    def open(self) -> None:
        options = ["-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(self.folder)]
        subprocess.run(["mount", *options], check=True, capture_output=True)

    def fill(self) -> None:
        handle = os.open(self._filler, os.O_WRONLY | os.O_CREAT)
        try:
            for size in (65_536, 4_096, 1):
                try:
                    while True:
                        os.write(handle, b"x" * size)
                except OSError:
                    continue
        finally:
            os.close(handle)

    def make_room(self) -> None:
        self._filler.unlink()

    def close(self) -> None:
        subprocess.run(["umount", "-l", str(self.folder)], check=True, capture_output=True)


class SizeLimit:
    """The system's limit for the size of a file: the database's log cannot grow any more."""

    answers = frozenset({201})
    """After a refusal the log may begin anew, with room for what is small."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def open(self) -> None:
        """Nothing to do."""

    def fill(self) -> None:
        sizes = [file.stat().st_size for file in self.folder.glob("tierflow.sqlite*")]
        resource.setrlimit(resource.RLIMIT_FSIZE, (max(sizes), self._before[1]))

    def make_room(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)

    close = make_room


Disk = SmallDisk | SizeLimit


def may_mount() -> bool:
    """Whether a file system can be mounted here (root, and not in a narrow container)."""
    probe = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return os.geteuid() == 0 and subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


KINDS: list[type[Disk]] = [SizeLimit, *([SmallDisk] if may_mount() else [])]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    with opened(request.param(tmp_path)) as disk:
        yield disk


@contextmanager
def opened(disk: Disk) -> Iterator[Disk]:
    disk.open()
    try:
        yield disk
    finally:
        disk.close()


async def write_until_refused(desk: Desk, agent: httpx.AsyncClient) -> tuple[int, httpx.Response]:
    """Tickets acknowledged meanwhile, and the first answer that refuses."""
    region = desk.tenant.regions["shanghai"].id
    for done in range(LONGEST):
        body = {"workflow_id": desk.workflow_id, "region_id": region, "data": REQUEST}
        answer = await agent.post(f"{API}/tickets", json=body)
        if answer.status_code != 201:
            return done, answer
    raise AssertionError("the disk was never full")


REQUEST = {"contact_name": "赵先生", "contact_phone": "13800000000", "problem": "空调不制冷" * 8}


async def count(site: Site, column: Any) -> int:
    async with site.database.reading() as session:
        return int((await session.execute(select(func.count(column)))).scalar_one())


@pytest.mark.faults
async def test_writes_are_refused_reading_goes_on_and_room_heals_it(sqlite_template: Any, disk: Disk) -> None:
    url = await sqlite_template.create(disk.folder)
    async with open_site(url, disk.folder) as site:
        tenant = await site.open_workspace("own")
        admin = await tenant.sign_in("admin", ["admin"])
        desk = await open_desk(tenant, admin)
        agent = await tenant.sign_in("agent", ["agent"], "shanghai")
        known = await desk.report(agent)
        soon = await publish_soon(admin)
        waiting = {"workflow_id": soon, "region_id": tenant.regions["shanghai"].id, "data": {}}
        timed = expect(await admin.post(f"{API}/tickets", json=waiting), 201)
        before = await count(site, Ticket.id)

        disk.fill()
        done, refused = await write_until_refused(desk, agent)
        assert refused.status_code in {503, 507}, refused.text
        problem = refused.json()
        assert problem["code"] in {"storage_full", "busy"}
        assert refused.headers["content-type"] == "application/problem+json"
        await check_reading(agent, admin, known["id"])
        answers = await try_other_writes(desk, agent, admin)
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) <= {*disk.answers, 503, 507}, statuses
        done += sum(answer.status_code == 201 and "/tickets" in answer.url.path for answer in answers)
        await asyncio.sleep(2.5)
        await check_reading(agent, admin, known["id"])
        assert await count(site, Ticket.id) == before + done, "what was refused is not there, the rest is"

        disk.make_room()
        fresh = await desk.report(agent)
        assert (await agent.get(f"{API}/tickets/{fresh['id']}")).status_code == 200
        async with asyncio.timeout(20):
            while expect(await admin.get(f"{API}/tickets/{timed['id']}"))["status"] != "completed":
                await asyncio.sleep(0.1)
        assert await count(site, Ticket.id) == before + done + 1
        async with site.database.reading() as session:
            log = select(func.count()).where(TicketEvent.ticket_id == timed["id"])
            assert (await session.execute(log)).scalar_one() == 2, "the timer fired once"


async def publish_soon(admin: httpx.AsyncClient) -> str:
    body = {"name": {"zh": "等", "en": "Soon"}, "key": "soon", "definition": SOON}
    created = expect(await admin.post(f"{API}/workflows", json=body), 201)
    path = f"{API}/workflows/{created['id']}/releases"
    expect(await admin.post(path, json={"revision": 1, "note": ""}), 201)
    return str(created["id"])


async def check_reading(agent: httpx.AsyncClient, admin: httpx.AsyncClient, ticket: str) -> None:
    for client, path in (
        (agent, f"/tickets/{ticket}"),
        (agent, "/tasks?view=team"),
        (admin, "/tickets"),
        (admin, "/workflows"),
        (admin, "/settlement/lines"),
        (admin, "/health"),
    ):
        answer = await client.get(f"{API}{path}")
        assert answer.status_code == 200, f"{path}: {answer.text}"


async def try_other_writes(
    desk: Desk, agent: httpx.AsyncClient, admin: httpx.AsyncClient
) -> list[httpx.Response]:
    """Through the other doors: a unit of work, a keyed request, an upload, several tickets at once."""
    region = desk.tenant.regions["shanghai"].id
    ticket = {"workflow_id": desk.workflow_id, "region_id": region, "data": REQUEST}
    store = {"key": "store", "name": {"zh": "店" * 40, "en": "Store"}}
    key = {"idempotency-key": "full"}
    photo = {"file": ("p.jpg", make_photo(), "image/jpeg")}
    together = await asyncio.gather(*(agent.post(f"{API}/tickets", json=ticket) for _ in range(8)))
    return [
        *together,
        await agent.post(f"{API}/tickets", json=ticket, headers=key),
        await admin.post(f"{API}/regions", json=store),
        await agent.post(f"{API}/files", files=photo),
    ]
