"""What holds for all tariffs of the workspace: whether a second person must approve their changes."""

from __future__ import annotations

from reactpy import component, html
from reactpy.types import VdomDict

from backend.contracts.tariff_drafts import TariffSettings
from frontend.attempts import attempt
from frontend.session import use_resource, use_shell
from frontend.widgets.feedback import show
from frontend.widgets.parts import card


@component
def tariff_rules() -> VdomDict:
    """One switch."""
    shell = use_shell()
    t = shell.t
    loaded = use_resource(shell.api.find_tariff_settings)

    async def change(_event: object) -> None:
        if not shell.may("administer") or loaded.value is None:
            return
        wanted = not loaded.value.four_eyes
        done = t("tariff_changes.settings.on" if wanted else "tariff_changes.settings.off")
        await attempt(shell, shell.api.change_tariff_settings(four_eyes=wanted), done)
        loaded.reload()

    def draw(found: TariffSettings) -> VdomDict:
        return html.label(
            {"className": "flex items-start gap-3"},
            html.input(
                {
                    "key": str(found.four_eyes),
                    "type": "checkbox",
                    "className": "toggle toggle-primary mt-0.5",
                    "defaultChecked": found.four_eyes,
                    "onChange": change,
                }
            ),
            html.span(
                html.span({"className": "block font-medium"}, t("tariff_changes.settings.four_eyes")),
                html.span({"className": "block text-sm text-muted"}, t("tariff_changes.settings.text")),
            ),
        )

    return card(html.div(show(loaded, t, draw)), title=t("tariff_changes.settings.title"))
