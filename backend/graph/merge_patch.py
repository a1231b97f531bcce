"""RFC 7396 merge patch, the language of every edit, and the patch that undoes one."""

from __future__ import annotations

from typing import Any


def apply(document: Any, patch: Any) -> Any:
    """The patched document; neither argument is changed. Null removes a member, an object is merged."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply(result.get(name), value)
    return result


def inverse(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The patch that leads from `apply(document, patch)` back to `document`.

    Holds for documents without null members, which merge patch cannot set.
    """
    undo: dict[str, Any] = {}
    for name, value in patch.items():
        if name not in document:
            if value is not None:
                undo[name] = None
            continue
        before = document[name]
        merged = isinstance(value, dict) and isinstance(before, dict)
        undo[name] = inverse(before, value) if merged else before
    return undo
