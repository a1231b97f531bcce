"""Looking texts up by `namespace.key`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Protocol

from backend.contracts.common import Text

LOCALES = ("zh", "en")
FOLDER = Path(__file__).parent


class Translate(Protocol):
    """`translate` with the locale already chosen."""

    def __call__(self, key: str, /, **params: object) -> str: ...


@cache
def load_texts(locale: str) -> dict[str, str]:
    """Every text of one language by `namespace.key`."""
    found: dict[str, str] = {}
    for file in sorted((FOLDER / locale).glob("*.json")):
        texts: dict[str, str] = json.loads(file.read_text("utf-8"))
        found.update({f"{file.stem}.{key}": text for key, text in texts.items()})
    return found


def translate(locale: str, key: str, /, **params: object) -> str:
    """The text of `namespace.key`. Raises KeyError for an unknown key: a mistake of ours."""
    text = load_texts(locale)[key]
    for name, value in params.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


@cache
def translator(locale: str) -> Translate:
    """`translate` for one language; the same object each time, so that it may be a dependency of a hook."""

    def t(key: str, /, **params: object) -> str:
        return translate(locale, key, **params)

    return t


def pick(text: Text, locale: str) -> str:
    """A label that admins authored, in `locale` if they wrote it, else in the other language."""
    return (text.en or text.zh) if locale == "en" else (text.zh or text.en)


def choose_locale(*wishes: str | None) -> str:
    """The first wish that names a language we speak: a tag, a stored choice or Accept-Language."""
    for wish in wishes:
        for part in (wish or "").split(","):
            tag = part.split(";")[0].strip().lower()
            if tag.startswith("zh"):
                return "zh"
            if tag.startswith("en"):
                return "en"
    return "zh"
