"""How fast, how many at once and how often the jobs of a target are tried."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.operations import Limit
from frontend.attempts import attempt
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.generated import choice_field, generated_form, object_of, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import card

NUMBERS = {"rate": 10_000, "at_once": 1_000, "tries": 100, "first_s": 3_600, "longest_s": 86_400}


@component
def limits() -> VdomDict:
    """The workspace's limits, each to be changed or removed, and a form for a new one."""
    shell = use_shell()
    t = shell.t
    editing, set_editing = use_state("")
    loaded = use_resource(shell.api.list_limits)

    def heard(kind: str, _detail: dict[str, Any]) -> None:
        if kind == "submitted":
            shell.toast(t("admin.saved"), "success")
            loaded.reload()
        set_editing("")

    async def remove(limit: Limit) -> None:
        work = shell.api.remove_limit(limit.id)
        if shell.may("administer") and await attempt(shell, work, t("operations.limits.removed")):
            loaded.reload()

    def draw(page: Page[Limit]) -> VdomDict:
        chosen = next((limit for limit in page.items if limit.id == editing), None)
        return html.div(
            {"className": "flex flex-col gap-4"},
            html.p({"className": "text-sm text-muted"}, t("operations.limits.text")),
            html.ul([_row(limit, set_editing, remove, shell) for limit in page.items])
            if page.items
            else html.p(t("operations.limits.none")),
            html.div({"key": editing}, _form(chosen, heard, shell))
            if editing
            else html.div(
                {"key": "add"},
                html.button(
                    {
                        "type": "button",
                        "className": "btn btn-sm",
                        "onClick": lambda _event: set_editing("new"),
                    },
                    icon("plus", 14),
                    t("operations.limits.add"),
                ),
            ),
        )

    return card(html.div(show(loaded, t, draw)), title=t("operations.limits"))


def _row(limit: Limit, edit: Any, remove: Any, shell: Shell) -> VdomDict:
    async def press(_event: object) -> None:
        await remove(limit)

    return html.li(
        {
            "key": limit.id,
            "className": "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-base-300 py-2.5",
        },
        html.code({"className": "font-medium break-all"}, limit.pattern),
        html.span({"className": "min-w-0 flex-1 basis-48 text-sm text-muted"}, _say(limit, shell)),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: edit(limit.id)},
            shell.t("operations.limits.change"),
        ),
        html.button(
            {"type": "button", "className": "btn btn-ghost btn-sm", "onClick": press},
            shell.t("operations.limits.remove"),
        ),
    )


def _say(limit: Limit, shell: Shell) -> str:
    t = shell.t
    parts = [
        t(f"operations.limits.say.{limit.seconds}", count=limit.rate) if limit.rate else "",
        t("operations.limits.say.at_once", count=limit.at_once) if limit.at_once else "",
        t("operations.limits.say.tries", count=limit.tries) if limit.tries else "",
    ]
    return " · ".join(part for part in parts if part)


def _form(limit: Limit | None, heard: Any, shell: Shell) -> VdomDict:
    t = shell.t
    numbers = {
        name: {"type": "integer", "title": t(f"operations.limits.{name}"), "minimum": 1, "maximum": most}
        for name, most in NUMBERS.items()
    }
    numbers["first_s"]["minimum"] = 0
    spans = [(f"per_{seconds}", t(f"operations.limits.per.{seconds}")) for seconds in (1, 60, 3600)]
    listed = [{"const": int(key.removeprefix("per_")), "title": text} for key, text in spans]
    per = {
        **choice_field(t("operations.limits.seconds"), []),
        "type": "integer",
        "oneOf": listed,
        "default": 1,
    }
    pattern = text_field(
        t("operations.limits.pattern"), longest=255, minLength=1, hint=t("operations.limits.pattern.hint")
    )
    rate = {"rate": numbers.pop("rate"), "seconds": per}
    names = ("pattern", "rate", "seconds", "at_once", "tries", "first_s", "longest_s")
    known = {name: getattr(limit, name) for name in names} if limit else {}
    return generated_form(
        shell,
        object_of({"pattern": pattern, **rate, **numbers}, ["pattern"]),
        heard,
        value={name: value for name, value in known.items() if value is not None},
        url=f"/job-limits/{limit.id}" if limit else "/job-limits",
        method="PUT" if limit else "POST",
        submit=t("admin.save"),
        cancel=t("operations.limits.cancel"),
    )
