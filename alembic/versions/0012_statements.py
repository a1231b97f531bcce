"""Questions about booked amounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Moment

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    op.create_table(
        "disputes",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("line_id", ID, nullable=False),
        sa.Column("posting_id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("region_id", ID, nullable=True),
        sa.Column("region_path", sa.String(600), nullable=False),
        sa.Column("period", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("correction_id", ID, nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("closed_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.ForeignKeyConstraint(["line_id"], ["ledger_lines.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_disputes_line_id", "disputes", ["line_id"])
    op.create_index("ix_disputes_member_id", "disputes", ["member_id"])
    op.create_index("ix_disputes_workspace_id", "disputes", ["workspace_id"])
    op.create_index("ix_disputes_workspace_state", "disputes", ["workspace_id", "state", "updated_at"])
    op.create_index("ix_disputes_workspace_period", "disputes", ["workspace_id", "period"])
    is_open = sa.text("state = 'open'")
    op.create_index(
        "uq_disputes_open",
        "disputes",
        ["line_id", "member_id"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_table(
        "dispute_messages",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("dispute_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"]),
        sa.ForeignKeyConstraint(["dispute_id"], ["disputes.id"]),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_dispute_messages_dispute_id", "dispute_messages", ["dispute_id"])
    op.create_index("ix_dispute_messages_workspace_id", "dispute_messages", ["workspace_id"])


def downgrade() -> None:
    op.drop_table("dispute_messages")
    op.drop_table("disputes")
