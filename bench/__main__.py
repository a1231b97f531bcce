"""Runs the benchmarks in turn, each in a process of its own, and writes bench/RESULTS.md.

    python -m bench [name ...]

Without names, all of them. With names, only these; the sections of the others stay as they were written. A
benchmark is a module here whose docstring begins with the number of its goal (`P1: ...`). Whatever it prints
becomes its section, and its lines of the form `P1 ...: figures, goal ...` make up the summary.
"""

from __future__ import annotations

import ast
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "RESULTS.md"
HEAD = """# Benchmarks

Peers and limits run in turn with ours on the same machine; ratios count, absolute figures drift with whatever
else the machine does. Written by `make bench`; each benchmark says above its figures what it compares.

"""
_NUMBER = re.compile(r"P(\d+)")
_VERDICT = re.compile(r"^P\d+\b.*: .*\bgoal\b.*$", re.MULTILINE)
_SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def list_benchmarks() -> dict[str, str]:
    """Name and docstring, in the order of the goals."""
    found = {path.stem: ast.get_docstring(ast.parse(path.read_text())) or "" for path in FOLDER.glob("*.py")}
    numbered = [(int(match[1]), name) for name, text in found.items() if (match := _NUMBER.match(text))]
    return {name: found[name] for _, name in sorted(numbered)}


def run(name: str) -> tuple[str, bool]:
    """What the benchmark printed, shown as it comes, and whether it came to its end."""
    command = [sys.executable, "-u", "-m", f"bench.{name}"]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=FOLDER.parent, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line)
    return "".join(lines), process.returncode == 0


def describe_machine() -> str:
    moment = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[2]
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores"
    return f"{moment}, {machine}, load average of the last quarter of an hour {load:.1f}"


def write_section(docstring: str, printed: str, ended: bool) -> str:
    title, _, rest = docstring.partition("\n")
    failed = "" if ended else "**It did not come to its end.**\n\n"
    return f"\n{title}\n{rest}\n\nMeasured {describe_machine()}:\n\n{failed}```\n{printed.strip()}\n```\n\n"


def write_results(sections: dict[str, str], order: list[str]) -> None:
    kept = [name for name in order if name in sections]
    verdicts = [line for name in kept for line in _VERDICT.findall(sections[name])]
    summary = "".join(f"- {line}\n" for line in verdicts)
    body = "".join(f"## {name}\n{sections[name]}" for name in kept)
    RESULTS.write_text(f"{HEAD}{summary}\n{body}".rstrip() + "\n")


def main(names: list[str]) -> int:
    known = list_benchmarks()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    whole = True
    for name in names or known:
        print(f"-- {name}", flush=True)
        printed, ended = run(name)
        whole = whole and ended
        sections = dict(_SECTION.findall(RESULTS.read_text())) if RESULTS.exists() else {}
        sections[name] = write_section(known[name], printed, ended)
        write_results(sections, list(known))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
