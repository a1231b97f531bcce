"""Job limits and paces, workers, runs over many incidents, and the archive of closed tickets.

An event of the log may leave its table only when it stands identically in the archive, and the other way
round.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Json, Moment

revision = "0007"
down_revision: str | None = "0006"

TWINS = ("tasks", "ticket_events", "jobs", "incidents")
LOGS = (("ticket_events", "ticket_events_archive"), ("ticket_events_archive", "ticket_events"))

POSTGRESQL_ONLY_MOVES = """CREATE FUNCTION tierflow_only_moves() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE stands boolean;
    BEGIN
      IF TG_OP = 'DELETE' THEN
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I t WHERE t.ticket_id = $1 AND t.seq = $2
                                       AND to_jsonb(t) = $3)', TG_ARGV[0])
          INTO stands USING OLD.ticket_id, OLD.seq, to_jsonb(OLD);
        IF stands THEN
          RETURN OLD;
        END IF;
      END IF;
      RAISE EXCEPTION '% never changes', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$"""


def upgrade() -> None:
    _create_tables()
    with op.batch_alter_table("jobs") as batch:
        batch.add_column(sa.Column("target", sa.String(255), nullable=False, server_default=""))
        batch.add_column(sa.Column("held", sa.String(10), nullable=True))
        batch.add_column(sa.Column("trace", sa.String(60), nullable=True))
        batch.add_column(sa.Column("failures", Json(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("finished_at", Moment(), nullable=True))
    _index("ix_jobs_workspace_target_status", "jobs", ["workspace_id", "target", "status"], "target <> ''")
    _index("ix_jobs_finished", "jobs", ["finished_at"], "finished_at IS NOT NULL")
    with op.batch_alter_table("tickets") as batch:
        batch.add_column(sa.Column("archived_at", Moment(), nullable=True))
    _index("ix_tickets_finished", "tickets", ["finished_at"], "finished_at IS NOT NULL")
    op.create_index("ix_incidents_workspace_resolved", "incidents", ["workspace_id", "resolved_at", "at"])
    for name in TWINS:
        _create_twin(name)
    _let_events_move()


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    """Over the rows that it is for, so that the others cost nothing."""
    condition = sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)


def _create_tables() -> None:
    op.create_table(
        "job_limits",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("pattern", sa.String(255), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at_once", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=True),
        sa.Column("first_s", sa.Integer(), nullable=True),
        sa.Column("longest_s", sa.Integer(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_job_limits_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_limits")),
        sa.UniqueConstraint("workspace_id", "pattern", name=op.f("uq_job_limits_workspace_id_pattern")),
    )
    op.create_table(
        "job_paces",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("target", sa.String(255), nullable=False),
        sa.Column("free_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_job_paces_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("workspace_id", "target", name=op.f("pk_job_paces")),
    )
    op.create_table(
        "workers",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "bulk_runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("detail", Json(), nullable=False),
        sa.Column("ids", Json(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_bulk_runs_workspace_id_workspaces")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_runs")),
    )
    op.create_index(op.f("ix_bulk_runs_workspace_id"), "bulk_runs", ["workspace_id"])
    op.create_table(
        "tickets_archive",
        sa.Column("ticket_id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("archived_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_tickets_archive")),
    )
    op.create_index(op.f("ix_tickets_archive_workspace_id"), "tickets_archive", ["workspace_id"])


def _create_twin(name: str) -> None:
    """A table of the same columns as they are in the database now."""
    inspector = sa.inspect(op.get_bind())
    keys = inspector.get_pk_constraint(name)["constrained_columns"]
    columns = [
        sa.Column(each["name"], each["type"], nullable=each["nullable"])
        for each in inspector.get_columns(name)
    ]
    twin = f"{name}_archive"
    op.create_table(twin, *columns, sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{twin}")))
    if keys[0] != "ticket_id":
        op.create_index(f"ix_{twin}_ticket_id", twin, ["ticket_id"])
    if name == "tasks":
        op.create_index("ix_tasks_archive_workspace_assignee", twin, ["workspace_id", "assignee_id"])
        op.create_index("ix_tasks_archive_workspace_closed_by", twin, ["workspace_id", "closed_by"])


def _let_events_move() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER ticket_events_frozen ON ticket_events")
        op.execute(POSTGRESQL_ONLY_MOVES)
        for table, other in LOGS:
            op.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION tierflow_only_moves('{other}')"
            )
        op.execute(
            "CREATE TRIGGER ticket_events_archive_no_truncate BEFORE TRUNCATE ON ticket_events_archive "
            "FOR EACH STATEMENT EXECUTE FUNCTION tierflow_refuse_change()"
        )
        return
    names = [each["name"] for each in sa.inspect(op.get_bind()).get_columns("ticket_events")]
    same = " AND ".join(f't."{name}" IS OLD."{name}"' for name in names)
    op.execute("DROP TRIGGER ticket_events_no_delete")
    op.execute(
        "CREATE TRIGGER ticket_events_archive_no_update BEFORE UPDATE ON ticket_events_archive "
        "BEGIN SELECT RAISE(ABORT, 'ticket_events_archive never changes'); END"
    )
    for table, other in LOGS:
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"WHEN NOT EXISTS (SELECT 1 FROM {other} t WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} never changes'); END"
        )


def downgrade() -> None:
    """Archived tickets must be restored first, else their logs would be lost."""
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM tickets_archive")):
        raise RuntimeError("restore the archived tickets first")
    _hold_events_again()
    for name in TWINS:
        op.drop_table(f"{name}_archive")
    op.drop_index("ix_incidents_workspace_resolved", "incidents")
    op.drop_index("ix_tickets_finished", "tickets")
    op.drop_index("ix_jobs_finished", "jobs")
    op.drop_index("ix_jobs_workspace_target_status", "jobs")
    with op.batch_alter_table("tickets") as batch:
        batch.drop_column("archived_at")
    with op.batch_alter_table("jobs") as batch:
        for name in ("finished_at", "failures", "trace", "held", "target"):
            batch.drop_column(name)
    for name in ("tickets_archive", "bulk_runs", "workers", "job_paces", "job_limits"):
        op.drop_table(name)


def _hold_events_again() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, _ in LOGS:
            op.execute(f"DROP TRIGGER {table}_frozen ON {table}")
        op.execute("DROP TRIGGER ticket_events_archive_no_truncate ON ticket_events_archive")
        op.execute("DROP FUNCTION tierflow_only_moves")
        op.execute(
            "CREATE TRIGGER ticket_events_frozen BEFORE UPDATE OR DELETE ON ticket_events "
            "FOR EACH ROW EXECUTE FUNCTION tierflow_refuse_change()"
        )
        return
    op.execute("DROP TRIGGER ticket_events_no_delete")
    op.execute("DROP TRIGGER ticket_events_archive_no_delete")
    op.execute("DROP TRIGGER ticket_events_archive_no_update")
    op.execute(
        "CREATE TRIGGER ticket_events_no_delete BEFORE DELETE ON ticket_events "
        "BEGIN SELECT RAISE(ABORT, 'ticket_events never changes'); END"
    )
