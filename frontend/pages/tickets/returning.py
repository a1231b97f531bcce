"""Sending work back: to which step, why, and how it goes on from there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.tasks import ReturnTarget
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.tickets.people import comment_box
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.parts import dialog

WAYS = ("again", "direct")


@component
def return_dialog(task_id: str, close: Callable[[], None], reload: Callable[[], None]) -> VdomDict:
    """The latest step is chosen at first; coming straight back is offered where it is possible."""
    shell = use_shell()
    chosen, set_chosen = use_state("")
    way, set_way = use_state("again")
    comment: Any = use_ref("")
    loaded = use_resource(lambda: shell.api.list_returns(task_id))
    targets = loaded.value or []
    node = chosen or (targets[0].node if targets else "")
    direct = any(target.direct for target in targets if target.node == node)

    async def send(_event: object) -> None:
        if not comment.current.strip():
            shell.toast(shell.t("tickets.return.needs_comment"), "error")
            return
        how = way if direct else "again"
        work = shell.api.return_task(task_id, node, comment.current.strip(), how)
        if await attempt(shell, work, shell.t("tickets.return.done")):
            close()
            reload()

    def draw(found: list[ReturnTarget]) -> VdomDict:
        ways = [(each, shell.t(f"tickets.return.{each}"), each == "direct" and not direct) for each in WAYS]
        return html.div(
            {"className": "flex flex-col gap-4"},
            _choices(
                shell.t("tickets.return.to"),
                "return-to",
                [(target.node, _describe(target, shell), False) for target in found],
                node,
                set_chosen,
            ),
            _choices(shell.t("tickets.return.way"), "return-way", ways, way if direct else "again", set_way),
        )

    confirm = html.button(
        {"type": "button", "className": "btn btn-primary", "disabled": not node, "onClick": send},
        shell.t("tickets.return"),
    )
    return dialog(
        shell.t("tickets.return"),
        shell.t,
        close,
        show(loaded, shell.t, draw),
        comment_box(shell.t("tickets.return.comment"), comment, 3),
        actions=[confirm],
    )


def _describe(target: ReturnTarget, shell: Shell) -> str:
    label = pick(target.label, shell.locale)
    return f"{label} · {target.member.name}" if target.member else label


def _choices(
    legend: str,
    name: str,
    options: list[tuple[str, str, bool]],
    chosen: str,
    choose: Callable[[str], object],
) -> VdomDict:
    """Radio buttons; `options` are (value, text, disabled)."""

    def option(value: str, text: str, disabled: bool) -> VdomDict:
        return html.label(
            {"key": value, "className": f"flex items-center gap-2 py-1 {'text-muted' if disabled else ''}"},
            html.input(
                {
                    "type": "radio",
                    "name": name,
                    "className": "radio radio-sm radio-primary",
                    "checked": value == chosen,
                    "disabled": disabled,
                    "onChange": lambda _event: choose(value) and None,
                }
            ),
            text,
        )

    return html.fieldset(
        html.legend({"className": "mb-1 text-sm text-muted"}, legend), [option(*each) for each in options]
    )
