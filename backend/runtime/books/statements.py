"""What corrections read of the books."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from backend.db.models import LedgerLine, Posting, Region, Tariff, TariffRevision
from backend.runtime.statements import Statement


def _p(name: str) -> Any:
    return bindparam(name)


READ_POSTING = Statement(
    select(
        Posting.ticket_id,
        Posting.kind,
        Posting.cause,
        Posting.reversal_of,
        Posting.booked_at,
        Posting.basis,
        Posting.lines,
    ).where(Posting.id == _p("id"), Posting.workspace_id == _p("workspace"))
)
FIND_ENTRY = Statement(
    select(Posting.id, Posting.lines).where(Posting.id == _p("id"), Posting.workspace_id == _p("workspace"))
)
LINE_COLUMNS = (
    "account",
    "party_kind",
    "party_id",
    "amount",
    "currency",
    "component",
    "counter",
    "tariff_id",
    "tariff_revision",
    "row",
    "tier",
    "inputs",
    "formula",
)
"""What is a line's own; the rest it has of its posting."""
READ_LINES = Statement(
    select(
        *(LedgerLine.__table__.c[name] for name in LINE_COLUMNS),
        LedgerLine.ticket_id,
        LedgerLine.workflow_id,
        LedgerLine.region_id,
        LedgerLine.region_path,
        LedgerLine.period,
        LedgerLine.earned_period,
    )
    .where(LedgerLine.posting_id == _p("posting"), LedgerLine.workspace_id == _p("workspace"))
    .order_by(LedgerLine.id)
)
READ_REVISION = Statement(
    select(TariffRevision.id, TariffRevision.document, Tariff.key)
    .join(Tariff, Tariff.id == TariffRevision.tariff_id)
    .where(
        TariffRevision.tariff_id == _p("tariff"),
        TariffRevision.revision == _p("revision"),
        TariffRevision.workspace_id == _p("workspace"),
    )
)
REVISION_AT = Statement(
    select(TariffRevision.revision)
    .where(
        TariffRevision.tariff_id == _p("tariff"),
        TariffRevision.workspace_id == _p("workspace"),
        TariffRevision.effective_from <= _p("moment"),
    )
    .order_by(TariffRevision.effective_from.desc(), TariffRevision.revision.desc())
    .limit(1)
)
LAST_REVISION_BOOKED = Statement(
    select(LedgerLine.tariff_revision)
    .where(
        LedgerLine.workspace_id == _p("workspace"),
        LedgerLine.party_kind == _p("kind"),
        LedgerLine.party_id == _p("party"),
        LedgerLine.tariff_id == _p("tariff"),
        LedgerLine.row == _p("row"),
    )
    .order_by(LedgerLine.booked_at.desc(), LedgerLine.id.desc())
    .limit(1)
)
"""For sums that were gathered before the revision they stand under was kept beside them."""
TICKET_POSTINGS = Statement(
    select(Posting.id, Posting.kind, Posting.cause, Posting.reversal_of)
    .where(Posting.ticket_id == _p("ticket"), Posting.workspace_id == _p("workspace"))
    .order_by(Posting.booked_at, Posting.id)
)
ZONE_OF_REGION = Statement(
    select(Region.zone).where(Region.id == _p("region"), Region.workspace_id == _p("workspace"))
)
