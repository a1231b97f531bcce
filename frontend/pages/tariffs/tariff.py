"""`/settlement/tariffs/{tariff_id}`: one tariff; the editor is an island, other parts stand in tabs."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import TariffDetail
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.tariffs.publishing import draft_bar
from frontend.pages.tariffs.tabs import TABS, Reload, Tab
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import badge, breadcrumbs, card


@component
def tariff(tariff_id: str) -> VdomDict:
    """`?revision=` shows an older one, `?row=` begins at a row, `?tab=` opens another part."""
    shell = use_shell()
    query = use_query()
    wanted = query.get("revision", "")
    revision = int(wanted) if wanted.isdecimal() and len(wanted) < 9 else None
    version, set_version = use_state(0)
    loaded = use_resource(lambda: shell.api.find_tariff(tariff_id), tariff_id, version)

    def reload() -> None:
        set_version(lambda old: old + 1)

    def draw(found: TariffDetail) -> VdomDict:
        tabs = [tab for tab in TABS if not tab.rights or shell.may(*tab.rights)]
        chosen = next((tab for tab in tabs if tab.key == query.get("tab")), None)
        return html.div(
            {"className": "mx-auto flex w-full max-w-[120rem] flex-col gap-4 p-4 pb-24 md:p-6"},
            breadcrumbs(
                (shell.t("settlement.title"), "/settlement"),
                (shell.t("tariffs.title"), "/settlement/tariffs"),
                (pick(found.name, shell.locale), None),
            ),
            head(found, revision, version, reload, key=f"head {tariff_id}"),
            _tab_bar(tariff_id, tabs, chosen, shell),
            html.div({"key": f"{tariff_id} {chosen.key}"}, chosen.draw(found, reload))
            if chosen
            else html.div(
                {"key": f"{tariff_id} editor"}, _editor(tariff_id, revision, version, query.get("row"), shell)
            ),
        )

    return html.div(show(loaded, shell.t, draw, card(skeleton(6, "h-10", shell.t("shell.loading")))))


def _editor(tariff_id: str, revision: int | None, version: int, row: str | None, shell: Shell) -> VdomDict:
    """The island loads and saves the draft by itself; `version` tells it that the draft was replaced."""
    props = {
        "tariffId": tariff_id,
        "revision": revision,
        "version": version,
        "row": row or "",
        "locale": shell.locale,
        "csrf": shell.session.csrf,
        "editable": shell.may("settle", "publish"),
    }
    return island("tariffgrid", "TariffEditor", props, _ignore)


def _ignore(_kind: str, _detail: dict[str, Any]) -> None:
    """The head hears of saves by the workspace's changes."""


def _tab_bar(tariff_id: str, tabs: list[Tab], chosen: Tab | None, shell: Shell) -> VdomDict | None:
    if not tabs:
        return None

    def link(key: str) -> VdomDict:
        active = key == (chosen.key if chosen else "editor")
        path = address(f"/settlement/tariffs/{tariff_id}", tab="" if key == "editor" else key)
        attributes: dict[str, Any] = {"key": key, "href": path, "className": "tab"}
        if active:
            attributes |= {"className": "tab tab-active", "aria-current": "page"}
        return html.a(attributes, shell.t(f"tariffs.tab.{key}"))

    return html.nav(
        {"className": "tabs tabs-border overflow-x-auto flex-nowrap", "aria-label": shell.t("tariffs.tabs")},
        [link(key) for key in ("editor", *(tab.key for tab in tabs))],
    )


@component
def head(found: TariffDetail, revision: int | None, version: int, reload: Reload) -> VdomDict:
    """What is in force, what is being edited, and putting that into force. Follows every save by itself, so
    that the editor below is not drawn again.
    """
    shell = use_shell()
    changed = use_changes("tariffs")
    fresh = use_resource(lambda: shell.api.find_tariff(found.id), found.id, version, changed)
    now = fresh.value or found
    return html.div(
        {"className": "flex min-h-9 flex-wrap items-center justify-between gap-3"},
        html.div(
            {"className": "flex flex-wrap items-center gap-2"},
            html.h1({"className": "text-xl font-semibold"}, pick(now.name, shell.locale)),
            *_badges(now, revision, shell),
        ),
        _way_back(now, shell) if revision is not None else None,
        draft_bar(now, now.draft, reload, key=f"draft {now.current_revision}")
        if now.draft is not None and revision is None
        else None,
    )


def _badges(found: TariffDetail, revision: int | None, shell: Shell) -> list[VdomDict]:
    t = shell.t
    badges = []
    if found.in_force:
        badges.append(badge(t("tariffs.in_force", number=found.in_force), "soft badge-success"))
    if found.current_revision and found.in_force != found.current_revision:
        badges.append(badge(t("tariffs.waiting", number=found.current_revision), "soft badge-warning"))
    if found.draft is not None:
        badges.append(
            badge(t("tariffs.draft", number=found.current_revision + 1), "soft badge-warning", "pencil")
        )
    if revision is not None:
        badges.append(badge(t("tariffs.shown", number=revision), "soft badge-info"))
    return badges


def _way_back(found: TariffDetail, shell: Shell) -> VdomDict:
    attributes = {"href": f"/settlement/tariffs/{found.id}", "className": "btn btn-sm"}
    return html.a(attributes, icon("arrow-left", 16), shell.t("tariffs.newest"))
