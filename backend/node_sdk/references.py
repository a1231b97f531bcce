"""Names in the line that says what a node does: the node knows keys, its reader the names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from backend.node_sdk.types import Label

ReferenceKind = Literal["role", "team", "tariff", "field", "workflow"]
FindName = Callable[[str, str], Label | None]
"""(kind, key) -> what people call it; None when nobody knows."""

_REFERENCE = re.compile(r"\u27e6(role|team|tariff|field|workflow):([^\u27e7]*)\u27e7")


def reference(kind: ReferenceKind, key: str) -> str:
    """A mark in a text that `name_references` replaces."""
    return f"\u27e6{kind}:{key}\u27e7"


def name_references(text: Label, find: FindName | None = None) -> Label:
    """The text with a name for each mark; what has no name is shown by its key."""

    def fill(part: str, zh: bool) -> str:
        def name(match: re.Match[str]) -> str:
            found = find(match[1], match[2]) if find else None
            if found is None:
                return match[2]
            return (found.zh or found.en if zh else found.en or found.zh) or match[2]

        return _REFERENCE.sub(name, part)

    return Label(fill(text.zh, zh=True), fill(text.en, zh=False))
