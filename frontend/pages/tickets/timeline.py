"""What happened to the ticket, the newest first."""

from __future__ import annotations

from reactpy import html
from reactpy.types import VdomDict

from backend.contracts.tickets import TimelineEntry
from frontend.session import Shell
from frontend.widgets.figures import moment
from frontend.widgets.parts import card

SHOWN = 8
"""Entries in sight before the rest is opened."""


def timeline(entries: list[TimelineEntry], shell: Shell) -> VdomDict:
    """All of them; the older ones fold away."""
    newest = list(enumerate(entries))[::-1]
    older = newest[SHOWN:]
    return card(
        html.ol({"className": "relative"}, [_entry(at, each, shell) for at, each in newest[:SHOWN]]),
        html.details(
            {"className": "mt-1"},
            html.summary(
                {"className": "cursor-pointer text-sm tf-link"},
                shell.t("tickets.timeline.older", count=len(older)),
            ),
            html.ol({"className": "relative mt-3"}, [_entry(at, each, shell) for at, each in older]),
        )
        if older
        else None,
        title=shell.t("tickets.timeline"),
    )


def _entry(at: int, entry: TimelineEntry, shell: Shell) -> VdomDict:
    return html.li(
        {
            "key": at,
            "className": "relative border-l border-base-300 pb-4 pl-5 last:pb-0 last:border-transparent",
        },
        html.span(
            {"className": "absolute -left-1 top-1.5 size-2 rounded-full bg-primary", "aria-hidden": "true"}
        ),
        html.div(
            {"className": "flex flex-wrap items-baseline gap-x-2"},
            html.span({"className": "break-words"}, entry.text),
            html.span({"className": "text-sm text-muted"}, moment(entry.at, shell.locale, shell.zone)),
        ),
        html.p(
            {"className": "text-sm text-muted break-words"},
            " · ".join(
                part for part in (entry.actor.name if entry.actor else "", entry.detail or "") if part
            ),
        )
        if entry.actor or entry.detail
        else None,
    )
