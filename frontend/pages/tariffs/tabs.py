"""The parts of a tariff's page that stand in tabs beside its editor."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from reactpy.types import Component

from backend.contracts.settlement import TariffDetail
from frontend.pages.tariffs.approval import approval
from frontend.pages.tariffs.backtest import backtest
from frontend.pages.tariffs.copying import copying
from frontend.pages.tariffs.history import history

Reload = Callable[[], None]
"""To be called after the draft or a revision was changed."""


class Tab(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the page beside the editor, at `?tab=<key>`; its text is `tariffs.tab.<key>`.

    `draw(found, reload)` gives the component; `reload` after the draft or a revision was changed. `rights`:
    of which one is needed to see it, none means everybody who may open the tariff.
    """

    key: str
    draw: Callable[[TariffDetail, Reload], Component]
    rights: tuple[str, ...] = ()


TABS: tuple[Tab, ...] = (
    Tab(key="approval", draw=approval),
    Tab(key="history", draw=history),
    Tab(key="backtest", draw=backtest, rights=("settle", "publish")),
    Tab(key="copying", draw=copying, rights=("settle", "publish")),
)
