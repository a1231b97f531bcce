"""`/workflows/{workflow_id}/releases`: what was published, what it changed, and going back."""

from __future__ import annotations

from collections.abc import Sequence

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.workflows import PublishChange, PublishPreview, Release
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.workflows.place import in_workflow
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import moment, relative
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import badge, button_link, card, page_head

SIGNS = {
    "added": ("plus", "text-success"),
    "removed": ("x", "text-error"),
    "changed": ("pencil", "text-info"),
}
DETAILS = {
    "label": "name",
    "title": "name",
    "x-title": "name",
    "config": "config",
    "when": "when",
    "order": "order",
    "source": "way",
    "target": "way",
    "port": "way",
    "schema": "fields",
    "properties": "fields",
    "ui": "layout",
    "type": "type",
    "oneOf": "choices",
    "required": "required",
}
"""Members of the definition -> what people call them."""
SHORT_HASH = 12
MOST_CHANGES = 200


@component
def releases(workflow_id: str) -> VdomDict:
    """The draft's changes on top, then the history."""
    shell = use_shell()
    return in_workflow(
        html.div(
            {"className": "min-h-0 flex-1 overflow-y-auto p-4 md:p-6 pb-24 md:pb-6"},
            html.div(
                {"className": "mx-auto flex max-w-5xl flex-col gap-5"},
                page_head(shell.t("workflows.releases.title"), shell.t("workflows.releases.text")),
                draft_changes(workflow_id, key="draft"),
                history(workflow_id, key="history"),
            ),
        ),
    )


@component
def draft_changes(workflow_id: str) -> VdomDict:
    """What publishing now would change."""
    shell = use_shell()
    t = shell.t
    changed = use_changes(f"workflow:{workflow_id}")
    loaded = use_resource(lambda: shell.api.preview_publish(workflow_id), workflow_id, changed)

    def draw(preview: PublishPreview) -> VdomDict:
        state = (
            badge(t("workflows.draft.blocked"), "soft badge-error", "circle-alert")
            if preview.blocked
            else badge(t("workflows.draft.ready"), "soft badge-success", "circle-check")
        )
        errors = [finding for finding in preview.findings if finding.severity == "error"]
        return html.div(
            {"className": "flex flex-col gap-3"},
            html.div(
                {"className": "flex flex-wrap items-center gap-2 text-sm text-muted"},
                html.span({"className": "tf-tabular"}, t("workflows.revision", revision=preview.revision)),
                state,
            ),
            html.ul(
                {"className": "text-sm text-error"},
                [html.li({"key": at}, finding.message) for at, finding in enumerate(errors[:5])],
            )
            if errors
            else None,
            change_list(preview.changes, shell)
            if preview.changes
            else html.p({"className": "text-muted"}, t("workflows.draft.same")),
        )

    go = button_link(t("workflows.draft.open"), f"/workflows/{workflow_id}/design", "route")
    return card(show(loaded, t, draw), title=t("workflows.draft.title"), actions=[go])


def change_list(changes: Sequence[PublishChange], shell: Shell) -> VdomDict:
    """Signs and words, never colour alone."""
    t = shell.t

    def row(at: int, change: PublishChange) -> VdomDict:
        name, tone = SIGNS.get(change.kind, SIGNS["changed"])
        return html.li(
            {"key": f"{at} {change.subject} {change.id}", "className": "flex items-start gap-2 py-1"},
            html.span({"className": f"mt-0.5 {tone}"}, icon(name, 14)),
            html.span(
                {"className": "min-w-0 break-words"},
                html.span(
                    {"className": "text-muted"},
                    f"{t(f'workflows.kind.{change.kind}')} · {t(f'workflows.subject.{change.subject}')} ",
                ),
                pick(change.label, shell.locale) or change.id,
                html.span({"className": "text-sm text-muted"}, f" ({_name_details(change.detail, shell)})")
                if change.detail
                else None,
            ),
        )

    shown = list(changes[:MOST_CHANGES])
    return html.ul(
        {"className": "max-h-80 overflow-y-auto", "tabIndex": 0},
        [row(at, change) for at, change in enumerate(shown)],
        html.li({"key": "more", "className": "py-1 text-muted"}, f"+{len(changes) - len(shown)}")
        if len(changes) > len(shown)
        else None,
    )


def _name_details(detail: str, shell: Shell) -> str:
    """What differs, in words; several settings of a node are one word."""
    words: dict[str, None] = {}
    for part in detail.split(", "):
        key = DETAILS.get(part.split(".")[0], "other")
        words[shell.t(f"workflows.detail.{key}")] = None
    return shell.t("workflows.join").join(words)


@component
def history(workflow_id: str) -> VdomDict:
    """Releases, the newest first."""
    shell = use_shell()
    changed = use_changes(f"workflow:{workflow_id}")
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_releases(workflow_id, cursor), workflow_id, changed
    )

    def draw(page: Page[Release]) -> VdomDict:
        if not page.items:
            go = button_link(
                shell.t("workflows.draft.open"),
                f"/workflows/{workflow_id}/design",
                "route",
                "btn-sm btn-primary",
            )
            return html.div(
                {"className": "tf-card"},
                empty(
                    shell.t("workflows.releases.empty"),
                    shell.t("workflows.releases.empty.text"),
                    go,
                    name="history",
                ),
            )
        newest = page.items[0].number
        return html.div(
            html.ol(
                {"className": "flex flex-col gap-3"},
                [
                    html.li(
                        {"key": item.id}, release_card(workflow_id, item, item.number == newest, key=item.id)
                    )
                    for item in page.items
                ],
            ),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))


@component
def release_card(workflow_id: str, release: Release, is_newest: bool) -> VdomDict:
    """Closed it says who and when; open it shows the changes and the graph."""
    shell = use_shell()
    t = shell.t
    is_open, set_open = use_state(False)

    async def restore(_event: object) -> None:
        work = shell.api.restore_release(workflow_id, release.number)
        if await attempt(shell, work, t("workflows.restored", number=release.number)):
            shell.go(f"/workflows/{workflow_id}/design")

    button = html.button(
        {
            "type": "button",
            "className": "btn btn-sm",
            "onClick": restore,
            "title": t("workflows.restore.text"),
        },
        icon("rotate-ccw", 14),
        t("workflows.restore"),
    )
    return html.section(
        {"className": "tf-card p-0"},
        html.div(
            {"className": "flex flex-wrap items-center gap-3 px-5 py-4"},
            html.button(
                {
                    "type": "button",
                    "className": "flex min-w-0 flex-1 basis-60 items-start gap-3 text-left",
                    "aria-expanded": "true" if is_open else "false",
                    "onClick": lambda _event: set_open(not is_open),
                },
                html.span(
                    {"className": f"mt-0.5 text-muted transition-transform {'rotate-90' if is_open else ''}"},
                    icon("chevron-right", 16),
                ),
                _summary(release, is_newest, shell),
            ),
            button if shell.may("edit") else None,
        ),
        release_detail(workflow_id, release.number, key="detail") if is_open else None,
    )


def _summary(release: Release, is_newest: bool, shell: Shell) -> VdomDict:
    t = shell.t
    return html.span(
        {"className": "min-w-0"},
        html.span(
            {"className": "flex flex-wrap items-center gap-2"},
            html.span({"className": "font-medium tf-tabular"}, t("workflows.release", number=release.number)),
            badge(t("workflows.releases.current"), "soft badge-success", "circle-check")
            if is_newest
            else None,
            html.code(
                {"className": "text-xs text-muted tf-tabular", "title": release.hash},
                release.hash[:SHORT_HASH],
            ),
        ),
        html.span(
            {"className": "flex flex-wrap gap-x-3 text-sm text-muted"},
            html.span(release.by.name) if release.by else None,
            moment(release.created_at, shell.locale, shell.zone),
            relative(release.created_at, shell.locale, shell.zone),
        ),
        html.span({"className": "mt-1 block break-words"}, release.note) if release.note else None,
    )


@component
def release_detail(workflow_id: str, number: int) -> VdomDict:
    """Changes against the release before, and the frozen graph."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.list_release_changes(workflow_id, number), workflow_id, number)

    def draw(page: Page[PublishChange]) -> VdomDict:
        if not page.items:
            return html.p({"className": "text-muted"}, shell.t("workflows.releases.same"))
        return change_list(page.items, shell)

    props = {
        "path": f"/workflows/{workflow_id}/releases/{number}",
        "at": ["definition"],
        "derivedAt": ["derived"],
        "locale": shell.locale,
        "csrf": shell.session.csrf,
        "height": 320,
    }
    return html.div(
        {"className": "border-t border-base-300"},
        island("canvas", "GraphView", props, css="border-b border-base-300"),
        html.div(
            {"className": "px-5 py-4"},
            html.h3({"className": "mb-1 text-sm text-muted"}, shell.t("workflows.releases.changes")),
            show(loaded, shell.t, draw),
        ),
    )
