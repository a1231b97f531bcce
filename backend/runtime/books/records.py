"""Rows of corrections."""

from __future__ import annotations

from typing import Any

from backend.runtime.books.corrections import Grounds
from backend.runtime.books.sums import Desk


def make_correction(
    desk: Desk, kind: str, grounds: Grounds, *, ticket_id: str | None, done: int, error: str | None = None
) -> dict[str, Any]:
    """The row of one that is over as it is written: done, or failed with the code of why."""
    return {
        "id": grounds.correction_id,
        "workspace_id": desk.workspace_id,
        "kind": kind,
        "state": "failed" if error else "done",
        "reason": grounds.reason,
        "ticket_id": ticket_id,
        "tariff_id": None,
        "revision": None,
        "document": None,
        "effective_from": None,
        "note": "",
        "base_revision": None,
        "total": done,
        "done": done,
        "position": {},
        "report": {},
        "error": error,
        "created_at": desk.now,
        "created_by": grounds.by,
        "started_at": desk.now,
        "started_by": grounds.by,
        "finished_at": desk.now,
    }
