"""The server's text catalogue: every sentence the API says, in Chinese and English, by a stable code.

Each domain owns one module with `TEXTS`: code -> (zh, en). A placeholder `{name}` takes a value of `params`;
a value that is
itself two-language text (`{"zh": ..., "en": ...}`) is read in the reader's language. Values are only ever
inserted,
never parsed, so that what a user typed cannot act as a template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

LOCALES = ("zh", "en")
DEFAULT_LOCALE = "zh"

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def list_domains() -> tuple[tuple[str, Mapping[str, tuple[str, str]]], ...]:
    """Every domain's name and texts."""
    names = sorted(found.name for found in iter_modules(__path__))
    return tuple((name, import_module(f"{__name__}.{name}").TEXTS) for name in names)


@cache
def load_texts() -> dict[str, tuple[str, str]]:
    """All domains' texts by code. A test keeps two domains from giving one code different texts."""
    return {code: pair for _, texts in list_domains() for code, pair in texts.items()}


def knows(code: str) -> bool:
    """Whether the catalogue has this code."""
    return code in load_texts()


def render(code: str, params: Mapping[str, Any], locale: str) -> str:
    """The sentence of a code. An unknown code is shown as it is: better a bare word than a failed page."""
    pair = load_texts().get(code)
    if pair is None:
        return code
    text = pair[LOCALES.index(locale) if locale in LOCALES else 0]
    return _PLACEHOLDER.sub(lambda match: _insert(params, match, locale), text)


def _insert(params: Mapping[str, Any], match: re.Match[str], locale: str) -> str:
    return _say(params[match[1]], locale) if match[1] in params else match[0]


def _say(value: Any, locale: str) -> str:
    if isinstance(value, Mapping):
        return str(value.get(locale) or value.get(DEFAULT_LOCALE) or value.get("en") or "")
    if isinstance(value, (list, tuple)):
        return ("、" if locale == "zh" else ", ").join(_say(item, locale) for item in value)
    return str(value)
