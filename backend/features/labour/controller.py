"""Routes of labour: projects, rates, time, gathering, and what projects cost."""

from __future__ import annotations

from litestar import Router

from backend.features.labour.entries import EntryController
from backend.features.labour.months import CostController, RunController
from backend.features.labour.setting import ProjectController, RateController

ROUTER = Router(
    path="/",
    route_handlers=[ProjectController, RateController, EntryController, CostController, RunController],
)
