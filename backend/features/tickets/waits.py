"""What a ticket waits for from outside, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import tickets as wire
from backend.db.models import Ticket
from backend.engine.release import Release
from backend.engine.state import State, Token
from backend.engine.subscriptions import list_own_waits
from backend.messages import render


async def map_children(session: AsyncSession, ticket: Ticket) -> dict[str, str]:
    """Number of the ticket that each waiting job started."""
    statement = select(Ticket.parent_job, Ticket.number).where(
        Ticket.parent_id == ticket.id, Ticket.parent_job.is_not(None)
    )
    return {str(job): number for job, number in (await session.execute(statement)).all()}


def present_tokens(
    release: Release, state: State, children: Mapping[str, str], locale: str
) -> list[wire.Token]:
    """Where the work stands, and for what it waits from outside."""
    return [
        wire.Token(
            node=token.node,
            waiting_for=token.wait,
            detail=list(_describe(release, state, token, children=children, locale=locale)),
        )
        for token in state.tokens.values()
    ]


def _describe(
    release: Release, state: State, token: Token, *, children: Mapping[str, str], locale: str
) -> Iterable[str]:
    """An event at a step is told by its label there, what the step itself waits for by its name."""
    for wait in list_own_waits(token):
        kind = "signal" if wait.kind == "signal" else "message"
        yield _word(f"waits_for_{kind}", wait.name, wait.correlation, locale)
    labels = {port.name: port.label for port in release.nodes[token.node].ways_out}
    for catch in token.catches:
        label = labels[catch.port]
        name = label.zh if locale == "zh" else label.en
        yield _word("waits_for_event", name or catch.name, catch.correlation, locale)
    for job in state.jobs.values():
        if job.token == token.id and job.id in children:
            yield render("waits_for_child", {"number": children[job.id]}, locale)


def _word(code: str, name: str, correlation: str, locale: str) -> str:
    params = {"name": name, "correlation": correlation}
    return render(f"{code}_of" if correlation else code, params, locale)
