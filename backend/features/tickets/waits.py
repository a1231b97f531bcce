"""What a ticket waits for from outside, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tickets as wire
from backend.db.models import Ticket
from backend.engine.state import State, Token
from backend.engine.subscriptions import Wait, list_own_waits
from backend.messages import render


async def map_children(session: AsyncSession, ticket: Ticket) -> dict[str, str]:
    """Number of the ticket that each waiting job started."""
    statement = select(Ticket.parent_job, Ticket.number).where(
        Ticket.parent_id == ticket.id, Ticket.parent_job.is_not(None)
    )
    return {str(job): number for job, number in (await session.execute(statement)).all()}


def present_tokens(state: State, children: Mapping[str, str], locale: str) -> list[wire.Token]:
    """Where the work stands, and for what it waits from outside."""
    return [
        wire.Token(
            node=token.node,
            waiting_for=token.wait,
            detail=list(_describe(state, token, children, locale)),
        )
        for token in state.tokens.values()
    ]


def _describe(state: State, token: Token, children: Mapping[str, str], locale: str) -> Iterable[str]:
    caught = [Wait(catch.kind, catch.name, catch.correlation, catch.port) for catch in token.catches]
    for wait in [*list_own_waits(token), *caught]:
        code = "waits_for_signal" if wait.kind == "signal" else "waits_for_message"
        params = {"name": wait.name, "correlation": wait.correlation}
        yield render(f"{code}_of" if wait.correlation else code, params, locale)
    for job in state.jobs.values():
        if job.token == token.id and job.id in children:
            yield render("waits_for_child", {"number": children[job.id]}, locale)
