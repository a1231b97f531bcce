"""Messages, signals and links between tickets.

Numbers of tickets that a step starts are made of their parent's, so they may be longer.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Json, Moment

revision = "0004"
down_revision: str | None = "0003"

LONGER = sa.String(60)


def upgrade() -> None:
    _create_subscriptions()
    _create_messages()
    _create_links()
    with op.batch_alter_table("tickets") as batch:
        batch.add_column(sa.Column("parent_id", ID, nullable=True))
        batch.add_column(sa.Column("parent_job", sa.String(20), nullable=True))
        batch.alter_column(
            "number", existing_type=sa.String(30), type_=sa.String(60), existing_nullable=False
        )
    condition = sa.text("parent_id IS NOT NULL")
    op.create_index(
        "ix_tickets_parent", "tickets", ["parent_id"], postgresql_where=condition, sqlite_where=condition
    )


def _create_subscriptions() -> None:
    op.create_table(
        "message_subscriptions",
        sa.Column("id", ID, primary_key=True),
        sa.Column("workspace_id", ID, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("correlation", sa.String(200), nullable=False),
        sa.Column("node", sa.String(80), nullable=False),
        sa.Column("lasting", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
    )
    op.create_index(
        "ix_message_subscriptions_channel",
        "message_subscriptions",
        ["workspace_id", "kind", "name", "correlation"],
    )
    op.create_index("ix_message_subscriptions_ticket", "message_subscriptions", ["ticket_id", "key"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", ID, primary_key=True),
        sa.Column("workspace_id", ID, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("correlation", sa.String(200), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("delivered", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("kept_until", Moment(), nullable=False),
        sa.UniqueConstraint("workspace_id", "message_id"),
    )
    op.create_index("ix_messages_channel", "messages", ["workspace_id", "name", "correlation", "status"])
    op.create_index("ix_messages_kept", "messages", ["kept_until"])


def _create_links() -> None:
    op.create_table(
        "ticket_links",
        sa.Column("id", ID, primary_key=True),
        sa.Column("workspace_id", ID, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.UniqueConstraint("ticket_id", "other_id", "kind"),
    )
    op.create_index("ix_ticket_links_workspace_id", "ticket_links", ["workspace_id"])
    op.create_index("ix_ticket_links_other", "ticket_links", ["other_id"])


def downgrade() -> None:
    op.drop_index("ix_tickets_parent", "tickets")
    with op.batch_alter_table("tickets") as batch:
        batch.drop_column("parent_job")
        batch.drop_column("parent_id")
        batch.alter_column(
            "number", existing_type=sa.String(60), type_=sa.String(30), existing_nullable=False
        )
    for name in ("ticket_links", "messages", "message_subscriptions"):
        op.drop_table(name)
