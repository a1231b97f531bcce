"""What was cloned from where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import Json, Moment


class InstalledTemplate(Record):
    """A clone, with its parameters and the package as it was: the common ancestor of a later three-way
    upgrade."""

    __tablename__ = "installed_templates"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    template: Mapped[str] = mapped_column(String(120))
    version: Mapped[str] = mapped_column(String(20))
    parameters: Mapped[dict[str, Any]] = mapped_column(Json)
    parts: Mapped[dict[str, Any]] = mapped_column(Json)
    """{"workflows": {key: id}, "tariffs": {key: id}}."""
    package: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Moment)
