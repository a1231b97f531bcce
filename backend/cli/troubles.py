"""What an operator is told when a database or folder cannot be reached: a sentence, not a traceback."""

from __future__ import annotations


def explain(error: Exception) -> str | None:
    """What to mend; None for an error that is ours, which keeps its traceback."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    from backend.db.ownership import OwnedElsewhere

    if isinstance(error, OwnedElsewhere):
        return f"Another process serves {error}. One process is enough on SQLite; for several, use PostgreSQL"
    if isinstance(error, ArgumentError):
        return f"The database address cannot be read: {error}. It looks like {EXAMPLE}"
    if isinstance(error, PermissionError):
        return f"No permission: {error}"
    if isinstance(error, OSError):
        return f"The database or its folder cannot be reached: {error}"
    if isinstance(error, OperationalError):
        return f"The database does not answer: {error.orig}"
    if type(error).__module__.startswith("asyncpg."):
        return f"The database refuses: {error}"
    return None


EXAMPLE = (
    "postgresql+asyncpg://user:password@host:5432/tierflow or sqlite+aiosqlite:////folder/tierflow.sqlite"
)
