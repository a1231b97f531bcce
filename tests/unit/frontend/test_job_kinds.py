"""The operator's page names what waits in words."""

from __future__ import annotations

import pytest

from backend.runtime.commands import CHILD_JOB
from backend.runtime.jobs import bulk, calendars
from backend.runtime.messaging import EVENT_JOB
from backend.runtime.triggers import events, planner
from backend.runtime.versions import migrating, rehearsing
from frontend.i18n import LOCALES, translate
from frontend.pages.admin.jobs import KINDS

OURS = {
    *(CHILD_JOB, EVENT_JOB, bulk.KIND, calendars.KIND, migrating.KIND, rehearsing.KIND),
    *(planner.TICK_JOB, planner.SCAN_JOB, events.EVENT_JOB, events.MESSAGE_JOB, events.DATE_JOB),
}


def test_every_kind_of_ours_is_known() -> None:
    assert set() == OURS - KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_known_kind_has_a_name(kind: str) -> None:
    assert all(
        translate(locale, f"admin.jobs.kind.{kind}") != f"admin.jobs.kind.{kind}" for locale in LOCALES
    )
