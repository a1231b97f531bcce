"""Setting right what is booked, as pages call it. Every method raises ApiError when the API refuses."""

from __future__ import annotations

from backend.contracts import corrections
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class CorrectionApi:
    """The part of the client that deals with corrections."""

    transport: Transport

    async def reverse_posting(self, posting_id: str, reason: str) -> corrections.Corrected:
        """Takes one booking back."""
        path = f"/settlement/postings/{quoted(posting_id)}/reversal"
        wanted = corrections.GiveReason(reason=reason)
        return await self.transport.write(corrections.Corrected, "POST", path, wanted)

    async def reverse_ticket(self, ticket_id: str, reason: str) -> corrections.Corrected:
        """Takes back all that a ticket has booked."""
        path = f"/tickets/{quoted(ticket_id)}/reversal"
        wanted = corrections.GiveReason(reason=reason)
        return await self.transport.write(corrections.Corrected, "POST", path, wanted)

    async def preview_rebooking(self, ticket_id: str) -> corrections.Corrected:
        """What booking by the data of now would change."""
        path = f"/tickets/{quoted(ticket_id)}/rebooking"
        return await self.transport.read(corrections.Corrected, path)

    async def rebook_ticket(self, ticket_id: str, reason: str) -> corrections.Corrected:
        """Books by the data of now."""
        path = f"/tickets/{quoted(ticket_id)}/rebooking"
        wanted = corrections.GiveReason(reason=reason)
        return await self.transport.write(corrections.Corrected, "POST", path, wanted)

    async def find_figures(self, ticket_id: str, posting_id: str) -> corrections.PostingFigures:
        """What one booking was worked out from."""
        return await self.transport.read(corrections.PostingFigures, _figures(ticket_id, posting_id))

    async def preview_figures(
        self, ticket_id: str, posting_id: str, wanted: corrections.ChangeFigures
    ) -> corrections.FiguresPreview:
        """What booking by other figures would change."""
        path = f"{_figures(ticket_id, posting_id)}/preview"
        return await self.transport.write(corrections.FiguresPreview, "POST", path, wanted)

    async def correct_figures(
        self, ticket_id: str, posting_id: str, wanted: corrections.CorrectFigures
    ) -> corrections.FiguresPreview:
        """Books by other figures."""
        path = f"{_figures(ticket_id, posting_id)}/correction"
        return await self.transport.write(corrections.FiguresPreview, "POST", path, wanted)

    async def list_corrections(self, cursor: str | None = None) -> Page[corrections.CorrectionItem]:
        """The newest first."""
        return await self.transport.read(Page[corrections.CorrectionItem], "/corrections", cursor=cursor)

    async def propose_retroactive(
        self, wanted: corrections.ProposeRetroactive, key: str
    ) -> corrections.CorrectionDetail:
        """Begins a preview."""
        return await self.transport.write(
            corrections.CorrectionDetail, "POST", "/corrections", wanted, key=key
        )

    async def find_correction(self, correction_id: str) -> corrections.CorrectionDetail:
        """One, with the statement of the differences."""
        path = f"/corrections/{quoted(correction_id)}"
        return await self.transport.read(corrections.CorrectionDetail, path)

    async def start_correction(self, correction_id: str, reason: str) -> corrections.CorrectionDetail:
        """The revision comes to be, and the run begins."""
        path = f"/corrections/{quoted(correction_id)}/start"
        wanted = corrections.GiveReason(reason=reason)
        return await self.transport.write(corrections.CorrectionDetail, "POST", path, wanted)

    async def step_correction(self, correction_id: str, step: str) -> None:
        """`stop`, `resume` or `discard`."""
        await self.transport.send("POST", f"/corrections/{quoted(correction_id)}/{step}")


def _figures(ticket_id: str, posting_id: str) -> str:
    return f"/tickets/{quoted(ticket_id)}/postings/{quoted(posting_id)}/figures"
