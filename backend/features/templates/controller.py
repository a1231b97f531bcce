"""Routes of the template library."""

from __future__ import annotations

from litestar import Controller, Router, get, post
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contracts import templates as wire
from backend.contracts.common import Page
from backend.contracts.workflows import EntryLink
from backend.db.models import EntryLink as EntryLinkRecord
from backend.features.platform.actor import Actor, requires
from backend.features.platform.clock import Clock
from backend.features.templates import queries, service
from backend.features.templates.cloning import clone_package
from backend.features.templates.present import present_detail, present_item, present_roles
from backend.features.templates.telling import Teller
from backend.features.templates.views import open_view
from backend.graph.registry import Registry


class TemplateController(Controller):
    """The gallery, one template, cloning, playing."""

    path = "/templates"
    tags = ("templates",)

    @get(guards=[requires("view", "edit")])
    async def list_templates(self, registry: Registry) -> Page[wire.TemplateItem]:
        """Every template with its picture and what its scenarios prove."""
        opened = await service.open_library(registry)
        return Page(items=[present_item(*parts) for parts in opened])

    @get("/{industry:str}/{slug:str}", guards=[requires("view", "edit")])
    async def show_template(
        self,
        *,
        industry: str,
        slug: str,
        reading: AsyncSession,
        actor: Actor,
        registry: Registry,
        locale: str,
    ) -> wire.TemplateDetail:
        """One template with its parts, parameters and scenarios."""
        package, view, proof = await service.open_template(industry, slug, registry)
        return present_detail(
            package,
            view,
            proof,
            registry=registry,
            regions=await queries.list_regions(reading, actor),
            members=await queries.count_members(reading, actor),
            installed=await queries.count_clones(reading, actor, package.manifest.id),
            locale=locale,
        )

    @post("/{industry:str}/{slug:str}/clone", guards=[requires("publish")])
    async def clone_template(
        self,
        *,
        industry: str,
        slug: str,
        data: wire.CloneRequest,
        session: AsyncSession,
        actor: Actor,
        registry: Registry,
        clock: Clock,
        locale: str,
        base_url: str,
    ) -> wire.Cloned:
        """Workflows with release 1, tariffs, roles, regions and public links: it runs at once."""
        package = service.read_template(industry, slug)
        made = await clone_package(
            session, actor, package, data.parameters, registry=registry, now=clock(), locale=locale
        )
        return wire.Cloned(
            id=made.id,
            workflows=list(made.workflows.values()),
            tariffs=list(made.tariffs.values()),
            entry_links=[present_link(link, base_url) for link in made.links],
            roles=present_roles(package, await queries.count_members(session, actor)),
            regions=made.new_regions,
        )

    @post("/{industry:str}/{slug:str}/play", guards=[requires("view", "edit")], status_code=200)
    async def play_scenario(
        self, *, industry: str, slug: str, data: wire.PlayRequest, registry: Registry, locale: str
    ) -> wire.Played:
        """Play one of the template's scenarios; nothing is stored."""
        package = service.read_template(industry, slug)
        file = service.find_scenario(package, data.scenario)
        played = await service.play(package, file, registry)
        release = open_view(package, registry).releases[file.workflow or next(iter(package.workflows))]
        teller = Teller(
            file,
            release,
            regions=package.regions,
            departments=package.manifest.departments,
            locale=locale,
        )
        return teller.tell(data.scenario, played)


def present_link(link: EntryLinkRecord, base_url: str) -> EntryLink:
    """With the address customers open."""
    return EntryLink(
        id=link.id,
        token=link.token,
        url=f"{base_url}/f/{link.token}",
        channel=link.channel,
        region_id=link.region_id or "",
        active=link.active,
        name=link.name,
    )


ROUTER = Router(path="/", route_handlers=[TemplateController])
