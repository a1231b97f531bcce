"""`/templates/{industry}/{slug}`: everything a clone would bring, before it is cloned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import Component, VdomDict

from backend.contracts.common import Finding
from backend.contracts.settlement import RowWords
from backend.contracts.templates import TemplateDetail, TemplateRole
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.templates.gallery import proof_badge
from frontend.pages.templates.play import play
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.generated import generated_form
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import badge, breadcrumbs, button_link, card

PARTS = (("flow", "route"), ("forms", "clipboard-pen"), ("tariffs", "coins"), ("play", "play"))


@component
def template(industry: str, slug: str) -> VdomDict:
    """Head and parts; the part stands in the address."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.find_template(industry, slug), industry, slug)
    return html.div(
        show(
            loaded,
            shell.t,
            lambda found: opened(found, key="template"),
            skeleton(3, "h-40", shell.t("shell.loading")),
        )
    )


@component
def opened(found: TemplateDetail) -> VdomDict:
    """The template with the part that the reader chose."""
    shell = use_shell()
    query = use_query()
    path = f"/templates/{found.industry}/{found.slug}"
    part = query.get("part", "flow")
    body: Component | VdomDict
    if part == "forms":
        body = forms(found, key="forms")
    elif part == "tariffs":
        body = tariffs(found, shell)
    elif part == "play":
        body = play(found, query.get("scenario", ""), key="play")
    else:
        body = flow(found, shell)
    return html.div(
        {"className": "flex flex-col gap-5"},
        _head(found, path, shell),
        _parts(part, path, shell),
        html.div({"key": part}, body),
    )


def _head(found: TemplateDetail, path: str, shell: Shell) -> VdomDict:
    t = shell.t
    passed = sum(1 for scenario in found.scenarios if scenario.passed)
    return html.div(
        {"className": "flex flex-col gap-3"},
        breadcrumbs((t("templates.title"), "/templates"), (pick(found.name, shell.locale), None)),
        html.div(
            {"className": "flex flex-wrap items-start justify-between gap-x-6 gap-y-3"},
            html.div(
                {"className": "min-w-0"},
                html.h1(
                    {"className": "flex flex-wrap items-center gap-x-3 gap-y-1 text-xl font-semibold"},
                    pick(found.name, shell.locale),
                    badge(pick(found.industry_name, shell.locale) or found.industry, "secondary"),
                    html.span(
                        {"className": "text-sm font-normal text-muted tf-tabular"}, f"v{found.version}"
                    ),
                    proof_badge(passed, len(found.scenarios), found.proven, shell),
                ),
                html.p({"className": "mt-1 text-muted"}, pick(found.summary, shell.locale)),
                html.p(
                    {"className": "mt-1 text-sm text-muted"}, t("templates.installed", count=found.installed)
                )
                if found.installed
                else None,
            ),
            html.div(
                {"className": "flex gap-2"},
                button_link(t("templates.play"), address(path, part="play"), "play"),
                button_link(t("templates.clone"), f"{path}/clone", "copy", "btn-sm btn-primary")
                if shell.may("publish")
                else None,
            ),
        ),
    )


def _parts(here: str, path: str, shell: Shell) -> VdomDict:
    def tab(key: str, name: str) -> VdomDict:
        active = key == here
        look = "border-primary" if active else "border-transparent text-muted hover:text-base-content"
        attributes = {"key": key, "href": address(path, part=key)}
        if active:
            attributes["aria-current"] = "page"
        return html.a(
            attributes
            | {"className": f"flex items-center gap-1.5 whitespace-nowrap border-b-2 px-3 py-2 {look}"},
            icon(name, 16, "max-sm:hidden"),
            shell.t(f"templates.part.{key}"),
        )

    return html.nav(
        {
            "aria-label": shell.t("templates.parts"),
            "className": "flex overflow-x-auto border-b border-base-300",
        },
        [tab(*part) for part in PARTS],
    )


def flow(found: TemplateDetail, shell: Shell) -> VdomDict:
    """The graph of each workflow, the roles it needs, and what a check found."""
    t = shell.t
    return html.div(
        {"className": "flex flex-col gap-5"},
        [_graph(key, definition, found, shell) for key, definition in found.workflows.items()],
        html.div(
            {"className": "grid grid-cols-1 gap-5 md:grid-cols-2"},
            card(role_list(found.roles, shell), title=t("templates.roles")),
            card(
                html.dl(
                    {"className": "grid grid-cols-[auto_1fr] gap-x-6 gap-y-2"},
                    [
                        html.div(
                            {"key": name, "className": "contents"},
                            html.dt({"className": "text-muted"}, t(f"templates.has.{name}")),
                            html.dd({"className": "tf-tabular"}, str(count)),
                        )
                        for name, count in _counts(found)
                    ],
                ),
                title=t("templates.has"),
            ),
        ),
        card(_findings(found, shell), title=t("templates.findings")) if found.findings else None,
    )


def _findings(found: TemplateDetail, shell: Shell) -> VdomDict:
    """What the checks say, each with the part that it concerns."""

    def row(at: int, finding: Finding) -> VdomDict:
        tone = "text-error" if finding.severity == "error" else "text-warning"
        return html.li(
            {"key": at, "className": "flex items-start gap-2"},
            html.span({"className": f"mt-0.5 {tone}"}, icon("triangle-alert", 16)),
            html.span(
                {"className": "min-w-0 break-words"},
                html.span(
                    {"className": "text-muted"}, f"{name_part(finding.pointer or '', found, shell.locale)} "
                ),
                finding.message,
            ),
        )

    return html.ul(
        {"className": "flex flex-col gap-2"}, [row(at, finding) for at, finding in enumerate(found.findings)]
    )


def name_part(pointer: str, found: TemplateDetail, locale: str) -> str:
    """`tariffs/commission.json/rows/0` as the tariff's name; a path of no known part stays as it is."""
    kind, _, rest = pointer.partition("/")
    key = rest.partition("/")[0].removesuffix(".json")
    parts = {"tariffs": found.tariffs, "workflows": found.workflows}.get(kind, {})
    return localize(parts.get(key, {}).get("name"), locale) or pointer


def _counts(found: TemplateDetail) -> list[tuple[str, int]]:
    return [
        ("workflows", len(found.workflows)),
        ("nodes", found.counts.nodes),
        ("forms", found.counts.forms),
        ("tariffs", found.counts.tariffs),
        ("scenarios", len(found.scenarios)),
    ]


def _graph(key: str, definition: dict[str, Any], found: TemplateDetail, shell: Shell) -> VdomDict:
    props = graph_props(found, key, shell) | {"height": 440}
    name = localize(definition.get("name"), shell.locale) or key
    return html.section(
        {"key": key, "className": "tf-card overflow-hidden p-0"},
        html.h2({"className": "px-5 pt-4 pb-3 text-base font-semibold"}, name),
        island("canvas", "GraphView", props, css="border-t border-base-300"),
    )


def graph_props(found: TemplateDetail, workflow: str, shell: Shell) -> dict[str, Any]:
    """Where the island finds the graph and the words on its cards."""
    return {
        "path": f"/templates/{found.industry}/{found.slug}",
        "at": ["workflows", workflow],
        "derivedAt": ["derived", workflow],
        "locale": shell.locale,
        "csrf": shell.session.csrf,
    }


def localize(text: Any, locale: str) -> str:
    """A label of a document, which may be missing or written in one language."""
    if not isinstance(text, dict):
        return ""
    return str(text.get(locale) or text.get("zh") or text.get("en") or "")


def role_list(roles: Sequence[TemplateRole], shell: Shell) -> VdomDict:
    """Each role with how many of the workspace's members have it."""

    def row(role: TemplateRole) -> VdomDict:
        words = (
            shell.t("templates.roles.members", count=role.members)
            if role.members
            else shell.t("templates.roles.nobody")
        )
        return html.li(
            {
                "key": role.key,
                "className": "flex items-center justify-between gap-3 border-b border-base-300 py-2 "
                "last:border-0",
            },
            html.span(pick(role.name, shell.locale)),
            html.span({"className": f"text-sm {'text-muted' if role.members else 'text-warning'}"}, words),
        )

    return html.ul([row(role) for role in roles])


@component
def forms(found: TemplateDetail) -> VdomDict:
    """One form at a time, to be tried; nothing is sent."""
    shell = use_shell()
    known = {
        f"{workflow}/{key}": form
        for workflow, definition in found.workflows.items()
        for key, form in definition.get("forms", {}).items()
    }
    chosen, set_chosen = use_state(next(iter(known), ""))
    form = known.get(chosen)

    def entry(key: str) -> VdomDict:
        attributes: dict[str, Any] = {
            "key": key,
            "type": "button",
            "className": "tf-nav w-full whitespace-nowrap text-left",
            "onClick": lambda _event: set_chosen(key),
        }
        if key == chosen:
            attributes["aria-current"] = "page"
        return html.button(attributes, localize(known[key].get("title"), shell.locale) or key)

    return html.div(
        {"className": "grid grid-cols-1 gap-5 lg:grid-cols-[14rem_1fr]"},
        html.nav(
            {
                "aria-label": shell.t("templates.part.forms"),
                "className": "flex gap-1 overflow-x-auto lg:flex-col",
            },
            [entry(key) for key in known],
        ),
        html.section(
            {"key": chosen, "className": "tf-card max-w-3xl"},
            html.h2(
                {"className": "mb-1 text-lg font-semibold"},
                localize(form.get("title"), shell.locale) if form else "",
            ),
            html.p({"className": "mb-4 text-sm text-muted"}, shell.t("templates.forms.try")),
            generated_form(shell, form["schema"], ui=form.get("ui", {})) if form else None,
        ),
    )


def tariffs(found: TemplateDetail, shell: Shell) -> VdomDict:
    """Each row as a sentence, with the parameters' defaults."""
    return html.div(
        {"className": "flex flex-col gap-5"},
        html.p({"className": "text-muted"}, shell.t("templates.tariffs.text")),
        [_tariff(key, document, found.words.get(key, []), shell) for key, document in found.tariffs.items()],
    )


def _tariff(key: str, document: dict[str, Any], words: Sequence[RowWords], shell: Shell) -> VdomDict:
    names = {row.get("id"): localize(row.get("name"), shell.locale) for row in document.get("rows", [])}
    return html.div(
        {"key": key},
        card(
            html.ul(
                [
                    html.li(
                        {
                            "key": row.row,
                            "className": "grid gap-1 border-b border-base-300 py-3 last:border-0 "
                            "md:grid-cols-[14rem_1fr] md:gap-4",
                        },
                        html.span({"className": "font-medium"}, names.get(row.row) or row.row),
                        html.span(row.text),
                    )
                    for row in words
                ]
            ),
            title=localize(document.get("name"), shell.locale) or key,
            actions=[badge(str(document.get("currency", "")), "secondary")],
        ),
    )
