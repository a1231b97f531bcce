"""All statements of a period in one ZIP, made and sent party by party, so that memory stays small."""

from __future__ import annotations

import asyncio
import re
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import date

import msgspec

from backend.contracts import statements as wire
from backend.contracts.settlement import Party
from backend.db.session import Database
from backend.features.settlement.exporting import write_amount
from backend.features.settlement.workbooks import write_csv
from backend.features.statements.composing import compose
from backend.features.statements.drawing import draw_pdf, write_workbook
from backend.features.statements.queries import Scope
from backend.messages import render

MOST_PARTIES = 2_000
MOST_ON_PAPER = 3_000
"""Lines in a PDF; a spreadsheet takes more."""
MOST_IN_WORKBOOK = 200_000
_NOT_IN_NAMES = re.compile(r"[^\w-]+")


class _Sink:
    """What the archive writes, until it is taken. Cannot be rewound, so the archive never looks back."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keeps a copy: the archive hands out buffers."""
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """Everything since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


async def pack(
    database: Database, scope: Scope, parties: Sequence[wire.StatementItem], period: str, locale: str
) -> AsyncIterator[bytes]:
    """A contents table, then each party's PDF and XLSX. Entries carry the first day of the period as their
    time, so that the same books give the same archive."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        contents: list[list[str]] = [
            [
                render(f"column_{name}", {}, locale)
                for name in ("party_kind", "party", "currency", "amount", "line")
            ]
            + [render("statement_hash", {}, locale)]
        ]
        for at, party in enumerate(_each_once(parties), start=1):
            async with database.reading() as session:
                chosen = (party.kind, party.id)
                statement = await compose(
                    session, scope, chosen, period, most=MOST_IN_WORKBOOK, locale=locale
                )
            name = f"{at:04d}-{_NOT_IN_NAMES.sub('_', party.name)[:60]}"
            pdf, xlsx = await asyncio.to_thread(_draw, statement, locale)
            for content, ending in ((pdf, "pdf"), (xlsx, "xlsx")):
                archive.writestr(_entry(f"{name}.{ending}", statement.period.starts_on), content)
            contents += _list_sums(statement, party, locale)
            yield sink.take()
        table = write_csv(contents, frozenset({3, 4}))
        first = statement.period.starts_on if parties else date(2000, 1, 1)
        archive.writestr(_entry(f"{render('statement_index', {}, locale)}.csv", first), table)
    yield sink.take()


def _each_once(items: Sequence[wire.StatementItem]) -> list[Party]:
    """A party has an item for each currency, and one statement."""
    return list({(item.party.kind, item.party.id): item.party for item in items}.values())


def _list_sums(statement: wire.Statement, party: Party, locale: str) -> list[list[str]]:
    kind = render(f"kind_{party.kind}", {}, locale)
    return [
        [
            kind,
            party.name,
            each.currency,
            write_amount(each.received + each.borne, each.currency),
            str(statement.lines),
            statement.hash,
        ]
        for each in statement.balances
    ]


def _entry(name: str, day: date) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _draw(statement: wire.Statement, locale: str) -> tuple[bytes, bytes]:
    return draw_pdf(shorten(statement), locale), write_workbook(statement, locale)


def shorten(statement: wire.Statement) -> wire.Statement:
    """As many lines as paper bears; what is left out is said there."""
    left = MOST_ON_PAPER
    days = []
    for day in statement.days:
        tickets = []
        for ticket in day.tickets:
            if left > 0:
                tickets.append(ticket)
                left -= len(ticket.lines)
        if tickets:
            days.append(msgspec.structs.replace(day, tickets=tickets))
    corrections, late = statement.corrections[:MOST_ON_PAPER], statement.late[:MOST_ON_PAPER]
    kept = sum(len(ticket.lines) for day in days for ticket in day.tickets) + len(corrections) + len(late)
    return msgspec.structs.replace(
        statement, days=days, corrections=corrections, late=late, omitted=statement.lines - kept
    )
