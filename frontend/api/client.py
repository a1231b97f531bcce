"""The API by nouns, as pages call it. Every method raises ApiError when the API refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend.contracts import (
    administration,
    changes,
    identity,
    notifications,
    operations,
    records,
    regions,
    tasks,
    teams,
    templates,
    tickets,
    workflows,
)
from backend.contracts.common import Page
from frontend.api.books import BooksApi
from frontend.api.corrections import CorrectionApi
from frontend.api.money import MoneyApi
from frontend.api.periods import PeriodApi
from frontend.api.statements import StatementsApi
from frontend.api.tariff_drafts import TariffDraftApi
from frontend.api.transport import quoted


class ApiClient(MoneyApi, CorrectionApi, TariffDraftApi, StatementsApi, PeriodApi, BooksApi):
    """One caller's view of the API.

    Nouns that other pages add live beside these; a page that needs a route this client lacks may also call
    `api.transport.read(Struct, "/path", **query)` and `api.transport.write(Struct, "POST", "/path", body)`.
    """

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

    async def list_jobs(self, cursor: str | None = None, **filters: Any) -> Page[operations.Job]:
        """Jobs and timers, the latest due first; filters are status, kind and target."""
        return await self.transport.read(Page[operations.Job], "/jobs", cursor=cursor, **filters)

    async def survey_jobs(self) -> operations.JobOverview:
        """What waits, who works, and how quickly."""
        return await self.transport.read(operations.JobOverview, "/jobs/overview")

    async def find_job(self, job_id: str) -> operations.JobDetail:
        """One job with its failed tries."""
        return await self.transport.read(operations.JobDetail, f"/jobs/{quoted(job_id)}")

    async def change_job(self, job_id: str, action: str) -> None:
        """`retry` one that gave up, or `cancel` one that waits."""
        await self.transport.send("POST", f"/jobs/{quoted(job_id)}/{action}")

    async def change_jobs(self, wanted: operations.BulkJobs) -> operations.BulkRun:
        """Many at once, in the background."""
        return await self.transport.write(operations.BulkRun, "POST", "/jobs/bulk", wanted)

    async def list_limits(self) -> Page[operations.Limit]:
        """What holds for which targets."""
        return await self.transport.read(Page[operations.Limit], "/job-limits")

    async def remove_limit(self, limit_id: str) -> None:
        """The product's own pace from here on."""
        await self.transport.send("DELETE", f"/job-limits/{quoted(limit_id)}")

    async def group_incidents(self) -> operations.IncidentGroups:
        """Open incidents by workflow, step and cause."""
        return await self.transport.read(operations.IncidentGroups, "/incidents/groups")

    async def list_incidents(
        self, cursor: str | None = None, **filters: Any
    ) -> Page[operations.IncidentItem]:
        """Newest first; filters are workflow_id, node, code and status."""
        return await self.transport.read(
            Page[operations.IncidentItem], "/incidents", cursor=cursor, **filters
        )

    async def find_incident(self, incident_id: str) -> operations.IncidentDetail:
        """One with the data its step looks at and the ways on."""
        return await self.transport.read(operations.IncidentDetail, f"/incidents/{quoted(incident_id)}")

    async def retry_incident(self, incident_id: str) -> None:
        """Resumes at the step that failed."""
        await self.transport.send("POST", f"/incidents/{quoted(incident_id)}/retry")

    async def cancel_by_incident(self, incident_id: str, reason: str) -> None:
        """Stops the ticket of an incident."""
        path = f"/incidents/{quoted(incident_id)}/cancel"
        await self.transport.send("POST", path, body=operations.CancelIncident(reason=reason))

    async def mend_incidents(self, wanted: operations.BulkIncidents) -> operations.BulkRun:
        """Many at once, in the background."""
        return await self.transport.write(operations.BulkRun, "POST", "/incidents/bulk", wanted)

    async def find_bulk_run(self, run_id: str) -> operations.BulkRun:
        """How far an act upon many has come."""
        return await self.transport.read(operations.BulkRun, f"/bulk-runs/{quoted(run_id)}")

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

    async def find_board(self, workflow_id: str, view: str = "all") -> tasks.Board:
        """Open tasks of a workflow by step."""
        return await self.transport.read(tasks.Board, f"/workflows/{quoted(workflow_id)}/board", view=view)

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

    async def list_candidates(self, task_id: str, purpose: str, text: str = "") -> list[tasks.Candidate]:
        """Who may do a task (`delegate`) or sign it as well (`sign`)."""
        path = f"/tasks/{quoted(task_id)}/candidates"
        page = await self.transport.read(Page[tasks.Candidate], path, purpose=purpose, q=text or None)
        return page.items

    async def list_returns(self, task_id: str) -> list[tasks.ReturnTarget]:
        """Earlier steps that a task can be sent back to."""
        path = f"/tasks/{quoted(task_id)}/returns"
        return (await self.transport.read(Page[tasks.ReturnTarget], path)).items

    async def return_task(self, task_id: str, to: str, comment: str, resume: str) -> None:
        """Sends the work back; `resume` is again or direct."""
        body = {"to": to, "comment": comment, "resume": resume}
        await self.transport.send("POST", f"/tasks/{quoted(task_id)}/return", body=body)

    async def add_signer(self, task_id: str, member_id: str, comment: str) -> None:
        """Asks one more person to decide."""
        body = tasks.AddSigner(member_id=member_id, comment=comment or None)
        await self.transport.send("POST", f"/tasks/{quoted(task_id)}/signers", body=body)

    async def find_task(self, task_id: str) -> tasks.TaskDetail:
        """A task with its form and buttons."""
        return await self.transport.read(tasks.TaskDetail, f"/tasks/{quoted(task_id)}")

    async def complete_many(self, wanted: tasks.BulkComplete) -> tasks.BulkResults:
        """The same button on several tasks."""
        return await self.transport.write(tasks.BulkResults, "POST", "/tasks/bulk-complete", wanted)

    async def explain_clocks(self, ticket_id: str) -> tickets.TicketClocks:
        """Every run and pause of a ticket's clocks."""
        return await self.transport.read(tickets.TicketClocks, f"/tickets/{quoted(ticket_id)}/clocks")

    async def suspend_ticket(self, ticket_id: str, reason: str, until: datetime | None) -> None:
        """Lets a ticket rest."""
        body = tickets.SuspendTicket(reason=reason, until=until)
        await self.transport.send("POST", f"/tickets/{quoted(ticket_id)}/suspend", body=body)

    async def resume_ticket(self, ticket_id: str) -> None:
        """Goes on with it."""
        await self.transport.send("POST", f"/tickets/{quoted(ticket_id)}/resume")

    async def withdraw_ticket(self, ticket_id: str, comment: str) -> None:
        """Takes back a ticket that one opened."""
        body = tickets.WithdrawTicket(comment=comment or None)
        await self.transport.send("POST", f"/tickets/{quoted(ticket_id)}/withdraw", body=body)

    async def list_teams(self) -> Page[teams.Team]:
        """Teams with their members."""
        return await self.transport.read(Page[teams.Team], "/teams")

    async def list_tickets(self, cursor: str | None = None, **filters: Any) -> Page[tickets.TicketItem]:
        """Tickets; filters are view (open, closed, all), workflow_id, region_id and q."""
        return await self.transport.read(Page[tickets.TicketItem], "/tickets", cursor=cursor, **filters)

    async def find_ticket(self, ticket_id: str) -> tickets.TicketDetail:
        """One ticket with everything the member may see of it."""
        return await self.transport.read(tickets.TicketDetail, f"/tickets/{quoted(ticket_id)}")

    async def list_changes(self, ticket_id: str) -> records.FieldHistory:
        """Who changed which field when, newest first."""
        return await self.transport.read(records.FieldHistory, f"/tickets/{quoted(ticket_id)}/history")

    async def link_ticket(self, ticket_id: str, other_id: str, kind: str) -> None:
        """Links two tickets; both show it."""
        path = f"/tickets/{quoted(ticket_id)}/links"
        await self.transport.send("POST", path, body={"ticket_id": other_id, "kind": kind})

    async def unlink_ticket(self, ticket_id: str, link_id: str) -> None:
        """Takes a link away."""
        await self.transport.send("DELETE", f"/tickets/{quoted(ticket_id)}/links/{quoted(link_id)}")

    async def cancel_ticket(self, ticket_id: str, reason: str, *, compensate: bool = False) -> None:
        """Ends a ticket before its time, if asked after undoing its steps."""
        path = f"/tickets/{quoted(ticket_id)}/cancel"
        body = tickets.CancelTicket(reason=reason, compensate=compensate)
        await self.transport.send("POST", path, body=body)

    async def add_item(self, ticket_id: str, node: str, item: Any, group: str) -> None:
        """One more item for a step that goes through a list."""
        body = tickets.AddItem(node=node, item=item, group=group)
        await self.transport.send("POST", f"/tickets/{quoted(ticket_id)}/items", body=body)

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
