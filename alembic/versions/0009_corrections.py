"""Corrections: what a posting rests on, reversals and rebookings."""

from __future__ import annotations

revision = "0009"
down_revision: str | None = "0008"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
