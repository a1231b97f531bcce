"""The plan of the house, checked: who imports whom, who commits, who may see the clock."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PURE = (
    "backend/node_sdk",
    "backend/graph",
    "backend/engine",
    "backend/forms",
    "backend/settlement",
    "designer_nodes",
)
IMPURE_MODULES = {"asyncio", "random", "uuid", "secrets", "socket", "sqlalchemy", "litestar", "time", "os"}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}


def list_sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_every_room_imports_only_what_the_table_allows() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("folder", PURE)
def test_the_core_is_pure(folder: str) -> None:
    """No clock, no chance, no input or output; moments and ids come in from outside."""
    found = []
    for path in list_sources(folder):
        for node in ast.walk(parse(path)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found += [(str(path), name) for name in names if name.split(".")[0] in IMPURE_MODULES]
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and (owner.id, node.func.attr) in CLOCKS:
                    found.append((str(path), node.func.attr))
    assert found == []


def test_commits_have_one_home() -> None:
    """One look shows when an answer became durable; the hot path's drivers commit through it too."""
    committers = {
        str(path.relative_to(ROOT))
        for path in list_sources("backend")
        for node in ast.walk(parse(path))
        if is_commit(node)
    }
    assert committers == {"backend/db/session.py"}


def is_commit(node: ast.AST) -> bool:
    """A call of `commit`, or the statement itself."""
    is_call = isinstance(node, ast.Attribute) and node.attr == "commit"
    return is_call or (isinstance(node, ast.Constant) and node.value == "COMMIT")


def test_migrations_do_not_shadow_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()
    assert not (ROOT / "alembic" / "versions" / "__init__.py").exists()


def test_only_the_composition_root_knows_nodes_and_pages() -> None:
    allowed = ("backend/app.py", "backend/cli/")
    found = []
    for path in list_sources("backend"):
        where = str(path.relative_to(ROOT))
        for node in ast.walk(parse(path)):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            is_closed = module.split(".")[0] in {"designer_nodes", "frontend"}
            if is_closed and not where.startswith(allowed):
                found.append((where, module))
    assert found == []


def test_every_node_folder_is_registered_with_its_cases() -> None:
    from designer_nodes import NODE_TYPES

    folders = {path.parent.name for path in (ROOT / "designer_nodes").glob("*/node.py")}
    assert folders == {node_type.type for node_type in NODE_TYPES}
    assert all((ROOT / "designer_nodes" / folder / "cases.json").is_file() for folder in folders)
