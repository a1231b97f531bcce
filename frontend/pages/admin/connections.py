"""Connections to the outside: the mail server, and what webhooks may call."""

from __future__ import annotations

from typing import Any

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.administration import Connection
from frontend.session import Shell, use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.figures import moment
from frontend.widgets.generated import choice_field, generated_form, object_of, text_field
from frontend.widgets.parts import badge, card, page_head


@component
def connections() -> VdomDict:
    """One card a connection."""
    shell = use_shell()
    return html.div(
        {"className": "flex flex-col gap-5"},
        page_head(shell.t("admin.section.connections"), shell.t("admin.connections.text")),
        connection("smtp", key="smtp"),
        connection("webhook", key="webhook"),
    )


@component
def connection(kind: str) -> VdomDict:
    """The stored settings in a form; a stored password shows as stars and stays unless it is typed anew."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(lambda: shell.api.find_connection(kind), kind)

    def heard(event: str, _detail: dict[str, Any]) -> None:
        if event == "submitted":
            shell.toast(t("admin.saved"), "success")
            loaded.reload()

    def draw(found: Connection) -> VdomDict:
        return html.div(
            {"className": "flex flex-col gap-4"},
            html.div(
                {"className": "flex flex-wrap items-center gap-2 text-sm text-muted"},
                badge(t("admin.connections.set"), "soft badge-success", "circle-check")
                if found.updated_at
                else badge(t("admin.connections.unset")),
                moment(found.updated_at, shell.locale, shell.zone) if found.updated_at else None,
                html.span(t(f"admin.connections.{kind}.text")),
            ),
            generated_form(
                shell,
                _mail(shell) if kind == "smtp" else _hosts(shell),
                heard,
                value={name: value for name, value in found.config.items() if value is not None},
                url=f"/connections/{kind}",
                method="PUT",
                blanks={"username": ""} if kind == "smtp" else {"hosts": [], "private_hosts": []},
                submit=t("admin.save"),
            ),
        )

    return card(show(loaded, t, draw), title=t(f"admin.connections.{kind}"))


def _mail(shell: Shell) -> dict[str, Any]:
    t = shell.t
    security = [(key, t(f"admin.smtp.security.{key}")) for key in ("starttls", "tls", "none")]
    return object_of(
        {
            "host": text_field(t("admin.smtp.host"), longest=253, minLength=1),
            "port": {
                "type": "integer",
                "title": t("admin.smtp.port"),
                "minimum": 1,
                "maximum": 65535,
                "default": 587,
            },
            "security": {**choice_field(t("admin.smtp.security"), security), "default": "starttls"},
            "sender": text_field(t("admin.smtp.sender"), longest=254, format="email", minLength=3),
            "username": text_field(t("admin.smtp.username"), longest=254),
            "password": text_field(t("admin.smtp.password"), longest=500, format="password"),
        },
        ["host", "port", "security", "sender"],
    )


def _hosts(shell: Shell) -> dict[str, Any]:
    t = shell.t

    def hosts(name: str) -> dict[str, Any]:
        return {
            "type": "array",
            "title": t(f"admin.webhook.{name}"),
            "description": t(f"admin.webhook.{name}.hint"),
            "maxItems": 200,
            "items": {"type": "string", "maxLength": 260, "minLength": 1, "title": t("admin.webhook.host")},
        }

    return object_of({"hosts": hosts("hosts"), "private_hosts": hosts("private_hosts")})
