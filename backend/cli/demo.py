"""`tierflow demo`: a workspace to try things in, with generated passwords and never a default one."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

import msgspec

from backend.cli.installation import add_options, choose_settings
from backend.db.models import Region, Workspace
from backend.db.session import Database
from backend.db.types import new_id
from backend.features.identity.passwords import generate_password, hash_password
from backend.features.identity.queries import has_workspace
from backend.features.identity.workspaces import create_account, create_workspace
from backend.features.platform.settings import Settings

ACCOUNTS_FILE = "demo-accounts.json"

REGIONS: tuple[tuple[str, str | None, str, str], ...] = (
    ("cn", None, "全国", "China"),
    ("east", "cn", "华东", "East China"),
    ("shanghai", "east", "上海", "Shanghai"),
    ("jingan", "shanghai", "静安店", "Jing'an store"),
    ("xuhui", "shanghai", "徐汇店", "Xuhui store"),
    ("north", "cn", "华北", "North China"),
    ("beijing", "north", "北京", "Beijing"),
    ("chaoyang", "beijing", "朝阳店", "Chaoyang store"),
    ("haidian", "beijing", "海淀店", "Haidian store"),
)
"""key, parent, zh, en."""

WEEK = {str(day): [["08:00", "20:00"]] for day in range(1, 8)}


class Person(msgspec.Struct, frozen=True):
    """Somebody of the demo."""

    role: str
    email: str
    name: str
    region: str | None
    level: str = ""
    department: str = ""
    skills: tuple[str, ...] = ()


PEOPLE: tuple[Person, ...] = (
    Person("admin", "admin@demo.tierflow.example", "周敏", None),
    Person("implementer", "implementer@demo.tierflow.example", "何思远", None),
    Person("finance", "finance@demo.tierflow.example", "钱佳", None, department="finance"),
    Person("regional_manager", "east@demo.tierflow.example", "陆建国", "east"),
    Person(
        "agent", "jingan@demo.tierflow.example", "王小雨", "jingan", "senior", "service", ("paint", "body")
    ),
    Person(
        "agent", "chaoyang@demo.tierflow.example", "李强", "chaoyang", "junior", "service", ("paint", "body")
    ),
)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """What is printed: the password exists only here and, hashed, in the database."""

    role: str
    email: str
    password: str
    name: str
    region: str
    member_id: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """1 when the database already holds a workspace that is not the demo."""
    return asyncio.run(_run(choose_settings(arguments)))


async def _run(settings: Settings) -> int:
    from backend.db.migration import upgrade

    await upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        accounts = await prepare_demo(settings, database)
    finally:
        await database.dispose()
    for account in accounts:
        print(f"{account.role}\t{account.email}\t{account.password}\t{account.region}")
    if not accounts:
        print("the database already holds a workspace")
    return 0 if accounts else 1


async def prepare_demo(settings: Settings, database: Database) -> list[Account]:
    """Make the demo in an empty database; else read its accounts again. Empty for a workspace that is no
    demo.
    """
    kept = settings.data / ACCOUNTS_FILE
    async with database.reading() as session:
        exists = await has_workspace(session)
    if exists:
        return msgspec.json.decode(kept.read_bytes(), type=list[Account]) if kept.exists() else []
    from backend.features.templates.demo import fill_demo
    from backend.graph.registry import Registry
    from designer_nodes import NODE_TYPES

    accounts, workspace_id = await _create(database)
    write_accounts(kept, accounts)
    await fill_demo(settings, database, workspace_id, accounts, Registry(NODE_TYPES))
    return accounts


def write_accounts(path: Path, accounts: list[Account]) -> None:
    """Readable by its owner only."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(accounts), indent=2))


async def _create(database: Database) -> tuple[list[Account], str]:
    now = database.clock()
    passwords = {person.email: generate_password() for person in PEOPLE}
    hashes = {email: await hash_password(password) for email, password in passwords.items()}
    accounts: list[Account] = []
    async with database.unit_of_work() as session:
        workspace = await create_workspace(session, "织单演示 Tierflow demo", now)
        regions = _add_regions(workspace)
        session.add_all(regions.values())
        await session.flush()
        for person in PEOPLE:
            region = regions.get(person.region or "")
            member = await create_account(
                session,
                workspace.id,
                name=person.name,
                email=person.email,
                password_hash=hashes[person.email],
                roles=[person.role],
                now=now,
                region_id=region.id if region else None,
                department=person.department,
                level=person.level,
                skills=person.skills,
            )
            accounts.append(
                Account(
                    role=person.role,
                    email=person.email,
                    password=passwords[person.email],
                    name=person.name,
                    region=region.name["zh"] if region else "全国",
                    member_id=member.id,
                )
            )
    return accounts, workspace.id


def _add_regions(workspace: Workspace) -> dict[str, Region]:
    """By key, parents first."""
    regions: dict[str, Region] = {}
    for key, parent_key, zh, en in REGIONS:
        parent = regions.get(parent_key or "")
        regions[key] = Region(
            id=new_id(),
            workspace_id=workspace.id,
            key=key,
            parent_id=parent.id if parent else None,
            path=f"{parent.path if parent else '/'}{key}/",
            name={"zh": zh, "en": en},
            zone="Asia/Shanghai",
            currency="CNY",
            calendar={"week": WEEK} if parent is None else {},
        )
    return regions
