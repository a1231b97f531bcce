"""What the ids and keys on booked lines are called, read once for a page of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts.common import Text
from backend.db.models import LedgerLine, Member, Posting, Region, TariffRevision, Ticket, Workflow, Workspace
from backend.db.models import Tariff as TariffRecord
from backend.features.settlement.codes import Choices, load_choices
from backend.messages import knows, render
from backend.runtime.books.identity import derive_reversal_id
from backend.settlement.tariff import Phrase, Tariff
from backend.settlement.words import describe_row


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """By id; `regions` by id and `region_keys` by key; `tariffs` by (id, revision); `departments` by key."""

    tickets: Mapping[str, str] = {}
    workflows: Mapping[str, Text] = {}
    members: Mapping[str, str] = {}
    regions: Mapping[str, Region] = {}
    region_keys: Mapping[str, Region] = {}
    reversals: Mapping[str, str] = {}
    kinds: Mapping[str, str] = {}
    """Of postings that are no plain booking."""
    reasons: Mapping[str, tuple[str, str | None]] = {}
    """Of corrections, by posting: why, and who."""
    reversed_by: Mapping[str, str] = {}
    """Of postings that were taken back: the one that did."""
    tariff_keys: Mapping[str, str] = {}
    tariffs: Mapping[tuple[str, int], Tariff] = {}
    departments: Mapping[str, Mapping[str, str]] = {}
    choices: Mapping[str, Choices] = {}
    """By workflow."""


async def load_names(
    session: AsyncSession, workspace_id: str, rows: Sequence[LedgerLine], regions: Iterable[Region]
) -> Names:
    """Everything these lines name."""
    known = list(regions)
    tickets = await _pairs(session, Ticket.id, Ticket.number, {row.ticket_id for row in rows})
    services = await _pairs(session, Workflow.id, Workflow.name, {row.workflow_id for row in rows})
    keys = await _pairs(session, TariffRecord.id, TariffRecord.key, {row.tariff_id for row in rows})
    people = {row.party_id for row in rows if row.party_kind == "member"}
    postings = await _load_postings(session, {row.posting_id for row in rows})
    people |= {row.booked_by for row in postings if row.booked_by is not None}
    return Names(
        tickets=tickets,
        workflows={key: Text(**name) for key, name in services.items()},
        members=await map_members(session, workspace_id, people),
        regions={region.id: region for region in known},
        region_keys={region.key: region for region in known},
        reversals={row.id: row.reversal_of for row in postings if row.reversal_of is not None},
        kinds={row.id: row.kind for row in postings},
        reasons={row.id: (row.reason, row.booked_by) for row in postings if row.reason or row.booked_by},
        reversed_by=await find_reversals(session, {row.posting_id for row in rows}),
        tariff_keys=keys,
        tariffs=await load_tariffs(
            session,
            {
                (row.tariff_id, row.tariff_revision)
                for row in rows
                if row.tariff_id is not None and row.tariff_revision is not None
            },
        ),
        departments=await load_departments(session, workspace_id),
        choices=await load_choices(session, {row.workflow_id for row in rows if row.workflow_id}),
    )


async def _load_postings(session: AsyncSession, ids: set[str]) -> Sequence[Any]:
    columns = (Posting.id, Posting.reversal_of, Posting.kind, Posting.reason, Posting.booked_by)
    return (await session.execute(select(*columns).where(Posting.id.in_(ids)))).all()


async def find_reversals(session: AsyncSession, postings: set[str]) -> dict[str, str]:
    """Posting -> the one that took it back; a reversal's id follows from what it takes back."""
    derived = {derive_reversal_id(posting): posting for posting in postings}
    found = (await session.execute(select(Posting.id).where(Posting.id.in_(list(derived))))).scalars()
    return {derived[reversal]: reversal for reversal in found}


async def _pairs(session: AsyncSession, key: Any, value: Any, ids: set[Any]) -> dict[str, Any]:
    wanted = {item for item in ids if item}
    if not wanted:
        return {}
    return {
        row[0]: row[1] for row in (await session.execute(select(key, value).where(key.in_(wanted)))).all()
    }


async def map_members(session: AsyncSession, workspace_id: str, ids: set[str]) -> dict[str, str]:
    """Names of members by id, also of those who left."""
    if not ids:
        return {}
    statement = select(Member.id, Member.name).where(Member.workspace_id == workspace_id, Member.id.in_(ids))
    return {member_id: name for member_id, name in (await session.execute(statement)).all()}


async def load_departments(session: AsyncSession, workspace_id: str) -> Mapping[str, Mapping[str, str]]:
    """What the workspace calls its departments, by key."""
    statement = select(Workspace.settings).where(Workspace.id == workspace_id)
    settings = (await session.execute(statement)).scalar_one_or_none() or {}
    return settings.get("departments") or {}


async def list_regions(session: AsyncSession, workspace_id: str) -> list[Region]:
    """The workspace's tree, parents before children."""
    statement = select(Region).where(Region.workspace_id == workspace_id).order_by(Region.path)
    return list((await session.execute(statement)).scalars())


async def load_tariffs(session: AsyncSession, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], Tariff]:
    """Stored revisions were checked when they were made, so they are only decoded here."""
    if not wanted:
        return {}
    statement = select(TariffRevision).where(
        tuple_(TariffRevision.tariff_id, TariffRevision.revision).in_(wanted)
    )
    found = (await session.execute(statement)).scalars()
    return {(row.tariff_id, row.revision): msgspec.convert(row.document, Tariff) for row in found}


def name_region(names: Names, region_id: str | None) -> list[Text]:
    """From the root to the region."""
    path: list[Text] = []
    region = names.regions.get(region_id or "")
    while region is not None:
        path.append(Text(**region.name))
        region = names.regions.get(region.parent_id or "")
    return path[::-1]


def name_party(names: Names, kind: str, key: str, locale: str) -> str:
    """A person by name; a region, department, partner or account with the word that says what it is."""
    if kind == "member":
        return names.members.get(key, key)
    if kind == "account" and knows(f"account_{key}"):
        return render(f"account_{key}", {}, locale)
    region = names.region_keys.get(key) if kind == "region" else None
    department = names.departments.get(key) if kind == "department" else None
    return render(f"party_{kind}", {"name": region.name if region else department or key}, locale)


def name_rule(tariff: Tariff | None, row_id: str) -> dict[str, Text | None]:
    """What people call the table and its row, as `TariffUsed` carries it."""
    if tariff is None:
        return {"name": None, "row_name": None}
    row = next((row for row in tariff.rows if row.id == row_id), None)
    row_name = row.name if row else None
    return {
        "name": Text(tariff.name.zh, tariff.name.en),
        "row_name": Text(row_name.zh, row_name.en) if row_name else None,
    }


def describe_rule(tariff: Tariff, row_id: str, locale: str) -> str:
    """The rule of a row in words; empty when the row is not in the table."""
    row = next((row for row in tariff.rows if row.id == row_id), None)
    return join_phrases(describe_row(tariff, row), locale) if row else ""


def join_phrases(phrases: Iterable[Phrase], locale: str) -> str:
    """Sentences in a row; one that ends with a colon introduces the next."""
    text = ""
    for phrase in phrases:
        if text:
            introduced = text.endswith(("：", ":"))
            text += ("" if locale == "zh" else " ") if introduced else ("；" if locale == "zh" else "; ")
        text += render(phrase.code, phrase.params, locale)
    return text


def pick_text(text: Any, locale: str) -> str:
    """A label in the reader's language, else in the other: of the wire, or of a tariff."""
    return str((text.zh or text.en) if locale == "zh" else (text.en or text.zh))
