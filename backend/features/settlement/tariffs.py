"""Reading tariffs: the list, one with its revisions and its draft, and its documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts import tariff_drafts as drafts
from backend.contracts.common import Reference, Text
from backend.db.models import Tariff as TariffRecord
from backend.db.models import TariffDraft, TariffRevision
from backend.features.platform.actor import Actor
from backend.features.platform.errors import NotFound
from backend.features.settlement.approvers import may_write, needs_two
from backend.features.settlement.checking import check_document, present_findings, present_words
from backend.features.settlement.knowledge import load_known
from backend.features.settlement.naming import list_regions, map_members


def select_in_force(workspace_id: str, now: datetime) -> Select[TariffRecord, TariffRevision]:
    """Every tariff with the revision that books now; the latest effective wins, then the higher number."""
    ranked = (
        select(
            TariffRevision.id,
            func.row_number()
            .over(
                partition_by=TariffRevision.tariff_id,
                order_by=(TariffRevision.effective_from.desc(), TariffRevision.revision.desc()),
            )
            .label("place"),
        )
        .where(TariffRevision.workspace_id == workspace_id, TariffRevision.effective_from <= now)
        .subquery()
    )
    return (
        select(TariffRecord, TariffRevision)
        .join(TariffRevision, TariffRevision.tariff_id == TariffRecord.id)
        .join(ranked, ranked.c.id == TariffRevision.id)
        .where(TariffRecord.workspace_id == workspace_id, ranked.c.place == 1)
    )


async def list_tariffs(session: AsyncSession, actor: Actor, now: datetime) -> list[wire.TariffItem]:
    """By key."""
    newest = (
        select(TariffRevision.tariff_id, func.max(TariffRevision.revision).label("revision"))
        .where(TariffRevision.workspace_id == actor.workspace_id)
        .group_by(TariffRevision.tariff_id)
        .subquery()
    )
    statement = (
        select(TariffRecord, TariffRevision, TariffDraft)
        .outerjoin(newest, newest.c.tariff_id == TariffRecord.id)
        .outerjoin(
            TariffRevision,
            (TariffRevision.tariff_id == TariffRecord.id) & (TariffRevision.revision == newest.c.revision),
        )
        .outerjoin(TariffDraft, TariffDraft.tariff_id == TariffRecord.id)
        .where(TariffRecord.workspace_id == actor.workspace_id)
        .order_by(TariffRecord.key)
    )
    current = (await session.execute(select_in_force(actor.workspace_id, now))).all()
    in_force = {record.id: revision.revision for record, revision in current}
    rows = (await session.execute(statement)).all()
    return [_present_item(*row, in_force.get(row[0].id)) for row in rows]


def _present_item(
    record: TariffRecord, revision: TariffRevision | None, draft: TariffDraft | None, in_force: int | None
) -> wire.TariffItem:
    source = draft if revision is None else revision
    return wire.TariffItem(
        id=record.id,
        key=record.key,
        name=Text(**record.name),
        current_revision=revision.revision if revision is not None else 0,
        currency=str(source.document.get("currency", "")) if source is not None else "",
        in_force=in_force,
        draft=draft.state if draft is not None else None,
    )


async def list_revisions(session: AsyncSession, record: TariffRecord) -> list[TariffRevision]:
    """Newest first."""
    statement = (
        select(TariffRevision)
        .where(TariffRevision.tariff_id == record.id)
        .order_by(TariffRevision.revision.desc())
    )
    return list((await session.execute(statement)).scalars())


def choose_revision(revisions: Sequence[TariffRevision], number: int | None) -> TariffRevision:
    """The newest, or the one of this number. Raises NotFound."""
    if number is None and revisions:
        return revisions[0]
    found = next((revision for revision in revisions if revision.revision == number), None)
    if found is None:
        raise NotFound("tariff_revision_unknown", params={"revision": number or 0})
    return found


async def read_document(
    session: AsyncSession, record: TariffRecord, number: int | None, *, drafted: bool = False
) -> dict[str, Any]:
    """Of a revision, without a number of the newest one; of the draft, where it is preferred (`drafted`) or
    there is nothing else. Raises NotFound."""
    draft = await session.get(TariffDraft, record.id)
    revisions = await list_revisions(session, record)
    if draft is not None and number is None and (drafted or not revisions):
        return draft.document
    return choose_revision(revisions, number).document


async def describe_tariff(
    session: AsyncSession,
    actor: Actor,
    record: TariffRecord,
    number: int | None,
    *,
    now: datetime,
    locale: str,
) -> wire.TariffDetail:
    """With the document of one revision, its rules in words and what the linter says, and with the draft.
    Raises NotFound."""
    revisions = await list_revisions(session, record)
    draft = await session.get(TariffDraft, record.id)
    document = await read_document(session, record, number)
    current = max(
        (revision for revision in revisions if revision.effective_from <= now),
        key=lambda revision: (revision.effective_from, revision.revision),
        default=None,
    )
    regions = await list_regions(session, actor.workspace_id)
    known = await load_known(session, actor.workspace_id, record.key)
    tariff, findings = check_document(document, regions, known=known)
    four_eyes = await needs_two(session, actor.workspace_id)
    newest = revisions[0].revision if revisions else 0
    people = {person for each in revisions for person in (each.created_by, each.approved_by)}
    names = await map_members(session, actor.workspace_id, _known(people) | _people_of(draft))
    return wire.TariffDetail(
        id=record.id,
        key=record.key,
        name=Text(**record.name),
        current_revision=newest,
        in_force=current.revision if current else None,
        revisions=[_present_revision(each, names, in_force=each is current) for each in revisions],
        document=document,
        words=present_words(tariff, locale),
        findings=present_findings(findings, locale, document),
        draft=present_draft(actor, draft, names, newest, four_eyes=four_eyes) if draft else None,
        four_eyes=four_eyes,
    )


def _present_revision(
    revision: TariffRevision, names: dict[str, str], *, in_force: bool
) -> wire.TariffRevision:
    return wire.TariffRevision(
        revision=revision.revision,
        effective_from=revision.effective_from,
        created_by=revision.created_by,
        note=revision.note,
        created_at=revision.created_at,
        in_force=in_force,
        author=names.get(revision.created_by or "", ""),
        approved_by=_refer(revision.approved_by, names),
    )


def _refer(member: str | None, names: dict[str, str]) -> Reference | None:
    return Reference(id=member, name=names.get(member, "")) if member else None


def _people_of(draft: TariffDraft | None) -> set[str]:
    if draft is None:
        return set()
    return _known((*draft.authors, draft.updated_by, draft.submitted_by, draft.rejected_by))


def _known(members: Iterable[str | None]) -> set[str]:
    return {member for member in members if member is not None}


def present_draft(
    actor: Actor, draft: TariffDraft, names: dict[str, str], newest: int, *, four_eyes: bool
) -> drafts.TariffDraft:
    """As the reader sees it; `names` of everybody who had to do with it."""
    writes = may_write(actor)
    return drafts.TariffDraft(
        document=draft.document,
        base_revision=draft.base_revision,
        etag=draft.etag,
        state=draft.state,
        updated_at=draft.updated_at,
        updated_by=Reference(id=draft.updated_by, name=names.get(draft.updated_by, "")),
        authors=[Reference(id=member, name=names.get(member, "")) for member in draft.authors],
        note=draft.note,
        effective_from=draft.effective_from,
        submitted_at=draft.submitted_at,
        submitted_by=_refer(draft.submitted_by, names),
        comment=draft.comment,
        rejected_at=draft.rejected_at,
        rejected_by=_refer(draft.rejected_by, names),
        stale=draft.base_revision != newest,
        may_approve=writes
        and draft.state == "submitted"
        and actor.member_id not in {*draft.authors, draft.submitted_by},
        may_publish=writes and not four_eyes,
    )


async def show_draft(
    session: AsyncSession, actor: Actor, record: TariffRecord, newest: int, locale: str
) -> drafts.SavedDraft:
    """The stored draft with what the linter says. Raises NotFound (`tariff_draft_missing`)."""
    draft = await session.get(TariffDraft, record.id)
    if draft is None:
        raise NotFound("tariff_draft_missing")
    names = await map_members(session, actor.workspace_id, _people_of(draft))
    regions = await list_regions(session, actor.workspace_id)
    known = await load_known(session, actor.workspace_id, record.key)
    tariff, findings = check_document(draft.document, regions, record.key, known)
    four_eyes = await needs_two(session, actor.workspace_id)
    return drafts.SavedDraft(
        draft=present_draft(actor, draft, names, newest, four_eyes=four_eyes),
        findings=present_findings(findings, locale, draft.document),
        words=present_words(tariff, locale),
    )
