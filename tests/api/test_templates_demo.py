"""The demo workspace, on both databases: its accounts can sign in to work that is really there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
from sqlalchemy import func, select

from backend.cli.demo import ACCOUNTS_FILE, prepare_demo
from backend.db.models import Incident, LedgerLine, Member, Task, Ticket
from tests.api.conftest import BASE, Site


async def test_the_demo_is_worked_and_its_accounts_are_kept(site: Site) -> None:
    accounts = await prepare_demo(site.settings, site.database)
    assert [account.role for account in accounts] == [
        "admin",
        "implementer",
        "finance",
        "regional_manager",
        "agent",
        "agent",
    ]
    kept = site.settings.data / ACCOUNTS_FILE
    assert kept.stat().st_mode & 0o777 == 0o600
    assert await prepare_demo(site.settings, site.database) == accounts
    async with site.database.reading() as session:
        statuses = Counter((await session.execute(select(Ticket.status))).scalars())
        assert statuses["completed"] >= 5 and statuses["running"] >= 8
        assert (await session.execute(select(func.count()).select_from(Incident))).scalar_one() == 0
        assert (await session.execute(select(func.sum(LedgerLine.amount)))).scalar_one() == 0
        open_nodes = set((await session.execute(select(Task.node).where(Task.status == "open"))).scalars())
        assert {"n_store", "n_supervisor", "n_quality", "n_approve", "n_repair", "n_rate"} <= open_nodes
        levels = dict((await session.execute(select(Member.name, Member.level))).tuples().all())
        rows = set((await session.execute(select(LedgerLine.row))).scalars())
        assert levels["王小雨"] == "senior" and {"senior", "campus", "north", "east", "gold"} <= rows


async def test_each_account_finds_its_work(site: Site) -> None:
    accounts = {
        account.email.partition("@")[0]: account
        for account in await prepare_demo(site.settings, site.database)
    }
    found: dict[str, set[str]] = {}
    for name in ("jingan", "chaoyang", "east"):
        client = site.open_client(origin=BASE)
        body = {"email": accounts[name].email, "password": accounts[name].password}
        answer = await client.post("/api/v1/session", json=body)
        assert answer.status_code in (200, 201), answer.text
        listed = [*(await client.get("/api/v1/tasks?view=mine")).json()["items"]]
        listed += (await client.get("/api/v1/tasks?view=team")).json()["items"]
        found[name] = {task["node"] for task in listed}
    assert {"n_store", "n_repair", "n_arrival"} <= found["jingan"]
    assert {"n_store", "n_quality", "n_consultant"} <= found["chaoyang"]
    assert {"n_supervisor", "n_approve"} <= found["east"]
    secrets = "".join(path.read_text(errors="ignore") for path in find_texts(site.settings.data))
    assert not any(account.password in secrets for account in accounts.values())


def find_texts(data: Path) -> list[Path]:
    """Every file of the installation but the accounts themselves."""
    return [path for path in data.rglob("*") if path.is_file() and path.name != ACCOUNTS_FILE]


def test_the_stories_decode() -> None:
    from backend.features.templates.demo import Demo
    from backend.features.templates.package import LIBRARY

    demo = msgspec.json.decode((LIBRARY / "demo.json").read_bytes(), type=Demo)
    assert len(demo.stories) >= 12 and len(demo.templates) == 3
