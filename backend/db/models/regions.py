"""The region tree."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json


class Region(Record):
    """A node of the tree. `path` is `/cn/east/shanghai/`, so that a scope is a prefix; lookups fall back
    to parents."""

    __tablename__ = "regions"
    __table_args__ = (UniqueConstraint("workspace_id", "key"), UniqueConstraint("workspace_id", "path"))
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    key: Mapped[str] = mapped_column(String(60))
    parent_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    path: Mapped[str] = mapped_column(String(600))
    name: Mapped[dict[str, str]] = mapped_column(Json)
    zone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    calendar: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """`backend.engine.state.Calendar` without its zone; empty: the parent's."""
    settlement: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default="{}")
    """The newest rule of its own periods (`backend.settlement.calendars`); empty: the parent's. From which
    day a rule holds is in `settlement_rules`."""
