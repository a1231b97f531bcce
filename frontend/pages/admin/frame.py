"""`/admin` and `/admin/{section}`: one frame whose sections change beside the list of them."""

from __future__ import annotations

from collections.abc import Callable

from reactpy import component, html
from reactpy.types import Component, VdomDict

from frontend.pages.admin.audit import audit
from frontend.pages.admin.connections import connections
from frontend.pages.admin.incidents import incidents
from frontend.pages.admin.jobs import jobs
from frontend.pages.admin.members import members
from frontend.pages.admin.regions import regions
from frontend.pages.admin.roles import roles
from frontend.pages.admin.tariff_rules import tariff_rules
from frontend.pages.admin.teams import teams
from frontend.pages.admin.tokens import tokens
from frontend.pages.trouble import missing
from frontend.session import Shell, use_shell
from frontend.widgets.icon import icon

SECTIONS: dict[str, tuple[str, Callable[..., Component]]] = {
    "members": ("users", members),
    "teams": ("users", teams),
    "regions": ("map-pin", regions),
    "roles": ("key-round", roles),
    "tokens": ("key-round", tokens),
    "tariff_rules": ("coins", tariff_rules),
    "connections": ("webhook", connections),
    "incidents": ("triangle-alert", incidents),
    "jobs": ("list-checks", jobs),
    "audit": ("shield-check", audit),
}


@component
def admin(section: str = "members") -> VdomDict:
    """Sections stand beside the content on a desk, above it on a phone."""
    shell = use_shell()
    found = SECTIONS.get(section)
    return html.div(
        {"className": "flex flex-col gap-5 lg:flex-row lg:gap-6"},
        _sections(section, shell),
        html.div({"className": "min-w-0 flex-1"}, found[1](key=section) if found else missing(key="missing")),
    )


def _sections(here: str, shell: Shell) -> VdomDict:
    def entry(key: str) -> VdomDict:
        attributes = {"key": key, "href": f"/admin/{key}", "className": "tf-nav whitespace-nowrap"}
        if key == here:
            attributes["aria-current"] = "page"
        return html.a(attributes, icon(SECTIONS[key][0], 16), shell.t(f"admin.section.{key}"))

    return html.nav(
        {
            "aria-label": shell.t("admin.sections"),
            "className": "flex shrink-0 flex-wrap gap-1 lg:sticky lg:top-20 lg:w-44 lg:flex-col "
            "lg:self-start",
        },
        [entry(key) for key in SECTIONS],
    )
