"""Triggers, their firings, and variants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import Json, Moment

revision = "0005"
down_revision: str | None = "0004"


def upgrade() -> None:
    create_triggers()
    create_firings()
    create_records()


def create_triggers() -> None:
    op.create_table(
        "triggers",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("workflow_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("config", Json(), nullable=False),
        sa.Column("region_id", sa.String(length=36), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("secret", sa.String(length=500), nullable=True),
        sa.Column("place", Json(), nullable=False),
        sa.Column("next_at", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_triggers_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name=op.f("fk_triggers_workflow_id_workflows")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_triggers_region_id_regions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triggers")),
        sa.UniqueConstraint("token", name=op.f("uq_triggers_token")),
    )
    op.create_index("ix_triggers_workspace_kind_active", "triggers", ["workspace_id", "kind", "active"])
    op.create_index(op.f("ix_triggers_workflow_id"), "triggers", ["workflow_id"])


def create_firings() -> None:
    op.create_table(
        "trigger_firings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("trigger_id", sa.String(length=36), nullable=False),
        sa.Column("cause", sa.String(length=200), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_trigger_firings_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(
            ["trigger_id"],
            ["triggers.id"],
            name=op.f("fk_trigger_firings_trigger_id_triggers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trigger_firings")),
        sa.UniqueConstraint("trigger_id", "cause", name=op.f("uq_trigger_firings_trigger_id_cause")),
    )
    op.create_index("ix_trigger_firings_trigger_at", "trigger_firings", ["trigger_id", "at"])
    op.create_index(op.f("ix_trigger_firings_workspace_id"), "trigger_firings", ["workspace_id"])
    op.create_index(op.f("ix_trigger_firings_ticket_id"), "trigger_firings", ["ticket_id"])
    op.create_table(
        "trigger_dates",
        sa.Column("trigger_id", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=130), nullable=False),
        sa.Column("date", sa.String(length=40), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trigger_id"],
            ["triggers.id"],
            name=op.f("fk_trigger_dates_trigger_id_triggers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("trigger_id", "subject", name=op.f("pk_trigger_dates")),
    )
    op.create_index("ix_trigger_dates_trigger_due", "trigger_dates", ["trigger_id", "due_at"])


def create_records() -> None:
    op.create_table(
        "records",
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("collection", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("data", Json(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_records_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "collection", "key", name=op.f("pk_records")),
    )
    op.create_table(
        "workflow_variants",
        sa.Column("workflow_id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("rules", Json(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("updated_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name=op.f("fk_workflow_variants_workflow_id_workflows")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_workflow_variants_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_workflow_variants")),
    )
    op.create_index(op.f("ix_workflow_variants_workspace_id"), "workflow_variants", ["workspace_id"])


def downgrade() -> None:
    for table in ("workflow_variants", "records", "trigger_dates", "trigger_firings", "triggers"):
        op.drop_table(table)
