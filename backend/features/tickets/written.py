"""Names of fields that no form has: what a step computes or keeps."""

from __future__ import annotations

from backend.contracts.common import Text
from backend.engine.release import Release
from backend.graph.written import list_written, name_written


def label_written(release: Release, path: str) -> Text:
    """As the step's author named it, else the path in plain words."""
    known = {field.path: field.label for field in list_written(release.definition, release.registry)}
    label = known.get(path) or name_written(path)
    return Text(label.zh, label.en)
