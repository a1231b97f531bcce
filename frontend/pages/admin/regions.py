"""The region tree: names, time zones, currencies, working hours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.regions import Region
from frontend.api.transport import ApiError
from frontend.i18n import pick
from frontend.pages.admin.calendars import describe_week, summarize, to_rows, to_week
from frontend.pages.admin.cutting import (
    CUTTING_UI,
    describe_cutting,
    name_cutting,
    place_faults,
    to_cutting,
    to_rule,
)
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.generated import (
    Refusal,
    both_languages,
    choice_field,
    generated_form,
    object_of,
    region_field,
    text_field,
)
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog, page_head

ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Singapore",
    "Asia/Bangkok",
    "Asia/Jakarta",
    "Asia/Kolkata",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Los_Angeles",
    "Australia/Sydney",
    "UTC",
)
STEPS = ("pl-0", "pl-6", "pl-12", "pl-16", "pl-20", "pl-24")
"""Indents of the tree; what is deeper stays at the last."""


@component
def regions() -> VdomDict:
    """The whole tree; each row opens its own dialog."""
    shell = use_shell()
    loaded = use_resource(shell.api.list_regions)

    def draw(page: Page[Region]) -> VdomDict:
        if not page.items:
            return html.div(
                {"className": "tf-card"},
                empty(shell.t("admin.regions.empty"), shell.t("admin.regions.empty.text"), name="map-pin"),
            )
        rows = [region_row(region, loaded.reload, key=region.id) for region in page.items]
        return html.ul({"className": "tf-card p-0"}, rows)

    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(
            shell.t("admin.section.regions"),
            shell.t("admin.regions.text"),
            dialog_button(None, None, loaded.reload, key="new"),
        ),
        show(loaded, shell.t, draw),
    )


@component
def region_row(region: Region, reload: Callable[[], None]) -> VdomDict:
    """One region, indented by its depth."""
    shell = use_shell()
    depth = min(max(len(region.path) - 1, 0), len(STEPS) - 1)
    return html.li(
        {
            "className": "flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-base-300 px-5 py-3 "
            "last:border-0"
        },
        html.div(
            {"className": f"min-w-0 flex-1 basis-60 {STEPS[depth]}"},
            html.div(
                {"className": "flex items-center gap-2"},
                html.span({"className": "text-muted"}, icon("map-pin", 14)),
                html.span({"className": "truncate font-medium"}, pick(region.name, shell.locale)),
                html.span({"className": "truncate text-sm text-muted"}, region.key),
            ),
            html.div(
                {"className": "flex flex-wrap gap-x-3 text-sm text-muted"},
                html.span(region.currency),
                html.span(region.zone),
                html.span({"className": "tf-tabular"}, summarize(region.calendar, shell.t)),
                html.span(name_cutting(region, shell)) if region.settlement else None,
            ),
        ),
        html.div(
            {"className": "flex gap-1"},
            dialog_button(region, None, reload, key="edit"),
            dialog_button(None, region, reload, key="below"),
        ),
    )


@component
def dialog_button(region: Region | None, parent: Region | None, reload: Callable[[], None]) -> VdomDict:
    """Changes `region`; without one adds a region, below `parent` if that is given."""
    shell = use_shell()
    is_open, set_open = use_state(False)

    def close(changed: bool) -> None:
        set_open(False)
        if changed:
            reload()

    if region is not None:
        name, key, css = "pencil", "admin.edit", "btn-sm"
    elif parent is not None:
        name, key, css = "plus", "admin.regions.below", "btn-sm btn-ghost"
    else:
        name, key, css = "plus", "admin.regions.new", "btn-sm btn-primary"
    button = {"type": "button", "className": f"btn {css}", "onClick": lambda _event: set_open(True)}
    return html.div(
        html.button(button, icon(name, 14), shell.t(key)),
        region_form(region, parent, close, key="form") if is_open else None,
    )


@component
def region_form(region: Region | None, parent: Region | None, close: Callable[[bool], None]) -> VdomDict:
    """The page sends the answers itself: working hours are asked in another shape than they are held."""
    shell = use_shell()
    t = shell.t
    refusal, set_refusal = use_state(_no_refusal)

    async def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind != "submit":
            close(False)
            return
        body = _to_body(detail["value"], region)
        try:
            if region is None:
                await shell.api.add_region(body)
            else:
                await shell.api.change_region(region.id, body)
        except ApiError as error:
            problem = place_faults(error.problem)
            set_refusal(lambda old: Refusal((old.attempt if old else 0) + 1, problem))
            return
        shell.toast(t("admin.saved"), "success")
        close(True)

    schema, ui = _describe(region, shell)
    title = pick(region.name, shell.locale) if region else t("admin.regions.new")
    form = generated_form(
        shell,
        schema,
        heard,
        ui=ui,
        value=_to_value(region, parent),
        submit=t("admin.save"),
        cancel=t("shell.cancel"),
        refusal=refusal,
    )
    return dialog(title, t, lambda: close(False), form)


def _no_refusal() -> Refusal | None:
    return None


def _describe(region: Region | None, shell: Shell) -> tuple[dict[str, Any], dict[str, Any]]:
    t = shell.t
    zones = [*ZONES, *([region.zone] if region and region.zone not in ZONES else [])]
    hours = [(key, t(f"admin.regions.hours.{key}")) for key in ("inherit", "own")]
    key = text_field(
        t("admin.regions.key"), longest=60, hint=t("admin.regions.key.hint"), pattern="^[a-z0-9][a-z0-9_-]*$"
    )
    fields = {
        "name": both_languages(t("admin.regions.name")),
        **({} if region else {"key": key}),
        "parent_id": region_field(t("admin.regions.parent"), hint=t("admin.regions.parent.hint")),
        "zone": choice_field(t("admin.regions.zone"), [(zone, zone) for zone in zones]),
        "currency": text_field(t("admin.regions.currency"), longest=3, pattern="^[A-Z]{3}$"),
        "hours": {**choice_field(t("admin.regions.hours"), hours), "default": "inherit"},
        "week": describe_week(t),
        "holidays": _dates(t("admin.regions.holidays"), t("admin.regions.date")),
        "workdays": _dates(t("admin.regions.workdays"), t("admin.regions.date")),
        **describe_cutting(t),
    }
    own = {"ui:showIf": {"field": "hours", "op": "eq", "value": "own"}}
    ui = {"hours": {"ui:widget": "radio"}, "week": own, "holidays": own, "workdays": own, **CUTTING_UI}
    needed = ["name", "hours", "books"] if region else ["name", "key", "hours", "books"]
    return object_of(fields, needed), ui


def _dates(title: str, item: str) -> dict[str, Any]:
    date = {"type": "string", "format": "date", "title": item}
    return {"type": "array", "title": title, "maxItems": 400, "items": date}


def _to_value(region: Region | None, parent: Region | None) -> dict[str, Any]:
    if region is None:
        if parent is None:
            return {}
        return {"parent_id": parent.id, "zone": parent.zone, "currency": parent.currency}
    calendar = region.calendar or {}
    value = {
        "name": {"zh": region.name.zh, "en": region.name.en},
        "parent_id": region.parent_id,
        "zone": region.zone,
        "currency": region.currency,
        "hours": "own" if region.calendar else "inherit",
        "week": to_rows(calendar.get("week", {})),
        "holidays": list(calendar.get("holidays", ())),
        "workdays": list(calendar.get("workdays", ())),
        **to_cutting(region.settlement),
    }
    return {name: part for name, part in value.items() if part}


def _to_body(value: dict[str, Any], region: Region | None) -> dict[str, Any]:
    """What is left empty is the parent's; a region without a parent stands at the top."""
    body = {name: value[name] for name in ("name", "key", "zone", "currency") if value.get(name)}
    body["parent_id"] = value.get("parent_id")
    calendar = None
    if value.get("hours") == "own":
        calendar = {
            "week": to_week(value.get("week", [])),
            "holidays": sorted(value.get("holidays", [])),
            "workdays": sorted(value.get("workdays", [])),
        }
    if calendar is not None or region is not None:
        body["calendar"] = calendar
    rule = to_rule(value)
    if rule != (region.settlement if region is not None else None):
        body["settlement"] = rule
    return body
