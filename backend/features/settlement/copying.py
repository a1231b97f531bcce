"""Copying rows from region to region, dry: the document it would make, for the editor to take over."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tariff_drafts as wire
from backend.db.models import Tariff as TariffRecord
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid, invalid_field
from backend.features.settlement.checking import check_document, present_findings
from backend.features.settlement.naming import join_phrases, list_regions
from backend.features.settlement.tariffs import read_document
from backend.settlement.copying import Copy, copy_rows
from backend.settlement.document import MAX_ROWS
from backend.settlement.words import describe_row

MAX_FACTOR = Decimal(1000)
MAX_DECIMALS = 6


async def copy_between_regions(
    session: AsyncSession, actor: Actor, record: TariffRecord, request: wire.CopyRows, locale: str
) -> wire.Copied:
    """Raises Invalid: unknown regions, a factor that is no price level, a table that cannot be read."""
    regions = await list_regions(session, actor.workspace_id)
    _check(request, {region.key for region in regions})
    document = request.document or await read_document(session, record, None, drafted=True)
    tariff, findings = check_document(document, regions)
    if tariff is None:
        faults = [
            FieldError(f"/document{each.pointer}", f"tariff.{each.code}", dict(each.params))
            for each in findings
        ]
        raise Invalid("tariff_refused", errors=faults)
    copies = copy_rows(
        tariff,
        request.from_region,
        request.to_region,
        request.factor,
        rounding=request.rounding,
        step=request.step,
    )
    made = _insert(document, copies)
    if len(made["rows"]) > MAX_ROWS:
        raise invalid_field("/from_region", "tariff.rows_too_many", limit=MAX_ROWS)
    _, after = check_document(made, regions)
    return wire.Copied(
        document=made,
        rows=[
            wire.CopiedRow(
                row=each.row.id,
                source=tariff.rows[each.source].id,
                text=join_phrases(describe_row(tariff, each.row), locale),
                skipped=each.skipped,
            )
            for each in copies
        ],
        findings=present_findings(after, locale),
    )


def _check(request: wire.CopyRows, known: set[str]) -> None:
    for name in ("from_region", "to_region"):
        if getattr(request, name) not in known:
            raise invalid_field(f"/{name}", "unknown_region")
    if request.from_region == request.to_region:
        raise invalid_field("/to_region", "copy_same_region")
    factor = request.factor
    exponent = factor.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -MAX_DECIMALS and 0 < factor <= MAX_FACTOR
    if not fits:
        raise invalid_field("/factor", "copy_factor_unfit")


def _insert(document: dict[str, Any], copies: tuple[Copy, ...]) -> dict[str, Any]:
    """Each copy stands right behind its source; everything else stays as it is written."""
    rows = copy.deepcopy(document["rows"])
    for each in reversed(copies):
        if not each.skipped:
            rows.insert(each.source + 1, msgspec.to_builtins(each.row))
    return {**document, "rows": rows}
