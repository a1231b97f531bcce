"""How Alembic reaches the database: the URL comes from `backend.db.migration`, or from the environment
for developers.

Each migration is one transaction on both databases, so a killed upgrade leaves the old schema or the new
one.
"""

from __future__ import annotations

import asyncio
import os

from alembic import context
from sqlalchemy import Connection, create_engine, event, pool
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from backend.db.models import Record

UPGRADE_LOCK = 7_309_445_021
"""Any number that no other advisory lock of ours has; kept until the connection closes."""


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Record.metadata,
        transaction_per_migration=True,
        transactional_ddl=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def migrate_sqlite(url: str) -> None:
    """The driver's own transactions would commit before each DDL statement; we begin and commit
    ourselves."""
    engine = create_engine(make_url(url).set(drivername="sqlite"), poolclass=pool.NullPool)
    event.listen(engine, "connect", lambda connection, record: setattr(connection, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.connect() as connection:
        migrate(connection)


async def migrate_postgresql(url: str) -> None:
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        # processes that start together take turns; the second finds nothing left to do
        await connection.exec_driver_sql(f"SELECT pg_advisory_lock({UPGRADE_LOCK})")
        await connection.commit()
        await connection.run_sync(migrate)
    await engine.dispose()


database_url = context.config.attributes.get("url") or os.environ["TIERFLOW_DATABASE_URL"]
if make_url(database_url).get_backend_name() == "sqlite":
    migrate_sqlite(database_url)
else:
    asyncio.run(migrate_postgresql(database_url))
