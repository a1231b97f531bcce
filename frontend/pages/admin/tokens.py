"""Keys for machines: made for oneself, shown once, revoked at once."""

from __future__ import annotations

from typing import Any

from reactpy import component, html, use_state
from reactpy.types import VdomDict

from backend.contracts.common import Page
from backend.contracts.identity import ApiToken
from frontend.api.transport import quoted
from frontend.attempts import attempt
from frontend.paging import more_button, use_pages
from frontend.session import use_shell
from frontend.widgets.feedback import empty, show
from frontend.widgets.figures import moment
from frontend.widgets.generated import generated_form, object_of, text_field
from frontend.widgets.icon import icon
from frontend.widgets.parts import dialog, page_head, table


@component
def tokens() -> VdomDict:
    """Administrators see everybody's, others their own."""
    shell = use_shell()
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("admin.section.tokens"), shell.t("admin.tokens.text")),
        token_list(key="list"),
    )


@component
def token_list() -> VdomDict:
    """With the one that was just made on top."""
    shell = use_shell()
    t = shell.t
    is_open, set_open = use_state(False)
    made, set_made = use_state(_nothing)

    async def load(cursor: str | None) -> Page[ApiToken]:
        return await shell.api.transport.read(Page[ApiToken], "/api-tokens", cursor=cursor)

    loaded, growing = use_pages(load)

    def heard(event: str, detail: dict[str, Any]) -> None:
        if event == "submitted":
            answer = detail["answer"]
            set_made(lambda _old: (str(answer["name"]), str(answer["secret"])))
            loaded.reload()
        set_open(False)

    def row(token: ApiToken) -> VdomDict:
        async def revoke(_event: object) -> None:
            work = shell.api.transport.send("DELETE", f"/api-tokens/{quoted(token.id)}")
            if await attempt(shell, work, t("admin.tokens.revoked")):
                loaded.reload()

        return html.tr(
            {"key": token.id},
            html.td({"className": "font-medium"}, token.name),
            html.td(token.member.name),
            html.td(moment(token.created_at, shell.locale, shell.zone)),
            html.td(
                {"className": "text-right"},
                html.button(
                    {
                        "type": "button",
                        "className": "btn btn-sm btn-ghost",
                        "aria-label": f"{t('admin.tokens.revoke')}: {token.name}",
                        "onClick": revoke,
                    },
                    t("admin.tokens.revoke"),
                ),
            ),
        )

    def draw(page: Page[ApiToken]) -> VdomDict:
        if not page.items:
            return empty(t("admin.tokens.empty"), t("admin.tokens.empty.text"), name="key-round")
        heads = (t("admin.tokens.name"), t("admin.tokens.member"), t("admin.tokens.created"), "")
        return html.div(
            table(heads, [row(token) for token in page.items], t("admin.section.tokens")),
            more_button(page, growing, shell),
        )

    name = text_field(t("admin.tokens.name"), longest=100, hint=t("admin.tokens.name.hint"), minLength=1)
    form = generated_form(
        shell,
        object_of({"name": name}, ["name"]),
        heard,
        url="/api-tokens",
        submit=t("admin.tokens.create"),
        cancel=t("shell.cancel"),
    )
    add = {"type": "button", "className": "btn btn-sm btn-primary", "onClick": lambda _event: set_open(True)}
    return html.section(
        {"className": "tf-card flex flex-col gap-4"},
        html.div({"key": "new"}, html.button(add, icon("plus", 16), t("admin.tokens.new"))),
        _secret(made, lambda: set_made(lambda _old: None), t) if made else None,
        html.div({"key": "list"}, show(loaded, t, draw)),
        html.div({"key": "dialog"}, dialog(t("admin.tokens.new"), t, lambda: set_open(False), form))
        if is_open
        else None,
    )


def _nothing() -> tuple[str, str] | None:
    return None


def _secret(made: tuple[str, str], close: Any, t: Any) -> VdomDict:
    """The one time that it is shown."""
    name, secret = made
    return html.div(
        {
            "key": "secret",
            "className": "flex flex-col gap-2 rounded-field border border-base-300 p-4",
            "role": "status",
        },
        html.p({"className": "font-medium"}, t("admin.tokens.secret", name=name)),
        html.p({"className": "text-sm text-muted"}, t("admin.tokens.secret.text")),
        html.code({"className": "break-all text-sm", "data-secret": ""}, secret),
        html.pre(
            {"className": "overflow-x-auto rounded-field bg-base-200 p-3 text-xs", "tabIndex": 0},
            f'curl -H "Authorization: Bearer {secret}" …/api/v1/session',
        ),
        html.div(
            html.button(
                {"type": "button", "className": "btn btn-sm", "onClick": lambda _event: close()},
                t("admin.tokens.kept"),
            )
        ),
    )
