"""One worker process of a crew, until it is told to stop.

    python -m tests.faults.crew URL FOLDER NAME LEASE_S DELAY_S

Each call to the outside is written down as `NAME job`, takes DELAY_S seconds and answers NAME, so that a test
sees who did what, and whose result a ticket has kept.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from backend.db.session import Database, read_system_time
from backend.runtime.jobs import claiming, pgqueuer_engine
from backend.runtime.jobs.port import ClaimedJob
from tests.unit.runtime.world import World


async def main(url: str, folder: Path, name: str, lease_s: float, delay_s: float) -> None:
    async def call(job: ClaimedJob) -> dict[str, Any]:
        with (folder / "effects").open("a") as file:
            file.write(f"{name} {job.id}\n")
        await asyncio.sleep(delay_s)
        return {"status": 200, "body": name}

    claiming.LEASE = timedelta(seconds=lease_s)
    pgqueuer_engine.SWEEP_EVERY_S = min(pgqueuer_engine.SWEEP_EVERY_S, lease_s)
    database = Database(url)
    world = World(
        database,
        read_system_time,  # type: ignore[arg-type]
        handlers={"webhook": call},
    )
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await world.runtime.start(run_jobs=True)
    (folder / f"ready-{name}").touch()
    await stopping.wait()
    await world.runtime.stop()
    await database.dispose()


if __name__ == "__main__":
    url, folder, name, lease_s, delay_s = sys.argv[1:]
    asyncio.run(main(url, Path(folder), name, float(lease_s), float(delay_s)))
