"""Rows of one region copied to another with a factor: looked at first, then taken into the draft."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from reactpy import component, html, use_ref, use_state
from reactpy.types import VdomDict

from backend.contracts.settlement import TariffDetail
from backend.contracts.tariff_drafts import Copied, CopyRows, SaveDraft
from frontend.api.transport import ApiError
from frontend.attempts import attempt
from frontend.i18n import pick
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.entry_box import choice_box
from frontend.widgets.icon import icon
from frontend.widgets.parts import badge, card

ROUNDINGS = ("half_up", "half_even", "down", "up")
STEPS = ("1", "10", "100", "1000")


@component
def copying(found: TariffDetail, reload: Callable[[], None]) -> VdomDict:
    """From where to where, times what, rounded how."""
    shell = use_shell()
    t = shell.t
    chosen, set_chosen = use_state({"from": "", "to": "", "rounding": "half_up", "step": "1"})
    factor: Any = use_ref("1")
    made, set_made = use_state(None)  # type: Copied | None, Any
    regions = use_resource(shell.api.list_regions, "regions")
    items = regions.value.items if regions.value else []
    names = {
        each.key: " / ".join(pick(part, shell.locale) for part in each.path) or pick(each.name, shell.locale)
        for each in items
    }
    document = found.draft.document if found.draft else found.document
    used = {
        str((row.get("match") or {}).get("region"))
        for row in document.get("rows") or []
        if isinstance(row, dict) and (row.get("match") or {}).get("region")
    }

    def choose(name: str) -> Callable[[str], None]:
        def change(value: str) -> None:
            set_chosen(lambda old: {**old, name: value})
            set_made(None)

        return change

    def note(event: dict[str, Any]) -> None:
        factor.current = str(event["target"]["value"]).strip()

    async def look(_event: object) -> None:
        wanted = read_wanted(chosen, factor.current)
        if wanted is None:
            shell.toast(t("tariff_changes.copy.unfit"), "error")
            return
        try:
            set_made(await shell.api.copy_rows(found.id, wanted))
        except ApiError as error:
            problem = error.problem
            shell.toast("; ".join(each.message for each in problem.errors[:3]) or problem.detail, "error")

    source = [("", t("tariff_changes.copy.choose"))]
    source += [(key, name) for key, name in names.items() if key in used]
    target = [("", t("tariff_changes.copy.choose")), *names.items()]
    return html.div(
        {"className": "flex flex-col gap-4"},
        card(
            html.p({"className": "mb-4 text-muted"}, t("tariff_changes.copy.text")),
            html.div(
                {"className": "grid items-end gap-4 sm:grid-cols-2 lg:grid-cols-5"},
                choice_box(t("tariff_changes.copy.from"), source, chosen["from"], choose("from")),
                choice_box(t("tariff_changes.copy.to"), target, chosen["to"], choose("to")),
                html.label(
                    {"className": "flex min-w-0 flex-col gap-1"},
                    html.span({"className": "text-sm text-muted"}, t("tariff_changes.copy.factor")),
                    html.input(
                        {
                            "className": "input input-sm h-9 w-full tf-tabular",
                            "inputMode": "decimal",
                            "defaultValue": "1",
                            "maxLength": 12,
                            "onChange": note,
                        }
                    ),
                ),
                choice_box(
                    t("tariff_changes.copy.rounding"),
                    [(each, t(f"tariff_changes.rounding.{each}")) for each in ROUNDINGS],
                    chosen["rounding"],
                    choose("rounding"),
                ),
                choice_box(
                    t("tariff_changes.copy.step"),
                    [(each, t(f"tariff_changes.step.{each}")) for each in STEPS],
                    chosen["step"],
                    choose("step"),
                ),
            ),
            html.button(
                {"type": "button", "className": "btn btn-sm mt-4", "onClick": look},
                t("tariff_changes.copy.look"),
            ),
            title=t("tariff_changes.copy.title"),
        ),
        outcome(found, made, reload, key="outcome") if made is not None else None,
    )


def read_wanted(chosen: dict[str, str], factor: str) -> CopyRows | None:
    """None while a region or the factor is missing."""
    try:
        exact = Decimal(factor.replace(",", "."))
    except InvalidOperation:
        return None
    if not chosen["from"] or not chosen["to"] or not exact.is_finite():
        return None
    rounding: Any = chosen["rounding"]
    return CopyRows(
        from_region=chosen["from"],
        to_region=chosen["to"],
        factor=exact,
        rounding=rounding,
        step=int(chosen["step"]),
    )


@component
def outcome(found: TariffDetail, made: Copied, reload: Callable[[], None]) -> VdomDict:
    """Each copy in words, and what the linter says; taking them into the draft saves it."""
    shell = use_shell()
    t = shell.t
    fresh = [row for row in made.rows if not row.skipped]

    async def take(_event: object) -> None:
        if not shell.may("settle", "publish"):
            return
        draft = found.draft
        body = SaveDraft(
            document=made.document,
            base_revision=draft.base_revision if draft else found.current_revision,
            etag=draft.etag if draft else None,
        )
        done = t("tariff_changes.copy.taken", count=len(fresh))
        if await attempt(shell, shell.api.save_draft(found.id, body), done):
            reload()

    if not made.rows:
        return card(html.p({"className": "text-muted"}, t("tariff_changes.copy.nothing")))
    return card(
        html.ul(
            {"className": "flex flex-col divide-y divide-base-300"},
            [_row(at, row, shell) for at, row in enumerate(made.rows)],
        ),
        html.button(
            {
                "type": "button",
                "className": "btn btn-primary btn-sm mt-4",
                "disabled": not fresh,
                "onClick": take,
            },
            icon("plus", 16),
            t("tariff_changes.copy.take", count=len(fresh)),
        )
        if shell.may("settle", "publish")
        else None,
        title=t("tariff_changes.copy.result"),
    )


def _row(at: int, row: Any, shell: Shell) -> VdomDict:
    return html.li(
        {"key": at, "className": "flex flex-wrap items-baseline gap-x-3 gap-y-1 py-2"},
        html.code({"className": "font-medium break-all"}, f"{row.source} → {row.row}"),
        badge(shell.t("tariff_changes.copy.skipped"), "soft badge-warning") if row.skipped else None,
        html.span({"className": "min-w-0 flex-1 basis-60 break-words text-sm text-muted"}, row.text),
    )
