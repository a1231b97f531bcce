"""Routes of tariffs: the list, revisions, trying one, and its table as a spreadsheet."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Response, get, post
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.common import Page
from backend.db.models import Tariff
from backend.features.files.sending import UploadBody
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.errors import TooLarge
from backend.features.settlement import revisions, sheets, tariffs
from backend.features.settlement.checking import (
    check_document,
    hold_valid,
    present_findings,
    present_words,
)
from backend.features.settlement.knowledge import load_known
from backend.features.settlement.naming import list_regions
from backend.features.settlement.trying import try_tariff

Number = Annotated[int | None, Parameter(ge=1, le=2**31 - 1, description="Absent: the newest")]
MAX_UPLOAD = 2 * 1024 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READERS = requires("settle", "view", "edit", "publish")
WRITERS = requires("settle", "publish")


class TariffController(Controller):
    """Tariffs. A stored revision never changes; a new one takes effect without a restart."""

    path = "/tariffs"
    tags = ("settlement",)

    @get("", guards=[READERS])
    async def list_tariffs(self, actor: Actor, reading: AsyncSession, clock: Clock) -> Page[wire.TariffItem]:
        """All tariffs of the workspace, by key."""
        return Page(items=await tariffs.list_tariffs(reading, actor, clock()))

    @post("", guards=[WRITERS], status_code=201)
    async def create_tariff(
        self, data: wire.CreateTariff, actor: Actor, session: AsyncSession, clock: Clock, locale: str
    ) -> wire.TariffDetail:
        """A new tariff, in force at once unless a later moment is given or a second person must approve."""
        record = await revisions.create_tariff(session, actor, data, clock())
        return await tariffs.describe_tariff(session, actor, record, None, now=clock(), locale=locale)

    @post("/check", guards=[READERS], status_code=200)
    async def check_tariff(
        self, data: wire.TariffDocument, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.TariffCheck:
        """What the linter finds in a document, and its rules in words. Nothing is stored."""
        known = await load_known(reading, actor.workspace_id, data.document.get("key"))
        regions = await list_regions(reading, actor.workspace_id)
        tariff, findings = check_document(data.document, regions, known=known)
        return wire.TariffCheck(
            findings=present_findings(findings, locale, data.document), words=present_words(tariff, locale)
        )

    @get("/{tariff_id:str}", guards=[READERS])
    async def show_tariff(
        self,
        *,
        tariff_id: str,
        actor: Actor,
        reading: AsyncSession,
        clock: Clock,
        locale: str,
        revision: Number = None,
    ) -> wire.TariffDetail:
        """One tariff with the document of its newest revision, or of another."""
        record = await revisions.find_tariff(reading, actor, tariff_id)
        return await tariffs.describe_tariff(reading, actor, record, revision, now=clock(), locale=locale)

    @post("/{tariff_id:str}/revisions", guards=[WRITERS], status_code=201)
    async def revise_tariff(
        self,
        *,
        tariff_id: str,
        data: wire.CreateTariffRevision,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.TariffDetail:
        """The next revision, from now on or from a later moment."""
        record = await revisions.revise_tariff(session, actor, tariff_id, data, clock())
        return await tariffs.describe_tariff(session, actor, record, None, now=clock(), locale=locale)

    @post("/{tariff_id:str}/try", guards=[READERS], status_code=200)
    async def try_tariff(
        self,
        *,
        tariff_id: str,
        data: wire.TariffTry,
        actor: Actor,
        reading: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.TariffTried:
        """What an imagined ticket would book, step by step. Nothing is stored."""
        record = await revisions.find_tariff(reading, actor, tariff_id)
        document = data.document
        if document is None:
            document = await tariffs.read_document(reading, record, data.revision)
        regions = await list_regions(reading, actor.workspace_id)
        tariff = hold_valid(document, regions)
        return try_tariff(tariff, data.inputs, regions, clock(), locale)

    @get("/{tariff_id:str}/sheet.csv", guards=[READERS], media_type="text/csv; charset=utf-8")
    async def export_csv(
        self, *, tariff_id: str, actor: Actor, reading: AsyncSession, locale: str, revision: Number = None
    ) -> Response[bytes]:
        """The table as CSV: a line for each tier."""
        record, document = await _read_document(reading, actor, tariff_id, revision)
        content = sheets.export_csv(document, locale)
        return _attach(content, f"{record.key}.csv", "text/csv; charset=utf-8")

    @get("/{tariff_id:str}/sheet.xlsx", guards=[READERS], media_type=XLSX)
    async def export_xlsx(
        self, *, tariff_id: str, actor: Actor, reading: AsyncSession, locale: str, revision: Number = None
    ) -> Response[bytes]:
        """The table as a spreadsheet: a line for each tier."""
        record, document = await _read_document(reading, actor, tariff_id, revision)
        content = await sheets.export_xlsx(document, locale)
        return _attach(content, f"{record.key}.xlsx", XLSX)

    @post("/{tariff_id:str}/sheet", guards=[READERS], status_code=200)
    async def try_text(
        self, tariff_id: str, data: wire.SheetText, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.SheetOutcome:
        """What pasted cells would make of the tariff, with every problem at its cell. Nothing is stored."""
        _, stored = await _read_document(reading, actor, tariff_id, None)
        cells = await sheets.read_pasted(data.text)
        base = stored if data.document is None else data.document
        return await sheets.try_sheet(reading, actor, cells, base, locale)

    @post(
        "/{tariff_id:str}/sheet/file",
        guards=[READERS],
        status_code=200,
        request_max_body_size=MAX_UPLOAD,
        opt={"uploads": True},
    )
    async def try_file(
        self, tariff_id: str, data: UploadBody, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.SheetOutcome:
        """The same for an XLSX or CSV file."""
        _, stored = await _read_document(reading, actor, tariff_id, None)
        content = await data.file.read()
        if len(content) > MAX_UPLOAD:
            raise TooLarge("file_too_large", params={"limit": "2 MiB"})
        cells = await sheets.read_upload(content)
        return await sheets.try_sheet(reading, actor, cells, stored, locale)


async def _read_document(
    reading: AsyncSession, actor: Actor, tariff_id: str, revision: int | None
) -> tuple[Tariff, dict[str, Any]]:
    record = await revisions.find_tariff(reading, actor, tariff_id)
    return record, await tariffs.read_document(reading, record, revision)


def _attach(content: bytes, name: str, media_type: str) -> Response[bytes]:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(content, media_type=media_type, headers=headers)
