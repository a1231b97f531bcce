"""`/workflows/{workflow_id}/design`: the canvas, which fetches and saves the draft by itself."""

from __future__ import annotations

from typing import Any

from reactpy import component, html
from reactpy.types import VdomDict

from frontend.pages.workflows.place import in_workflow
from frontend.session import use_shell
from frontend.widgets.island import island


@component
def design(workflow_id: str) -> VdomDict:
    """Everything but the bar is the island."""
    shell = use_shell()

    def heard(kind: str, detail: dict[str, Any]) -> None:
        if kind == "published":
            shell.toast(shell.t("workflows.published", number=detail.get("number", "")), "success")

    props = {
        "workflowId": workflow_id,
        "locale": shell.locale,
        "rights": shell.session.rights,
        "csrf": shell.session.csrf,
    }
    below = "[--designer-below:56px] md:[--designer-below:0px]"  # the tab bar of phones
    return in_workflow(
        html.div({"className": f"min-h-0 flex-1 {below}"}, island("canvas", "Canvas", props, heard)),
    )
