"""`/me/timesheet`: one's own hours for projects, made for the phone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.labour import LabourEntry
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.settlement.hours import entry_row
from frontend.paging import more_button, use_pages
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.generated import choice_field, generated_form, object_of, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import card, page_head


@component
def timesheet() -> VdomDict:
    """The form first, what was entered below it."""
    shell = use_shell()
    t = shell.t
    count, set_count = use_state(0)
    loaded, growing = use_pages(
        lambda cursor: shell.api.list_labour_entries(cursor, member_id="me"), count, use_changes("labour")
    )

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(t("labour.entered"), "success")
            set_count(lambda old: old + 1)

    async def withdraw(entry: LabourEntry) -> None:
        if await attempt(shell, shell.api.withdraw_hours(entry.id), t("labour.withdrawn")):
            loaded.reload()

    def draw(page: Page[LabourEntry]) -> VdomDict:
        if not page.items:
            return empty(t("labour.mine.empty"), t("labour.mine.empty.text"), name="clock")
        return html.div(
            html.ul([_own(entry, withdraw, shell) for entry in page.items]), more_button(page, growing, shell)
        )

    return html.div(
        {"className": "mx-auto flex max-w-2xl flex-col gap-5"},
        page_head(t("labour.mine"), t("labour.mine.text")),
        card(html.div({"key": str(count)}, entry_form(heard, key="form"))),
        card(html.div(show(loaded, t, draw, skeleton(4, "h-12"))), title=t("labour.mine.list")),
    )


def _own(entry: LabourEntry, withdraw: Any, shell: Shell) -> VdomDict:
    async def press(_event: Any) -> None:
        await withdraw(entry)

    return html.li(
        {"key": entry.id, "className": "flex items-center gap-2"},
        html.ul({"className": "min-w-0 flex-1"}, [entry_row(entry, shell)]),
        html.button(
            {
                "type": "button",
                "className": "btn btn-ghost btn-square",
                "aria-label": shell.t("labour.withdraw"),
                "onClick": press,
            },
            icon("trash-2", 16),
        )
        if entry.state == "entered"
        else None,
    )


@component
def entry_form(heard: Any) -> VdomDict:
    """Day, project, minutes, note."""
    shell = use_shell()
    t = shell.t
    found = use_resource(shell.api.list_projects).value
    if found is None:
        return skeleton(4, "h-10", t("shell.loading"))
    active = [project for project in found.items if project.active]
    if not active:
        return empty(t("labour.projects.empty"), t("labour.mine.no_project"), name="layers")
    today = datetime.now(UTC).astimezone(ZoneInfo(shell.zone)).date().isoformat()
    fields = {
        "project_id": choice_field(
            t("labour.mine.project"), [(each.id, pick(each.name, shell.locale)) for each in active]
        ),
        "day": {"type": "string", "format": "date", "title": t("labour.mine.day")},
        "minutes": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1440,
            "title": t("labour.mine.minutes"),
        },
        "note": text_field(t("labour.mine.note"), longest=500),
    }
    return generated_form(
        shell,
        object_of(fields, ["project_id", "day", "minutes"]),
        heard,
        value={"day": today, "project_id": active[0].id, "minutes": 60},
        url="/labour-entries",
        submit=t("labour.mine.enter"),
    )
