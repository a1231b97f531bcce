"""All routes of rehearsals and migrations."""

from __future__ import annotations

from litestar import Router

from backend.features.versions.evolution import FormVerdictController
from backend.features.versions.migrations import MigrationController, WorkflowMigrationController
from backend.features.versions.rehearsals import RehearsalController, WorkflowRehearsalController

ROUTER = Router(
    path="/",
    route_handlers=[
        WorkflowRehearsalController,
        RehearsalController,
        WorkflowMigrationController,
        MigrationController,
        FormVerdictController,
    ],
)
