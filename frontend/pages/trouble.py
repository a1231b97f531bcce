"""Pages for paths that lead nowhere, or not for this reader."""

from __future__ import annotations

from reactpy import component
from reactpy.types import VdomDict

from frontend.session import use_shell
from frontend.widgets.feedback import empty
from frontend.widgets.parts import button_link


@component
def missing() -> VdomDict:
    """404."""
    t = use_shell().t
    back = button_link(t("shell.missing.home"), "/", "house")
    return empty(t("shell.missing.title"), t("shell.missing.text"), back, name="search")


@component
def forbidden() -> VdomDict:
    """The member lacks the right."""
    t = use_shell().t
    back = button_link(t("shell.missing.home"), "/", "house")
    return empty(t("shell.forbidden.title"), t("shell.forbidden.text"), back, name="key-round")
