"""Statements and questions about amounts, as pages call them. Every method raises ApiError."""

from __future__ import annotations

from typing import Any

from backend.contracts import settlement, statements
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class StatementsApi:
    """The part of the client that deals with what people see of their money."""

    transport: Transport

    async def list_statements(self, cursor: str | None = None, **filters: Any) -> statements.StatementList:
        """The parties of a period with their sums."""
        return await self.transport.read(statements.StatementList, "/statements", cursor=cursor, **filters)

    async def find_statement(self, party: str, **filters: Any) -> statements.Statement:
        """One party's period."""
        path = "/statements/statement"
        return await self.transport.read(statements.Statement, path, party=party, **filters)

    async def list_next_tiers(self, ticket_id: str) -> list[settlement.PartyAhead]:
        """How far those whom a ticket pays are from the next tier."""
        path = "/settlement/next-tiers"
        return await self.transport.read(list[settlement.PartyAhead], path, ticket_id=ticket_id)

    async def list_disputes(self, cursor: str | None = None, **filters: Any) -> Page[statements.DisputeItem]:
        """Questions in sight."""
        return await self.transport.read(Page[statements.DisputeItem], "/disputes", cursor=cursor, **filters)

    async def find_dispute(self, dispute_id: str) -> statements.DisputeDetail:
        """One question with all that was said."""
        return await self.transport.read(statements.DisputeDetail, f"/disputes/{quoted(dispute_id)}")

    async def open_dispute(self, wanted: statements.OpenDispute, key: str) -> statements.DisputeDetail:
        """Asks about a line."""
        return await self.transport.write(statements.DisputeDetail, "POST", "/disputes", wanted, key=key)

    async def reply_dispute(self, dispute_id: str, text: str, key: str) -> statements.DisputeDetail:
        """Goes on talking."""
        path = f"/disputes/{quoted(dispute_id)}/messages"
        body = statements.SayToDispute(text=text)
        return await self.transport.write(statements.DisputeDetail, "POST", path, body, key=key)

    async def resolve_dispute(
        self, dispute_id: str, wanted: statements.ResolveDispute
    ) -> statements.DisputeDetail:
        """Explained, or accepted with its correction."""
        path = f"/disputes/{quoted(dispute_id)}/resolution"
        return await self.transport.write(statements.DisputeDetail, "POST", path, wanted)

    async def withdraw_dispute(self, dispute_id: str) -> statements.DisputeDetail:
        """By who asked."""
        path = f"/disputes/{quoted(dispute_id)}/withdrawal"
        return await self.transport.write(statements.DisputeDetail, "POST", path, None)
