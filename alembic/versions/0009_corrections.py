"""Corrections: what a posting rests on, reversals and rebookings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Json, Moment

revision = "0009"
down_revision: str | None = "0008"

POSTING_COLUMNS = (
    sa.Column("kind", sa.String(20), nullable=False, server_default="booking"),
    sa.Column("tariff_id", ID, nullable=True),
    sa.Column("basis", Json(), nullable=True),
    sa.Column("correction_id", ID, nullable=True),
    sa.Column("reason", sa.String(1000), nullable=False, server_default=""),
    sa.Column("booked_by", ID, nullable=True),
)
CORRECTION = "correction_id IS NOT NULL"


def upgrade() -> None:
    for column in POSTING_COLUMNS:
        op.add_column("postings", column._copy())
    op.create_index("ix_postings_workspace_booked", "postings", ["workspace_id", "booked_at"])
    op.create_index(
        "ix_postings_correction",
        "postings",
        ["correction_id"],
        sqlite_where=sa.text(CORRECTION),
        postgresql_where=sa.text(CORRECTION),
    )
    op.add_column("accumulators", sa.Column("revision", sa.Integer(), nullable=True))
    op.create_table(
        "corrections",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("tariff_id", ID, nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("document", Json(), nullable=True),
        sa.Column("effective_from", Moment(), nullable=True),
        sa.Column("note", sa.String(1000), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("position", Json(), nullable=False),
        sa.Column("report", Json(), nullable=False),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("started_by", ID, nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariffs.id"], name=op.f("fk_corrections_tariff_id_tariffs")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_corrections_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_workspace_id"), "corrections", ["workspace_id"])
    op.create_index("ix_corrections_workspace_created", "corrections", ["workspace_id", "created_at"])


def downgrade() -> None:
    op.drop_table("corrections")
    op.drop_column("accumulators", "revision")
    op.drop_index("ix_postings_correction", "postings")
    op.drop_index("ix_postings_workspace_booked", "postings")
    for column in reversed(POSTING_COLUMNS):
        op.drop_column("postings", column.name)
