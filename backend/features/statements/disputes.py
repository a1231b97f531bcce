"""Questions about booked amounts: staff ask, finance explains or puts right, both see all of it.

A question is seen by who asked it and by those who may settle or view where the line is booked; the latter
with `settle` answer and close it. An answer that explains can be asked about again, which opens it anew.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import statements as wire
from backend.db.models import (
    Dispute,
    DisputeMessage,
    LedgerLine,
    Member,
    Notification,
    Posting,
    Region,
    Role,
    Ticket,
)
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound
from backend.features.settlement.access import lines_in_sight
from backend.settlement.money import format_minor

MOST_TOLD = 50
LONGEST_QUOTE = 80
CORRECTING = ("reversal", "rebooking", "resolution")


def in_sight(actor: Actor) -> ColumnElement[bool]:
    """The actor's own questions, and those about lines of the regions where they view or settle."""
    reach = actor.reach("settle", "view")
    if reach is None:
        scoped: ColumnElement[bool] = false()
    elif reach == "/":
        scoped = true()
    else:
        branch = select(Region.id).where(
            Region.workspace_id == actor.workspace_id, Region.path.startswith(reach, autoescape=True)
        )
        scoped = Dispute.region_id.in_(branch)
    return and_(Dispute.workspace_id == actor.workspace_id, or_(scoped, Dispute.member_id == actor.member_id))


async def find_dispute(session: AsyncSession, actor: Actor, dispute_id: str) -> Dispute:
    """Raises NotFound, also for one out of sight."""
    statement = select(Dispute).where(Dispute.id == dispute_id, in_sight(actor))
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


async def open_dispute(
    session: AsyncSession, actor: Actor, wanted: wire.OpenDispute, now: datetime
) -> Dispute:
    """Raises NotFound for a line out of sight, Conflict (`dispute_open`) for a second question."""
    statement = select(LedgerLine).where(LedgerLine.id == wanted.line_id, lines_in_sight(actor))
    line = (await session.execute(statement)).scalar_one_or_none()
    if line is None:
        raise NotFound()
    dispute = Dispute(
        id=new_id(),
        workspace_id=actor.workspace_id,
        line_id=line.id,
        posting_id=line.posting_id,
        ticket_id=line.ticket_id,
        member_id=actor.member_id,
        region_id=line.region_id,
        region_path=line.region_path,
        period=line.period,
        amount=wanted.amount,
        state="open",
        opened_at=now,
        updated_at=now,
    )
    session.add(dispute)
    try:
        await session.flush()
    except IntegrityError as error:
        raise Conflict("dispute_open") from error
    await _say(session, actor, dispute, "opened", wanted.text, now=now)
    return dispute


async def reply(session: AsyncSession, actor: Actor, dispute_id: str, text: str, now: datetime) -> Dispute:
    """Both sides may go on talking; who asked may ask again after an explanation.

    Raises NotAllowed for a mere reader, Conflict (`dispute_closed`).
    """
    dispute = await find_dispute(session, actor, dispute_id)
    mine = dispute.member_id == actor.member_id
    if not mine and not may_answer(actor, dispute):
        raise NotAllowed()
    if dispute.state == "explained" and mine:
        dispute.state, dispute.closed_by = "open", None
    elif dispute.state != "open":
        raise Conflict("dispute_closed")
    dispute.answered = not mine
    dispute.updated_at = now
    await _say(session, actor, dispute, "message", text, now=now)
    return dispute


async def resolve(
    session: AsyncSession, actor: Actor, dispute_id: str, wanted: wire.ResolveDispute, now: datetime
) -> Dispute:
    """Explained, or accepted with the correction that put it right. Raises NotAllowed, Conflict, Invalid."""
    dispute = await find_dispute(session, actor, dispute_id)
    if not may_answer(actor, dispute):
        raise NotAllowed()
    if dispute.state != "open":
        raise Conflict("dispute_closed")
    if wanted.outcome == "accepted":
        dispute.correction_id = await _find_correction(session, dispute, wanted.posting_id)
    dispute.state = wanted.outcome
    dispute.answered = True
    dispute.closed_by = actor.member_id
    dispute.updated_at = now
    await _say(session, actor, dispute, wanted.outcome, wanted.text, now=now)
    return dispute


async def withdraw(session: AsyncSession, actor: Actor, dispute_id: str, now: datetime) -> Dispute:
    """By who asked. Raises NotAllowed, Conflict."""
    dispute = await find_dispute(session, actor, dispute_id)
    if dispute.member_id != actor.member_id:
        raise NotAllowed()
    if dispute.state != "open":
        raise Conflict("dispute_closed")
    dispute.state, dispute.updated_at = "withdrawn", now
    await _say(session, actor, dispute, "withdrawn", "", now=now)
    return dispute


def may_answer(actor: Actor, dispute: Dispute) -> bool:
    """Nobody decides upon their own question."""
    return dispute.member_id != actor.member_id and actor.may("settle", dispute.region_path)


def list_acts(actor: Actor, dispute: Dispute) -> list[str]:
    """message, resolve, withdraw."""
    mine, is_open = dispute.member_id == actor.member_id, dispute.state == "open"
    answers = may_answer(actor, dispute)
    acts = []
    if (is_open and (mine or answers)) or (dispute.state == "explained" and mine):
        acts.append("message")
    if is_open and answers:
        acts.append("resolve")
    if is_open and mine:
        acts.append("withdraw")
    return acts


async def list_corrections(session: AsyncSession, dispute: Dispute) -> list[Posting]:
    """What was booked to put the line's posting right: its reversal, and what was booked anew for the same
    ticket since."""
    own = Posting.reversal_of == dispute.posting_id
    if dispute.ticket_id is not None:
        since = and_(Posting.ticket_id == dispute.ticket_id, Posting.booked_at >= dispute.opened_at)
        own = or_(own, since)
    statement = (
        select(Posting)
        .where(Posting.workspace_id == dispute.workspace_id, own, Posting.kind.in_(CORRECTING))
        .order_by(Posting.id)
    )
    return list((await session.execute(statement)).scalars())


async def _find_correction(session: AsyncSession, dispute: Dispute, posting_id: str | None) -> str:
    found = await list_corrections(session, dispute)
    if posting_id is None and found:
        return found[-1].id
    if posting_id is None:
        raise Invalid(errors=[FieldError("/posting_id", "dispute_correction_missing")])
    if all(posting.id != posting_id for posting in found):
        raise Invalid(errors=[FieldError("/posting_id", "dispute_correction_unknown")])
    return posting_id


async def _say(
    session: AsyncSession, actor: Actor, dispute: Dispute, kind: str, text: str, *, now: datetime
) -> None:
    session.add(
        DisputeMessage(
            id=new_id(),
            workspace_id=dispute.workspace_id,
            dispute_id=dispute.id,
            member_id=actor.member_id,
            at=now,
            kind=kind,
            text=text.strip(),
        )
    )
    line = await session.get_one(LedgerLine, dispute.line_id)
    params: dict[str, Any] = {
        "name": actor.name,
        "number": await _find_number(session, dispute),
        "amount": format_minor(line.amount, line.currency),
        "text": _quote(text),
        "link": f"/settlement/disputes/{dispute.id}",
    }
    mine = dispute.member_id == actor.member_id
    told = await _list_answering(session, dispute) if mine else [dispute.member_id]
    for member in told:
        session.add(
            Notification(
                id=new_id(),
                workspace_id=dispute.workspace_id,
                member_id=member,
                code=f"notice_dispute_{kind}",
                params=params,
                created_at=now,
            )
        )
    announce(session, dispute.workspace_id, "settlement", "disputes", "notifications")


def _quote(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_QUOTE else f"{plain[: LONGEST_QUOTE - 1]}…"


async def _find_number(session: AsyncSession, dispute: Dispute) -> str:
    if dispute.ticket_id is None:
        return dispute.period
    statement = select(Ticket.number).where(Ticket.id == dispute.ticket_id)
    return (await session.execute(statement)).scalar_one_or_none() or dispute.period


async def _list_answering(session: AsyncSession, dispute: Dispute) -> list[str]:
    """Active members with `settle` where the line is booked, without who asked."""
    roles = await session.execute(
        select(Role.key, Role.rights, Role.scope).where(Role.workspace_id == dispute.workspace_id)
    )
    able = {key: scope for key, rights, scope in roles.all() if "settle" in rights}
    statement = (
        select(Member.id, Member.roles, Region.path)
        .outerjoin(Region, Region.id == Member.region_id)
        .where(Member.workspace_id == dispute.workspace_id, Member.active)
        .order_by(Member.id)
    )

    def covers(key: str, path: str | None) -> bool:
        if key not in able:
            return False
        return able[key] != "region" or dispute.region_path.startswith(path or "/")

    return [
        member
        for member, held, path in (await session.execute(statement)).all()
        if member != dispute.member_id and any(covers(key, path) for key in held)
    ][:MOST_TOLD]
