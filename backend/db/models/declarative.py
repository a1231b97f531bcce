"""The declarative root: naming convention (so that migrations can name constraints) and the workspace
column."""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import ForeignKey, Index, MetaData, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from backend.db.types import ID, new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(DeclarativeBase):
    """Root of every table."""

    metadata = MetaData(naming_convention=NAMING)


Id = Annotated[str, mapped_column(ID, primary_key=True, default=new_id)]
InWorkspace = Annotated[str, mapped_column(ID, ForeignKey("workspaces.id"), index=True)]


def partial_index(name: str, *columns: str, where: str) -> Index:
    """An index over the rows that it is for; the others cost nothing."""
    return Index(name, *columns, postgresql_where=text(where), sqlite_where=text(where))
