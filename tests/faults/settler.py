"""One process that opens tickets which settle at once, one after the other, until it is told to stop.

python -m tests.faults.settler URL FOLDER NAME WORKFLOW
"""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

from backend.db.session import Database, read_system_time
from backend.runtime.runtime import StartTicket
from tests.unit.runtime.world import World


async def main(url: str, folder: Path, name: str, workflow: str) -> None:
    database = Database(url)
    world = World(database, read_system_time)  # type: ignore[arg-type]
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await world.find()
    await world.runtime.start(run_jobs=False)
    (folder / f"ready-{name}").touch()
    while not stopping.is_set():
        wanted = StartTicket(
            workspace_id=world.workspace,
            workflow_id=workflow,
            region_id=world.regions["sh"],
            data={"sale": 100_00},
            source="staff",
            actor=world.members["ann"],
        )
        await world.runtime.start_ticket(wanted)
        await asyncio.sleep(0.005)
    await world.runtime.stop()
    await database.dispose()


if __name__ == "__main__":
    url, folder, name, workflow = sys.argv[1:]
    asyncio.run(main(url, Path(folder), name, workflow))
