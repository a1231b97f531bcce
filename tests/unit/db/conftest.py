"""Both databases, migrated and empty."""

from tests.unit.runtime.conftest import database

__all__ = ["database"]
