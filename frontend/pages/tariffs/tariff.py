"""`/settlement/tariffs/{tariff_id}`: one tariff; reading, trying and revising it in one place."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import RowWords, TariffCheck, TariffDetail, TariffFinding
from frontend.addresses import address, use_query
from frontend.i18n import pick
from frontend.pages.tariffs.drawing import tier_drawing
from frontend.pages.tariffs.editing import document_editor, row_editor
from frontend.pages.tariffs.grid import grid
from frontend.pages.tariffs.publishing import publishing
from frontend.pages.tariffs.sheet import sheet_links, sheet_panel
from frontend.pages.tariffs.trying import try_panel
from frontend.pages.tariffs.words import TIERED, Json, list_parts, name_row, read_text
from frontend.session import Resource, Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import show, skeleton
from frontend.widgets.figures import moment
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, card


@component
def tariff(tariff_id: str) -> VdomDict:
    """`?revision=` shows an older one, `?row=` begins at a row."""
    shell = use_shell()
    query = use_query()
    wanted = query.get("revision", "")
    revision = int(wanted) if wanted.isdecimal() and len(wanted) < 9 else None
    changed = use_changes("tariffs")
    loaded = use_resource(lambda: shell.api.find_tariff(tariff_id, revision), revision, changed)

    def draw(found: TariffDetail) -> VdomDict:
        shown = revision or found.current_revision
        return html.div(
            {"className": "flex flex-col gap-5"},
            breadcrumbs(
                (shell.t("settlement.title"), "/settlement"),
                (shell.t("tariffs.title"), "/settlement/tariffs"),
                (pick(found.name, shell.locale), None),
            ),
            board(found, shown, query.get("row", ""), loaded.reload, key=f"{shown} {found.current_revision}"),
        )

    return html.div(show(loaded, shell.t, draw, card(skeleton(6, "h-10", shell.t("shell.loading")))))


@component
def board(found: TariffDetail, shown: int, first_row: str, reload: Callable[[], None]) -> VdomDict:
    """`shown` is the revision in sight. While it is edited, checks and trials use the edited document."""
    shell = use_shell()
    draft, set_draft = use_state(None)  # type: Json | None, Any
    chosen, set_chosen = use_state(first_row)
    saving, set_saving = use_state(False)
    document: Json = found.document if draft is None else draft
    checked: Resource[TariffCheck] = use_resource(
        lambda: _check(shell, found, draft), json.dumps(draft) if draft is not None else ""
    )
    regions = use_resource(shell.api.list_regions).value
    places = {each.key: pick(each.name, shell.locale) for each in (regions.items if regions else [])}
    verdict = checked.value or TariffCheck(findings=found.findings, words=found.words)
    rows = [row for row in document.get("rows") or [] if isinstance(row, dict)]
    row = next((row for row in rows if row.get("id") == chosen), rows[0] if rows else None)

    broken = any(finding.severity == "error" for finding in verdict.findings)

    def change(edited: Json) -> None:
        set_draft(copy.deepcopy(edited))

    def toggle() -> None:
        set_saving(False)
        set_draft(copy.deepcopy(found.document) if draft is None else None)

    return html.div(
        {"className": "flex flex-col gap-5"},
        _head(found, shown, toggle, draft is not None, shell),
        _save_bar(verdict, lambda: set_saving(True), shell) if draft is not None and not saving else None,
        publishing(found, document, lambda: set_saving(False), reload, key="publishing") if saving else None,
        html.div(
            {"className": "grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_20rem]"},
            html.div(
                {"className": "flex min-w-0 flex-col gap-5"},
                grid(document, row, set_chosen, places, shell),
                row_editor(document, str(row.get("id")), change, key=f"edit {row.get('id')}")
                if draft is not None and row
                else None,
                html.div(
                    {"className": "grid items-start gap-5 lg:grid-cols-2"},
                    _rule(document, row, verdict.words, shell) if row else None,
                    _findings(verdict.findings, shell),
                ),
                sheet_panel(found.id, document, change, key="sheet") if draft is not None else None,
                document_editor(document, change, key="document") if draft is not None else None,
                _revisions(found, shown, shell),
            ),
            try_panel(found.id, document, shown, draft is not None, broken, key="try"),
        ),
    )


async def _check(shell: Shell, found: TariffDetail, draft: Json | None) -> TariffCheck:
    if draft is None:
        return TariffCheck(findings=found.findings, words=found.words)
    return await shell.api.check_tariff(draft)


def _head(
    found: TariffDetail, shown: int, toggle: Callable[[], None], editing: bool, shell: Shell
) -> VdomDict:
    """`toggle` begins to edit, or drops what was edited."""
    newest = shown == found.current_revision
    may_edit = newest and shell.may("settle", "publish")
    button = html.button(
        {
            "type": "button",
            "className": "btn btn-sm",
            "onClick": lambda _event: toggle(),
        },
        icon("undo-2" if editing else "pencil", 16),
        shell.t("tariffs.edit.drop" if editing else "tariffs.edit"),
    )
    return html.div(
        {"className": "flex flex-wrap items-center justify-between gap-3"},
        html.div(
            {"className": "flex flex-wrap items-center gap-2"},
            html.h1({"className": "text-xl font-semibold"}, pick(found.name, shell.locale)),
            badge(shell.t("tariffs.in_force", number=found.in_force), "soft badge-success")
            if found.in_force
            else None,
            badge(shell.t("tariffs.waiting", number=found.current_revision), "soft badge-warning")
            if found.in_force != found.current_revision
            else None,
            badge(shell.t("tariffs.shown", number=shown), "soft badge-info") if not newest else None,
            badge(shell.t("tariffs.editing"), "soft badge-info", "pencil") if editing else None,
        ),
        html.div(
            {"className": "flex flex-wrap items-center gap-2"},
            sheet_links(found.id, shown, shell) if not editing else None,
            button if may_edit else None,
        ),
    )


def _save_bar(verdict: TariffCheck, save: Callable[[], None], shell: Shell) -> VdomDict:
    """Nothing is in force before it is published; with errors it cannot be."""
    errors = sum(finding.severity == "error" for finding in verdict.findings)
    text = shell.t("tariffs.edit.errors", count=errors) if errors else shell.t("tariffs.edit.hint")
    return html.div(
        {"className": "tf-card flex flex-wrap items-center justify-between gap-3 py-3"},
        html.p({"className": "text-error" if errors else "text-muted"}, text),
        html.button(
            {
                "type": "button",
                "className": "btn btn-primary btn-sm",
                "disabled": bool(errors),
                "onClick": lambda _event: save(),
            },
            shell.t("tariffs.publish"),
        ),
    )


def _rule(document: Json, row: Json, words: list[RowWords], shell: Shell) -> VdomDict:
    """The row's tiers drawn, and its rule in words."""
    currency = str(document.get("currency", "CNY"))
    measures = document.get("measures") or {}
    text = next((each.text for each in words if each.row == row.get("id")), "")
    pictures = [
        html.div(
            {"key": str(part.get("id"))},
            html.p(
                {"className": "text-sm text-muted"},
                pick(read_text(part.get("name")), shell.locale)
                or shell.t(f"tariffs.model.{part['charge']['model']}"),
            ),
            tier_drawing(part["charge"], measures, currency, shell),
        )
        for part in list_parts(row)
        if (part.get("charge") or {}).get("model") in TIERED
    ]
    return card(*pictures, html.p({"className": "leading-relaxed"}, text), title=name_row(row, shell))


def _findings(findings: list[TariffFinding], shell: Shell) -> VdomDict:
    if not findings:
        good = html.p(
            {"className": "flex items-center gap-2 text-success"},
            icon("circle-check", 18),
            shell.t("tariffs.findings.none"),
        )
        return card(good, title=shell.t("tariffs.findings"))

    def row(at: int, finding: TariffFinding) -> VdomDict:
        error = finding.severity == "error"
        return html.li(
            {"key": at, "className": "flex items-start gap-2 py-2"},
            html.span(
                {"className": "text-error" if error else "text-warning"},
                icon("circle-alert" if error else "triangle-alert", 18),
            ),
            html.span({"className": "min-w-0 break-words"}, finding.message),
        )

    items = html.ul([row(at, finding) for at, finding in enumerate(findings)])
    return card(items, title=shell.t("tariffs.findings"))


def _revisions(found: TariffDetail, shown: int, shell: Shell) -> VdomDict:
    def row(each: Any) -> VdomDict:
        active = each.revision == shown
        return html.li(
            {"key": each.revision, "className": "border-b border-base-300 last:border-0"},
            html.a(
                {
                    "href": address(f"/settlement/tariffs/{found.id}", revision=str(each.revision)),
                    "className": "flex flex-wrap items-center gap-x-3 gap-y-1 py-2 "
                    + ("font-medium" if active else ""),
                },
                html.span({"className": "w-20"}, shell.t("tariffs.revision", number=each.revision)),
                badge(shell.t("tariffs.now"), "soft badge-success") if each.in_force else None,
                html.span({"className": "min-w-0 flex-1 basis-48 text-muted break-words"}, each.note),
                html.span(
                    {"className": "text-sm text-muted"},
                    shell.t("tariffs.effective"),
                    " ",
                    moment(each.effective_from, shell.locale),
                ),
            ),
        )

    return card(html.ul([row(each) for each in found.revisions]), title=shell.t("tariffs.revisions"))
