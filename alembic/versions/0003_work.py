"""Teams, clocks and the columns of human work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import Json, Moment

revision = "0003"
down_revision: str | None = "0002"


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_teams_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_teams_workspace_id_key")),
    )
    op.create_index(op.f("ix_teams_workspace_id"), "teams", ["workspace_id"])
    with op.batch_alter_table("members") as batch:
        batch.add_column(sa.Column("teams", Json(), nullable=False, server_default="[]"))
    with op.batch_alter_table("tasks") as batch:
        batch.add_column(sa.Column("team", sa.String(length=60), nullable=True))
    op.create_index("ix_tasks_workspace_status_team", "tasks", ["workspace_id", "status", "team"])
    with op.batch_alter_table("tickets") as batch:
        batch.add_column(sa.Column("due_at", Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("tickets") as batch:
        batch.drop_column("due_at")
    op.drop_index("ix_tasks_workspace_status_team", "tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("team")
    with op.batch_alter_table("members") as batch:
        batch.drop_column("teams")
    op.drop_table("teams")
