"""Orders and their attribution, quarantine, projects and labour.

A line of the ledger may now stand without a tariff: an order's own amount, and hours at a member's rate.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Json, Moment

revision = "0011"
down_revision: str | None = "0010"

TABLES = (
    "quarantine_items",
    "order_returns",
    "orders",
    "order_import_rows",
    "order_imports",
    "attribution_rules",
    "labour_entries",
    "labour_rates",
    "labour_runs",
    "projects",
)
"""Children before parents."""


def upgrade() -> None:
    _let_lines_stand_alone(True)
    condition = sa.text("ticket_id IS NULL")
    op.create_index(
        "uq_postings_cause_alone",
        "postings",
        ["workspace_id", "cause"],
        unique=True,
        postgresql_where=condition,
        sqlite_where=condition,
    )
    _create_orders()
    _create_quarantine()
    _create_labour()


def _let_lines_stand_alone(alone: bool) -> None:
    """SQLite writes the table anew, and would lose the triggers that keep the ledger as it is."""
    bind = op.get_bind()
    triggers: list[tuple[str, str]] = []
    if bind.dialect.name == "sqlite":
        found = sa.text(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%ledger_lines%'"
        )
        triggers = [(name, text) for name, text in bind.execute(found)]
        for name, _ in triggers:
            op.execute(f"DROP TRIGGER {name}")
    with op.batch_alter_table("ledger_lines") as batch:
        batch.alter_column("tariff_id", existing_type=ID, nullable=alone)
        batch.alter_column("tariff_revision", existing_type=sa.Integer(), nullable=alone)
    for _, text in triggers:
        bind.exec_driver_sql(text)


def _create_orders() -> None:
    op.create_table(
        "order_imports",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("quarantined", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("sums", Json(), nullable=False),
        sa.Column("faults", Json(), nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_order_imports_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_imports")),
    )
    op.create_index(op.f("ix_order_imports_workspace_id"), "order_imports", ["workspace_id"], unique=False)
    op.create_table(
        "attribution_rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("region_id", ID, nullable=True),
        sa.Column("store", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.String(length=80), nullable=False),
        sa.Column("tariff_key", sa.String(length=60), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["region_id"], ["regions.id"], name=op.f("fk_attribution_rules_region_id_regions")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_attribution_rules_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribution_rules")),
    )
    op.create_index(
        op.f("ix_attribution_rules_workspace_id"), "attribution_rules", ["workspace_id"], unique=False
    )
    op.create_table(
        "order_import_rows",
        sa.Column("import_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("content", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["order_imports.id"], name=op.f("fk_order_import_rows_import_id_order_imports")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_order_import_rows_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("import_id", "seq", name=op.f("pk_order_import_rows")),
    )
    op.create_table(
        "orders",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("store", sa.String(length=80), nullable=False),
        sa.Column("region_id", ID, nullable=False),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("ordered_at", Moment(), nullable=False),
        sa.Column("attributes", Json(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("owner_kind", sa.String(length=20), nullable=True),
        sa.Column("owner_id", sa.String(length=80), nullable=True),
        sa.Column("tariff_key", sa.String(length=60), nullable=False),
        sa.Column("why", Json(), nullable=False),
        sa.Column("posting_id", ID, nullable=True),
        sa.Column("bookings", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["order_imports.id"], name=op.f("fk_orders_import_id_order_imports")
        ),
        sa.ForeignKeyConstraint(["posting_id"], ["postings.id"], name=op.f("fk_orders_posting_id_postings")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_orders_region_id_regions")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_orders_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "workspace_id", "channel", "number", name=op.f("uq_orders_workspace_id_channel_number")
        ),
    )
    op.create_index(op.f("ix_orders_import_id"), "orders", ["import_id"], unique=False)
    op.create_index("ix_orders_posting", "orders", ["posting_id"], unique=False)
    op.create_index("ix_orders_workspace_region", "orders", ["workspace_id", "region_path"], unique=False)
    op.create_table(
        "order_returns",
        sa.Column("order_id", ID, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_returns_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_order_returns_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("order_id", "key", name=op.f("pk_order_returns")),
    )


def _create_quarantine() -> None:
    op.create_table(
        "quarantine_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("posting_id", ID, nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("order_id", ID, nullable=True),
        sa.Column("ref", Json(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("params", Json(), nullable=False),
        sa.Column("candidates", Json(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("region_id", ID, nullable=True),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("resolved_at", Moment(), nullable=True),
        sa.Column("resolved_by", ID, nullable=True),
        sa.Column("party_kind", sa.String(length=20), nullable=True),
        sa.Column("party_id", sa.String(length=80), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_quarantine_items_order_id_orders")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"],
            ["postings.id"],
            name=op.f("fk_quarantine_items_posting_id_postings"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_quarantine_items_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_quarantine_items_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_items")),
    )
    op.create_index(
        "ix_quarantine_items_order",
        "quarantine_items",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
        sqlite_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_index("ix_quarantine_items_posting", "quarantine_items", ["posting_id"], unique=False)
    op.create_index(
        "ix_quarantine_items_ticket",
        "quarantine_items",
        ["ticket_id"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
        sqlite_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.create_index(
        "ix_quarantine_items_workspace_state",
        "quarantine_items",
        ["workspace_id", "state", "region_path"],
        unique=False,
    )


def _create_labour() -> None:
    op.create_table(
        "labour_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("cursor", ID, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("booked", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("unpriced", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_labour_runs_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labour_runs")),
    )
    op.create_index(op.f("ix_labour_runs_workspace_id"), "labour_runs", ["workspace_id"], unique=False)
    op.create_table(
        "projects",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", Json(), nullable=False),
        sa.Column("region_id", ID, nullable=True),
        sa.Column("workflows", Json(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_projects_region_id_regions")),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_projects_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("workspace_id", "key", name=op.f("uq_projects_workspace_id_key")),
    )
    op.create_index(op.f("ix_projects_workspace_id"), "projects", ["workspace_id"], unique=False)
    op.create_table(
        "labour_rates",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("hourly", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_labour_rates_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_labour_rates_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labour_rates")),
        sa.UniqueConstraint(
            "workspace_id",
            "member_id",
            "valid_from",
            name=op.f("uq_labour_rates_workspace_id_member_id_valid_from"),
        ),
    )
    op.create_index(op.f("ix_labour_rates_workspace_id"), "labour_rates", ["workspace_id"], unique=False)
    op.create_table(
        "labour_entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("member_id", ID, nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("ticket_id", ID, nullable=True),
        sa.Column("node", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("hourly", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("region_id", ID, nullable=True),
        sa.Column("region_path", sa.String(length=600), nullable=False),
        sa.Column("posting_id", ID, nullable=True),
        sa.Column("entered_by", ID, nullable=True),
        sa.Column("entered_at", Moment(), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", Moment(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_labour_entries_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["posting_id"], ["postings.id"], name=op.f("fk_labour_entries_posting_id_postings")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_labour_entries_project_id_projects")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_labour_entries_ticket_id_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_labour_entries_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labour_entries")),
    )
    op.create_index(
        "ix_labour_entries_member", "labour_entries", ["workspace_id", "member_id", "day"], unique=False
    )
    op.create_index(op.f("ix_labour_entries_posting_id"), "labour_entries", ["posting_id"], unique=False)
    op.create_index(
        "ix_labour_entries_workspace_day",
        "labour_entries",
        ["workspace_id", "day", "project_id"],
        unique=False,
    )
    op.create_index(
        "uq_labour_entries_work",
        "labour_entries",
        ["ticket_id", "node", "member_id"],
        unique=True,
        postgresql_where=sa.text("ticket_id IS NOT NULL AND state <> 'reversed'"),
        sqlite_where=sa.text("ticket_id IS NOT NULL AND state <> 'reversed'"),
    )


def downgrade() -> None:
    """Lines without a tariff must not be there, else they would be lost."""
    for name in TABLES:
        op.drop_table(name)
    op.drop_index("uq_postings_cause_alone", "postings")
    _let_lines_stand_alone(False)
