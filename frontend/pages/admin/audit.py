"""Who did what: append-only, each entry sealed by the hash of the one before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.administration import AuditEntry
from backend.contracts.common import Page
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, page_head

ACTIONS = (
    "connection.changed",
    "entry_link.created",
    "job.retried",
    "member.changed",
    "member.created",
    "region.changed",
    "region.created",
    "session.opened",
    "tariff.created",
    "tariff.revised",
    "template.cloned",
    "workflow.created",
    "workflow.published",
    "workflow.restored",
    "workspace.created",
)


@component
def audit() -> VdomDict:
    """Newest first, all acts or those of one kind."""
    shell = use_shell()
    action, set_action = use_state("")

    def choose(event: dict[str, Any]) -> None:
        value = str(event["target"]["value"])
        set_action(value if value in ACTIONS else "")

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(
            shell.t("admin.section.audit"),
            shell.t("admin.audit.text"),
            html.select(
                {
                    "className": "select select-sm w-52",
                    "aria-label": shell.t("admin.audit.filter"),
                    "onChange": choose,
                },
                html.option({"value": ""}, shell.t("admin.audit.all")),
                [html.option({"key": key, "value": key}, shell.t(f"admin.act.{key}")) for key in ACTIONS],
            ),
        ),
        entries(action, key=action or "all"),
    )


@component
def entries(action: str) -> VdomDict:
    """One page after the other."""
    shell = use_shell()
    loaded, growing = use_pages(lambda cursor: shell.api.list_audit(action or None, cursor), action)

    def draw(page: Page[AuditEntry]) -> VdomDict:
        if not page.items:
            return html.div(
                {"className": "tf-card"},
                empty(shell.t("admin.audit.empty"), shell.t("admin.audit.empty.text"), name="shield-check"),
            )
        return html.div(
            html.div({"className": "mb-3"}, _seal(page.items, shell)) if not action else None,
            html.ul({"className": "tf-card p-0"}, [_row(entry, shell) for entry in page.items]),
            more_button(page, growing, shell),
        )

    return html.div(show(loaded, shell.t, draw))


def _seal(items: Sequence[AuditEntry], shell: Shell) -> VdomDict:
    """Whether each entry shown carries the hash of the one before it."""
    unbroken = all(later.previous == earlier.hash for later, earlier in pairwise(items))
    if unbroken:
        return badge(shell.t("admin.audit.sealed", count=len(items)), "soft badge-success", "shield-check")
    return badge(shell.t("admin.audit.broken"), "error", "triangle-alert")


def _row(entry: AuditEntry, shell: Shell) -> VdomDict:
    name = shell.t(f"admin.act.{entry.action}") if entry.action in ACTIONS else entry.action
    return html.li(
        {"key": entry.id, "className": "border-b border-base-300 last:border-0"},
        html.details(
            {"className": "group/entry"},
            html.summary(
                {
                    "className": "flex cursor-pointer list-none flex-wrap items-center gap-x-4 gap-y-1 px-5 "
                    "py-3"
                },
                html.span(
                    {"className": "text-muted transition-transform group-open/entry:rotate-90"},
                    icon("chevron-right", 14),
                ),
                html.span({"className": "min-w-0 flex-1 basis-40"}, name),
                html.span(
                    {"className": "text-muted"}, entry.by.name if entry.by else shell.t("admin.audit.system")
                ),
                html.span({"className": "text-sm text-muted"}, moment(entry.at, shell.locale, shell.zone)),
            ),
            html.dl(
                {"className": "grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 px-5 pb-4 pl-11 text-sm"},
                _fact(shell.t("admin.audit.number"), str(entry.seq)),
                _fact(shell.t("admin.audit.subject"), entry.subject),
                _fact(shell.t("admin.audit.detail"), json.dumps(entry.detail, ensure_ascii=False))
                if entry.detail
                else None,
                _fact(shell.t("admin.audit.hash"), entry.hash),
            ),
        ),
    )


def _fact(name: str, value: str) -> VdomDict:
    return html.div(
        {"key": name, "className": "contents"},
        html.dt({"className": "text-muted"}, name),
        html.dd({"className": "min-w-0 break-all"}, value),
    )
