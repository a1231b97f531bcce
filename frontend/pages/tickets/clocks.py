"""Service level clocks: how much of the promised time is used, and every run and pause with its cause."""

from __future__ import annotations

from datetime import UTC, datetime

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.tickets import ClockMark, ClockSegment, TicketClock, TicketClocks
from frontend.i18n import pick
from frontend.i18n.formats import format_span
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import moment, time_left
from frontend.widgets.parts import badge, card

LOOKS = {"run": "bg-success", "pause": "bg-base-300", "stop": "bg-primary"}
THIN = 1.5
"""Percent of the bar that even the shortest stretch gets."""


def clocks_card(ticket_id: str, clocks: list[TicketClock], shell: Shell) -> VdomDict | None:
    """Nothing where the workflow promises nothing."""
    if not clocks:
        return None
    return card(
        html.ul(
            {"className": "flex flex-col gap-4"},
            [html.li({"key": clock.key}, _summary(clock, shell)) for clock in clocks],
        ),
        story(ticket_id, key="story"),
        title=shell.t("tickets.clocks"),
    )


def _summary(clock: TicketClock, shell: Shell) -> VdomDict:
    t = shell.t
    share = clock.accrued_seconds / clock.target_seconds * 100 if clock.target_seconds else 0.0
    late = clock.breached or share >= 100
    tone = "progress-error" if late else "progress-warning" if share >= 75 else "progress-success"
    used = t(
        "tickets.clock.used",
        used=format_span(clock.accrued_seconds // 60, shell.locale),
        target=format_span(clock.target_seconds // 60, shell.locale),
    )
    return html.div(
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-x-2"},
            html.span({"className": "font-medium"}, pick(clock.name, shell.locale)),
            _state(clock, shell),
        ),
        html.p(
            {"className": "text-sm text-muted tf-tabular"},
            used,
            f" · {t('tickets.clock.working')}" if clock.working_hours else "",
        ),
        html.progress(
            {
                "className": f"progress {tone} w-full",
                "value": f"{min(share, 100):.1f}",
                "max": "100",
                "aria-label": used,
            }
        ),
        html.p({"className": "text-sm text-muted"}, clock.cause) if clock.state == "paused" else None,
        _marks(clock.marks, shell),
    )


def _marks(marks: list[ClockMark], shell: Shell) -> VdomDict | None:
    if len(marks) < 2:
        return None
    return html.ul(
        {"className": "flex flex-wrap gap-x-3 text-sm text-muted"},
        [
            html.li(
                {"key": at, "className": "line-through" if mark.reached else ""},
                f"{mark.percent}% {mark.text}",
            )
            for at, mark in enumerate(marks)
        ],
    )


def _state(clock: TicketClock, shell: Shell) -> VdomDict:
    if clock.state == "running" and clock.due_at is not None:
        return time_left(clock.due_at, shell.locale, shell.zone)
    if clock.state == "stopped":
        key, tone = ("late", "soft badge-error") if clock.breached else ("kept", "soft badge-success")
        return badge(shell.t(f"tickets.clock.{key}"), tone)
    return badge(shell.t("tickets.clock.paused"), "ghost", "pause")


@component
def story(ticket_id: str) -> VdomDict:
    """Opened on demand: it is worked out from everything that happened to the ticket."""
    shell = use_shell()
    is_open, set_open = use_state(False)
    toggle = html.button(
        {
            "type": "button",
            "className": "tf-link mt-3 text-sm",
            "aria-expanded": "true" if is_open else "false",
            "onClick": lambda _event: set_open(not is_open),
        },
        shell.t("tickets.clock.why"),
    )
    return html.div(toggle, explanation(ticket_id, key="explanation") if is_open else None)


@component
def explanation(ticket_id: str) -> VdomDict:
    """One bar and one list for each clock."""
    shell = use_shell()
    changed = use_changes(f"ticket:{ticket_id}")
    loaded = use_resource(lambda: shell.api.explain_clocks(ticket_id), changed)

    def draw(found: TicketClocks) -> VdomDict:
        return html.div(
            {"className": "mt-3 flex flex-col gap-5"},
            [html.section({"key": clock.key}, _explain(clock, found.zone, shell)) for clock in found.items],
        )

    return html.div(show(loaded, shell.t, draw, skeleton(3, "h-6")))


def _explain(clock: TicketClock, zone: str, shell: Shell) -> VdomDict:
    name = pick(clock.name, shell.locale)
    return html.div(
        html.h3({"className": "mb-2 text-sm font-medium"}, name),
        _bar(clock.segments, name, shell),
        html.ol(
            {"className": "mt-2 flex flex-col gap-2 text-sm"},
            [_stretch(at, segment, zone, shell) for at, segment in enumerate(clock.segments)],
        ),
    )


def _bar(segments: list[ClockSegment], name: str, shell: Shell) -> VdomDict:
    """Widths follow the time that passed, run and pause alike."""
    moving = [segment for segment in segments if segment.kind != "stop"]
    lengths = [((each.end or datetime.now(UTC)) - each.start).total_seconds() for each in moving]
    whole = sum(lengths) or 1.0
    return html.div(
        {
            "className": "flex h-2.5 overflow-hidden rounded-full bg-base-200",
            "role": "img",
            "aria-label": name,
        },
        [
            html.span(
                {
                    "key": at,
                    "className": f"{LOOKS[segment.kind]} border-r border-base-100 last:border-0",
                    "style": {"width": f"{max(length / whole * 100, THIN):.2f}%"},
                    "title": segment.cause,
                }
            )
            for at, (segment, length) in enumerate(zip(moving, lengths, strict=True))
        ],
    )


def _stretch(at: int, segment: ClockSegment, zone: str, shell: Shell) -> VdomDict:
    t = shell.t
    counted = format_span(segment.working_seconds // 60, shell.locale)
    words = {
        "run": t("tickets.clock.ran", time=counted),
        "pause": t("tickets.clock.stood"),
        "stop": t("tickets.clock.stopped"),
    }[segment.kind]
    return html.li(
        {"key": at, "className": "flex gap-2"},
        html.span(
            {"className": f"mt-1.5 size-2 shrink-0 rounded-full {LOOKS[segment.kind]}", "aria-hidden": "true"}
        ),
        html.div(
            {"className": "min-w-0"},
            html.p({"className": "break-words"}, segment.cause),
            html.p(
                {"className": "text-muted tf-tabular"},
                moment(segment.start, shell.locale, zone),
                " · ",
                words,
                html.span(" · ", t("tickets.clock.due"), " ", moment(segment.due_at, shell.locale, zone))
                if segment.due_at is not None
                else None,
            ),
        ),
    )
