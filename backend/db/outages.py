"""Which errors mean that the database is away for a moment, so that the same request may succeed later.

The drivers say it in many ways: a refused socket, a server that starts or shuts down, a connection that
broke in the middle of a statement, two transactions in each other's way.
"""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy import exc

_POSTGRESQL = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
    asyncpg.InterfaceError,
)
"""Shutdown, start, broken and refused connections; deadlocks; a server that was turned into a standby."""
_ANY = (ConnectionError, TimeoutError, sqlite3.OperationalError, exc.TimeoutError, *_POSTGRESQL)


def is_outage(error: BaseException | None) -> bool:
    """Whether trying again is worth while. Looks through SQLAlchemy's wrappers."""
    if isinstance(error, exc.DBAPIError):
        unavailable = isinstance(error, (exc.OperationalError, exc.InterfaceError))
        if unavailable or error.connection_invalidated:
            return True
        return is_outage(error.orig.__cause__ if error.orig is not None else None)
    if isinstance(error, ValueError):
        return False  # a value that the driver cannot send is an error of the caller
    return isinstance(error, _ANY)
