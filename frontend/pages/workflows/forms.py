"""`/workflows/{workflow_id}/forms` and `/workflows/{workflow_id}/forms/{form_key}`: the draft's forms."""

from __future__ import annotations

from typing import Any

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.workflows import Draft
from frontend.attempts import attempt
from frontend.i18n import translate
from frontend.pages.workflows.place import in_workflow
from frontend.session import Shell, use_changes, use_resource, use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.icon import icon
from frontend.widgets.island import island
from frontend.widgets.parts import page_head


@component
def forms(workflow_id: str) -> VdomDict:
    """All forms, with the steps that use them."""
    return in_workflow(
        html.div(
            {"className": "min-h-0 flex-1 overflow-y-auto p-4 md:p-6 pb-24 md:pb-6"},
            form_list(workflow_id, key="forms"),
        ),
    )


@component
def form_list(workflow_id: str) -> VdomDict:
    """Reloads when the draft changes."""
    shell = use_shell()
    changed = use_changes(f"workflow:{workflow_id}")
    loaded = use_resource(lambda: shell.api.find_draft(workflow_id), workflow_id, changed)

    async def add(_event: object) -> None:
        draft = await shell.api.find_draft(workflow_id)
        key = _free_key(draft.definition.get("forms", {}))
        title = {locale: translate(locale, "workflows.forms.untitled") for locale in ("zh", "en")}
        form = {"title": title, "schema": {"type": "object", "properties": {}}, "ui": {"ui:order": []}}
        saving = shell.api.edit_draft(workflow_id, {"forms": {key: form}}, draft.revision)
        if await attempt(shell, saving):
            shell.go(f"/workflows/{workflow_id}/forms/{key}")

    button = html.button(
        {"type": "button", "className": "btn btn-sm btn-primary", "onClick": add},
        icon("plus", 16),
        shell.t("workflows.forms.add"),
    )
    return html.div(
        {"className": "mx-auto flex max-w-5xl flex-col gap-5"},
        page_head(
            shell.t("workflows.forms.title"),
            shell.t("workflows.forms.text"),
            *([button] if shell.may("edit") else []),
        ),
        show(loaded, shell.t, lambda draft: _draw(draft, workflow_id, shell)),
    )


def _free_key(known: dict[str, Any]) -> str:
    return next(key for key in (f"form_{number}" for number in range(1, len(known) + 2)) if key not in known)


def _draw(draft: Draft, workflow_id: str, shell: Shell) -> VdomDict:
    known: dict[str, Any] = draft.definition.get("forms", {})
    if not known:
        return html.div(
            {"className": "tf-card"},
            empty(
                shell.t("workflows.forms.empty"), shell.t("workflows.forms.empty.text"), name="clipboard-pen"
            ),
        )
    return html.ul(
        {"className": "grid grid-cols-1 gap-4 md:grid-cols-2"},
        [_card(key, form, draft, workflow_id, shell) for key, form in known.items()],
    )


def _card(key: str, form: dict[str, Any], draft: Draft, workflow_id: str, shell: Shell) -> VdomDict:
    fields: dict[str, Any] = form.get("schema", {}).get("properties", {})
    names = [
        _localized(each.get("x-title"), shell.locale) or each.get("title") or name
        for name, each in fields.items()
    ]
    users = [
        _localized(node.get("label"), shell.locale) or node_id
        for node_id, node in draft.definition["graph"]["nodes"].items()
        if node.get("config", {}).get("form") == key
    ]
    trouble = [finding for finding in draft.findings if finding.form == key]
    return html.li(
        {"key": key},
        html.a(
            {
                "href": f"/workflows/{workflow_id}/forms/{key}",
                "className": "tf-card flex h-full flex-col gap-2 hover:border-primary",
            },
            html.span(
                {"className": "flex items-center justify-between gap-3"},
                html.span(
                    {"className": "truncate font-medium"}, _localized(form.get("title"), shell.locale) or key
                ),
                html.span(
                    {"className": "shrink-0 text-sm text-muted tf-tabular"},
                    shell.t("workflows.forms.fields", count=len(fields)),
                ),
            ),
            html.span(
                {"className": "text-sm text-muted line-clamp-2"}, shell.t("workflows.join").join(names)
            ),
            html.span(
                {"className": "mt-auto text-sm"},
                shell.t("workflows.forms.used", nodes=shell.t("workflows.join").join(users))
                if users
                else shell.t("workflows.forms.unused"),
            ),
            html.span({"className": "text-sm text-error"}, trouble[0].message) if trouble else None,
        ),
    )


def _localized(text: Any, locale: str) -> str:
    """A label of a document, which may be missing or written in one language."""
    if not isinstance(text, dict):
        return ""
    return str(text.get(locale) or text.get("zh") or text.get("en") or "")


@component
def form_builder(workflow_id: str, form_key: str) -> VdomDict:
    """The island loads and saves the draft by itself."""
    shell = use_shell()
    props = {
        "workflowId": workflow_id,
        "formKey": form_key,
        "locale": shell.locale,
        "csrf": shell.session.csrf,
        "editable": shell.may("edit"),
    }
    return in_workflow(
        html.div(
            {"className": "min-h-0 flex-1 overflow-y-auto pb-14 md:pb-0"},
            island("formbuilder", "FormBuilder", props, _ignore, css="h-full"),
        ),
    )


def _ignore(_kind: str, _detail: dict[str, Any]) -> None:
    """The builder's reports of its own saves concern nothing else on the page."""
