"""Drafts of tariffs, their history and backtests, as pages call them."""

from __future__ import annotations

from backend.contracts import settlement, tariff_drafts
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class TariffDraftApi:
    """The part of the client that deals with changes of tariffs. Every method raises ApiError when the API
    refuses."""

    transport: Transport

    async def save_draft(self, tariff_id: str, wanted: tariff_drafts.SaveDraft) -> tariff_drafts.SavedDraft:
        """The draft as it is now; a stale `etag` is refused."""
        return await self.transport.write(tariff_drafts.SavedDraft, "PUT", _draft(tariff_id), wanted)

    async def drop_draft(self, tariff_id: str, etag: str | None = None) -> None:
        """Throws the draft away, if it is still the one that was seen."""
        await self.transport.send("DELETE", _draft(tariff_id), query={"etag": etag})

    async def submit_draft(
        self, tariff_id: str, wanted: tariff_drafts.SubmitDraft, key: str
    ) -> settlement.TariffDetail:
        """Publishes it, or asks a second person to."""
        path = f"{_draft(tariff_id)}/submission"
        return await self.transport.write(settlement.TariffDetail, "POST", path, wanted, key=key)

    async def withdraw_submission(self, tariff_id: str) -> None:
        """Back to editing."""
        await self.transport.send("DELETE", f"{_draft(tariff_id)}/submission")

    async def approve_draft(self, tariff_id: str, etag: str, key: str) -> settlement.TariffDetail:
        """Publishes what somebody else submitted."""
        path, wanted = f"{_draft(tariff_id)}/approval", tariff_drafts.ApproveDraft(etag=etag)
        return await self.transport.write(settlement.TariffDetail, "POST", path, wanted, key=key)

    async def reject_draft(
        self, tariff_id: str, wanted: tariff_drafts.RejectDraft, key: str
    ) -> settlement.TariffDetail:
        """Sends it back with a comment."""
        path = f"{_draft(tariff_id)}/rejection"
        return await self.transport.write(settlement.TariffDetail, "POST", path, wanted, key=key)

    async def find_tariff_settings(self) -> tariff_drafts.TariffSettings:
        """Whether a revision needs a second person."""
        return await self.transport.read(tariff_drafts.TariffSettings, "/tariff-settings")

    async def change_tariff_settings(self, *, four_eyes: bool) -> tariff_drafts.TariffSettings:
        """For the whole workspace."""
        wanted = tariff_drafts.ChangeTariffSettings(four_eyes=four_eyes)
        return await self.transport.write(tariff_drafts.TariffSettings, "PATCH", "/tariff-settings", wanted)

    async def compare_tariff(
        self, tariff_id: str, older: int | str, newer: int | str
    ) -> tariff_drafts.TariffDiff:
        """What changed between two revisions, or a revision and the `draft`, cell by cell."""
        path = f"/tariffs/{quoted(tariff_id)}/diff"
        return await self.transport.read(
            tariff_drafts.TariffDiff, path, **{"from": str(older), "to": str(newer)}
        )

    async def copy_rows(self, tariff_id: str, wanted: tariff_drafts.CopyRows) -> tariff_drafts.Copied:
        """Rows of a region as rows of another; nothing is stored."""
        path = f"/tariffs/{quoted(tariff_id)}/copies"
        return await self.transport.write(tariff_drafts.Copied, "POST", path, wanted)

    # backtests

    async def start_backtest(
        self, tariff_id: str, wanted: tariff_drafts.StartBacktest, key: str
    ) -> tariff_drafts.Backtest:
        """The draft over what was booked in these days."""
        path = f"/tariffs/{quoted(tariff_id)}/backtests"
        return await self.transport.write(tariff_drafts.Backtest, "POST", path, wanted, key=key)

    async def list_backtests(self, tariff_id: str, cursor: str | None = None) -> Page[tariff_drafts.Backtest]:
        """Newest first."""
        path = f"/tariffs/{quoted(tariff_id)}/backtests"
        return await self.transport.read(Page[tariff_drafts.Backtest], path, cursor=cursor)

    async def steer_backtest(self, backtest_id: str, act: str) -> tariff_drafts.Backtest:
        """`stop` or `resume`."""
        path = f"/backtests/{quoted(backtest_id)}/{quoted(act)}"
        return await self.transport.write(tariff_drafts.Backtest, "POST", path)

    async def list_movers(
        self, backtest_id: str, verdict: str, cursor: str | None = None
    ) -> Page[tariff_drafts.Mover]:
        """Tickets that would be paid otherwise, or could not be worked out."""
        path = f"/backtests/{quoted(backtest_id)}/tickets"
        return await self.transport.read(Page[tariff_drafts.Mover], path, cursor=cursor, verdict=verdict)

    async def explain_mover(self, backtest_id: str, posting_id: str) -> tariff_drafts.WhyBoth:
        """Why the booked amounts, and why the others."""
        path = f"/backtests/{quoted(backtest_id)}/tickets/{quoted(posting_id)}"
        return await self.transport.read(tariff_drafts.WhyBoth, path)


def _draft(tariff_id: str) -> str:
    return f"/tariffs/{quoted(tariff_id)}/draft"
