"""Routes of projects and rates."""

from __future__ import annotations

from litestar import Controller, get, patch, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import labour as wire
from backend.contracts.common import Page
from backend.features.labour import queries, service
from backend.features.labour.present import present_project, present_rate
from backend.features.platform.actor import Actor, requires, signed_in
from backend.features.platform.clock import Clock
from backend.features.settlement.naming import list_regions


class ProjectController(Controller):
    """What cost is gathered for."""

    path = "/projects"
    tags = ("labour",)

    @get("", guards=[signed_in])
    async def list_projects(self, actor: Actor, reading: AsyncSession) -> Page[wire.Project]:
        """By key; everybody needs them to enter time."""
        regions = {region.id: region for region in await list_regions(reading, actor.workspace_id)}
        rows = (await reading.execute(queries.select_projects(actor))).scalars()
        return Page(items=[present_project(row, regions) for row in rows])

    @post("", guards=[requires("settle")], status_code=201)
    async def add_project(
        self, data: wire.CreateProject, actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.Project:
        """A new project."""
        project = await service.add_project(session, actor, data, clock())
        regions = {region.id: region for region in await list_regions(session, actor.workspace_id)}
        return present_project(project, regions)

    @patch("/{project_id:str}", guards=[requires("settle")])
    async def change_project(
        self, project_id: str, data: wire.UpdateProject, actor: Actor, session: AsyncSession
    ) -> wire.Project:
        """Rename it, choose its workflows, or close it."""
        project = await service.change_project(session, actor, project_id, data)
        regions = {region.id: region for region in await list_regions(session, actor.workspace_id)}
        return present_project(project, regions)


class RateController(Controller):
    """What hours cost."""

    path = "/labour-rates"
    tags = ("labour",)

    @get("", guards=[requires("settle")])
    async def list_rates(self, actor: Actor, reading: AsyncSession) -> Page[wire.LabourRate]:
        """By person, the newest first."""
        rows = (await reading.execute(queries.select_rates(actor))).all()
        return Page(items=[present_rate(row[0], row[1]) for row in rows])

    @post("", guards=[requires("settle")], status_code=201)
    async def add_rate(
        self, data: wire.CreateRate, actor: Actor, session: AsyncSession, clock: Clock
    ) -> wire.LabourRate:
        """A rate from a day on."""
        rate, name = await service.add_rate(session, actor, data, clock())
        return present_rate(rate, name)
