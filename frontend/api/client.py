"""The API by nouns, as pages call it. Every method raises ApiError when the API refuses."""

from __future__ import annotations

from typing import Any

from backend.contracts import (
    administration,
    changes,
    identity,
    notifications,
    regions,
    settlement,
    tasks,
    templates,
    tickets,
    workflows,
)
from backend.contracts.common import Page
from frontend.api.transport import Transport, quoted


class ApiClient:
    """One caller's view of the API.

    Nouns that other pages add live beside these; a page that needs a route this client lacks may also call
    `api.transport.read(Struct, "/path", **query)` and `api.transport.write(Struct, "POST", "/path", body)`.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    # session

    async def find_session(self) -> identity.SessionInfo:
        """Who is signed in; 401 when nobody is."""
        return await self.transport.read(identity.SessionInfo, "/session")

    async def change_preferences(self, wanted: identity.Preferences) -> None:
        """Remembers language or theme of the signed-in user."""
        await self.transport.send("PATCH", "/me", body=wanted)

    async def list_members(self, cursor: str | None = None) -> Page[identity.Member]:
        """Members of the workspace."""
        return await self.transport.read(Page[identity.Member], "/members", cursor=cursor)

    async def change_member(self, member_id: str, change: dict[str, Any]) -> identity.Member:
        """Changes what `change` names; see `identity.UpdateMember`."""
        path = f"/members/{quoted(member_id)}"
        return await self.transport.write(identity.Member, "PATCH", path, change)

    async def list_roles(self) -> Page[identity.Role]:
        """Roles with their rights."""
        return await self.transport.read(Page[identity.Role], "/roles")

    async def list_regions(self) -> Page[regions.Region]:
        """Regions that the member may see."""
        return await self.transport.read(Page[regions.Region], "/regions")

    async def add_region(self, wanted: dict[str, Any]) -> regions.Region:
        """A new region; see `regions.CreateRegion`."""
        return await self.transport.write(regions.Region, "POST", "/regions", wanted)

    async def change_region(self, region_id: str, change: dict[str, Any]) -> regions.Region:
        """Changes what `change` names; see `regions.UpdateRegion`."""
        path = f"/regions/{quoted(region_id)}"
        return await self.transport.write(regions.Region, "PATCH", path, change)

    # operations

    async def find_connection(self, kind: str) -> administration.Connection:
        """`smtp` or `webhook`."""
        return await self.transport.read(administration.Connection, f"/connections/{quoted(kind)}")

    async def list_jobs(
        self, status: str | None = None, cursor: str | None = None
    ) -> Page[administration.Job]:
        """Jobs and timers, the latest due first."""
        return await self.transport.read(Page[administration.Job], "/jobs", status=status, cursor=cursor)

    async def retry_job(self, job_id: str) -> None:
        """Makes a job that gave up due again."""
        await self.transport.send("POST", f"/jobs/{quoted(job_id)}/retry")

    async def list_audit(
        self, action: str | None = None, cursor: str | None = None
    ) -> Page[administration.AuditEntry]:
        """Who did what, newest first."""
        return await self.transport.read(
            Page[administration.AuditEntry], "/audit", action=action, cursor=cursor
        )

    # what has changed

    async def wait_for_changes(self, after: int | None, wait: int = 25) -> changes.Changes:
        """Returns when something changed after number `after`, or after `wait` seconds with no topics."""
        query: dict[str, Any] = {} if after is None else {"after": after, "wait": wait}
        return await self.transport.read(changes.Changes, "/changes", **query)

    async def list_notifications(self, cursor: str | None = None) -> notifications.Notifications:
        """Newest first."""
        return await self.transport.read(notifications.Notifications, "/notifications", cursor=cursor)

    async def mark_read(self, wanted: notifications.MarkRead) -> None:
        """Marks notifications as read."""
        await self.transport.send("POST", "/notifications/read", body=wanted)

    # workflows

    async def list_workflows(self, cursor: str | None = None) -> Page[workflows.WorkflowItem]:
        """Workflows, the last changed first."""
        return await self.transport.read(Page[workflows.WorkflowItem], "/workflows", cursor=cursor)

    async def find_workflow(self, workflow_id: str) -> workflows.WorkflowItem:
        """One workflow."""
        return await self.transport.read(workflows.WorkflowItem, f"/workflows/{quoted(workflow_id)}")

    async def create_workflow(self, wanted: workflows.CreateWorkflow, key: str) -> workflows.WorkflowItem:
        """A new workflow with its draft."""
        return await self.transport.write(workflows.WorkflowItem, "POST", "/workflows", wanted, key=key)

    async def find_draft(self, workflow_id: str) -> workflows.Draft:
        """The draft with its findings."""
        return await self.transport.read(workflows.Draft, f"/workflows/{quoted(workflow_id)}/draft")

    async def edit_draft(
        self, workflow_id: str, patch: dict[str, Any], revision: int
    ) -> workflows.DraftSaved:
        """Applies a merge patch to the definition; 409 when the draft went on meanwhile."""
        path = f"/workflows/{quoted(workflow_id)}/draft"
        return await self.transport.write(
            workflows.DraftSaved,
            "PATCH",
            path,
            patch,
            revision=revision,
            media_type="application/merge-patch+json",
        )

    async def preview_publish(self, workflow_id: str) -> workflows.PublishPreview:
        """How the draft differs from the latest release."""
        path = f"/workflows/{quoted(workflow_id)}/publish-preview"
        return await self.transport.read(workflows.PublishPreview, path)

    async def list_releases(self, workflow_id: str, cursor: str | None = None) -> Page[workflows.Release]:
        """Releases, the newest first."""
        path = f"/workflows/{quoted(workflow_id)}/releases"
        return await self.transport.read(Page[workflows.Release], path, cursor=cursor)

    async def list_release_changes(self, workflow_id: str, number: int) -> Page[workflows.PublishChange]:
        """What a release changed against the one before it."""
        path = f"/workflows/{quoted(workflow_id)}/releases/{number}/changes"
        return await self.transport.read(Page[workflows.PublishChange], path)

    async def restore_release(self, workflow_id: str, number: int) -> None:
        """Makes a release the draft again."""
        path = f"/workflows/{quoted(workflow_id)}/restore"
        await self.transport.send("POST", path, body=workflows.RestoreRequest(number=number))

    async def list_entry_links(self, workflow_id: str) -> Page[workflows.EntryLink]:
        """Links by which customers open tickets."""
        path = f"/workflows/{quoted(workflow_id)}/entry-links"
        return await self.transport.read(Page[workflows.EntryLink], path)

    # work

    async def list_tasks(self, view: str = "mine", cursor: str | None = None) -> Page[tasks.Task]:
        """Open tasks; `view` is mine, team or all."""
        return await self.transport.read(Page[tasks.Task], "/tasks", view=view, cursor=cursor)

    async def claim_task(self, task_id: str) -> None:
        """Takes an offered task."""
        await self.transport.send("POST", f"/tasks/{quoted(task_id)}/claim")

    async def release_task(self, task_id: str) -> None:
        """Gives a task back to those it was offered to."""
        await self.transport.send("POST", f"/tasks/{quoted(task_id)}/release")

    async def delegate_task(self, task_id: str, member_id: str) -> None:
        """Hands a task to somebody else."""
        await self.transport.send(
            "POST", f"/tasks/{quoted(task_id)}/delegate", body=tasks.Delegate(member_id=member_id)
        )

    async def list_tickets(self, cursor: str | None = None, **filters: Any) -> Page[tickets.TicketItem]:
        """Tickets; filters are view (open, closed, all), workflow_id, region_id and q."""
        return await self.transport.read(Page[tickets.TicketItem], "/tickets", cursor=cursor, **filters)

    async def find_ticket(self, ticket_id: str) -> tickets.TicketDetail:
        """One ticket with everything the member may see of it."""
        return await self.transport.read(tickets.TicketDetail, f"/tickets/{quoted(ticket_id)}")

    async def cancel_ticket(self, ticket_id: str, reason: str) -> None:
        """Ends a ticket before its time."""
        path = f"/tickets/{quoted(ticket_id)}/cancel"
        await self.transport.send("POST", path, body=tickets.CancelTicket(reason=reason))

    async def retry_incident(self, ticket_id: str, incident_id: str) -> None:
        """Resumes at the step that failed."""
        await self.transport.send(
            "POST", f"/tickets/{quoted(ticket_id)}/incidents/{quoted(incident_id)}/retry"
        )

    # money

    async def preview_settlement(self, ticket_id: str) -> settlement.SettlementPreview:
        """What the ticket would book if it ended now."""
        path = f"/tickets/{quoted(ticket_id)}/settlement-preview"
        return await self.transport.read(settlement.SettlementPreview, path)

    async def summarize_settlement(self, by: str, **filters: Any) -> settlement.Summary:
        """Sums by region, person, period or service."""
        return await self.transport.read(settlement.Summary, "/settlement/summary", by=by, **filters)

    async def list_lines(self, cursor: str | None = None, **filters: Any) -> Page[settlement.SettlementLine]:
        """Booked lines."""
        return await self.transport.read(
            Page[settlement.SettlementLine], "/settlement/lines", cursor=cursor, **filters
        )

    async def find_line(self, line_id: str) -> settlement.SettlementLine:
        """One booked line."""
        return await self.transport.read(settlement.SettlementLine, f"/settlement/lines/{quoted(line_id)}")

    async def find_earnings(self, period: str | None = None) -> settlement.Earnings:
        """What the signed-in member earned in a period."""
        return await self.transport.read(settlement.Earnings, "/me/earnings", period=period)

    async def list_tariffs(self) -> Page[settlement.TariffItem]:
        """Tariffs of the workspace."""
        return await self.transport.read(Page[settlement.TariffItem], "/tariffs")

    async def find_tariff(self, tariff_id: str, revision: int | None = None) -> settlement.TariffDetail:
        """One tariff with the document of a revision, the newest without one."""
        path = f"/tariffs/{quoted(tariff_id)}"
        return await self.transport.read(settlement.TariffDetail, path, revision=revision)

    async def create_tariff(self, wanted: settlement.CreateTariff, key: str) -> settlement.TariffDetail:
        """A new tariff with its first revision."""
        return await self.transport.write(settlement.TariffDetail, "POST", "/tariffs", wanted, key=key)

    async def revise_tariff(
        self, tariff_id: str, wanted: settlement.CreateTariffRevision, key: str
    ) -> settlement.TariffDetail:
        """The next revision; a stale base is refused."""
        path = f"/tariffs/{quoted(tariff_id)}/revisions"
        return await self.transport.write(settlement.TariffDetail, "POST", path, wanted, key=key)

    async def check_tariff(self, document: dict[str, Any]) -> settlement.TariffCheck:
        """What the linter says of a document, and its rules in words; nothing is stored."""
        body = settlement.TariffDocument(document=document)
        return await self.transport.write(settlement.TariffCheck, "POST", "/tariffs/check", body)

    async def try_tariff(self, tariff_id: str, wanted: settlement.TariffTry) -> settlement.TariffTried:
        """What an imagined ticket would book; nothing is stored."""
        path = f"/tariffs/{quoted(tariff_id)}/try"
        return await self.transport.write(settlement.TariffTried, "POST", path, wanted)

    # templates

    async def list_templates(self) -> Page[templates.TemplateItem]:
        """The gallery."""
        return await self.transport.read(Page[templates.TemplateItem], "/templates")

    async def find_template(self, industry: str, slug: str) -> templates.TemplateDetail:
        """One template with its parts."""
        path = f"/templates/{quoted(industry)}/{quoted(slug)}"
        return await self.transport.read(templates.TemplateDetail, path)

    async def clone_template(
        self, industry: str, slug: str, parameters: dict[str, Any], key: str
    ) -> templates.Cloned:
        """Copies a template into the workspace."""
        path = f"/templates/{quoted(industry)}/{quoted(slug)}/clone"
        body = templates.CloneRequest(parameters=parameters)
        return await self.transport.write(templates.Cloned, "POST", path, body, key=key)

    async def play_scenario(self, industry: str, slug: str, scenario: str) -> templates.Played:
        """Plays one of the template's scenarios without storing anything."""
        path = f"/templates/{quoted(industry)}/{quoted(slug)}/play"
        return await self.transport.write(
            templates.Played, "POST", path, templates.PlayRequest(scenario=scenario)
        )
