"""Settlement periods: their calendar by region, their states, their totals.

The database itself refuses a line into a period that is not open or in review. On PostgreSQL a line locks
its period for share of the key and a close locks it wholly, so that neither overlooks the other; what came
too late fails as a serialisation does, and is made again.
"""

from __future__ import annotations

from calendar import monthrange

import sqlalchemy as sa
from alembic import op

from backend.db.types import ID, Json, Moment, new_id

revision = "0008"
down_revision: str | None = "0007"

DAY = sa.String(length=10)

STEPS = (
    "'open>review', 'review>open', 'review>closing', 'closing>review', 'closing>closed', 'closed>review', "
    "'closed>open', 'closed>frozen'"
)
TAKES_LINES = "'open', 'review'"
KEPT = ("workspace_id", "unit_id", "key", "starts_on", "ends_on")

SQLITE_TRIGGERS = {
    "ledger_lines_period": f"""BEFORE INSERT ON ledger_lines
    WHEN NOT EXISTS (SELECT 1 FROM settlement_periods WHERE id = NEW.period_id
                     AND workspace_id = NEW.workspace_id AND key = NEW.period AND state IN ({TAKES_LINES}))
    BEGIN SELECT RAISE(ABORT, 'period takes no lines'); END""",
    "settlement_periods_apart": """BEFORE INSERT ON settlement_periods
    WHEN EXISTS (SELECT 1 FROM settlement_periods WHERE workspace_id = NEW.workspace_id
                 AND unit_id = NEW.unit_id AND key <> NEW.key
                 AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on)
    BEGIN SELECT RAISE(ABORT, 'periods overlap'); END""",
    "settlement_periods_steps": f"""BEFORE UPDATE ON settlement_periods
    WHEN OLD.state = 'frozen' OR {" OR ".join(f"OLD.{name} <> NEW.{name}" for name in KEPT)}
      OR (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({STEPS}))
    BEGIN SELECT RAISE(ABORT, 'period never changes so'); END""",
    "settlement_periods_no_delete": """BEFORE DELETE ON settlement_periods
    BEGIN SELECT RAISE(ABORT, 'settlement_periods never change'); END""",
    "period_totals_no_update": """BEFORE UPDATE ON period_totals
    BEGIN SELECT RAISE(ABORT, 'period_totals never changes'); END""",
    "period_totals_no_delete": """BEFORE DELETE ON period_totals
    BEGIN SELECT RAISE(ABORT, 'period_totals never changes'); END""",
    "period_totals_closing": """BEFORE INSERT ON period_totals
    WHEN NOT EXISTS (SELECT 1 FROM settlement_periods WHERE id = NEW.period_id AND state = 'closing')
    BEGIN SELECT RAISE(ABORT, 'period is not being closed'); END""",
}

POSTGRESQL_FUNCTIONS = {
    "tierflow_check_line_periods": f"""
    BEGIN
      PERFORM 1 FROM settlement_periods WHERE id IN (SELECT period_id FROM added)
        ORDER BY id FOR KEY SHARE;
      IF EXISTS (SELECT 1 FROM added a WHERE NOT EXISTS (
                   SELECT 1 FROM settlement_periods p WHERE p.id = a.period_id
                   AND p.workspace_id = a.workspace_id AND p.key = a.period
                   AND p.state IN ({TAKES_LINES}))) THEN
        RAISE EXCEPTION 'period takes no lines' USING ERRCODE = 'serialization_failure';
      END IF;
      RETURN NULL;
    END""",
    "tierflow_check_period": f"""
    BEGIN
      IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'settlement_periods never change' USING ERRCODE = 'integrity_constraint_violation';
      ELSIF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT 1 FROM settlement_periods WHERE workspace_id = NEW.workspace_id
                   AND unit_id = NEW.unit_id AND key <> NEW.key
                   AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on) THEN
          RAISE EXCEPTION 'periods overlap' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
      ELSIF OLD.state = 'frozen' OR {" OR ".join(f"OLD.{name} <> NEW.{name}" for name in KEPT)}
         OR (OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({STEPS})) THEN
        RAISE EXCEPTION 'period never changes so' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END""",
    "tierflow_check_total": """
    BEGIN
      IF NOT EXISTS (SELECT 1 FROM settlement_periods WHERE id = NEW.period_id AND state = 'closing') THEN
        RAISE EXCEPTION 'period is not being closed' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NEW;
    END""",
}
POSTGRESQL_TRIGGERS = {
    "ledger_lines_period": (
        "ledger_lines",
        "AFTER INSERT ON ledger_lines REFERENCING NEW TABLE AS added FOR EACH STATEMENT "
        "EXECUTE FUNCTION tierflow_check_line_periods()",
    ),
    "settlement_periods_steps": (
        "settlement_periods",
        "BEFORE INSERT OR UPDATE OR DELETE ON settlement_periods FOR EACH ROW "
        "EXECUTE FUNCTION tierflow_check_period()",
    ),
    "period_totals_closing": (
        "period_totals",
        "BEFORE INSERT ON period_totals FOR EACH ROW EXECUTE FUNCTION tierflow_check_total()",
    ),
    "period_totals_frozen": (
        "period_totals",
        "BEFORE UPDATE OR DELETE ON period_totals FOR EACH ROW EXECUTE FUNCTION tierflow_refuse_change()",
    ),
}


def create_tables() -> None:
    op.create_table(
        "settlement_rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("region_id", ID, nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("rule", Json(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", ID, nullable=True),
        *_references("settlement_rules", workspace_id="workspaces", region_id="regions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_rules")),
        sa.UniqueConstraint("region_id", "starts_on", name=op.f("uq_settlement_rules_region_id_starts_on")),
    )
    op.create_index(op.f("ix_settlement_rules_workspace_id"), "settlement_rules", ["workspace_id"])
    op.create_table(
        "settlement_periods",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("starts_on", DAY, nullable=False),
        sa.Column("ends_on", DAY, nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("steps", Json(), nullable=False),
        sa.Column("closing_id", ID, nullable=True),
        sa.Column("opened_at", Moment(), nullable=False),
        *_references("settlement_periods", workspace_id="workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_periods")),
        sa.UniqueConstraint(
            "workspace_id", "unit_id", "key", name=op.f("uq_settlement_periods_workspace_id_unit_id_key")
        ),
    )
    op.create_index("ix_settlement_periods_ends", "settlement_periods", ["workspace_id", "ends_on"])


def create_closings() -> None:
    op.create_table(
        "period_closings",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("period_id", ID, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("cursor", sa.String(length=36), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("postings", sa.BigInteger(), nullable=False),
        sa.Column("worked_ms", sa.BigInteger(), nullable=False),
        sa.Column("sums", Json(), nullable=False),
        sa.Column("findings", Json(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("started_by", ID, nullable=True),
        sa.Column("finished_at", Moment(), nullable=True),
        *_references("period_closings", workspace_id="workspaces", period_id="settlement_periods"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_closings")),
        sa.UniqueConstraint("period_id", "run", name=op.f("uq_period_closings_period_id_run")),
    )
    op.create_index(op.f("ix_period_closings_workspace_id"), "period_closings", ["workspace_id"])
    op.create_table(
        "period_totals",
        sa.Column("closing_id", ID, nullable=False),
        sa.Column("party_kind", sa.String(length=20), nullable=False),
        sa.Column("party_id", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("counter", sa.Boolean(), nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("period_id", ID, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        *_references("period_totals", closing_id="period_closings", period_id="settlement_periods"),
        sa.PrimaryKeyConstraint(
            "closing_id",
            "party_kind",
            "party_id",
            "account",
            "currency",
            "counter",
            name=op.f("pk_period_totals"),
        ),
    )
    op.create_index(op.f("ix_period_totals_period_id"), "period_totals", ["period_id"])


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))
        for column, target in columns.items()
    ]


def place_lines() -> None:
    """Lines booked before there were periods: months of the root region that each lies in."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT l.workspace_id, l.period, l.region_path, r.id, r.zone, min(l.booked_at) "
            "FROM ledger_lines l LEFT JOIN regions r ON r.workspace_id = l.workspace_id "
            "AND r.parent_id IS NULL AND substr(l.region_path, 1, length(r.path)) = r.path "
            "GROUP BY l.workspace_id, l.period, l.region_path, r.id, r.zone"
        )
    ).all()
    if not found:
        return
    _let_lines_change(True)
    opened: dict[tuple[str, str, str], str] = {}
    for workspace, key, path, region, zone, since in found:
        unit = (workspace, region or workspace, key)
        if unit not in opened:
            opened[unit] = _open_month(unit, zone or "Asia/Shanghai", since)
        connection.execute(
            sa.text(
                "UPDATE ledger_lines SET period_id = :id "
                "WHERE workspace_id = :workspace AND period = :key AND region_path = :path"
            ),
            {"id": opened[unit], "workspace": workspace, "key": key, "path": path},
        )
    _let_lines_change(False)


def _open_month(unit: tuple[str, str, str], zone: str, since: object) -> str:
    workspace, unit_id, key = unit
    year, month = int(key[:4]), int(key[5:7])
    days = monthrange(year, month)[1]
    period_id = new_id()
    op.get_bind().execute(
        sa.text(
            "INSERT INTO settlement_periods (id, workspace_id, unit_id, key, starts_on, ends_on, zone, "
            "state, steps, opened_at) "
            "VALUES (:id, :workspace, :unit, :key, :starts, :ends, :zone, 'open', '[]', :since)"
        ),
        {
            "id": period_id,
            "workspace": workspace,
            "unit": unit_id,
            "key": key,
            "starts": f"{key}-01",
            "ends": f"{key}-{days:02d}",
            "zone": zone,
            "since": since,
        },
    )
    return period_id


def _let_lines_change(allowed: bool) -> None:
    """Only to say which period a line has always been in."""
    if op.get_bind().dialect.name == "postgresql":
        verb = "DISABLE" if allowed else "ENABLE"
        op.execute(f"ALTER TABLE ledger_lines {verb} TRIGGER ledger_lines_frozen")
    elif allowed:
        op.execute("DROP TRIGGER ledger_lines_no_update")
    else:
        op.execute(
            "CREATE TRIGGER ledger_lines_no_update BEFORE UPDATE ON ledger_lines "
            "BEGIN SELECT RAISE(ABORT, 'ledger_lines never changes'); END"
        )


def guard_periods() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, text in SQLITE_TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {text}")
        return
    for name, body in POSTGRESQL_FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $${body} $$")
    for name, (_, text) in POSTGRESQL_TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {text}")


def upgrade() -> None:
    create_tables()
    create_closings()
    op.add_column("regions", sa.Column("settlement", Json(), nullable=False, server_default="{}"))
    op.add_column("ledger_lines", sa.Column("period_id", ID, nullable=True))
    op.add_column("ledger_lines", sa.Column("earned_period", sa.String(length=20), nullable=True))
    place_lines()
    op.create_index("ix_ledger_lines_period_posting", "ledger_lines", ["period_id", "posting_id"])
    op.drop_index("ix_ledger_lines_workspace_period_region", "ledger_lines")
    op.create_index("ix_ledger_lines_workspace_period", "ledger_lines", ["workspace_id", "period", "id"])
    guard_periods()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in SQLITE_TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name, (table, _) in POSTGRESQL_TRIGGERS.items():
            op.execute(f"DROP TRIGGER {name} ON {table}")
        for name in POSTGRESQL_FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}")
    op.drop_index("ix_ledger_lines_workspace_period", "ledger_lines")
    op.create_index(
        "ix_ledger_lines_workspace_period_region", "ledger_lines", ["workspace_id", "period", "region_path"]
    )
    op.drop_index("ix_ledger_lines_period_posting", "ledger_lines")
    for name in ("earned_period", "period_id"):
        op.drop_column("ledger_lines", name)
    op.drop_column("regions", "settlement")
    for table in ("period_totals", "period_closings", "settlement_periods", "settlement_rules"):
        op.drop_table(table)
