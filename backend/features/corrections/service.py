"""The steps of a tariff that is to hold from a moment in the past."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import corrections as wire
from backend.contracts.settlement import CreateTariffRevision
from backend.db.models import Correction, Tariff, TariffRevision
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.corrections.queries import find_correction
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotFound, invalid_field
from backend.features.settlement.approvers import needs_two, require_writer
from backend.features.settlement.checking import require_valid
from backend.features.settlement.revisions import add_revision, find_newest
from backend.runtime.audit import append
from backend.runtime.books.retroactive import list_moments


async def propose(
    session: AsyncSession, actor: Actor, request: wire.ProposeRetroactive, now: datetime
) -> Correction:
    """Nothing is booked by it. Raises NotFound, Invalid, Conflict (`stale_revision`), NotAllowed."""
    require_writer(actor)
    actor.require("settle", "/")
    tariff = await _find_tariff(session, actor, request.tariff_id)
    newest = await find_newest(session, tariff)
    if newest != request.base_revision:
        raise Conflict("stale_revision", extras={"current_revision": newest})
    await require_valid(session, actor, request.document, tariff.key)
    moment = request.effective_from
    if moment.tzinfo is None or moment >= now:
        raise invalid_field("/effective_from", "effective_not_past")
    correction = Correction(
        id=new_id(),
        workspace_id=actor.workspace_id,
        kind="retroactive",
        state="previewing",
        reason=request.note.strip(),
        note=request.note.strip(),
        tariff_id=tariff.id,
        document=request.document,
        base_revision=newest,
        effective_from=moment.astimezone(UTC),
        total=0,
        done=0,
        position={},
        report={},
        created_at=now,
        created_by=actor.member_id,
    )
    session.add(correction)
    await session.flush()
    await _record(session, actor, correction, "proposed")
    return correction


async def start(
    session: AsyncSession, actor: Actor, correction_id: str, reason: str, now: datetime
) -> Correction:
    """The revision comes to be, and the run begins. Raises NotFound, NotAllowed, Conflict
    (`correction_step_refused`, `stale_correction`, `tariff_needs_approval`)."""
    require_writer(actor)
    actor.require("settle", "/")
    correction = await _find(session, actor, correction_id, "ready")
    if await needs_two(session, actor.workspace_id) and correction.created_by == actor.member_id:
        raise Conflict("tariff_needs_approval")
    assert correction.tariff_id and correction.document and correction.effective_from
    tariff = await _find_tariff(session, actor, correction.tariff_id, lock=True)
    newest = await find_newest(session, tariff)
    if newest != correction.base_revision:
        raise Conflict("stale_correction")
    request = CreateTariffRevision(
        document=correction.document, base_revision=newest, note=correction.note or reason
    )
    known = select(TariffRevision.effective_from).where(TariffRevision.tariff_id == tariff.id)
    moments = (await session.execute(known)).scalars().all()
    for at, moment in enumerate(list_moments(moments, correction.effective_from, now), 1):
        await add_revision(
            session,
            actor,
            tariff,
            newest + at,
            request,
            moment=moment,
            now=now,
            created_by=correction.created_by,
        )
    correction.revision = newest + 1
    correction.reason = reason.strip()
    correction.state, correction.started_at, correction.started_by = "running", now, actor.member_id
    await _record(session, actor, correction, "started")
    return correction


async def stop(session: AsyncSession, actor: Actor, correction_id: str) -> Correction:
    """Between two tickets; what is booked stays. Raises NotFound, Conflict (`correction_step_refused`)."""
    correction = await _find(session, actor, correction_id, "running")
    correction.state = "stopped"
    await _record(session, actor, correction, "stopped")
    return correction


async def resume(session: AsyncSession, actor: Actor, correction_id: str) -> Correction:
    """Goes on where it stood. Raises NotFound, Conflict (`correction_step_refused`)."""
    correction = await _find(session, actor, correction_id, "stopped")
    correction.state, correction.error = "running", None
    await _record(session, actor, correction, "resumed")
    return correction


async def discard(session: AsyncSession, actor: Actor, correction_id: str) -> Correction:
    """A preview that comes to nothing. Raises NotFound, Conflict (`correction_step_refused`)."""
    correction = await _find(session, actor, correction_id, "previewing", "ready", "failed")
    correction.state = "discarded"
    await _record(session, actor, correction, "discarded")
    return correction


async def _find(session: AsyncSession, actor: Actor, correction_id: str, *states: str) -> Correction:
    correction = await find_correction(session, actor, correction_id, lock=True)
    actor.require("settle", "/")
    if correction.kind != "retroactive" or correction.state not in states:
        raise Conflict("correction_step_refused", extras={"state": correction.state})
    return correction


async def _find_tariff(session: AsyncSession, actor: Actor, tariff_id: str, *, lock: bool = False) -> Tariff:
    statement = select(Tariff).where(Tariff.id == tariff_id, Tariff.workspace_id == actor.workspace_id)
    if lock:
        statement = statement.with_for_update()
    tariff: Tariff | None = (await session.execute(statement)).scalar_one_or_none()
    if tariff is None:
        raise NotFound()
    return tariff


async def _record(session: AsyncSession, actor: Actor, correction: Correction, step: str) -> None:
    detail = {"tariff": correction.tariff_id, "revision": correction.revision, "reason": correction.reason}
    subject = f"correction:{correction.id}"
    await append(session, actor.workspace_id, actor.member_id, f"correction.{step}", subject, detail)
    announce(session, actor.workspace_id, f"correction:{correction.id}", "settlement")
