"""Bringing a database to the newest schema.

Starting must be quick: when the version row already names the newest migration, Alembic is not even
imported.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic"

_VERSION = re.compile(r"(\d{4})_\w+\.py")


def find_head() -> str:
    """Revision of the newest migration: the number that its file name begins with."""
    names = (file.name for file in (MIGRATIONS / "versions").iterdir())
    return max(match[1] for name in names if (match := _VERSION.fullmatch(name)))


async def read_version(url: str) -> str | None:
    """Revision that the database is at; None when it is empty."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _read_sqlite_version(Path(parsed.database or ""))
    return await _read_postgresql_version(parsed.set(drivername="postgresql").render_as_string(False))


def _read_sqlite_version(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return None
            raise
    return str(row[0]) if row else None


async def _read_postgresql_version(dsn: str) -> str | None:
    import asyncpg

    connection = await asyncpg.connect(dsn)
    try:
        if await connection.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        version: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
        return version
    finally:
        await connection.close()


async def upgrade(url: str) -> bool:
    """Bring the database to the newest schema; answers whether anything had to be done.

    Each migration is one transaction, so a killed upgrade leaves the old schema or the new one; run it
    again.
    """
    if await read_version(url) == find_head():
        return False
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(_run_alembic, url)
    return True


def _run_alembic(url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    command.upgrade(config, "head")
