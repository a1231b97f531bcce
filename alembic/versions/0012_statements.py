"""Statements and disputes."""

from __future__ import annotations

revision = "0012"
down_revision: str | None = "0011"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
