"""Two transactions in each other's way: PostgreSQL ends one of them, and that one is made anew.

Two tickets that settle into the same two sums in opposite order each hold what the other waits for. Which
sums a ticket needs is only known on the way, so their locks cannot be put in order beforehand.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TypeVar

import asyncpg

from backend.runtime.scripts import Driver, Script

T = TypeVar("T")

COLLISIONS = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
TRIES = 5
PAUSE_S = 0.05
"""After the first collision; longer after each, and never the same for two."""


async def run_anew(driver: Driver, make: Callable[[], Script[T]]) -> T:
    """Run the script that `make` makes; a collision rolled it back whole, so it is made again."""
    for attempt in range(1, TRIES):
        try:
            return await driver.run(make())
        except COLLISIONS:
            await asyncio.sleep(PAUSE_S * attempt * random.uniform(0.5, 1.5))
    return await driver.run(make())
