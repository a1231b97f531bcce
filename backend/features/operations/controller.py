"""Routes of jobs, their limits, incidents, and acts upon many."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, Router, delete, get, post, put
from litestar.params import Parameter
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import operations as wire
from backend.contracts.common import Page
from backend.db.models import Incident, Job
from backend.db.session import Database
from backend.features.operations import jobs, queries, service
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.platform.pages import Cursor, Limit, after, decode_cursor, make_page
from backend.runtime.audit import append
from backend.runtime.jobs.bulk import BulkDetail
from backend.runtime.runtime import Runtime

JobStatus = Literal["pending", "running", "done", "dead", "cancelled"]
Name = Annotated[str | None, Parameter(max_length=255)]


class JobController(Controller):
    """Jobs and timers."""

    path = "/jobs"
    tags = ("operations",)
    guards = (requires("administer"),)

    @get("")
    async def list_jobs(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        locale: str,
        status: JobStatus | None = None,
        kind: Name = None,
        target: Name = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.Job]:
        """Jobs, the latest due first; `dead` ones have used up their tries."""
        statement = jobs.select_jobs(actor, status, kind, target).limit(limit + 1)
        if cursor:
            last = decode_cursor(cursor, datetime, str)
            statement = statement.where(after((Job.due_at, Job.id), last, descending=True))
        rows = (await reading.execute(statement)).all()
        return make_page(
            rows, limit, lambda row: jobs.present_job(*row, locale), lambda row: (row[0].due_at, row[0].id)
        )

    @get("/overview")
    async def survey(self, actor: Actor, reading: AsyncSession, clock: Clock) -> wire.JobOverview:
        """Counts by state, kind and target, the workers seen alive, lag and throughput."""
        return await jobs.survey(reading, actor, clock())

    @post("/bulk", status_code=202)
    async def change_many(
        self, data: wire.BulkJobs, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.BulkRun:
        """Retry dead jobs or give waiting ones up, in the background."""
        return await service.change_many_jobs(database, runtime, actor, data)

    @get("/{job_id:str}")
    async def show_job(self, job_id: str, actor: Actor, reading: AsyncSession, locale: str) -> wire.JobDetail:
        """One job with its payload (secrets hidden) and its failed tries."""
        job, number = await jobs.find_job(reading, actor, job_id)
        return jobs.describe_job(job, number, locale)

    @post("/{job_id:str}/retry", status_code=200)
    async def retry(self, job_id: str, actor: Actor, database: Database, runtime: Runtime) -> wire.ChangedJob:
        """Try a dead job again, from its first try; its ticket's incident closes."""
        async with database.reading() as session:
            await jobs.find_job(session, actor, job_id)
        await service.retry_job(database, runtime, actor, job_id)
        return wire.ChangedJob(id=job_id)

    @post("/{job_id:str}/cancel", status_code=200)
    async def give_up(
        self, job_id: str, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.ChangedJob:
        """Give a waiting job up; its ticket leaves by its error port or has an incident."""
        async with database.reading() as session:
            await jobs.find_job(session, actor, job_id)
        await service.give_up_job(database, runtime, actor, job_id)
        return wire.ChangedJob(id=job_id)


class LimitController(Controller):
    """How fast, how many at once and how often the jobs of a target are tried."""

    path = "/job-limits"
    tags = ("operations",)
    guards = (requires("administer"),)

    @get("")
    async def list_limits(self, actor: Actor, reading: AsyncSession) -> Page[wire.Limit]:
        """All of the workspace."""
        return Page(items=await jobs.list_limits(reading, actor))

    @post("", status_code=201)
    async def add(
        self, data: wire.SaveLimit, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.Limit:
        """A limit for the targets that a pattern covers."""
        return await self._save(None, data, actor, database, runtime)

    @put("/{limit_id:str}")
    async def change(
        self, limit_id: str, data: wire.SaveLimit, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.Limit:
        """Replace a limit; what waits for its slot looks again at once."""
        return await self._save(limit_id, data, actor, database, runtime)

    @delete("/{limit_id:str}", status_code=204)
    async def remove(self, limit_id: str, actor: Actor, database: Database, runtime: Runtime) -> None:
        """The product's own pace from here on."""
        async with database.unit_of_work() as session:
            row = await jobs.find_limit(session, actor, limit_id)
            await session.delete(row)
            detail = {"pattern": row.pattern}
            await append(
                session, actor.workspace_id, actor.member_id, "limit.removed", f"limit:{limit_id}", detail
            )
        await runtime.free_held(actor.workspace_id)

    async def _save(
        self, limit_id: str | None, data: wire.SaveLimit, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.Limit:
        async with database.unit_of_work() as session:
            row = await jobs.save_limit(session, actor, limit_id, data, database.clock())
            detail = {"pattern": row.pattern}
            await append(
                session, actor.workspace_id, actor.member_id, "limit.saved", f"limit:{row.id}", detail
            )
        await runtime.free_held(actor.workspace_id)
        return jobs.present_limit(row)


class IncidentController(Controller):
    """Steps that could not go on. For editors and administrators, in their regions."""

    path = "/incidents"
    tags = ("operations",)
    guards = (requires("edit", "administer"),)

    @get("")
    async def list_incidents(
        self,
        *,
        actor: Actor,
        reading: AsyncSession,
        runtime: Runtime,
        locale: str,
        workflow_id: Name = None,
        node: Name = None,
        code: Name = None,
        status: queries.IncidentStatus = "open",
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[wire.IncidentItem]:
        """Newest first."""
        wanted = wire.IncidentFilter(workflow_id=workflow_id, node=node, code=code)
        statement = queries.select_incidents(actor, status, wanted)
        if cursor:
            statement = statement.where(after((Incident.id,), decode_cursor(cursor, str), descending=True))
        rows = (await reading.execute(statement.order_by(Incident.id.desc()).limit(limit + 1))).all()
        shown = {row[0].id: await queries.present_incident(runtime, row, locale) for row in rows[:limit]}
        return make_page(rows, limit, lambda row: shown[row[0].id], lambda row: (row[0].id,))

    @get("/groups")
    async def group(
        self, actor: Actor, reading: AsyncSession, runtime: Runtime, locale: str
    ) -> wire.IncidentGroups:
        """Open ones by workflow, step and cause."""
        return await queries.group_incidents(reading, runtime, actor, locale)

    @post("/bulk", status_code=202)
    async def mend_many(
        self, data: wire.BulkIncidents, actor: Actor, database: Database, runtime: Runtime
    ) -> wire.BulkRun:
        """Mend many in the background."""
        return await service.mend_many(database, runtime, actor, data)

    @get("/{incident_id:str}")
    async def show(
        self, incident_id: str, actor: Actor, reading: AsyncSession, runtime: Runtime, locale: str
    ) -> wire.IncidentDetail:
        """One, with the data its step looks at and the ways on."""
        return await service.describe_incident(reading, runtime, actor, incident_id, locale)

    @post("/{incident_id:str}/retry", status_code=204)
    async def retry(self, incident_id: str, actor: Actor, database: Database, runtime: Runtime) -> None:
        """Let the step try again."""
        await service.mend(database, runtime, actor, incident_id, "retry", BulkDetail())

    @post("/{incident_id:str}/skip", status_code=204)
    async def skip(
        self, incident_id: str, data: wire.SkipIncident, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Go on by a port as if the step had been done, with what it would have written."""
        detail = BulkDetail(port=data.port, set=data.set)
        await service.mend(database, runtime, actor, incident_id, "skip", detail)

    @post("/{incident_id:str}/repair", status_code=204)
    async def repair(
        self, incident_id: str, data: wire.RepairIncident, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Mend the ticket's data, then let the step try again."""
        await service.mend(database, runtime, actor, incident_id, "repair", BulkDetail(set=data.set))

    @post("/{incident_id:str}/cancel", status_code=204)
    async def cancel(
        self, incident_id: str, data: wire.CancelIncident, actor: Actor, database: Database, runtime: Runtime
    ) -> None:
        """Stop the ticket."""
        await service.mend(database, runtime, actor, incident_id, "cancel", BulkDetail(reason=data.reason))


@get("/bulk-runs/{run_id:str}", guards=[requires("edit", "administer")], tags=["operations"])
async def show_run(run_id: str, actor: Actor, reading: AsyncSession) -> wire.BulkRun:
    """How far an act upon many has come."""
    return service.present_run(await queries.find_run(reading, actor, run_id))


ROUTER = Router(path="/", route_handlers=[JobController, LimitController, IncidentController, show_run])
