"""Roles and the rights they give."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.identity import Role
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.icon import icon
from frontend.widgets.parts import page_head, table

RIGHTS = ("view", "edit", "publish", "run", "settle", "administer")


@component
def roles() -> VdomDict:
    """A table of role and right; templates bring roles of their own when they are cloned."""
    shell = use_shell()
    loaded = use_resource(shell.api.list_roles)

    def draw(page: Page[Role]) -> VdomDict:
        heads = [
            shell.t("admin.roles.role"),
            shell.t("admin.roles.scope"),
            *(shell.t(f"admin.right.{right}") for right in RIGHTS),
        ]
        return html.div(
            {"className": "tf-card p-0"},
            table(heads, [_row(role, shell) for role in page.items], shell.t("admin.section.roles")),
        )

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("admin.section.roles"), shell.t("admin.roles.text")),
        show(loaded, shell.t, draw),
    )


def _row(role: Role, shell: Shell) -> VdomDict:
    def cell(right: str) -> VdomDict:
        holds = right in role.rights
        word = shell.t("admin.roles.yes" if holds else "admin.roles.no")
        mark = html.span({"className": "text-success"}, icon("check", 16)) if holds else "–"
        return html.td(
            {"key": right},
            html.span({"aria-hidden": "true", "className": "" if holds else "text-muted"}, mark),
            html.span({"className": "sr-only"}, word),
        )

    return html.tr(
        {"key": role.key},
        html.th(
            {"scope": "row", "className": "font-medium"},
            pick(role.name, shell.locale),
            html.span({"className": "block text-sm font-normal text-muted"}, role.key),
        ),
        html.td({"className": "whitespace-nowrap"}, shell.t(f"admin.scope.{role.scope}")),
        [cell(right) for right in RIGHTS],
    )
