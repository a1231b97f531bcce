"""What ReactPy last sent to one browser: which event targets exist, and nothing in it that could run script.

ReactPy names a target by the key path of its element (`/0/0/1:onClick`) and sends subtrees: an update at
`path` replaces whatever stood there. Source: ReactPy 2.0.0b13, `core/layout.py`.
"""

from __future__ import annotations

import copy
import re
from typing import Any

URL_ATTRIBUTES = frozenset(
    {"href", "src", "action", "formAction", "formaction", "xlinkHref", "xlink:href", "data", "poster", "to"}
)
SAFE_SCHEMES = frozenset({"http", "https", "mailto", "tel", "blob"})
SAFE_DATA = re.compile(r"^data:image/(png|jpeg|gif|webp|svg\+xml);base64,", re.IGNORECASE)
# Browsers drop control characters and blanks before they read a scheme, so "java\nscript:" is one too.
IGNORED_IN_SCHEME = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028\u2029\ufeff]")
SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.\-]*):")
FORBIDDEN_TAGS = frozenset({"script", "iframe", "object", "embed", "base", "meta", "link", "style"})
BLOCKED = "about:blank#blocked"


def is_safe_url(value: str) -> bool:
    """Whether the browser may have it: relative, of one of a few schemes, or an embedded picture."""
    plain = IGNORED_IN_SCHEME.sub("", value)
    scheme = SCHEME.match(plain)
    if scheme is None:
        return True
    return scheme[1].lower() in SAFE_SCHEMES or SAFE_DATA.match(plain) is not None


class SentLayout:
    """The targets that the browser can name, by the path of the element that carries them."""

    def __init__(self, broken: dict[str, Any] | None = None) -> None:
        """`broken` is what stands where a component failed; ReactPy itself leaves that place empty."""
        self._path_of: dict[str, str] = {}
        self._broken = broken or {"tagName": ""}

    def __contains__(self, target: str) -> bool:
        return target in self._path_of

    def __len__(self) -> int:
        return len(self._path_of)

    def replace(self, path: str, model: dict[str, Any]) -> bool:
        """Takes in one layout update; returns whether `model` was changed, in place."""
        below = f"{path}/"
        self._path_of = {
            target: place
            for target, place in self._path_of.items()
            if place != path and not place.startswith(below)
        }
        changed = False
        waiting: list[tuple[str, dict[str, Any]]] = [(path, model)]
        while waiting:
            place, element = waiting.pop()
            if "error" in element:
                element.clear()
                element.update(copy.deepcopy(self._broken))
                changed = True
            changed |= _disarm(element)
            for handler in (element.get("eventHandlers") or {}).values():
                self._path_of[handler["target"]] = place
            for index, child in enumerate(element.get("children") or ()):
                if isinstance(child, dict):
                    waiting.append((f"{place}/children/{index}", child))
        return changed


def _disarm(element: dict[str, Any]) -> bool:
    """Takes script out of one element: script tags, inline handlers, raw HTML, `javascript:` links."""
    changed = False
    if element.get("tagName", "").lower() in FORBIDDEN_TAGS:
        element.clear()
        element["tagName"] = ""
        return True
    if element.pop("inlineJavaScript", None) is not None:
        changed = True
    if "importSource" in element and not _is_own_module(element["importSource"]):
        element.clear()
        element["tagName"] = ""
        return True
    attributes = element.get("attributes") or {}
    for raw in ("dangerouslySetInnerHTML", "srcDoc", "srcdoc"):
        changed |= attributes.pop(raw, None) is not None
    if "importSource" not in element:
        for name in URL_ATTRIBUTES.intersection(attributes):
            value = attributes[name]
            if isinstance(value, str) and not is_safe_url(value):
                attributes[name] = BLOCKED
                changed = True
    return changed


def _is_own_module(source: dict[str, Any]) -> bool:
    if source.get("sourceType") == "NAME":
        return True
    return str(source.get("source", "")).startswith("/static/")
