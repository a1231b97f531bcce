"""Settlement periods: their calendar by region, their states, their totals."""

from __future__ import annotations

revision = "0008"
down_revision: str | None = "0007"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
