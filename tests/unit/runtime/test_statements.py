"""Which statements of the hot path may run before their transaction begins."""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import pytest

import backend.runtime
from backend.runtime.statements import Statement

MODULES = [found.name for found in walk_packages(backend.runtime.__path__, "backend.runtime.")]
STATEMENTS = {
    f"{module}.{name}": value
    for module in MODULES
    for name, value in vars(import_module(module)).items()
    if isinstance(value, Statement)
}
LASTING = ("pg_advisory", " FOR ", "nextval", "set_config", "pg_notify")
"""What a select may do that must last, or count, to the end of the transaction."""


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_only_what_leaves_no_trace_runs_outside(name: str) -> None:
    statement = STATEMENTS[name]
    text = statement.postgresql
    reads = text.startswith(("SELECT", "WITH RECURSIVE"))
    leaves_a_trace = not reads or any(word in text for word in LASTING)
    assert statement.only_reads == (not leaves_a_trace), text
