"""Both languages, key by key: the same keys, the same placeholders, nothing empty, no key used and unknown.

Looks at the pages' and islands' catalogues (`frontend/i18n`) and at the server's (`backend/messages`).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

I18N = ROOT / "frontend" / "i18n"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
USED = re.compile(r"""\b(?:t|text|translate)\(\s*(?:[\w.]+,\s*)?["']([a-z_]+\.[\w.]+)["']""")


def main() -> int:
    faults = [*compare_catalogues(), *find_missing_keys(), *compare_messages()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def read(locale: str) -> dict[str, str]:
    """`namespace.key` -> text."""
    found: dict[str, str] = {}
    for path in sorted((I18N / locale).glob("*.json")):
        found.update({f"{path.stem}.{key}": text for key, text in json.loads(path.read_text()).items()})
    return found


def compare_catalogues() -> Iterator[str]:
    zh, en = read("zh"), read("en")
    for key in sorted(zh.keys() ^ en.keys()):
        yield f"frontend/i18n: {key} stands in one language only"
    for key in sorted(zh.keys() & en.keys()):
        yield from compare(f"frontend/i18n: {key}", zh[key], en[key])


def compare(where: str, zh: str, en: str) -> Iterator[str]:
    if not zh.strip() or not en.strip():
        yield f"{where} is empty in one language"
    if set(PLACEHOLDER.findall(zh)) != set(PLACEHOLDER.findall(en)):
        yield f"{where} has other placeholders in Chinese than in English"


def find_missing_keys() -> Iterator[str]:
    """Keys that the pages name literally and no catalogue has."""
    known = read("zh")
    for path in sorted((ROOT / "frontend").rglob("*.py")):
        for key in USED.findall(path.read_text()):
            if key not in known:
                yield f"{path.relative_to(ROOT)}: no text for {key}"


def compare_messages() -> Iterator[str]:
    from backend.messages import load_texts

    for code, (zh, en) in load_texts().items():
        yield from compare(f"backend/messages: {code}", zh, en)


if __name__ == "__main__":
    raise SystemExit(main())
