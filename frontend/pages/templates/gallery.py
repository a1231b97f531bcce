"""`/templates`: pictures from the real graphs, each with what its own scenarios prove."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page, Text
from backend.contracts.templates import TemplateItem
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.flow_picture import flow_picture
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, button_link, page_head
from frontend.widgets.search_box import search_box


@component
def gallery() -> VdomDict:
    """Search and industries narrow what is shown."""
    shell = use_shell()
    text, set_text = use_state("")
    industry, set_industry = use_state("")
    loaded = use_resource(shell.api.list_templates)

    def draw(page: Page[TemplateItem]) -> VdomDict:
        names = {item.industry: item.industry_name for item in page.items}
        found = [
            item for item in page.items if industry in ("", item.industry) and _fits(item, text.casefold())
        ]
        return html.div(
            {"className": "flex flex-col gap-5"},
            html.div(
                {"className": "flex flex-wrap items-center gap-3"},
                html.div(
                    {"className": "w-full max-w-sm"},
                    search_box(shell.t("templates.search"), set_text, key="search"),
                ),
                _industries(names, industry, set_industry, shell),
            ),
            _cards(found, shell),
        )

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("templates.title"), shell.t("templates.text")),
        show(loaded, shell.t, draw, _waiting(shell)),
    )


def _fits(item: TemplateItem, wanted: str) -> bool:
    """Name, industry, summary and steps in both languages."""
    texts = [item.name, item.industry_name, item.summary, *(node.label for node in item.graph.nodes)]
    return wanted in " ".join(f"{text.zh} {text.en}" for text in texts).casefold()


def _industries(names: dict[str, Text], chosen: str, choose: Callable[[str], None], shell: Shell) -> VdomDict:
    def button(key: str, text: str) -> VdomDict:
        active = key == chosen
        return html.button(
            {
                "key": key or "all",
                "type": "button",
                "aria-pressed": "true" if active else "false",
                "className": f"btn btn-sm {'btn-primary' if active else 'btn-ghost'}",
                "onClick": lambda _event: choose(key),
            },
            text,
        )

    return html.div(
        {"className": "flex flex-wrap gap-1", "role": "group", "aria-label": shell.t("templates.industries")},
        button("", shell.t("templates.all")),
        [button(key, pick(name, shell.locale) or key) for key, name in sorted(names.items())],
    )


def _cards(items: Sequence[TemplateItem], shell: Shell) -> VdomDict:
    if not items:
        return html.div(
            {"className": "tf-card"},
            empty(shell.t("templates.none"), shell.t("templates.none.text"), name="search"),
        )
    return html.ul(
        {"className": "grid grid-cols-1 gap-5 md:grid-cols-2 xl:grid-cols-3"},
        [_card(item, shell) for item in items],
    )


def _card(item: TemplateItem, shell: Shell) -> VdomDict:
    t = shell.t
    path = f"/templates/{item.industry}/{item.slug}"
    counts = (
        t("templates.count.nodes", count=item.counts.nodes),
        t("templates.count.forms", count=item.counts.forms),
        t("templates.count.tariffs", count=item.counts.tariffs),
    )
    return html.li(
        {"key": item.id, "className": "tf-card flex flex-col overflow-hidden p-0"},
        html.a(
            {"href": path, "className": "block border-b border-base-300 bg-base-200 px-4", "tabIndex": -1},
            flow_picture(item.graph, shell.locale, labels=False, css="w-full h-44"),
        ),
        html.div(
            {"className": "flex flex-1 flex-col gap-2 p-5"},
            html.div(
                {"className": "flex items-start justify-between gap-3"},
                html.h2(
                    {"className": "min-w-0 text-base font-semibold"},
                    html.a({"href": path, "className": "hover:underline"}, pick(item.name, shell.locale)),
                    " ",
                    badge(pick(item.industry_name, shell.locale) or item.industry, "secondary"),
                ),
                proof_badge(item.scenarios.passed, item.scenarios.total, item.proven, shell),
            ),
            html.p({"className": "text-muted"}, pick(item.summary, shell.locale)),
            html.div(
                {"className": "mt-auto flex flex-wrap items-center justify-between gap-3 pt-2"},
                html.span(
                    {"className": "flex gap-3 text-sm text-muted tf-tabular"},
                    *(html.span(count) for count in counts),
                ),
                html.div(
                    {"className": "flex gap-2"},
                    button_link(t("templates.play"), f"{path}?part=play", "play"),
                    button_link(t("templates.clone"), f"{path}/clone", "", "btn-sm btn-primary")
                    if shell.may("publish")
                    else None,
                ),
            ),
        ),
    )


def proof_badge(passed: int, total: int, proven: bool, shell: Shell) -> VdomDict:
    """How many of its own scenarios a template passes, worked out from the files that would be cloned."""
    tone, name = ("text-success", "shield-check") if proven else ("text-error", "triangle-alert")
    return html.span(
        {
            "className": f"flex shrink-0 items-center gap-1 text-sm whitespace-nowrap tf-tabular {tone}",
            "title": shell.t("templates.proof.text" if proven else "templates.proof.failed"),
        },
        icon(name, 16),
        shell.t("templates.proof", passed=passed, total=total),
    )


def _waiting(shell: Shell) -> VdomDict:
    return html.div(
        {
            "className": "grid grid-cols-1 gap-5 md:grid-cols-2 xl:grid-cols-3",
            "role": "status",
            "aria-busy": "true",
            "aria-label": shell.t("shell.loading"),
        },
        [html.div({"key": at, "className": "skeleton h-80 w-full"}) for at in range(3)],
    )
