"""Tariffs and their revisions.

A revision is checked before it is stored, takes effect now or later, and never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.contracts.common import Text
from backend.db.models import Tariff as TariffRecord
from backend.db.models import TariffRevision
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotAllowed, NotFound, invalid_field
from backend.features.settlement.checking import (
    check_document,
    present_findings,
    present_words,
    require_valid,
)
from backend.features.settlement.naming import list_regions
from backend.runtime.audit import append

TOLERANCE = timedelta(minutes=2)
"""A moment that a person chose as "now" has passed by the time it arrives; within this it counts as now."""


# --- reading ---


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
        select(TariffRecord, TariffRevision)
        .join(newest, newest.c.tariff_id == TariffRecord.id)
        .join(
            TariffRevision,
            (TariffRevision.tariff_id == TariffRecord.id) & (TariffRevision.revision == newest.c.revision),
        )
        .where(TariffRecord.workspace_id == actor.workspace_id)
        .order_by(TariffRecord.key)
    )
    current = (await session.execute(select_in_force(actor.workspace_id, now))).all()
    in_force = {record.id: revision.revision for record, revision in current}
    return [
        wire.TariffItem(
            id=record.id,
            key=record.key,
            name=Text(**record.name),
            current_revision=revision.revision,
            currency=revision.document.get("currency", ""),
            in_force=in_force.get(record.id),
        )
        for record, revision in (await session.execute(statement)).all()
    ]


async def find_tariff(
    session: AsyncSession, actor: Actor, tariff_id: str, *, lock: bool = False
) -> TariffRecord:
    """Raises NotFound."""
    statement = select(TariffRecord).where(
        TariffRecord.workspace_id == actor.workspace_id, TariffRecord.id == tariff_id
    )
    if lock:
        statement = statement.with_for_update()
    record = (await session.execute(statement)).scalar_one_or_none()
    if record is None:
        raise NotFound()
    return record


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
    if number is None:
        return revisions[0]
    found = next((revision for revision in revisions if revision.revision == number), None)
    if found is None:
        raise NotFound("tariff_revision_unknown", params={"revision": number})
    return found


async def describe_tariff(
    session: AsyncSession,
    actor: Actor,
    record: TariffRecord,
    number: int | None,
    *,
    now: datetime,
    locale: str,
) -> wire.TariffDetail:
    """With the document of one revision, its rules in words and what the linter says. Raises NotFound."""
    revisions = await list_revisions(session, record)
    shown = choose_revision(revisions, number)
    current = max(
        (revision for revision in revisions if revision.effective_from <= now),
        key=lambda revision: (revision.effective_from, revision.revision),
        default=None,
    )
    regions = await list_regions(session, actor.workspace_id)
    tariff, findings = check_document(shown.document, regions)
    return wire.TariffDetail(
        id=record.id,
        key=record.key,
        name=Text(**record.name),
        current_revision=revisions[0].revision,
        in_force=current.revision if current else None,
        revisions=[
            wire.TariffRevision(
                revision=revision.revision,
                effective_from=revision.effective_from,
                created_by=revision.created_by,
                note=revision.note,
                created_at=revision.created_at,
                in_force=revision is current,
            )
            for revision in revisions
        ],
        document=shown.document,
        words=present_words(tariff, locale),
        findings=present_findings(findings, locale),
    )


# --- writing ---


def require_writer(actor: Actor) -> None:
    """A tariff holds for the whole workspace, so the right must too. Raises NotAllowed."""
    if not (actor.may("settle", "/") or actor.may("publish", "/")):
        raise NotAllowed()


async def create_tariff(
    session: AsyncSession, actor: Actor, request: wire.CreateTariff, now: datetime
) -> TariffRecord:
    """A tariff with revision 1. Raises Invalid, Conflict (`tariff_key_taken`), NotAllowed."""
    require_writer(actor)
    tariff = await require_valid(session, actor, request.document)
    moment = choose_moment(request.effective_from, now)
    taken = select(TariffRecord.id).where(
        TariffRecord.workspace_id == actor.workspace_id, TariffRecord.key == tariff.key
    )
    if (await session.execute(taken)).first() is not None:
        raise Conflict("tariff_key_taken", params={"key": tariff.key})
    record = TariffRecord(
        id=new_id(),
        workspace_id=actor.workspace_id,
        key=tariff.key,
        name=msgspec.to_builtins(tariff.name),
        created_at=now,
    )
    session.add(record)
    await session.flush()
    await _add_revision(session, actor, record, 1, request, moment=moment, now=now)
    return record


async def revise_tariff(
    session: AsyncSession, actor: Actor, tariff_id: str, request: wire.CreateTariffRevision, now: datetime
) -> TariffRecord:
    """The next revision. Raises NotFound, Conflict (`stale_revision`), Invalid, NotAllowed."""
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    highest = select(func.max(TariffRevision.revision)).where(TariffRevision.tariff_id == record.id)
    newest = (await session.execute(highest)).scalar_one()
    if newest != request.base_revision:
        raise Conflict("stale_revision", extras={"current_revision": newest})
    tariff = await require_valid(session, actor, request.document, record.key)
    moment = choose_moment(request.effective_from, now)
    record.name = msgspec.to_builtins(tariff.name)
    await _add_revision(session, actor, record, newest + 1, request, moment=moment, now=now)
    return record


def choose_moment(wanted: datetime | None, now: datetime) -> datetime:
    """When a revision takes effect: never before now, so that no ticket is priced by what nobody could
    know.
    """
    if wanted is None:
        return now
    if wanted.tzinfo is None or wanted < now - TOLERANCE:
        raise invalid_field("/effective_from", "effective_in_past")
    return max(wanted, now)


async def _add_revision(
    session: AsyncSession,
    actor: Actor,
    record: TariffRecord,
    number: int,
    request: wire.CreateTariff | wire.CreateTariffRevision,
    *,
    moment: datetime,
    now: datetime,
) -> None:
    session.add(
        TariffRevision(
            id=new_id(),
            workspace_id=actor.workspace_id,
            tariff_id=record.id,
            revision=number,
            document=request.document,
            effective_from=moment,
            note=request.note.strip(),
            created_at=now,
            created_by=actor.member_id,
        )
    )
    await session.flush()
    detail = {"key": record.key, "revision": number, "effective_from": moment.isoformat()}
    await append(
        session, actor.workspace_id, actor.member_id, "tariff.revised", f"tariff:{record.id}", detail
    )
    announce(session, actor.workspace_id, "settlement", "tariffs")
