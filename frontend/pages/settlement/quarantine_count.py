"""How much waits in quarantine, beside its name in the bar of settlement."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from frontend.session import use_changes, use_resource, use_shell


@component
def quarantine_count() -> VdomDict | None:
    """Nothing while nothing waits."""
    shell = use_shell()
    found = use_resource(shell.api.summarize_quarantine, use_changes("quarantine")).value
    if found is None or not found.open:
        return None
    text = shell.t("quarantine.count", count=found.open)
    return html.span({"className": "badge badge-sm badge-warning tf-tabular", "title": text}, str(found.open))
