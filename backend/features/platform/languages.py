"""Which language an answer is in: Accept-Language with its q-values; Chinese when it says nothing we
speak.
"""

from __future__ import annotations

from backend.messages import DEFAULT_LOCALE, LOCALES


def choose_locale(header: str | None) -> str:
    """`zh` or `en`. A malformed weight counts as 0; at equal weight the first one wins."""
    best, best_weight = DEFAULT_LOCALE, 0.0
    for part in (header or "")[:500].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().split("-")[0]
        weight = _read_weight(parameters)
        if language == "*":
            language = DEFAULT_LOCALE
        if language in LOCALES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _read_weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
