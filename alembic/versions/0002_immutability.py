"""What was published, booked or logged never changes: held by the database, not by good manners.

Postings balance too. On SQLite a posting is written after its lines and seals them: its trigger checks
number and sums, and no line can join a sealed posting. On PostgreSQL a deferred constraint trigger checks
at the end of the transaction.
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision: str | None = "0001"

FROZEN = ("releases", "tariff_revisions", "ledger_lines", "postings", "ticket_events", "audit_entries")

SQLITE_BALANCE = (
    """CREATE TRIGGER ledger_lines_sealed BEFORE INSERT ON ledger_lines
    WHEN EXISTS (SELECT 1 FROM postings WHERE id = NEW.posting_id)
    BEGIN SELECT RAISE(ABORT, 'posting is sealed'); END""",
    """CREATE TRIGGER postings_balanced BEFORE INSERT ON postings
    WHEN (SELECT count(*) FROM ledger_lines WHERE posting_id = NEW.id) <> NEW.lines
      OR EXISTS (SELECT 1 FROM ledger_lines WHERE posting_id = NEW.id
                 GROUP BY currency HAVING sum(amount) <> 0)
    BEGIN SELECT RAISE(ABORT, 'posting is not balanced'); END""",
)

POSTGRESQL_FUNCTIONS = (
    """CREATE FUNCTION tierflow_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '% never changes', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE FUNCTION tierflow_check_posting() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE checked varchar := CASE WHEN TG_TABLE_NAME = 'postings' THEN to_jsonb(NEW)->>'id'
                                    ELSE to_jsonb(NEW)->>'posting_id' END;
    BEGIN
      IF EXISTS (SELECT 1 FROM ledger_lines WHERE posting_id = checked
                 GROUP BY currency HAVING sum(amount) <> 0)
         OR (SELECT count(*) FROM ledger_lines WHERE posting_id = checked)
            <> (SELECT lines FROM postings WHERE id = checked) THEN
        RAISE EXCEPTION 'posting is not balanced' USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      RETURN NULL;
    END $$""",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in FROZEN:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} never changes'); END"
                )
        for statement in SQLITE_BALANCE:
            op.execute(statement)
        return
    for function in POSTGRESQL_FUNCTIONS:
        op.execute(function)
    for table in FROZEN:
        op.execute(
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION tierflow_refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tierflow_refuse_change()"
        )
    for table in ("postings", "ledger_lines"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_balanced AFTER INSERT ON {table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tierflow_check_posting()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in FROZEN:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
        op.execute("DROP TRIGGER ledger_lines_sealed")
        op.execute("DROP TRIGGER postings_balanced")
        return
    for table in FROZEN:
        op.execute(f"DROP TRIGGER {table}_frozen ON {table}")
        op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
    for table in ("postings", "ledger_lines"):
        op.execute(f"DROP TRIGGER {table}_balanced ON {table}")
    op.execute("DROP FUNCTION tierflow_refuse_change")
    op.execute("DROP FUNCTION tierflow_check_posting")
