"""`tierflow archive`: closed tickets that nobody works with any more move to tables of their own."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from backend.cli.installation import add_options, choose_settings

if TYPE_CHECKING:
    from backend.db.session import Database
    from backend.runtime.runtime import Runtime

_AGE = re.compile(r"(\d{1,5})d?")


def read_age(text: str) -> timedelta:
    """`365d` or `365`. Raises ArgumentTypeError."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError("an age in days, such as 365d")
    return timedelta(days=int(found[1]))


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add_options(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--older-than", type=read_age, metavar="365d", help="closed longer ago than this")
    what.add_argument("--restore", metavar="NUMBER", help="bring this ticket back, by its number or id")


def execute(arguments: argparse.Namespace) -> int:
    """Safe to stop and to repeat at any moment; 1 when there is no such ticket to bring back."""
    return asyncio.run(_run(choose_settings(arguments).database_url, arguments))


async def _run(url: str, arguments: argparse.Namespace) -> int:
    from backend.db.migration import upgrade
    from backend.db.session import Database
    from backend.graph.registry import Registry
    from backend.runtime.runtime import Runtime

    await upgrade(url)
    database = Database(url)
    runtime = Runtime(database, Registry(()))
    try:
        if arguments.restore:
            return await _restore(database, runtime, arguments.restore)
        before = database.clock() - arguments.older_than
        moved = await runtime.archive(before, told=_tell)
        print(f"{moved} tickets moved to the archive")
        return 0
    finally:
        await runtime.stop()
        await database.dispose()


def _tell(moved: int) -> None:
    if moved and sys.stderr.isatty():
        print(f"\r{moved}", end="", file=sys.stderr, flush=True)


async def _restore(database: Database, runtime: Runtime, name: str) -> int:
    from sqlalchemy import or_, select

    from backend.db.models import Ticket

    wanted = select(Ticket.workspace_id, Ticket.id, Ticket.number).where(
        or_(Ticket.id == name, Ticket.number == name), Ticket.archived_at.is_not(None)
    )
    async with database.reading() as session:
        rows = (await session.execute(wanted)).all()
    for workspace_id, ticket_id, number in rows:
        await runtime.restore(workspace_id, ticket_id)
        print(f"{number} is back ({ticket_id})")
    if not rows:
        print(f"the archive has no ticket {name}", file=sys.stderr)
    return 0 if rows else 1
