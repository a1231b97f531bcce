"""`tierflow verify`: whether the database holds together."""

from __future__ import annotations

import argparse
import asyncio
import sys

from backend.cli.installation import add_options, choose_settings

MOST = 1_000


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add_options(parser)
    words = f"how many of the last tickets are replayed from their log (default {MOST})"
    parser.add_argument("--replay", type=int, default=MOST, help=words)


def execute(arguments: argparse.Namespace) -> int:
    """0 when everything holds, 1 with a line for each fault. Nothing is changed; it may run at any time."""
    return asyncio.run(_verify(choose_settings(arguments).database_url, arguments.replay))


async def _verify(url: str, most: int) -> int:
    from backend.db.migration import find_head, read_version
    from backend.db.session import Database
    from backend.graph.registry import Registry
    from backend.runtime.verification import verify
    from designer_nodes import NODE_TYPES

    version = await read_version(url)
    if version != find_head():
        print(f"the schema is at {version or 'nothing'}, not at {find_head()}; run tierflow migrate first")
        return 1
    database = Database(url)
    try:
        verdict = await verify(database, Registry(NODE_TYPES), most)
    finally:
        await database.dispose()
    for fault in verdict.faults:
        print(f"{fault.check}: {fault.where}: {fault.detail}", file=sys.stderr)
    state = f"{len(verdict.faults)} faults" if verdict.faults else "everything holds"
    print(f"{verdict.tickets} tickets, {verdict.replayed} replayed, {verdict.postings} postings: {state}")
    return 1 if verdict.faults else 0
