"""Booking by other figures than a ticket had: one booking's measures and attributes, the difference, then the
booking itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any, cast

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.corrections import (
    ChangeFigures,
    CorrectFigures,
    Feature,
    Figure,
    FiguresLine,
    FiguresPreview,
    PostingFigures,
)
from backend.contracts.settlement import SettlementLine
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.pages.settlement.amounts import read_number
from frontend.pages.settlement.reversing import changes, reason_box
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.corrected import stands
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import money
from frontend.widgets.parts import dialog

After = Callable[[str], Awaitable[object]]


def list_refigurable(lines: Sequence[SettlementLine]) -> list[tuple[str, str]]:
    """Postings that stand and follow a tariff: (id, its amount's reason)."""
    found: dict[str, str] = {}
    for line in lines:
        if stands(line) and line.tariff is not None:
            found.setdefault(line.posting_id, line.why or line.component)
    return list(found.items())


@component
def figures_dialog(
    ticket_id: str,
    postings: Sequence[tuple[str, str]],
    close: Callable[[], None],
    reason: str = "",
    after: After | None = None,
) -> VdomDict:
    """`after` gets the reason when all is booked."""
    shell = use_shell()
    chosen, set_chosen = use_state(postings[0][0])
    t = shell.t
    select = html.label(
        {"className": "mt-4 flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, t("corrections.figures.posting")),
        html.select(
            {
                "className": "select w-full",
                "value": chosen,
                "onChange": lambda event: set_chosen(str(event["target"]["value"])),
            },
            [html.option({"key": key, "value": key}, text) for key, text in postings],
        ),
    )
    return dialog(
        t("corrections.figures.title"),
        t,
        close,
        html.p({"className": "text-muted"}, t("corrections.figures.text")),
        select if len(postings) > 1 else None,
        figures_form(ticket_id, chosen, close, reason, after, key=f"figures {chosen}"),
    )


@component
def figures_form(
    ticket_id: str, posting_id: str, close: Callable[[], None], reason: str, after: After | None
) -> VdomDict:
    """What stands in the fields is only booked after its difference was shown."""
    shell = use_shell()
    loaded = use_resource(lambda: shell.api.find_figures(ticket_id, posting_id), posting_id)
    return html.div(
        show(
            loaded,
            shell.t,
            lambda found: html.div(
                {"key": posting_id}, _fields(ticket_id, found, close, reason, after, key="fields")
            ),
            skeleton(3, "h-10"),
        )
    )


@component
def _fields(
    ticket_id: str, found: PostingFigures, close: Callable[[], None], reason: str, after: After | None
) -> VdomDict:
    shell = use_shell()
    t = shell.t
    typed: Any = use_ref({})
    why: Any = use_ref(reason)
    busy, set_busy = use_state(False)
    preview, set_preview = use_state(cast(FiguresPreview | None, None))

    def note(name: str) -> Any:
        def take(event: dict[str, Any]) -> None:
            typed.current[name] = str(event["target"]["value"])
            if preview is not None:
                set_preview(None)

        return take

    def read() -> ChangeFigures | None:
        try:
            return read_typed(found, typed.current)
        except UnreadableFigure as error:
            name = pick(error.args[0], shell.locale)
            words = t("corrections.figures.unreadable", name=name, text=error.args[1])
            shell.toast(words, "error")
            return None

    async def look(_event: object) -> None:
        wanted = read()
        if wanted is None or busy:
            return
        set_busy(True)
        kept: list[FiguresPreview] = []

        async def work() -> None:
            kept.append(await shell.api.preview_figures(ticket_id, found.posting_id, wanted))

        await attempt(shell, work())
        set_preview(kept[0] if kept else None)
        set_busy(False)

    async def book(_event: object) -> None:
        wanted = read()
        if wanted is None or busy:
            return
        words = why.current.strip()
        if not words:
            shell.toast(t("corrections.needs_reason"), "error")
            return
        set_busy(True)
        given = CorrectFigures(quantities=wanted.quantities, attributes=wanted.attributes, reason=words)

        async def work() -> None:
            await shell.api.correct_figures(ticket_id, found.posting_id, given)
            if after is not None:
                await after(words)

        if await attempt(shell, work(), t("corrections.rebook.done")):
            close()
        else:
            set_busy(False)

    press, text = (look, t("corrections.figures.look")) if preview is None else (book, _book_text(after, t))
    return html.div(
        html.div(
            {"className": "mt-4 grid grid-cols-1 gap-3 sm:grid-cols-2"},
            [_measure(figure, found, note(figure.name), shell) for figure in found.measures],
            [_feature(feature, note(f"@{feature.name}"), shell) for feature in found.attributes],
        ),
        reason_box(why, shell),
        show_difference(preview, shell) if preview is not None else None,
        html.div(
            {"className": "modal-action"},
            html.button(
                {
                    "key": "book" if preview is not None else "look",
                    "type": "button",
                    "className": "btn btn-primary",
                    "onClick": press,
                    "disabled": busy,
                },
                text,
            ),
        ),
    )


def _book_text(after: After | None, t: Any) -> str:
    return str(t("corrections.figures.book" if after is None else "corrections.figures.book_accept"))


class UnreadableFigure(ValueError):
    """The field's label and what was typed."""


def read_typed(found: PostingFigures, typed: dict[str, str]) -> ChangeFigures:
    """What was typed: money in major units. An emptied number stays as it was. Raises UnreadableFigure."""
    quantities: dict[str, Decimal] = {}
    for figure in found.measures:
        text = typed.get(figure.name, "").strip()
        if not text:
            continue
        value = read_number(text)
        if value is None:
            raise UnreadableFigure(figure.label, text)
        quantities[figure.name] = value.scaleb(found.decimals) if figure.kind == "money" else value
    attributes: Any = {
        feature.name: typed[f"@{feature.name}"].strip() or None
        for feature in found.attributes
        if f"@{feature.name}" in typed
    }
    return ChangeFigures(quantities=quantities, attributes=attributes)


def write_major(figure: Figure, decimals: int) -> str:
    """As it stands in the field: plain, with the currency's decimals."""
    if figure.value is None:
        return ""
    if figure.kind == "money":
        return f"{figure.value.scaleb(-decimals):.{decimals}f}"
    text = f"{figure.value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _measure(figure: Figure, found: PostingFigures, take: Any, shell: Shell) -> VdomDict:
    unit = (
        found.currency if figure.kind == "money" else pick(figure.unit, shell.locale) if figure.unit else ""
    )
    return html.label(
        {"key": figure.name, "className": "flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, pick(figure.label, shell.locale)),
        html.span(
            {"className": "input flex w-full items-center gap-2"},
            html.input(
                {
                    "type": "text",
                    "inputMode": "decimal",
                    "className": "tf-tabular min-w-0 grow",
                    "name": figure.name,
                    "maxLength": 40,
                    "defaultValue": write_major(figure, found.decimals),
                    "onChange": take,
                }
            ),
            html.span({"className": "shrink-0 text-sm text-muted"}, unit) if unit else None,
        ),
    )


def _feature(feature: Feature, take: Any, shell: Shell) -> VdomDict:
    codes = sorted({*feature.choices, *([feature.value] if feature.value else [])})
    return html.label(
        {"key": feature.name, "className": "flex flex-col gap-1"},
        html.span({"className": "text-sm text-muted"}, shell.t(f"tariffs.match.{feature.name}")),
        html.select(
            {
                "className": "select w-full",
                "name": feature.name,
                "defaultValue": feature.value or "",
                "onChange": take,
            },
            html.option({"value": ""}, shell.t("corrections.figures.none")),
            [html.option({"key": code, "value": code}, code) for code in codes],
        ),
    )


def show_difference(preview: FiguresPreview, shell: Shell) -> VdomDict:
    """The lines that stand, those that will, and the difference of each party."""
    t = shell.t
    return html.div(
        {"className": "mt-4 rounded-box border border-base-300 p-4", "role": "status"},
        html.p({"className": "text-sm font-medium"}, t("corrections.figures.before")),
        _lines(preview.before, shell, "text-muted line-through"),
        html.p({"className": "mt-3 text-sm font-medium"}, t("corrections.figures.after")),
        _lines(preview.after, shell, ""),
        html.p({"className": "mt-3 text-sm font-medium"}, t("corrections.differences")),
        changes(preview.differences, shell)
        if preview.differences
        else html.p({"className": "text-sm text-muted"}, t("corrections.differences.none")),
    )


def _lines(lines: Sequence[FiguresLine], shell: Shell, css: str) -> VdomDict:
    return html.ul(
        [
            html.li(
                {"key": at, "className": "flex justify-between gap-4 py-1 text-sm"},
                html.span({"className": f"min-w-0 break-words {css}"}, f"{each.party.name} · {each.why}"),
                money(each.amount, each.currency, shell.locale, css),
            )
            for at, each in enumerate(lines)
        ]
    )
