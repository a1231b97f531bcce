"""What no linter says: files that fit a sitting, no float near money, no registry address in a lock."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.exact_money import find_floats, is_money_room

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
"""Lines. Data, migrations and tests may be longer."""
ADDRESS = re.compile(r'"resolved": *"http|--(?:extra-)?index-url')


def main() -> int:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
    files = [path for path in listed.stdout.split("\n") if path and (ROOT / path).is_file()]
    faults = [fault for path in files for fault in check(path)]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def check(path: str) -> Iterator[str]:
    if path.endswith((".py", ".ts", ".tsx", ".txt", "lock.json")):
        text = (ROOT / path).read_text()
        if path.startswith("requirements/") or path.endswith("lock.json"):
            if ADDRESS.search(text):
                yield f"{path}: a lock file must not carry a registry's address"
            return
        if not path.startswith(("alembic/versions/", "tests/")) and text.count("\n") > LONGEST:
            yield f"{path}: {text.count(chr(10))} lines; would two modules read better?"
        if path.endswith(".py") and is_money_room(path):
            yield from find_floats(path, text)


if __name__ == "__main__":
    raise SystemExit(main())
