"""`tierflow worker`: executes jobs and timers beside the serving processes. As many as wanted may run."""

from __future__ import annotations

import argparse
import asyncio
import signal

from backend.cli.installation import add_options, choose_settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add_options(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Works until it is told to stop (SIGTERM, SIGINT); what runs is finished first. 2 on SQLite."""
    return asyncio.run(_work(choose_settings(arguments).database_url))


async def _work(url: str) -> int:
    from backend.db.migration import upgrade
    from backend.db.session import Database
    from backend.graph.registry import Registry
    from backend.runtime.runtime import Runtime
    from designer_nodes import NODE_TYPES

    database = Database(url)
    if database.dialect == "sqlite":
        print("on SQLite the serving process executes jobs itself; use PostgreSQL for workers")
        return 2
    await upgrade(url)
    runtime = Runtime(database, Registry(NODE_TYPES))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopping.set)
    await runtime.start(run_jobs=True)
    print("working; press Ctrl+C to stop", flush=True)
    try:
        await stopping.wait()
    finally:
        await runtime.stop()
        await database.dispose()
    return 0
