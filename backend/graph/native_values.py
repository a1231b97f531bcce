"""Frequent, simple values as Python closures: a field as it stands, and sums and products of numbers.

As with native conditions, a closure answers only where CEL's answer is beyond doubt: operands of one number
type, whole numbers and results within 64 bits. It raises for anything else, and CEL is asked.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from backend.graph.native_lists import AskCel

Value = Callable[[Mapping[str, Any]], Any]

LEAST, MOST = -(2**63), 2**63 - 1

_TOKEN = re.compile(
    r"""\s*(?:(?P<path>(?:data|ticket|customer)\.[A-Za-z_]\w*)(?![\w.])
      | (?P<float>\d+\.\d+)(?![\w.])
      | (?P<int>0|[1-9]\d{0,17})(?![\w.])
      | (?P<sign>[-+*()])
      | (?P<end>\Z))""",
    re.VERBOSE | re.ASCII,
)
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}
_PLAIN = frozenset({str, bool, float})
"""Types that come back from CEL as they went in; whole numbers do within 64 bits."""


def compile_value(text: str) -> Value | None:
    """The closure of a value that is valid CEL; None when it needs more than the simple subset.

    The closure raises AskCel or LookupError when only CEL can tell.
    """
    tokens: list[tuple[str, str]] = []
    at = 0
    while not tokens or tokens[-1][0] != "end":
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            return None
        at = match.end()
        tokens.append((match.lastgroup, match[match.lastgroup]))
    try:
        value = _read_sum(tokens)
    except _Beyond:
        return None
    return value if tokens[0][0] == "end" else None


class _Beyond(Exception):
    """The text is not of the subset."""


def _read_sum(tokens: list[tuple[str, str]]) -> Value:
    """Consumes tokens from the front, as the other readers do."""
    value = _read_product(tokens)
    while tokens[0][1] in {"+", "-"}:
        sign = tokens.pop(0)[1]
        value = _combine(_OPERATORS[sign], value, _read_product(tokens))
    return value


def _read_product(tokens: list[tuple[str, str]]) -> Value:
    value = _read_atom(tokens)
    while tokens[0][1] == "*":
        tokens.pop(0)
        value = _combine(operator.mul, value, _read_atom(tokens))
    return value


def _read_atom(tokens: list[tuple[str, str]]) -> Value:
    kind, text = tokens.pop(0)
    if kind == "path":
        root, _, name = text.partition(".")
        return _field(root, name)
    if kind in {"int", "float"}:
        return _literal(int(text) if kind == "int" else float(text))
    if text != "(":
        raise _Beyond
    value = _read_sum(tokens)
    if tokens.pop(0)[1] != ")":
        raise _Beyond
    return value


def _literal(number: int | float) -> Value:
    return lambda context: number


def _field(root: str, name: str) -> Value:
    def value(context: Mapping[str, Any]) -> Any:
        found = context[root][name]
        kind = type(found)
        if kind in _PLAIN or (kind is int and LEAST <= found <= MOST):
            return found
        raise AskCel

    return value


def _combine(operate: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    def value(context: Mapping[str, Any]) -> Any:
        a, b = left(context), right(context)
        kind = type(a)
        if kind is not type(b) or (kind is not int and kind is not float):
            raise AskCel
        result = operate(a, b)
        if kind is int and not LEAST <= result <= MOST:
            raise AskCel
        return result

    return value
