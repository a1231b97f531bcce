"""In the header above everything that is about money: its pages, and where the reader is among them.

To add a page: one row in `SECTIONS` (its text is `settlement.section.<key>`), and `head=frame.settlement_bar`
at the page in `frontend/routes.py`.
"""

from __future__ import annotations

import msgspec
from reactpy import component, html
from reactpy.types import VdomDict

from frontend.pages.settlement.quarantine_count import quarantine_count
from frontend.session import Shell, use_shell
from frontend.widgets.icon import icon


class Section(msgspec.Struct, frozen=True):
    """`rights`: the verbs of which one is needed; none means that everybody may open it."""

    path: str
    key: str
    icon: str
    rights: tuple[str, ...] = ()


SECTIONS = (
    Section("/settlement", "overview", "coins", ("settle", "view")),
    Section("/settlement/tariffs", "tariffs", "table-2", ("settle", "view", "edit", "publish")),
    Section("/settlement/comparison", "comparison", "chart-line", ("settle", "view")),
    Section("/settlement/lines", "ledger", "receipt-text"),
    Section("/settlement/periods", "periods", "calendar-days", ("settle", "view")),
    Section("/settlement/orders", "orders", "inbox", ("settle", "view")),
    Section("/settlement/quarantine", "quarantine", "circle-question-mark", ("settle", "view")),
    Section("/settlement/labour", "labour", "timer", ("settle", "view")),
    Section("/settlement/statements", "statements", "file-text", ("settle", "view")),
    Section("/settlement/corrections", "corrections", "rotate-ccw", ("settle",)),
    Section("/settlement/disputes", "disputes", "message-square"),
)


@component
def settlement_bar(**_place: str) -> VdomDict:
    """Tabs on a desk; a list that unfolds on a phone. Takes whatever names the page's path has."""
    shell = use_shell()
    sections = [section for section in SECTIONS if not section.rights or shell.may(*section.rights)]
    here = find_section(shell.path, sections)
    return html.nav(
        {"aria-label": shell.t("settlement.sections"), "className": "flex h-full min-w-0 items-center"},
        html.div(
            {"className": "hidden h-full min-w-0 overflow-x-auto md:flex"},
            [_tab(section, section is here, shell) for section in sections],
        ),
        html.details(
            {"className": "dropdown md:hidden"},
            html.summary(
                {"className": "btn btn-ghost -ml-3 list-none gap-2 px-3 font-semibold"},
                icon(here.icon if here else "coins", 18),
                shell.t(f"settlement.section.{here.key}" if here else "settlement.title"),
                icon("chevron-down", 16),
            ),
            html.div(
                {"className": "dropdown-content z-40 mt-2 w-56 tf-card flex flex-col gap-1 p-2"},
                [_entry(section, section is here, shell) for section in sections],
            ),
        ),
    )


def find_section(path: str, sections: list[Section]) -> Section | None:
    """The section whose path is the longest beginning of the reader's."""
    fitting = [section for section in sections if path == section.path or path.startswith(f"{section.path}/")]
    return max(fitting, key=lambda section: len(section.path), default=None)


def _tab(section: Section, here: bool, shell: Shell) -> VdomDict:
    look = "border-primary text-base-content" if here else "border-transparent text-muted"
    css = (
        f"flex h-full shrink-0 items-center gap-1.5 border-b-2 px-2.5 text-sm hover:text-base-content {look}"
    )
    return _link(section, here, shell, css)


def _entry(section: Section, here: bool, shell: Shell) -> VdomDict:
    return _link(section, here, shell, "tf-nav")


def _link(section: Section, here: bool, shell: Shell, css: str) -> VdomDict:
    attributes = {"key": section.key, "href": section.path, "className": css}
    if here:
        attributes["aria-current"] = "page"
    text = shell.t(f"settlement.section.{section.key}")
    return html.a(
        attributes,
        icon(section.icon, 16),
        html.span({"className": "whitespace-nowrap"}, text),
        quarantine_count(key="count") if section.key == "quarantine" else None,
    )
