"""Revisions of tariffs: checked before they are stored, in force now or later, never changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as wire
from backend.db.models import Tariff as TariffRecord
from backend.db.models import TariffDraft, TariffRevision
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.features.settlement.approvers import needs_two, require_writer
from backend.features.settlement.checking import require_valid
from backend.runtime.audit import append

TOLERANCE = timedelta(minutes=2)
"""A moment that a person chose as "now" has passed by the time it arrives; within this it counts as now."""


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


async def find_newest(session: AsyncSession, record: TariffRecord) -> int:
    """Number of the newest revision; 0 for a tariff that waits for its first approval."""
    highest = select(func.max(TariffRevision.revision)).where(TariffRevision.tariff_id == record.id)
    return (await session.execute(highest)).scalar_one() or 0


async def create_tariff(
    session: AsyncSession, actor: Actor, request: wire.CreateTariff, now: datetime
) -> TariffRecord:
    """A tariff with revision 1, or with a draft where a revision needs a second person. Raises Invalid,
    Conflict (`tariff_key_taken`), NotAllowed."""
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
    if await needs_two(session, actor.workspace_id):
        await _begin_draft(session, actor, record, request, now)
    else:
        await add_revision(session, actor, record, 1, request, moment=moment, now=now)
    return record


async def _begin_draft(
    session: AsyncSession, actor: Actor, record: TariffRecord, request: wire.CreateTariff, now: datetime
) -> None:
    """Where a second person is needed, a new tariff is a draft until it is approved."""
    draft = TariffDraft(
        tariff_id=record.id,
        workspace_id=record.workspace_id,
        document=request.document,
        base_revision=0,
        authors=[actor.member_id],
        note=request.note.strip(),
        updated_at=now,
        updated_by=actor.member_id,
    )
    session.add(draft)
    await session.flush()
    subject = f"tariff:{record.id}"
    await append(session, actor.workspace_id, actor.member_id, "tariff.drafted", subject, {"key": record.key})
    announce(session, actor.workspace_id, "tariffs")


async def revise_tariff(
    session: AsyncSession, actor: Actor, tariff_id: str, request: wire.CreateTariffRevision, now: datetime
) -> TariffRecord:
    """The next revision. Raises NotFound, Conflict (`stale_revision`, `tariff_needs_approval`), Invalid,
    NotAllowed."""
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    if await needs_two(session, actor.workspace_id):
        raise Conflict("tariff_needs_approval")
    newest = await find_newest(session, record)
    if newest != request.base_revision:
        raise Conflict("stale_revision", extras={"current_revision": newest})
    await require_valid(session, actor, request.document, record.key)
    moment = choose_moment(request.effective_from, now)
    await add_revision(session, actor, record, newest + 1, request, moment=moment, now=now)
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


async def add_revision(
    session: AsyncSession,
    actor: Actor,
    record: TariffRecord,
    number: int,
    request: wire.CreateTariff | wire.CreateTariffRevision,
    *,
    moment: datetime,
    now: datetime,
    created_by: str | None = None,
    approved_by: str | None = None,
) -> None:
    """Stores a document that was checked; the tariff takes its name."""
    record.name = dict(request.document["name"])
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
            created_by=created_by or actor.member_id,
            approved_by=approved_by,
        )
    )
    await session.flush()
    detail = {"key": record.key, "revision": number, "effective_from": moment.isoformat()}
    await append(
        session, actor.workspace_id, actor.member_id, "tariff.revised", f"tariff:{record.id}", detail
    )
    announce(session, actor.workspace_id, "settlement", "tariffs")
