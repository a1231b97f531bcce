"""A tariff out to a spreadsheet and back: paste cells, see what they would change, take them over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import SheetOutcome, SheetProblem, SheetText
from frontend.api.transport import ApiError
from frontend.pages.tariffs.words import Json
from frontend.session import Shell, use_shell
from frontend.widgets.icon import icon
from frontend.widgets.parts import card


def sheet_links(tariff_id: str, revision: int, shell: Shell) -> VdomDict:
    """The table as a file, in the reader's language."""

    def link(kind: str) -> VdomDict:
        path = f"/api/v1/tariffs/{tariff_id}/sheet.{kind}?revision={revision}"
        attributes = {"key": kind, "href": path, "download": "", "className": "btn btn-ghost btn-sm"}
        return html.a(attributes, icon("download", 16), kind.upper())

    return html.div({"className": "flex gap-1"}, [link("xlsx"), link("csv")])


@component
def sheet_panel(tariff_id: str, document: Json, change: Callable[[Json], None]) -> VdomDict:
    """Nothing changes before the cells were read without an error and taken over."""
    shell = use_shell()
    typed = use_ref("")
    outcome, set_outcome = use_state(None)  # type: SheetOutcome | None, Any
    fault, set_fault = use_state("")

    async def read(_event: Any) -> None:
        set_fault("")
        try:
            set_outcome(
                await shell.api.try_sheet(tariff_id, SheetText(text=typed.current, document=document))
            )
        except ApiError as error:
            set_outcome(None)
            set_fault(error.problem.detail or error.problem.title)

    def take(_event: Any) -> None:
        if outcome is not None and outcome.document is not None:
            change(outcome.document)
            set_outcome(None)

    def note(event: dict[str, Any]) -> None:
        typed.current = str(event["target"]["value"])

    return card(
        html.p({"className": "mb-3 text-sm text-muted"}, shell.t("tariffs.sheet.hint")),
        html.textarea(
            {
                "className": "textarea w-full font-mono text-sm",
                "rows": 5,
                "aria-label": shell.t("tariffs.sheet"),
                "placeholder": shell.t("tariffs.sheet.placeholder"),
                "maxLength": 60_000,
                "spellCheck": False,
                "onChange": note,
            }
        ),
        html.div(
            {"className": "mt-3 flex flex-wrap items-center gap-3"},
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": read},
                icon("list-checks", 16),
                shell.t("tariffs.sheet.read"),
            ),
            html.button(
                {"type": "button", "className": "btn btn-primary btn-sm", "onClick": take},
                shell.t("tariffs.sheet.take"),
            )
            if outcome is not None and outcome.document is not None
            else None,
        ),
        html.div(
            {"aria-live": "polite", "className": "mt-3"},
            html.p({"className": "text-error"}, fault) if fault else None,
            _summary(outcome, shell) if outcome is not None else None,
        ),
        title=shell.t("tariffs.sheet"),
    )


def _summary(outcome: SheetOutcome, shell: Shell) -> VdomDict:
    counts = {"added": outcome.added, "changed": outcome.changed, "removed": outcome.removed}
    words = [
        shell.t(f"tariffs.sheet.{name}", count=len(rows), rows=", ".join(rows[:8]))
        for name, rows in counts.items()
        if rows
    ]
    if outcome.document is not None and not words:
        words = [shell.t("tariffs.sheet.same")]
    return html.div(
        html.ul([html.li({"key": at}, text) for at, text in enumerate(words)]),
        html.ul(
            {"className": "mt-2 divide-y divide-base-300"},
            [_problem(at, problem) for at, problem in enumerate(outcome.problems[:50])],
        ),
    )


def _problem(at: int, problem: SheetProblem) -> VdomDict:
    error = problem.severity == "error"
    return html.li(
        {"key": at, "className": "flex items-start gap-2 py-1.5"},
        html.span(
            {"className": "text-error" if error else "text-warning"},
            icon("circle-alert" if error else "triangle-alert", 18),
        ),
        html.span({"className": "w-12 shrink-0 font-mono tabular-nums"}, problem.cell),
        html.span({"className": "min-w-0 break-words"}, problem.message),
    )
