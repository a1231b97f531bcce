"""Starting before the database does: machines that come up together must not depend on who is first."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from sqlalchemy.engine import make_url

FIRST_S = 1.0
LONGEST_S = 30.0


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


async def upgrade_when_reachable(
    url: str,
    *,
    tell: Callable[[str], None] = _tell,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Bring the database to the newest schema, as soon as there is one: while PostgreSQL is away or still
    starting, try again with growing pauses and say so each time.

    A refusal that no waiting mends (a wrong password, no such database) is raised at once, and so is
    everything on SQLite.
    """
    from backend.db.migration import upgrade
    from backend.db.outages import is_outage

    if make_url(url).get_backend_name() != "postgresql":
        await upgrade(url)
        return
    pause, waited = FIRST_S, False
    while True:
        try:
            await upgrade(url)
        except Exception as error:
            if not (is_outage(error) or isinstance(error, OSError)):
                raise
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            tell(f"PostgreSQL does not answer ({reason}); trying again in {pause:g} s")
            await sleep(pause)
            pause, waited = min(2 * pause, LONGEST_S), True
        else:
            if waited:
                tell("PostgreSQL answers")
            return
