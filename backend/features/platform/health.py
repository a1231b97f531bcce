"""Whether this process can serve: the database answers, within two seconds."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError, version

from litestar import get
from sqlalchemy import text

from backend.contracts.administration import Health
from backend.db.session import Database
from backend.features.platform.actor import public


def read_version() -> str:
    """The installed version; a source checkout has none."""
    try:
        return version("tierflow")
    except PackageNotFoundError:
        return "0"


@get("/health", guards=[public], tags=["operations"])
async def show_health(database: Database) -> Health:
    """200 when ready; 503 when the database does not answer."""
    async with asyncio.timeout(2), database.reading() as session:
        await session.execute(text("SELECT 1"))
    return Health(status="ok", version=read_version(), database=database.dialect)
