"""`tierflow worker`: executes jobs and timers beside the serving processes. As many as wanted may run."""

from __future__ import annotations

import argparse
import asyncio
import signal
from typing import TYPE_CHECKING

from backend.cli.installation import add_options, choose_settings, find_loop

if TYPE_CHECKING:
    from backend.features.platform.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Options."""
    add_options(parser)
    parser.add_argument(
        "--metrics-port", type=int, help="answer Prometheus on this port of this machine's own address"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Works until it is told to stop (SIGTERM, SIGINT); what runs is finished first. 2 on SQLite."""
    with asyncio.Runner(loop_factory=find_loop()) as runner:
        return runner.run(_work(choose_settings(arguments), arguments.metrics_port))


async def _work(settings: Settings, metrics_port: int | None) -> int:
    from backend.cli.awaiting import upgrade_when_reachable
    from backend.db.session import Database
    from backend.features.triggers.mailbox import attach_mailboxes
    from backend.graph.registry import Registry
    from backend.runtime.metrics import METRICS
    from backend.runtime.runtime import Runtime
    from backend.runtime.tracing import start_tracing, stop_tracing
    from designer_nodes import NODE_TYPES

    url = settings.database_url
    database = Database(url)
    if database.dialect == "sqlite":
        print("on SQLite the serving process executes jobs itself; use PostgreSQL for workers")
        return 2
    await upgrade_when_reachable(url)
    start_tracing("tierflow-worker")
    if metrics_port is not None:
        METRICS.switch_on()
        METRICS.serve(metrics_port)
    runtime = Runtime(database, Registry(NODE_TYPES), kind="worker", archive_after=settings.archive_after)
    attach_mailboxes(runtime, database, settings.data)
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
        stop_tracing()
    return 0
