"""Teams: their names, and who belongs to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.identity import Member
from backend.contracts.teams import Team
from frontend.i18n import pick
from frontend.paging import load_all
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.generated import both_languages, choices_field, generated_form, object_of, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog, page_head

KEY = "^[a-z0-9][a-z0-9_-]{0,59}$"


@component
def teams() -> VdomDict:
    """One card with a row for each."""
    shell = use_shell()
    is_open, set_open = use_state(False)
    loaded = use_resource(shell.api.list_teams)

    def close(changed: bool) -> None:
        set_open(False)
        if changed:
            loaded.reload()

    def draw(page: Page[Team]) -> VdomDict:
        if not page.items:
            return html.div(
                {"className": "tf-card"},
                empty(shell.t("admin.teams.none"), shell.t("admin.teams.none.text"), name="users"),
            )
        rows = [team_row(team, loaded.reload, key=team.id) for team in page.items]
        return html.ul({"className": "tf-card p-0"}, rows)

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(
            shell.t("admin.section.teams"),
            shell.t("admin.teams.text"),
            html.button(
                {
                    "type": "button",
                    "className": "btn btn-sm btn-primary",
                    "onClick": lambda _event: set_open(True),
                },
                icon("plus", 16),
                shell.t("admin.teams.new"),
            ),
        ),
        show(loaded, shell.t, draw),
        team_form(None, close, key="new") if is_open else None,
    )


@component
def team_row(team: Team, reload: Callable[[], None]) -> VdomDict:
    """Name, how many, who."""
    shell = use_shell()
    is_open, set_open = use_state(False)

    def close(changed: bool) -> None:
        set_open(False)
        if changed:
            reload()

    names = [member.name for member in team.members]
    return html.li(
        {
            "className": "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-base-300 px-5 py-3.5 "
            "last:border-0"
        },
        html.div(
            {"className": "min-w-0 flex-1 basis-48"},
            html.div({"className": "truncate font-medium"}, pick(team.name, shell.locale)),
            html.div({"className": "truncate text-sm text-muted"}, team.key),
        ),
        html.div(
            {"className": "min-w-0 flex-1 basis-48 truncate text-sm text-muted"},
            shell.t("admin.teams.count", count=len(names)),
            f" · {'、'.join(names) if shell.locale == 'zh' else ', '.join(names)}" if names else "",
        ),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: set_open(True)},
            icon("pencil", 14),
            shell.t("admin.edit"),
        ),
        team_form(team, close, key="form") if is_open else None,
    )


@component
def team_form(team: Team | None, close: Callable[[bool], None]) -> VdomDict:
    """A new team, or one that is changed."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(lambda: load_all(shell.api.list_members))

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(t("admin.teams.saved"), "success")
        close(kind == "submitted")

    def draw(members: list[Member]) -> VdomDict:
        fields = _fields([member for member in members if member.active], shell)
        key = text_field(t("admin.teams.key"), longest=60, hint=t("admin.teams.key.hint"), pattern=KEY)
        schema = object_of(fields if team else {"key": key, **fields}, ["name"] if team else ["key", "name"])
        value: dict[str, Any] = {}
        if team is not None:
            name = {"zh": team.name.zh, "en": team.name.en}
            value = {"name": name, "members": [member.id for member in team.members]}
        return generated_form(
            shell,
            schema,
            heard,
            value=value,
            url=f"/teams/{team.id}" if team else "/teams",
            method="PATCH" if team else "POST",
            blanks={"members": []},
            submit=t("admin.save") if team else t("admin.teams.create"),
            cancel=t("shell.cancel"),
        )

    title = pick(team.name, shell.locale) if team else t("admin.teams.new")
    return dialog(title, t, lambda: close(False), show(loaded, t, draw))


def _fields(members: list[Member], shell: Shell) -> dict[str, Any]:
    options = [(member.id, member.name) for member in members]
    return {
        "name": both_languages(shell.t("admin.teams.name")),
        "members": choices_field(shell.t("admin.teams.members"), options),
    }
