"""A package into a workspace: missing regions and roles, tariffs, workflows with a first release, links.

Everything stands in the caller's one transaction: a clone is there as a whole or not at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import anyio.to_thread
import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.db.models import (
    EntryLink,
    InstalledTemplate,
    Region,
    Role,
    Tariff,
    TariffRevision,
    Workflow,
    Workspace,
)
from backend.db.session import announce
from backend.db.types import new_id
from backend.features.platform.actor import Actor
from backend.features.platform.errors import FieldError, Invalid, invalid_field
from backend.features.settlement.checking import check_document
from backend.features.templates.instances import Instance, instantiate, rename_tariffs, rename_workflows
from backend.features.templates.package import Package, RegionPlan
from backend.features.workflows.checks import check_now, read_definition
from backend.features.workflows.service import add_release, add_workflow
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.messages import render
from backend.runtime.audit import append

MAX_KEY = 60
MAX_LINKS = 50
"""Public links that one plan opens; more are made by hand where they are wanted."""


class Clone(msgspec.Struct, frozen=True, kw_only=True):
    """What was made; `workflows` and `tariffs` by the package's key."""

    id: str
    workflows: dict[str, str]
    tariffs: dict[str, str]
    links: list[EntryLink]
    regions: dict[str, Region]
    """Every region of the plan, also those that were there."""
    new_regions: list[str]


async def clone_package(
    session: AsyncSession,
    actor: Actor,
    package: Package,
    parameters: Mapping[str, Any],
    *,
    registry: Registry,
    now: datetime,
    locale: str,
) -> Clone:
    """Raises Invalid with pointers into the parameters, NotAllowed."""
    actor.require("edit", "/")
    actor.require("publish", "/")
    known = await _load_regions(session, actor.workspace_id)
    instance = instantiate(package, resolve_regions(package, parameters, known))
    cloning = Cloning(session, actor, package, instance, now=now, locale=locale)
    placed, new_regions = await cloning.place_regions(known)
    await cloning.add_roles()
    await cloning.name_departments()
    tariffs, names = await cloning.add_tariffs()
    workflows = await cloning.add_workflows(names, registry)
    links = cloning.add_links(workflows, placed, known)
    installed = await cloning.record(workflows, tariffs)
    return Clone(
        id=installed,
        workflows=workflows,
        tariffs=tariffs,
        links=links,
        regions=placed,
        new_regions=new_regions,
    )


class Cloning:
    """One clone under way."""

    def __init__(
        self,
        session: AsyncSession,
        actor: Actor,
        package: Package,
        instance: Instance,
        *,
        now: datetime,
        locale: str,
    ) -> None:
        self.session = session
        self.actor = actor
        self.package = package
        self.instance = instance
        self.now = now
        self.locale = locale
        manifest = package.manifest
        params = {"template": msgspec.to_builtins(manifest.name), "version": manifest.version}
        self._note = render("template_release_note", params, locale)

    async def place_regions(self, known: dict[str, Region]) -> tuple[dict[str, Region], list[str]]:
        """Parents first. The workspace's own root takes the place of the package's."""
        placed: dict[str, Region] = {}
        made: list[str] = []
        for plan in self.package.regions:
            region = known.get(self.instance.regions[plan.key]) or (
                _only_root(known) if plan.parent is None else None
            )
            if region is None:
                region = _make_region(self.actor, plan, placed.get(plan.parent or ""))
                self.session.add(region)
                await self.session.flush()
                known[region.key] = region
                made.append(region.id)
            placed[plan.key] = region
        return placed, made

    async def add_roles(self) -> None:
        """A role that the workspace has already keeps its rights."""
        taken = await self._list_taken(Role.key, Role.workspace_id)
        self.session.add_all(
            Role(
                id=new_id(),
                workspace_id=self.actor.workspace_id,
                key=plan.key,
                name={"zh": plan.name.zh, "en": plan.name.en},
                rights=list(plan.rights),
                scope=plan.scope,
            )
            for plan in self.package.roles
            if plan.key not in taken
        )
        await self.session.flush()

    async def name_departments(self) -> None:
        """Names that the workspace has given itself stay."""
        workspace = await self.session.get_one(Workspace, self.actor.workspace_id)
        known = workspace.settings.get("departments") or {}
        planned: dict[str, Any] = msgspec.to_builtins(self.package.manifest.departments)
        if set(planned) - set(known):
            workspace.settings = {**workspace.settings, "departments": {**planned, **known}}
            await self.session.flush()

    async def add_tariffs(self) -> tuple[dict[str, str], dict[str, str]]:
        """(package key -> id, package key -> key it really got). Raises Invalid."""
        regions = list((await _load_regions(self.session, self.actor.workspace_id)).values())
        taken = await self._list_taken(Tariff.key, Tariff.workspace_id)
        ids: dict[str, str] = {}
        names: dict[str, str] = {}
        for wanted, document in self.instance.tariffs.items():
            names[wanted] = choose_key(wanted, taken)
            ids[wanted] = await self._add_tariff({**document, "key": names[wanted]}, regions)
        return ids, names

    async def _add_tariff(self, document: dict[str, Any], regions: list[Region]) -> str:
        tariff, findings = check_document(document, regions)
        errors = [finding for finding in findings if finding.severity == "error"]
        if tariff is None or errors:
            faults = [FieldError("/parameters", f"tariff.{item.code}", dict(item.params)) for item in errors]
            raise Invalid("tariff_refused", errors=faults)
        record = Tariff(
            id=new_id(),
            workspace_id=self.actor.workspace_id,
            key=tariff.key,
            name=dict(document["name"]),
            created_at=self.now,
        )
        self.session.add(record)
        await self.session.flush()
        revision = TariffRevision(
            id=new_id(),
            workspace_id=self.actor.workspace_id,
            tariff_id=record.id,
            revision=1,
            document=document,
            effective_from=self.now,
            note=self._note,
            created_at=self.now,
            created_by=self.actor.member_id,
        )
        self.session.add(revision)
        await self.session.flush()
        return record.id

    async def add_workflows(self, tariffs: Mapping[str, str], registry: Registry) -> dict[str, str]:
        """Draft and release 1 of each. Raises Invalid (`unsound`)."""
        taken = await self._list_taken(Workflow.key, Workflow.workspace_id)
        ids: dict[str, str] = {}
        names = {wanted: choose_key(wanted, taken) for wanted in self.instance.definitions}
        for wanted, raw in self.instance.definitions.items():
            cleaned, definition = read_definition(rename_workflows(rename_tariffs(raw, tariffs), names))
            await _require_sound(definition, registry)
            workflow = await add_workflow(
                self.session,
                self.actor.workspace_id,
                key=names[wanted],
                definition=cleaned,
                member_id=self.actor.member_id,
                now=self.now,
                template=self.package.manifest.id,
            )
            await add_release(
                self.session,
                self.actor.workspace_id,
                workflow.id,
                definition,
                note=self._note,
                member_id=self.actor.member_id,
                now=self.now,
            )
            ids[wanted] = workflow.id
        return ids

    def add_links(
        self,
        workflows: Mapping[str, str],
        placed: Mapping[str, Region],
        known: Mapping[str, Region],
    ) -> list[EntryLink]:
        """One door for each place where customers are: the leaves below the planned region, else itself."""
        links: list[EntryLink] = []
        for plan in self.package.manifest.entry_links:
            region = placed[plan.region]
            name = plan.name.en if self.locale == "en" else plan.name.zh
            for leaf in list_leaves(region, known)[:MAX_LINKS]:
                own = leaf.name.get(self.locale) or leaf.name["zh"]
                title = name if leaf is region else f"{name} · {own}"
                workflow = workflows[plan.workflow]
                links.append(self._make_link(workflow, leaf, channel=plan.channel, name=title))
        self.session.add_all(links)
        return links

    def _make_link(self, workflow_id: str, region: Region, *, channel: str, name: str) -> EntryLink:
        return EntryLink(
            id=new_id(),
            workspace_id=self.actor.workspace_id,
            workflow_id=workflow_id,
            region_id=region.id,
            channel=channel,
            name=name[:100],
            token=secrets.token_urlsafe(32),
            active=True,
            created_at=self.now,
        )

    async def _list_taken(self, key: Any, workspace: Any) -> set[str]:
        """Keys of a table that the workspace has already."""
        rows = await self.session.execute(select(key).where(workspace == self.actor.workspace_id))
        return set(rows.scalars())

    async def record(self, workflows: dict[str, str], tariffs: dict[str, str]) -> str:
        """Remember what was cloned from what; answers the record's id."""
        manifest = self.package.manifest
        installed = InstalledTemplate(
            id=new_id(),
            workspace_id=self.actor.workspace_id,
            template=manifest.id,
            version=manifest.version,
            parameters=self.instance.parameters,
            parts={"workflows": workflows, "tariffs": tariffs},
            package=self.package.export(),
            created_at=self.now,
        )
        self.session.add(installed)
        await self.session.flush()
        workspace, member = self.actor.workspace_id, self.actor.member_id
        detail = {"template": manifest.id, "version": manifest.version}
        await append(self.session, workspace, member, "template.cloned", f"template:{installed.id}", detail)
        announce(self.session, workspace, "workflows", "settlement")
        return installed.id


def resolve_regions(
    package: Package, parameters: Mapping[str, Any], known: Mapping[str, Region]
) -> dict[str, Any]:
    """Parameters for regions as keys: they may be given by id or by key. Raises Invalid."""
    values = dict(parameters)
    by_id = {region.id: region.key for region in known.values()}
    for plan in package.regions:
        given = values.get(plan.param or "")
        if plan.param is None or not isinstance(given, str) or given == "":
            continue
        key = by_id.get(given)
        if key is None and given not in known:
            raise invalid_field(f"/parameters/{plan.param}", "unknown_region")
        values[plan.param] = key or given
    return values


async def _load_regions(session: AsyncSession, workspace_id: str) -> dict[str, Region]:
    statement = select(Region).where(Region.workspace_id == workspace_id).order_by(Region.path)
    return {region.key: region for region in (await session.execute(statement)).scalars()}


def _only_root(known: Mapping[str, Region]) -> Region | None:
    roots = [region for region in known.values() if region.parent_id is None]
    return roots[0] if len(roots) == 1 else None


def _make_region(actor: Actor, plan: RegionPlan, parent: Region | None) -> Region:
    return Region(
        id=new_id(),
        workspace_id=actor.workspace_id,
        key=plan.key,
        parent_id=parent.id if parent else None,
        path=f"{parent.path if parent else '/'}{plan.key}/",
        name={"zh": plan.name.zh, "en": plan.name.en},
        zone=plan.zone,
        currency=plan.currency,
        calendar={},
    )


async def _require_sound(definition: Definition, registry: Registry) -> None:
    verdict = await anyio.to_thread.run_sync(check_now, definition, registry)
    if verdict.blocked:
        raise Invalid("unsound")


def choose_key(wanted: str, taken: set[str]) -> str:
    """The wanted key, else with the first free number behind it; it is taken afterwards."""
    key, number = wanted, 1
    while key in taken:
        number += 1
        key = f"{wanted[: MAX_KEY - 1 - len(str(number))]}-{number}"
    taken.add(key)
    return key


def list_leaves(region: Region, known: Mapping[str, Region]) -> list[Region]:
    """Regions below that have none below them, by path; the region itself when it is one."""
    parents = {other.parent_id for other in known.values()}
    below = [other for other in known.values() if other.path.startswith(region.path)]
    return sorted((other for other in below if other.id not in parents), key=lambda other: other.path)
