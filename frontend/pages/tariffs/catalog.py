"""`/settlement/tariffs`: all tariffs, and a new one to begin with."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.settlement import CreateTariff, TariffItem
from frontend.api.transport import ApiError
from frontend.i18n import pick
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show, skeleton
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, breadcrumbs, card, dialog

FIELDS = ("name_zh", "name_en", "key", "amount")
DEFAULTS = {"amount": "30"}
KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")


@component
def tariffs() -> VdomDict:
    """The newest revision of each, and which one books now."""
    shell = use_shell()
    asking, set_asking = use_state(False)
    changed = use_changes("tariffs")
    loaded = use_resource(shell.api.list_tariffs, changed)
    add = html.button(
        {"type": "button", "className": "btn btn-primary btn-sm", "onClick": lambda _event: set_asking(True)},
        icon("plus", 16),
        shell.t("tariffs.new"),
    )
    may_add = shell.may("settle", "publish")
    return html.div(
        {"className": "flex flex-col gap-5"},
        breadcrumbs((shell.t("settlement.title"), "/settlement"), (shell.t("tariffs.title"), None)),
        html.div(
            {"className": "flex flex-wrap items-center justify-between gap-3"},
            html.h1({"className": "text-xl font-semibold"}, shell.t("tariffs.title")),
            add if may_add else None,
        ),
        show(loaded, shell.t, lambda page: _list(page, shell), card(skeleton(3, "h-12"))),
        beginning(lambda: set_asking(False), key="new") if asking else None,
    )


def _list(page: Page[TariffItem], shell: Shell) -> VdomDict:
    if not page.items:
        return card(empty(shell.t("tariffs.empty"), shell.t("tariffs.empty.text"), name="table-2"))

    def row(item: TariffItem) -> VdomDict:
        ahead = item.in_force != item.current_revision
        return html.li(
            {"key": item.id, "className": "border-b border-base-300 last:border-0"},
            html.a(
                {
                    "href": f"/settlement/tariffs/{item.id}",
                    "className": "flex items-center gap-4 px-5 py-3 hover:bg-base-200",
                },
                html.span(
                    {"className": "rounded-field bg-family-money p-2 text-family-money-ink"},
                    icon("coins", 18),
                ),
                html.span(
                    {"className": "min-w-0 flex-1"},
                    html.span({"className": "block truncate font-medium"}, pick(item.name, shell.locale)),
                    html.span({"className": "block text-sm text-muted"}, f"{item.key} · {item.currency}"),
                ),
                html.span(
                    {"className": "flex flex-wrap justify-end gap-2"},
                    badge(shell.t("tariffs.in_force", number=item.in_force), "soft badge-success")
                    if item.in_force
                    else None,
                    badge(shell.t("tariffs.waiting", number=item.current_revision), "soft badge-warning")
                    if ahead
                    else None,
                ),
                html.span({"className": "text-muted"}, icon("chevron-right", 16)),
            ),
        )

    return html.section(
        {"className": "tf-card p-0 overflow-hidden"}, html.ul([row(item) for item in page.items])
    )


@component
def beginning(close: Any) -> VdomDict:
    """Name, key and a flat amount that holds everywhere; the rest is done in the grid."""
    shell = use_shell()
    typed: Any = use_ref({})
    attempt_key = use_ref(str(uuid4()))
    fault, set_fault = use_state("")

    def note(name: str) -> Any:
        def change(event: dict[str, Any]) -> None:
            typed.current[name] = str(event["target"]["value"]).strip()

        return change

    async def create(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        values = {**DEFAULTS, **typed.current}
        document = make_document(values)
        if document is None:
            set_fault(shell.t("tariffs.new.fault"))
            return
        try:
            made = await shell.api.create_tariff(CreateTariff(document=document), attempt_key.current)
        except ApiError as error:
            attempt_key.current = str(uuid4())
            problem = error.problem
            set_fault(
                "; ".join(each.message for each in problem.errors[:3]) or problem.detail or problem.title
            )
            return
        shell.go(f"/settlement/tariffs/{made.id}")

    fields = [
        html.label(
            {"key": name, "className": "flex flex-col gap-1"},
            html.span({"className": "text-sm text-muted"}, shell.t(f"tariffs.new.{name}")),
            html.input(
                {
                    "className": "input w-full",
                    "maxLength": 100,
                    "defaultValue": DEFAULTS.get(name, ""),
                    "onChange": note(name),
                }
            ),
        )
        for name in FIELDS
    ]
    button = html.button(
        {"type": "button", "className": "btn btn-primary", "onClick": create}, shell.t("tariffs.new.create")
    )
    return dialog(
        shell.t("tariffs.new"),
        shell.t,
        close,
        html.div({"className": "flex flex-col gap-4"}, fields),
        html.p({"className": "mt-3 text-error", "role": "alert"}, fault) if fault else None,
        actions=[button],
    )


def make_document(values: dict[str, str]) -> dict[str, Any] | None:
    """A tariff of one row that pays `amount` (in yuan) for every ticket; None when a value does not fit."""
    try:
        whole, _, part = values["amount"].partition(".")
        amount = int(whole) * 100 + int((part + "00")[:2])
    except ValueError:
        return None
    zh, en = values.get("name_zh", ""), values.get("name_en", "")
    if not (zh or en) or not KEY.fullmatch(values.get("key", "")) or amount < 0:
        return None
    return {
        "format": "tierflow.tariff/1",
        "key": values["key"],
        "name": {"zh": zh or en, "en": en or zh},
        "currency": "CNY",
        "rounding": "half_up",
        "accumulation": "ticket",
        "measures": {},
        "rows": [
            {
                "id": "everywhere",
                "match": {},
                "charge": {"model": "flat", "amount": amount},
                "modifiers": [],
                "pays": {"party": "assignee"},
                "from": {"party": "region_pool"},
            }
        ],
    }
