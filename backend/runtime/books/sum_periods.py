"""Over which period a tariff sums up what was done on a day in a region."""

from __future__ import annotations

from datetime import date

from backend.runtime.books.periods import UNIT_LINE, choose_unit
from backend.runtime.books.sums import Desk
from backend.runtime.scripts import Script, ask
from backend.settlement.calendars import find_period_under
from backend.settlement.periods import name_period
from backend.settlement.tariff import Tariff


def find_sum_period(desk: Desk, tariff: Tariff, region_path: str, day: date) -> Script[str]:
    """Its key. A settlement period is the one that the day lies in, open or not: what is booked late still
    belongs to the sums it was earned in."""
    if tariff.period != "settlement":
        return name_period(day, tariff.period)
    rows = yield from ask(UNIT_LINE, workspace=desk.workspace_id, path=region_path, day=day.isoformat())
    unit = choose_unit(desk.workspace_id, rows, day)
    stored = next((str(row[6]) for row in rows if row[5] and row[0] == unit.id), None)
    return stored or find_period_under(day, unit.rules).key
