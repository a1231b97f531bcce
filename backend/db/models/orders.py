"""Orders from outside, whom they belong to, and the files they come in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.declarative import Id, InWorkspace, Record
from backend.db.types import ID, Json, Moment


class Order(Record):
    """One order of a channel. Its amount stands in the pool of its owner, or in quarantine."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel", "number"),
        Index("ix_orders_workspace_region", "workspace_id", "region_path"),
        Index("ix_orders_posting", "posting_id"),
    )
    id: Mapped[Id]
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    import_id: Mapped[str] = mapped_column(ID, ForeignKey("order_imports.id"), index=True)
    channel: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(80))
    """As the channel calls it: unique there."""
    store: Mapped[str] = mapped_column(String(80))
    region_id: Mapped[str] = mapped_column(ID, ForeignKey("regions.id"))
    region_path: Mapped[str] = mapped_column(String(600))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    returned: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of the amount, what was sent back so far."""
    ordered_at: Mapped[datetime] = mapped_column(Moment)
    attributes: Mapped[dict[str, Any]] = mapped_column(Json)
    """Further columns of the file, by name."""
    state: Mapped[str] = mapped_column(String(12))
    """`booked`, `quarantined`, `returned`."""
    owner_kind: Mapped[str | None] = mapped_column(String(20))
    owner_id: Mapped[str | None] = mapped_column(String(80))
    tariff_key: Mapped[str] = mapped_column(String(60), default="")
    why: Mapped[dict[str, Any]] = mapped_column(Json)
    """Message code and params of why this owner, or why none."""
    posting_id: Mapped[str | None] = mapped_column(ID, ForeignKey("postings.id"))
    """What stands for it in the books now; null when all of it was returned."""
    bookings: Mapped[int] = mapped_column(default=1)
    """How often it was booked: a change reverses and books again."""
    created_at: Mapped[datetime] = mapped_column(Moment)


class OrderReturn(Record):
    """One return of an order. The same row of a file again is known by its key."""

    __tablename__ = "order_returns"
    order_id: Mapped[str] = mapped_column(ID, ForeignKey("orders.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    """Day and amount."""
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Moment)


class OrderImport(Record):
    """A file of orders: checked as a whole, then booked piece by piece."""

    __tablename__ = "order_imports"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    """`refused` (something must be mended), `checked`, `running`, `stopped`, `done`."""
    region_path: Mapped[str] = mapped_column(String(600))
    """How far the one who imports reaches."""
    total: Mapped[int]
    known: Mapped[int]
    """Rows that stand in the books already: they change nothing."""
    done: Mapped[int]
    booked: Mapped[int]
    quarantined: Mapped[int]
    returned: Mapped[int]
    sums: Mapped[dict[str, Any]] = mapped_column(Json)
    """Currency -> minor units that the rows bring, returns taken off."""
    faults: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    fault_count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class OrderImportRow(Record):
    """A row that waits to be booked; it goes when it is."""

    __tablename__ = "order_import_rows"
    import_id: Mapped[str] = mapped_column(ID, ForeignKey("order_imports.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ID, ForeignKey("workspaces.id"))
    content: Mapped[dict[str, Any]] = mapped_column(Json)


class AttributionRule(Record):
    """Whom orders belong to. What is left empty fits everything."""

    __tablename__ = "attribution_rules"
    id: Mapped[Id]
    workspace_id: Mapped[InWorkspace]
    region_id: Mapped[str | None] = mapped_column(ID, ForeignKey("regions.id"))
    store: Mapped[str] = mapped_column(String(80), default="")
    channel: Mapped[str] = mapped_column(String(60), default="")
    owner_kind: Mapped[str] = mapped_column(String(20))
    """`region`, `department`, `partner`, `member`."""
    owner_id: Mapped[str] = mapped_column(String(80), default="")
    """Empty for `region`: the pool of the order's own region."""
    tariff_key: Mapped[str] = mapped_column(String(60), default="")
    valid_from: Mapped[str] = mapped_column(String(10))
    """Local day; a later rule of the same match takes its place from its own day on."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(ID)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
