"""Both databases, migrated and empty."""

from tests.unit.runtime.conftest import database, fresh_url, postgresql_template, sqlite_template

__all__ = ["database", "fresh_url", "postgresql_template", "sqlite_template"]
