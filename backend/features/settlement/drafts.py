"""The one draft of a tariff: saved, submitted, approved by somebody else or sent back.

A draft may hold errors while it is edited; only a document without any is submitted. Who edited it since its
base, or submitted it, cannot approve it. Every write names the `etag` that its author saw, so nobody
approves or overwrites what they have not looked at.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as money
from backend.contracts import tariff_drafts as wire
from backend.db.models import Tariff, TariffDraft, TariffRevision
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, NotAllowed, NotFound, invalid_field
from backend.features.settlement.approvers import (
    list_approvers,
    needs_two,
    require_writer,
    tell,
)
from backend.features.settlement.checking import require_valid
from backend.features.settlement.revisions import (
    add_revision,
    choose_moment,
    find_newest,
    find_tariff,
)
from backend.runtime.audit import append
from backend.settlement.document import MAX_ROWS
from backend.settlement.tariff import FORMAT


async def find_draft(
    session: AsyncSession, record: Tariff, etag: str | None, *, state: str | None = None
) -> TariffDraft:
    """Raises NotFound, Conflict (`stale_draft` when it is not the one that was seen, or
    `tariff_draft_<state>` when it is not in the state that is needed)."""
    draft = await session.get(TariffDraft, record.id, with_for_update=True)
    if draft is None:
        raise NotFound("tariff_draft_missing")
    if draft.etag != etag:
        raise _stale(draft)
    if state is not None and draft.state != state:
        raise Conflict(f"tariff_draft_{draft.state}")
    return draft


def _stale(draft: TariffDraft) -> Conflict:
    extras = {
        "current_etag": draft.etag,
        "updated_by": draft.updated_by,
        "updated_at": draft.updated_at.isoformat(),
    }
    return Conflict("stale_draft", extras=extras)


async def save_draft(
    session: AsyncSession, actor: Actor, tariff_id: str, request: wire.SaveDraft, now: datetime
) -> Tariff:
    """Raises NotFound, NotAllowed, Conflict (`stale_draft`, `stale_revision`, `tariff_draft_submitted`),
    Invalid for what is not even shaped like a tariff."""
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    _check_shape(record, request.document)
    newest = await find_newest(session, record)
    draft = await session.get(TariffDraft, record.id, with_for_update=True)
    if draft is None:
        if request.etag is not None:
            raise Conflict("tariff_draft_gone", extras={"current_revision": newest})
        if request.base_revision != newest:
            raise Conflict("stale_revision", extras={"current_revision": newest})
        draft = TariffDraft(
            tariff_id=record.id,
            workspace_id=record.workspace_id,
            authors=[],
            state="editing",
            note="",
            comment="",
        )
        session.add(draft)
    else:
        if draft.etag != request.etag:
            raise _stale(draft)
        if draft.state == "submitted":
            raise Conflict("tariff_draft_submitted")
        if request.base_revision not in {draft.base_revision, newest}:
            raise Conflict("stale_revision", extras={"current_revision": newest})
    draft.document = request.document
    draft.base_revision = request.base_revision
    if actor.member_id not in draft.authors:
        draft.authors = [*draft.authors, actor.member_id]
    _touch(session, actor, draft, now)
    await session.flush()
    return record


def _check_shape(record: Tariff, document: dict[str, Any]) -> None:
    """What every reader of a draft relies on; everything else the linter says while it is edited."""
    rows = document.get("rows")
    if document.get("format") != FORMAT:
        raise invalid_field("/document/format", "tariff.format_unknown")
    if document.get("key") != record.key:
        raise invalid_field("/document/key", "tariff.key_changed", key=record.key)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise invalid_field("/document/rows", "tariff.rows_missing")
    if len(rows) > MAX_ROWS:
        raise invalid_field("/document/rows", "tariff.rows_too_many", limit=MAX_ROWS)


def _touch(session: AsyncSession, actor: Actor, draft: TariffDraft, now: datetime) -> None:
    draft.etag = new_id()
    draft.updated_at, draft.updated_by = now, actor.member_id
    announce(session, draft.workspace_id, "tariffs")


async def drop_draft(session: AsyncSession, actor: Actor, tariff_id: str, etag: str | None) -> None:
    """`etag` null drops whatever there is. Raises NotFound, NotAllowed, Conflict (`stale_draft`,
    `tariff_draft_needed` when the tariff has nothing else)."""
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    draft = await session.get(TariffDraft, record.id, with_for_update=True)
    if draft is None:
        raise NotFound("tariff_draft_missing")
    if etag is not None and draft.etag != etag:
        raise _stale(draft)
    if await find_newest(session, record) == 0:
        raise Conflict("tariff_draft_needed")
    await session.delete(draft)
    await _log(session, actor, "tariff.draft_dropped", record, {"base_revision": draft.base_revision})
    announce(session, actor.workspace_id, "tariffs")


# --- submission ---


async def submit_draft(
    session: AsyncSession, actor: Actor, tariff_id: str, request: wire.SubmitDraft, now: datetime
) -> Tariff:
    """Hands the draft to a second person; without four eyes it is published at once.

    Raises NotFound, NotAllowed, Invalid (`tariff_refused` with every error at its cell), Conflict
    (`stale_draft`, `stale_revision`, `tariff_draft_submitted`, `nothing_to_publish`, `no_approver`).
    """
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    draft = await find_draft(session, record, request.etag, state="editing")
    await _check_publishable(session, actor, record, draft)
    moment = choose_moment(request.effective_from, now)
    draft.note = request.note.strip()
    if not await needs_two(session, actor.workspace_id):
        await _publish(session, actor, record, draft, moment=moment, approved_by=None, now=now)
        return record
    approvers = await list_approvers(session, actor.workspace_id, {*draft.authors, actor.member_id})
    if not approvers:
        raise Conflict("no_approver")
    draft.state = "submitted"
    draft.effective_from = request.effective_from and moment
    draft.submitted_at, draft.submitted_by = now, actor.member_id
    _touch(session, actor, draft, now)
    await _log(session, actor, "tariff.submitted", record, {"base_revision": draft.base_revision})
    tell(session, approvers, "tariff_submitted", record, {"by": actor.name, "note": draft.note}, now)
    return record


async def _check_publishable(session: AsyncSession, actor: Actor, record: Tariff, draft: TariffDraft) -> None:
    """On the newest revision, different from it, and without an error."""
    newest = await find_newest(session, record)
    if draft.base_revision != newest:
        raise Conflict("stale_base", params={"revision": newest}, extras={"current_revision": newest})
    await require_valid(session, actor, draft.document, record.key)
    statement = select(TariffRevision.document).where(
        TariffRevision.tariff_id == record.id, TariffRevision.revision == newest
    )
    if (await session.execute(statement)).scalar_one_or_none() == draft.document:
        raise Conflict("nothing_to_publish")


async def _publish(
    session: AsyncSession,
    actor: Actor,
    record: Tariff,
    draft: TariffDraft,
    *,
    moment: datetime,
    approved_by: str | None,
    now: datetime,
) -> int:
    number = draft.base_revision + 1
    request = money.CreateTariff(document=draft.document, note=draft.note)
    author = draft.submitted_by or actor.member_id
    await session.delete(draft)
    await add_revision(
        session,
        actor,
        record,
        number,
        request,
        moment=moment,
        now=now,
        created_by=author,
        approved_by=approved_by,
    )
    return number


async def withdraw_submission(session: AsyncSession, actor: Actor, tariff_id: str, now: datetime) -> Tariff:
    """Back to editing, by anybody who may write. Raises NotFound, NotAllowed, Conflict
    (`tariff_draft_editing`)."""
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    draft = await session.get(TariffDraft, record.id, with_for_update=True)
    if draft is None:
        raise NotFound("tariff_draft_missing")
    if draft.state != "submitted":
        raise Conflict("tariff_draft_editing")
    _reopen(draft)
    _touch(session, actor, draft, now)
    await _log(session, actor, "tariff.submission_withdrawn", record, {})
    return record


def _reopen(draft: TariffDraft) -> None:
    draft.state = "editing"
    draft.submitted_at = draft.submitted_by = draft.effective_from = None


# --- the second person ---


async def approve_draft(
    session: AsyncSession, actor: Actor, tariff_id: str, request: wire.ApproveDraft, now: datetime
) -> Tariff:
    """The draft becomes the next revision, from now or from the moment that was submitted.

    Raises NotFound, NotAllowed (`own_tariff_draft` for an author of it), Conflict (`stale_draft`,
    `stale_base`, `tariff_draft_editing`), Invalid.
    """
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    draft = await find_draft(session, record, request.etag, state="submitted")
    if not is_second(actor, draft):
        raise NotAllowed("own_tariff_draft")
    await _check_publishable(session, actor, record, draft)
    involved = {*draft.authors, draft.submitted_by or ""} - {"", actor.member_id}
    moment = max(draft.effective_from, now) if draft.effective_from else now
    number = await _publish(
        session, actor, record, draft, moment=moment, approved_by=actor.member_id, now=now
    )
    tell(
        session,
        sorted(involved),
        "tariff_approved",
        record,
        {"by": actor.name, "revision": str(number)},
        now,
    )
    return record


def is_second(actor: Actor, draft: TariffDraft) -> bool:
    """Whether the reader neither edited nor submitted it."""
    return actor.member_id not in {*draft.authors, draft.submitted_by}


async def reject_draft(
    session: AsyncSession, actor: Actor, tariff_id: str, request: wire.RejectDraft, now: datetime
) -> Tariff:
    """Sent back with the reason. Raises as `approve_draft` does."""
    require_writer(actor)
    record = await find_tariff(session, actor, tariff_id, lock=True)
    draft = await find_draft(session, record, request.etag, state="submitted")
    if not is_second(actor, draft):
        raise NotAllowed("own_tariff_draft")
    comment = request.comment.strip()
    if not comment:
        raise invalid_field("/comment", "missing_field")
    involved = {*draft.authors, draft.submitted_by or ""} - {""}
    _reopen(draft)
    draft.comment, draft.rejected_at, draft.rejected_by = comment, now, actor.member_id
    draft.etag = new_id()
    await _log(session, actor, "tariff.rejected", record, {"comment": comment})
    tell(session, sorted(involved), "tariff_rejected", record, {"by": actor.name, "comment": comment}, now)
    announce(session, actor.workspace_id, "tariffs")
    return record


async def _log(
    session: AsyncSession, actor: Actor, action: str, record: Tariff, detail: dict[str, Any]
) -> None:
    subject = f"tariff:{record.id}"
    await append(session, actor.workspace_id, actor.member_id, action, subject, {"key": record.key, **detail})
