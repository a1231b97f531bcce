"""Jobs that bring things from outside into the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from backend.db.session import Announcement
from backend.runtime.books.gathering import KIND as LABOUR
from backend.runtime.books.gathering import LabourHandler
from backend.runtime.books.imports import KIND as ORDERS
from backend.runtime.books.imports import OrderImportHandler
from backend.runtime.jobs.execution import Handler
from backend.runtime.scripts import Driver


def list_handlers(
    driver: Driver, clock: Callable[[], datetime], tell: Callable[[Iterable[Announcement]], None]
) -> dict[str, Handler]:
    """By kind of job."""
    return {
        ORDERS: OrderImportHandler(driver, clock, tell),
        LABOUR: LabourHandler(driver, clock, tell),
    }
