"""Tariffs: drafts, approvals, backtests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Json, Moment

revision = "0010"
down_revision: str | None = "0009"


def upgrade() -> None:
    op.add_column("tariff_revisions", sa.Column("approved_by", ID, nullable=True))
    _create_drafts()
    _create_backtests()


def _create_drafts() -> None:
    op.create_table(
        "tariff_drafts",
        sa.Column("tariff_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("document", Json(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("etag", ID, nullable=False),
        sa.Column("authors", Json(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("effective_from", Moment(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("updated_by", ID, nullable=False),
        sa.Column("submitted_at", Moment(), nullable=True),
        sa.Column("submitted_by", ID, nullable=True),
        sa.Column("comment", sa.String(1000), nullable=False),
        sa.Column("rejected_at", Moment(), nullable=True),
        sa.Column("rejected_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["tariffs.id"], name=op.f("fk_tariff_drafts_tariff_id_tariffs")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_tariff_drafts_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("tariff_id", name=op.f("pk_tariff_drafts")),
    )
    op.create_index(op.f("ix_tariff_drafts_workspace_id"), "tariff_drafts", ["workspace_id"])


def _create_backtests() -> None:
    op.create_table(
        "tariff_backtests",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("tariff_id", ID, nullable=False),
        sa.Column("document", Json(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("region_path", sa.String(600), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.String(80), nullable=False),
        sa.Column("report", Json(), nullable=False),
        sa.Column("sums", Json(), nullable=False),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tariff_id"], ["tariffs.id"], name=op.f("fk_tariff_backtests_tariff_id_tariffs")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_tariff_backtests_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_backtests")),
    )
    op.create_index(op.f("ix_tariff_backtests_workspace_id"), "tariff_backtests", ["workspace_id"])
    op.create_index("ix_tariff_backtests_tariff_created", "tariff_backtests", ["tariff_id", "created_at"])
    op.create_table(
        "tariff_backtest_tickets",
        sa.Column("backtest_id", ID, nullable=False),
        sa.Column("posting_id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("after", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("region_path", sa.String(600), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["backtest_id"],
            ["tariff_backtests.id"],
            name=op.f("fk_tariff_backtest_tickets_backtest_id_tariff_backtests"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("backtest_id", "posting_id", name=op.f("pk_tariff_backtest_tickets")),
    )
    op.create_index(
        "ix_tariff_backtest_tickets_size",
        "tariff_backtest_tickets",
        ["backtest_id", "verdict", "size", "posting_id"],
    )


def downgrade() -> None:
    for name in ("tariff_backtest_tickets", "tariff_backtests", "tariff_drafts"):
        op.drop_table(name)
    op.drop_column("tariff_revisions", "approved_by")
