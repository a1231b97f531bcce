"""Quarantine, orders and their attribution, labour."""

from __future__ import annotations

revision = "0011"
down_revision: str | None = "0010"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
