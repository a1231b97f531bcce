"""Routes that compare revisions of a tariff and copy its rows."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, get, post
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_drafts as wire
from backend.features.platform.actor import Actor, requires
from backend.features.settlement.copying import copy_between_regions
from backend.features.settlement.history import compare_revisions
from backend.features.settlement.revisions import find_newest, find_tariff

Older = Annotated[
    str | None, QueryParameter(name="from", max_length=10, description="A revision, `draft`, or 0: nothing")
]
Newer = Annotated[str, QueryParameter(name="to", max_length=10, description="A revision, or `draft`")]
READERS = requires("settle", "view", "edit", "publish")


class ChangeController(Controller):
    """Nothing here is stored."""

    path = "/tariffs/{tariff_id:str}"
    tags = ("settlement",)

    @get("/diff", guards=[READERS])
    async def compare(
        self,
        *,
        tariff_id: str,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        older: Older = None,
        newer: Newer = "draft",
    ) -> wire.TariffDiff:
        """What changed, cell by cell, in words; by itself, from the newest revision to the draft."""
        record = await find_tariff(reading, actor, tariff_id)
        older = older or str(await find_newest(reading, record))
        return await compare_revisions(reading, record, older, newer, locale)

    @post("/copies", guards=[READERS], status_code=200)
    async def copy_rows(
        self, tariff_id: str, data: wire.CopyRows, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.Copied:
        """The table with the rows of one region copied to another, money times a factor."""
        record = await find_tariff(reading, actor, tariff_id)
        return await copy_between_regions(reading, actor, record, data, locale)
