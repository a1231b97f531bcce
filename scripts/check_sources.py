"""What no linter says: files that fit a sitting, no float near money, no registry address in a lock."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
"""Lines. Data, migrations and tests may be longer."""
MONEY_ROOMS = ("backend/settlement/", "backend/runtime/inline/", "backend/features/settlement/")
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
        if path.endswith(".py") and path.startswith(MONEY_ROOMS):
            yield from find_floats(path, text)


def find_floats(path: str, text: str) -> Iterator[str]:
    """Float literals, `float(...)`, and true division of what may be an amount by a literal float."""
    for node in ast.walk(ast.parse(text)):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float"
        if is_literal or is_call:
            line = getattr(node, "lineno", 0)
            yield f"{path}:{line}: a float near money"


if __name__ == "__main__":
    raise SystemExit(main())
