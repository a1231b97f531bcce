"""Rehearsals and migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import Json, Moment

revision = "0006"
down_revision: str | None = "0005"


def create_rehearsals() -> None:
    op.create_table(
        "rehearsals",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("workflow_id", sa.String(length=36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("since", Moment(), nullable=True),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("report", Json(), nullable=False),
        sa.Column("sums", Json(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_rehearsals_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name=op.f("fk_rehearsals_workflow_id_workflows")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsals")),
    )
    op.create_index(op.f("ix_rehearsals_workspace_id"), "rehearsals", ["workspace_id"], unique=False)
    op.create_index(
        "ix_rehearsals_workflow_created", "rehearsals", ["workflow_id", "created_at"], unique=False
    )
    op.create_table(
        "rehearsal_tickets",
        sa.Column("rehearsal_id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("release_number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("pays_otherwise", sa.Boolean(), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rehearsal_id"],
            ["rehearsals.id"],
            name=op.f("fk_rehearsal_tickets_rehearsal_id_rehearsals"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rehearsal_id", "ticket_id", name=op.f("pk_rehearsal_tickets")),
    )
    op.create_index(
        "ix_rehearsal_tickets_verdict", "rehearsal_tickets", ["rehearsal_id", "verdict", "seq"], unique=False
    )


def create_migrations() -> None:
    op.create_table(
        "migrations",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("workflow_id", sa.String(length=36), nullable=False),
        sa.Column("target_id", sa.String(length=36), nullable=False),
        sa.Column("target_number", sa.Integer(), nullable=False),
        sa.Column("sources", Json(), nullable=False),
        sa.Column("mapping", Json(), nullable=False),
        sa.Column("amber", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_migrations_workspace_id_workspaces")
        ),
        sa.ForeignKeyConstraint(
            ["workflow_id"], ["workflows.id"], name=op.f("fk_migrations_workflow_id_workflows")
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["releases.id"], name=op.f("fk_migrations_target_id_releases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migrations")),
    )
    op.create_index(op.f("ix_migrations_workspace_id"), "migrations", ["workspace_id"], unique=False)
    op.create_index(
        "ix_migrations_workflow_created", "migrations", ["workflow_id", "created_at"], unique=False
    )
    op.create_table(
        "migration_tickets",
        sa.Column("migration_id", sa.String(length=36), nullable=False),
        sa.Column("ticket_id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("origin_id", sa.String(length=36), nullable=False),
        sa.Column("origin_number", sa.Integer(), nullable=False),
        sa.Column("standing", Json(), nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("findings", Json(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("former", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["migration_id"],
            ["migrations.id"],
            name=op.f("fk_migration_tickets_migration_id_migrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("migration_id", "ticket_id", name=op.f("pk_migration_tickets")),
    )
    for name, columns in (("verdict", "verdict"), ("status", "status")):
        op.create_index(
            f"ix_migration_tickets_{name}",
            "migration_tickets",
            ["migration_id", columns, "seq"],
            unique=False,
        )


def upgrade() -> None:
    create_rehearsals()
    create_migrations()


def downgrade() -> None:
    for table in ("migration_tickets", "migrations", "rehearsal_tickets", "rehearsals"):
        op.drop_table(table)
