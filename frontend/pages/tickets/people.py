"""Choosing a colleague: to hand a task on, to give it to somebody else, to ask for one more signature."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.tasks import Candidate
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.parts import dialog
from frontend.widgets.search_box import search_box

Choose = Callable[[str, str], Awaitable[object]]
"""(member id, comment) -> what the API is asked."""


@component
def person_dialog(
    task_id: str, purpose: str, close: Callable[[], None], reload: Callable[[], None]
) -> VdomDict:
    """`purpose` is delegate, reassign or sign; only those who may do the step are offered."""
    shell = use_shell()
    chosen, set_chosen = use_state("")
    comment: Any = use_ref("")
    signs = purpose == "sign"
    title = shell.t(f"tickets.{purpose}")

    async def confirm(_event: object) -> None:
        if not chosen:
            return
        if signs:
            work = shell.api.add_signer(task_id, chosen, comment.current.strip())
        else:
            work = shell.api.delegate_task(task_id, chosen)
        if await attempt(shell, work, shell.t(f"tickets.{purpose}.done")):
            close()
            reload()

    button = html.button(
        {"type": "button", "className": "btn btn-primary", "disabled": not chosen, "onClick": confirm}, title
    )
    return dialog(
        title,
        shell.t,
        close,
        html.p({"className": "mb-3 text-muted"}, shell.t(f"tickets.{purpose}.text")),
        candidate_list(task_id, "sign" if signs else "delegate", chosen, set_chosen, key="people"),
        comment_box(shell.t("tickets.comment.optional"), comment) if signs else None,
        actions=[button],
    )


def comment_box(label: str, kept: Any, rows: int = 2) -> VdomDict:
    """A text of several lines whose value goes into a reference."""

    def note(event: dict[str, Any]) -> None:
        kept.current = str(event["target"]["value"])

    return html.textarea(
        {
            "className": "textarea mt-3 w-full",
            "rows": rows,
            "maxLength": 2000,
            "aria-label": label,
            "placeholder": label,
            "onChange": note,
        }
    )


@component
def candidate_list(task_id: str, purpose: str, chosen: str, choose: Callable[[str], object]) -> VdomDict:
    """Found by name, chosen by a press."""
    shell = use_shell()
    text, set_text = use_state("")
    loaded = use_resource(lambda: shell.api.list_candidates(task_id, purpose, text), text)

    def draw(found: list[Candidate]) -> VdomDict:
        if not found:
            return html.p({"className": "py-3 text-muted"}, shell.t("tickets.candidates.none"))
        return html.ul(
            {"className": "mt-2 max-h-64 overflow-y-auto", "role": "radiogroup"},
            [_candidate(each, each.id == chosen, choose, shell) for each in found],
        )

    return html.div(
        search_box(shell.t("tickets.candidates.search"), set_text, key="search"),
        show(loaded, shell.t, draw),
    )


def _candidate(person: Candidate, active: bool, choose: Callable[[str], object], shell: Shell) -> VdomDict:
    where = pick(person.region, shell.locale) if person.region else ""
    look = "bg-accent text-accent-content" if active else "hover:bg-base-200"
    return html.li(
        {"key": person.id},
        html.button(
            {
                "type": "button",
                "role": "radio",
                "aria-checked": "true" if active else "false",
                "className": f"flex w-full items-center gap-3 rounded-field px-2 py-2 text-left {look}",
                "onClick": lambda _event: choose(person.id) and None,
            },
            html.span(
                {
                    "className": "inline-flex size-8 shrink-0 items-center justify-center rounded-full "
                    "bg-base-200 text-sm font-medium text-base-content"
                },
                person.name[:1],
            ),
            html.span({"className": "min-w-0 flex-1 truncate"}, person.name),
            html.span({"className": "text-sm text-muted"}, where),
        ),
    )
