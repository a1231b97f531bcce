"""`/templates/{industry}/{slug}/clone`: parameters, then what was made and how customers reach it."""

from __future__ import annotations

from typing import Any

import msgspec
from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.regions import Region
from backend.contracts.templates import Cloned, TemplateDetail
from backend.contracts.workflows import EntryLink, WorkflowItem
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.templates.detail import role_list
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.generated import generated_form
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, button_link, card, page_head

MOST_MADE = 20


class Made(msgspec.Struct, frozen=True):
    """A cloned workflow with its links."""

    workflow: WorkflowItem
    links: list[EntryLink]


@component
def clone(industry: str, slug: str) -> VdomDict:
    """With `made` in the address it is the result, which may be reloaded and sent on."""
    shell = use_shell()
    made = [part for part in use_query().get("made", "").split(",") if part][:MOST_MADE]
    loaded = use_resource(lambda: shell.api.find_template(industry, slug), industry, slug, *made)

    def draw(found: TemplateDetail) -> VdomDict:
        crumbs = breadcrumbs(
            (shell.t("templates.title"), "/templates"),
            (pick(found.name, shell.locale), f"/templates/{found.industry}/{found.slug}"),
            (shell.t("templates.clone"), None),
        )
        body = result(found, made, key="result") if made else wizard(found, key="wizard")
        return html.div({"className": "flex flex-col gap-5"}, crumbs, body)

    return html.div(show(loaded, shell.t, draw, skeleton(3, "h-32", shell.t("shell.loading"))))


@component
def wizard(found: TemplateDetail) -> VdomDict:
    """The parameters as a generated form; the defaults run as they are."""
    shell = use_shell()
    t = shell.t
    path = f"/templates/{found.industry}/{found.slug}/clone"

    def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind == "submitted":
            answer = msgspec.convert(detail["answer"], Cloned)
            shell.go(address(path, made=",".join(answer.workflows)))
        elif kind == "cancelled":
            shell.go(f"/templates/{found.industry}/{found.slug}")

    form = generated_form(
        shell,
        found.parameters,
        heard,
        url=path,
        wrap="parameters",
        submit=t("templates.clone.submit"),
        cancel=t("shell.cancel"),
    )
    steps = ("release", "links", "roles")
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(t("templates.clone.title", name=pick(found.name, shell.locale)), t("templates.clone.text")),
        html.div(
            {"className": "grid items-start grid-cols-1 gap-5 lg:grid-cols-[1fr_20rem]"},
            card(form, title=t("templates.clone.parameters")),
            html.div(
                {"className": "flex flex-col gap-5"},
                card(
                    html.ul(
                        {"className": "flex flex-col gap-2"},
                        [
                            html.li(
                                {"key": step, "className": "flex items-start gap-2"},
                                html.span({"className": "mt-0.5 text-success"}, icon("check", 16)),
                                t(f"templates.clone.gets.{step}"),
                            )
                            for step in steps
                        ],
                    ),
                    title=t("templates.clone.gets"),
                ),
                card(role_list(found.roles, shell), title=t("templates.roles")),
            ),
        ),
    )


@component
def result(found: TemplateDetail, made: list[str]) -> VdomDict:
    """It runs: where to look, and the doors for customers."""
    shell = use_shell()
    t = shell.t

    async def load() -> tuple[list[Made], list[Region]]:
        parts = [
            Made(await shell.api.find_workflow(each), (await shell.api.list_entry_links(each)).items)
            for each in made
        ]
        return parts, (await shell.api.list_regions()).items

    loaded = use_resource(load, *made)

    def draw(parts: tuple[list[Made], list[Region]]) -> VdomDict:
        return html.div(
            {"className": "flex flex-col gap-5"}, [_workflow(part, parts[1], shell) for part in parts[0]]
        )

    lonely = [role for role in found.roles if not role.members]
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.div(
            {"className": "flex items-center gap-4"},
            html.span({"className": "text-success"}, icon("circle-check", 40)),
            page_head(t("templates.made.title"), t("templates.made.text")),
        ),
        card(
            role_list(lonely, shell),
            title=t("templates.made.roles"),
            actions=[button_link(t("templates.made.members"), "/admin/members", "users")]
            if shell.may("administer")
            else [],
            css="border-warning/50",
        )
        if lonely
        else None,
        show(loaded, t, draw),
    )


def _workflow(made: Made, regions: list[Region], shell: Shell) -> VdomDict:
    t = shell.t
    item = made.workflow
    state = badge(t("workflows.release", number=item.release_number), "soft badge-success", "circle-check")
    return html.div(
        {"key": item.id},
        card(
            html.div(
                {"className": "mb-5 flex flex-wrap gap-2"},
                button_link(
                    t("templates.made.design"), f"/workflows/{item.id}/design", "route", "btn-sm btn-primary"
                ),
                button_link(t("templates.made.ticket"), address("/tickets/new", workflow=item.id), "plus"),
                button_link(t("templates.made.tariffs"), "/settlement/tariffs", "coins"),
            ),
            html.h3({"className": "mb-3 text-sm text-muted"}, t("templates.made.links")),
            html.ul(
                {"className": "grid grid-cols-1 gap-4 md:grid-cols-2"},
                [_link(link, regions, shell) for link in made.links],
            )
            if made.links
            else html.p({"className": "text-muted"}, t("templates.made.no_links")),
            title=pick(item.name, shell.locale),
            actions=[state] if item.release_number else [],
        ),
    )


def _link(link: EntryLink, regions: list[Region], shell: Shell) -> VdomDict:
    t = shell.t
    path = next((region.path for region in regions if region.id == link.region_id), [])
    where = " / ".join(pick(name, shell.locale) for name in path)
    picture = f"/api/v1/entry-links/{link.id}/qr.svg"
    return html.li(
        {"key": link.id, "className": "flex min-w-0 gap-4 rounded-box border border-base-300 p-4"},
        html.img(
            {
                "src": picture,
                "alt": t("templates.made.qr", name=link.name or where),
                "className": "size-28 shrink-0 rounded-field bg-white",
                "loading": "lazy",
            }
        ),
        html.div(
            {"className": "flex min-w-0 flex-col gap-1"},
            html.span({"className": "font-medium"}, link.name or where),
            html.span({"className": "text-sm text-muted"}, where),
            html.a(
                {
                    "href": link.url,
                    "target": "_blank",
                    "rel": "noopener",
                    "className": "tf-link truncate text-sm",
                },
                link.url,
            ),
            html.a(
                {
                    "href": picture,
                    "download": f"{link.name or link.id}.svg",
                    "className": "btn btn-sm mt-auto w-fit",
                },
                icon("download", 14),
                t("templates.made.download"),
            ),
        ),
    )
