"""No binary fractions where money is worked out: neither written, nor converted to, nor arising.

Found are float literals, the name `float` (calls and annotations), true division unless one side is plainly a
Decimal, anything of `math` and `statistics` but what knows whole numbers only, and `round(...)`. A line that
has nothing to do with amounts, such as the seconds that a job rests, says so with `# not money`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

ROOMS = (
    "backend/settlement/",
    "backend/runtime/books/",
    "backend/runtime/inline/",
    "backend/features/settlement/",
    "backend/features/periods/",
    "backend/features/corrections/",
    "backend/features/quarantine/",
    "backend/features/orders/",
    "backend/features/labour/",
    "backend/features/statements/",
    "backend/contracts/settlement.py",
    "backend/contracts/periods.py",
)
EXACT = frozenset({"Decimal", "Fraction", "Path"})
"""`/` between these is exact, or no division at all."""
MODULES = frozenset({"math", "statistics", "cmath"})
WHOLE = frozenset({"gcd", "lcm", "isqrt", "comb", "perm"})
"""What `math` does with whole numbers only."""
EXEMPT = "# not money"
PAPER = frozenset({"backend/features/statements/pdf.py"})
"""Lengths on a sheet; amounts come here as text."""


def is_money_room(path: str) -> bool:
    """Whether the rule holds for this file, named from the root of the project."""
    return path.startswith(ROOMS) and path not in PAPER


def find_floats(path: str, text: str) -> Iterator[str]:
    """One sentence each, in the order of the lines."""
    lines = text.splitlines()
    found = []
    for node in ast.walk(ast.parse(text)):
        fault = _judge(node)
        line = getattr(node, "lineno", 0)
        if fault and EXEMPT not in lines[line - 1]:
            found.append((line, f"{path}:{line}: {fault} near money"))
    for _, sentence in sorted(set(found)):
        yield sentence


def _judge(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
        return "a binary fraction"
    if isinstance(node, ast.Name) and node.id in {"float", "complex"}:
        return "float"
    if isinstance(node, ast.Import):
        return next((f"module {each.name}" for each in node.names if each.name in MODULES), "")
    if isinstance(node, ast.ImportFrom) and node.module in MODULES:
        return "" if WHOLE.issuperset(each.name for each in node.names) else f"module {node.module}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round":
        return "round()"
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div):
        sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
        return "" if any(map(_is_exact, sides)) else "true division"
    return ""


def _is_exact(side: ast.expr) -> bool:
    """Plainly so: made by `Decimal(...)`, or reckoned with one."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EXACT
        for node in ast.walk(side)
    )
