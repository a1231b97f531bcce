"""What may be tried again, and what may not."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest
from sqlalchemy import exc

from backend.db.outages import is_outage


class Wrapped(Exception):
    """What SQLAlchemy's asyncpg dialect raises, with the driver's error as its cause."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.__cause__ = cause


def through_sqlalchemy(cause: Exception) -> exc.DBAPIError:
    return exc.DBAPIError("SELECT 1", None, Wrapped(cause))


@pytest.mark.parametrize(
    ("error", "outage"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (sqlite3.OperationalError("database is locked"), True),
        (asyncpg.AdminShutdownError("terminating"), True),
        (asyncpg.CannotConnectNowError("starting up"), True),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle of operation"), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.DeadlockDetectedError("deadlock"), True),
        (asyncpg.TooManyConnectionsError("too many clients"), True),
        (through_sqlalchemy(asyncpg.AdminShutdownError("terminating")), True),
        (exc.OperationalError("SELECT 1", None, sqlite3.OperationalError("locked")), True),
        (asyncpg.DataError("invalid input for query argument"), False),
        (asyncpg.UniqueViolationError("twice"), False),
        (asyncpg.UndefinedColumnError("no such column"), False),
        (through_sqlalchemy(asyncpg.UniqueViolationError("twice")), False),
        (FileNotFoundError("a missing upload"), False),
        (KeyError("a bug"), False),
        (None, False),
    ],
)
def test_outages(error: BaseException | None, outage: bool) -> None:
    assert is_outage(error) is outage
