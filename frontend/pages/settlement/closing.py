"""`/settlement/periods/{period_id}`: what a period comes to, what is missing, and its way to the close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.periods import (
    ClosePeriod,
    Closing,
    Finding,
    PeriodDetail,
    ReopenPeriod,
)
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.i18n.formats import format_number, format_span
from frontend.pages.settlement.books import PATH, name_days, name_period, state_badge
from frontend.pages.settlement.period_totals import history, totals
from frontend.session import Shell, use_changes, use_every, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.icon import icon
from frontend.widgets.parts import breadcrumbs, card, dialog

STEPS = ("open", "review", "closed", "frozen")
SEVERITY = {
    "error": ("circle-x", "text-error"),
    "acknowledge": ("triangle-alert", "text-warning"),
    "warning": ("circle-alert", "text-muted"),
}


@component
def period_page(period_id: str) -> VdomDict:
    """Everything of one period."""
    shell = use_shell()
    changed = use_changes(f"period:{period_id}")
    loaded = use_resource(lambda: shell.api.find_period(period_id), period_id, changed)

    def draw(found: PeriodDetail) -> VdomDict:
        period = found.period
        region = pick(period.region.name, shell.locale) if period.region else shell.t("periods.workspace")
        return html.div(
            {"className": "flex flex-col gap-5"},
            breadcrumbs((shell.t("periods.title"), PATH), (f"{region} · {name_period(period, shell)}", None)),
            html.section(
                {"className": "tf-card flex flex-col gap-4", "data-state": period.state},
                html.div(
                    {"className": "flex flex-wrap items-center justify-between gap-3"},
                    html.div(
                        html.h1({"className": "text-xl font-semibold"}, name_period(period, shell)),
                        html.p({"className": "text-sm text-muted"}, f"{region} · {name_days(period, shell)}"),
                    ),
                    state_badge(period, shell),
                ),
                _way(period.state, shell),
                run_box(found, loaded.reload, key="run") if period.closing is not None else None,
                next_step(found, loaded.reload, key=f"step {period.state}") if found.may_settle else None,
            ),
            totals(period_id, period.state, changed, key="totals"),
            history(found, shell),
        )

    return html.div(show(loaded, shell.t, draw, card(skeleton(6, "h-12", shell.t("shell.loading")))))


def _way(state: str, shell: Shell) -> VdomDict:
    """Where it is on its way."""
    here = STEPS.index("review" if state == "closing" else state)
    return html.ol(
        {"className": "grid grid-cols-4 gap-2"},
        [
            html.li(
                {
                    "key": name,
                    "className": f"border-t-2 pt-1.5 text-sm "
                    f"{'border-primary' if at <= here else 'border-base-300 text-muted'}",
                    **({"aria-current": "step"} if at == here else {}),
                },
                shell.t(f"periods.state.{name}"),
            )
            for at, name in enumerate(STEPS)
        ],
    )


@component
def run_box(found: PeriodDetail, reload: Callable[[], None]) -> VdomDict | None:
    """The newest run: progress while it works, its seal when it is done, what it found when it failed."""
    shell = use_shell()
    closing, period = found.period.closing, found.period
    use_every(5.0)
    if closing is None:
        return None
    if period.state == "closing":
        return _progress(found, closing, reload, shell)
    if closing.status == "failed" and period.state == "review":
        return html.div(
            {"className": "flex flex-col gap-2", "role": "alert"},
            html.p({"className": "font-medium text-error"}, shell.t("periods.run.failed")),
            *[_finding(finding, shell) for finding in closing.findings],
        )
    if found.sealed:
        return html.div(
            {"className": "flex flex-col gap-1 text-sm"},
            html.span(
                {"className": "flex items-center gap-1.5 text-success"},
                icon("circle-check", 16),
                shell.t("periods.run.done", lines=format_number(closing.done, shell.locale)),
            ),
            html.span(
                {"className": "break-all text-muted"},
                f"{shell.t('periods.seal')} ",
                html.code({"className": "text-xs", "data-seal": closing.hash}, closing.hash),
            ),
        )
    return None


def _progress(found: PeriodDetail, closing: Closing, reload: Callable[[], None], shell: Shell) -> VdomDict:
    stopped = closing.status == "stopped"

    async def press(_event: object) -> None:
        step = "closing/resume" if stopped else "closing/stop"
        if await attempt(shell, shell.api.move_period(found.period.id, step)):
            reload()

    left = format_span(max(1, (closing.left_s or 0) // 60), shell.locale)
    words = shell.t(
        "periods.run.progress",
        done=format_number(closing.done, shell.locale),
        total=format_number(closing.total, shell.locale),
    )
    if stopped:
        words = f"{words} · {shell.t('periods.state.resting')}"
    elif closing.left_s is not None:
        words = f"{words} · {shell.t('periods.run.left', time=left)}"
    button = shell.t("periods.run.resume" if stopped else "periods.run.stop")
    return html.div(
        {"className": "flex flex-wrap items-center gap-3", "aria-live": "polite"},
        html.progress(
            {
                "className": "progress progress-primary h-2 min-w-40 flex-1",
                "value": closing.done,
                "max": max(closing.total, 1),
                "aria-label": shell.t("periods.state.closing"),
            }
        ),
        html.span({"className": "tf-tabular text-sm text-muted"}, words),
        html.button(
            {"type": "button", "className": "btn btn-sm", "onClick": press},
            icon("play" if stopped else "pause", 16),
            button,
        )
        if found.may_settle
        else None,
    )


def _nothing() -> tuple[str, ...]:
    return ()


@component
def next_step(found: PeriodDetail, reload: Callable[[], None]) -> VdomDict:
    """What can be done now, with what it leads to, and what should be looked at before."""
    shell = use_shell()
    period = found.period
    accepted, accept = use_state(_nothing)
    asking, ask = use_state("")
    needed = [item.code for item in found.obstacles if item.severity == "acknowledge"]
    ready = all(code in accepted for code in needed)

    async def move(step: str) -> None:
        if await attempt(shell, shell.api.move_period(period.id, step)):
            reload()

    async def close(_event: object) -> None:
        wanted = ClosePeriod(acknowledged=list(accepted))
        if await attempt(shell, shell.api.close_period(period.id, wanted)):
            reload()

    def toggle(code: str) -> None:
        accept(lambda old: tuple(item for item in old if item != code) if code in old else (*old, code))

    def mover(step: str) -> Any:
        async def pressed(_event: object) -> None:
            await move(step)

        return pressed

    buttons: list[VdomDict] = []
    if period.state == "open":
        buttons = [_button("eye", shell.t("periods.do.review"), mover("review"), "btn-primary")]
    elif period.state == "review":
        back = _button("undo-2", shell.t("periods.do.open"), lambda _e: ask("open"))
        shut = _button("stamp", shell.t("periods.do.close"), close, "btn-primary", disabled=not ready)
        buttons = [shut, back]
    elif period.state == "closing":
        buttons = [_button("undo-2", shell.t("periods.do.give_up"), lambda _e: ask("review"))]
    elif period.state == "closed":
        buttons = [
            _button("shield-check", shell.t("periods.do.freeze"), lambda _e: ask("freeze"), "btn-primary"),
            _button("undo-2", shell.t("periods.do.reopen"), lambda _e: ask("review")),
        ]
    following = name_period(found.next, shell)
    return html.div(
        {"className": "flex flex-col gap-3"},
        html.p({"className": "text-sm text-muted"}, shell.t(f"periods.means.{period.state}", next=following)),
        _obstacles(found, accepted, toggle, shell) if period.state == "review" else _listed(found, shell),
        html.div({"className": "flex flex-wrap gap-2"}, *buttons) if buttons else None,
        reason_dialog(period.id, asking, ask, reload, key=f"ask {asking}") if asking else None,
    )


def _button(name: str, text: str, press: Any, css: str = "", *, disabled: bool = False) -> VdomDict:
    attributes = {
        "key": text,
        "type": "button",
        "className": f"btn btn-sm h-9 {css}",
        "disabled": disabled,
        "onClick": press,
    }
    return html.button(attributes, icon(name, 16), text)


def _listed(found: PeriodDetail, shell: Shell) -> VdomDict | None:
    if not found.obstacles:
        return None
    return html.ul(
        {"className": "flex flex-col gap-1.5"},
        [html.li({"key": item.code}, _finding(item, shell)) for item in found.obstacles],
    )


def _obstacles(
    found: PeriodDetail, accepted: tuple[str, ...], toggle: Callable[[str], None], shell: Shell
) -> VdomDict:
    """What must be confirmed has a box; the rest is only said."""
    if not found.obstacles:
        text = shell.t("periods.clear")
        return html.p(
            {"className": "flex items-center gap-1.5 text-sm text-success"}, icon("check", 16), text
        )

    def row(item: Finding) -> VdomDict:
        if item.severity != "acknowledge":
            return html.li({"key": item.code}, _finding(item, shell))
        box = {
            "type": "checkbox",
            "className": "checkbox checkbox-sm mt-0.5",
            "checked": item.code in accepted,
            "onChange": lambda _event: toggle(item.code),
        }
        label = html.label(
            {"className": "flex cursor-pointer items-start gap-2 text-sm"},
            html.input(box),
            html.span(f"{item.message} · {shell.t('periods.accept')}"),
        )
        return html.li(
            {"key": item.code, "className": "flex flex-wrap items-start gap-x-3"}, label, _link(item, shell)
        )

    return html.ul({"className": "flex flex-col gap-1.5"}, [row(item) for item in found.obstacles])


def _finding(item: Finding, shell: Shell) -> VdomDict:
    name, css = SEVERITY[item.severity]
    return html.div(
        {"className": "flex flex-wrap items-start gap-x-3 text-sm"},
        html.span(
            {"className": "flex items-start gap-2"},
            html.span({"className": css}, icon(name, 16)),
            item.message,
        ),
        _link(item, shell),
    )


def _link(item: Finding, shell: Shell) -> VdomDict | None:
    if item.link is None:
        return None
    return html.a({"href": item.link, "className": "link text-sm"}, shell.t("periods.look"))


@component
def reason_dialog(
    period_id: str, wanted: str, ask: Callable[[str], None], reload: Callable[[], None]
) -> VdomDict:
    """Says what happens; going back needs a reason."""
    shell = use_shell()
    reason, set_reason = use_state("")
    freezing = wanted == "freeze"

    async def go(_event: object) -> None:
        if freezing:
            done = await attempt(shell, shell.api.move_period(period_id, "freezing"))
        else:
            body = ReopenPeriod(reason=reason.strip(), to="open" if wanted == "open" else "review")
            done = await attempt(shell, shell.api.reopen_period(period_id, body))
        if done:
            ask("")
            reload()

    area = {
        "className": "textarea mt-3 w-full",
        "aria-label": shell.t("periods.reason"),
        "placeholder": shell.t("periods.reason"),
        "maxLength": 1000,
        "value": reason,
        "onChange": lambda event: set_reason(str(event["target"]["value"])),
    }
    title = shell.t("periods.do.freeze" if freezing else f"periods.do.back_{wanted}")
    return dialog(
        title,
        shell.t,
        lambda: ask(""),
        html.p(
            {"className": "text-sm"}, shell.t("periods.ask.freeze" if freezing else f"periods.ask.{wanted}")
        ),
        None if freezing else html.textarea(area),
        actions=[
            _button("check", title, go, "btn-primary", disabled=not freezing and not reason.strip()),
        ],
    )
