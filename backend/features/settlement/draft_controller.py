"""Routes of a tariff's draft: saved while it is edited, submitted, approved by a second person or sent
back."""

from __future__ import annotations

from typing import Annotated

from litestar import Controller, delete, get, patch, post, put
from litestar.params import QueryParameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import settlement as money
from backend.contracts import tariff_drafts as wire
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.settlement import drafts, tariffs
from backend.features.settlement.approvers import change_settings, needs_two
from backend.features.settlement.revisions import find_newest, find_tariff

SeenEtag = Annotated[
    str | None, QueryParameter(name="etag", max_length=36, description="Of the draft that was seen")
]
READERS = requires("settle", "view", "edit", "publish")
WRITERS = requires("settle", "publish")


class DraftController(Controller):
    """The one draft of a tariff. Nothing of it books before it is published."""

    path = "/tariffs/{tariff_id:str}/draft"
    tags = ("settlement",)

    @get("", guards=[READERS])
    async def show_draft(
        self, tariff_id: str, actor: Actor, reading: AsyncSession, locale: str
    ) -> wire.SavedDraft:
        """The draft, what the linter finds in it, and its rules in words."""
        record = await find_tariff(reading, actor, tariff_id)
        return await tariffs.show_draft(reading, actor, record, await find_newest(reading, record), locale)

    @put("", guards=[WRITERS])
    async def save_draft(
        self,
        *,
        tariff_id: str,
        data: wire.SaveDraft,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> wire.SavedDraft:
        """Save it, with errors too. A stale `etag` is refused, so that nobody's edit gets lost."""
        record = await drafts.save_draft(session, actor, tariff_id, data, clock())
        return await tariffs.show_draft(session, actor, record, await find_newest(session, record), locale)

    @delete("", guards=[WRITERS])
    async def drop_draft(
        self, tariff_id: str, actor: Actor, session: AsyncSession, etag: SeenEtag = None
    ) -> None:
        """Throw the draft away, also a submitted one."""
        await drafts.drop_draft(session, actor, tariff_id, etag)

    @post("/submission", guards=[WRITERS], status_code=200)
    async def submit_draft(
        self,
        *,
        tariff_id: str,
        data: wire.SubmitDraft,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> money.TariffDetail:
        """Ask a second person for approval; where none is needed, publish at once."""
        record = await drafts.submit_draft(session, actor, tariff_id, data, clock())
        return await tariffs.describe_tariff(session, actor, record, None, now=clock(), locale=locale)

    @delete("/submission", guards=[WRITERS])
    async def withdraw_submission(
        self, tariff_id: str, actor: Actor, session: AsyncSession, clock: Clock
    ) -> None:
        """Back to editing."""
        await drafts.withdraw_submission(session, actor, tariff_id, clock())

    @post("/approval", guards=[WRITERS], status_code=200)
    async def approve_draft(
        self,
        *,
        tariff_id: str,
        data: wire.ApproveDraft,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> money.TariffDetail:
        """Publish what somebody else edited and submitted."""
        record = await drafts.approve_draft(session, actor, tariff_id, data, clock())
        return await tariffs.describe_tariff(session, actor, record, None, now=clock(), locale=locale)

    @post("/rejection", guards=[WRITERS], status_code=200)
    async def reject_draft(
        self,
        *,
        tariff_id: str,
        data: wire.RejectDraft,
        actor: Actor,
        session: AsyncSession,
        clock: Clock,
        locale: str,
    ) -> money.TariffDetail:
        """Send it back to its authors, with the reason."""
        record = await drafts.reject_draft(session, actor, tariff_id, data, clock())
        return await tariffs.describe_tariff(session, actor, record, None, now=clock(), locale=locale)


class TariffSettingsController(Controller):
    """What holds for all tariffs of the workspace."""

    path = "/tariff-settings"
    tags = ("settlement",)

    @get("", guards=[requires("settle", "view", "edit", "publish", "administer")])
    async def show_settings(self, actor: Actor, reading: AsyncSession) -> wire.TariffSettings:
        """Whether a revision needs a second person."""
        return wire.TariffSettings(four_eyes=await needs_two(reading, actor.workspace_id))

    @patch("", guards=[requires("administer")])
    async def change_settings(
        self, data: wire.ChangeTariffSettings, actor: Actor, session: AsyncSession
    ) -> wire.TariffSettings:
        """Ask for a second person from now on, or no longer."""
        return await change_settings(session, actor, data)
