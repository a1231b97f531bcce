"""Frequent, simple conditions as Python closures, so that a decision need not cross into the CEL library.

A closure knows one thing: what CEL answers when every field it looks at is there and of the literal's own
type. In any other case (missing, null, another type, a number beyond exact doubles) it raises, and CEL is
asked: CEL stays the only authority on what an irregular ticket means. Understood are comparisons of a field
with a literal, `in` a list of literals, `has()`, a yes/no field by itself, `!`, `&&`, `||` and parentheses;
anything else is left to CEL as a whole.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Condition = Callable[[Mapping[str, Any]], bool]

EXACT = 2**53
"""Largest whole number that a double holds exactly: up to it int and double compare alike everywhere."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<path>(?:data|ticket|customer)(?:\.[A-Za-z_]\w*)+)
      | (?P<word>has|in|true|false|null)\b
      | (?P<float>-?\d+\.\d+)(?![\w.])
      | (?P<int>-?(?:0|[1-9]\d*))(?![\w.])
      | "(?P<double>[^"\\\n\r]*)" | '(?P<single>[^'\\\n\r]*)'
      | (?P<sign>&&|\|\||==|!=|<=|>=|[<>!()\[\],])
      | (?P<end>\Z))""",
    re.VERBOSE | re.ASCII,
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ACCEPTED: Mapping[type, frozenset[type]] = {
    str: frozenset({str}),
    bool: frozenset({bool}),
    int: frozenset({int, float}),
    float: frozenset({float}),
}
"""Types of a field that compare with a literal of this type as they do in CEL. An int field with a double
literal is left to CEL, which rounds where Python is exact."""


class AskCel(Exception):
    """The ticket is not of the regular kind that the closure was made for."""


def compile_condition(text: str) -> Condition | None:
    """The closure of a condition that is valid CEL; None when it needs more than the simple subset.

    The closure raises AskCel, LookupError or TypeError when only CEL can tell.
    """
    try:
        return _Reader(text).read()
    except _Beyond:
        return None


class _Beyond(Exception):
    """The text is not of the subset."""


class _Reader:
    """Recursive descent over (kind, value) pairs; one method a level of precedence."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_split(text))
        self._at = 0

    def read(self) -> Condition:
        condition = self._read_any()
        self._expect("end")
        return condition

    def _peek(self) -> str:
        return self._tokens[self._at][0]

    def _take(self) -> tuple[str, Any]:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _skip(self, kind: str) -> bool:
        found = self._peek() == kind
        self._at += found
        return found

    def _expect(self, kind: str) -> Any:
        found, value = self._take()
        if found != kind:
            raise _Beyond
        return value

    def _read_any(self) -> Condition:
        condition = self._read_every()
        while self._skip("||"):
            condition = _either(condition, self._read_every())
        return condition

    def _read_every(self) -> Condition:
        condition = self._read_one()
        while self._skip("&&"):
            condition = _both(condition, self._read_one())
        return condition

    def _read_one(self) -> Condition:
        """A comparison, or what may stand negated. `!a == b` is `(!a) == b` in CEL and so beyond us: the
        caller finds a comparison where a connective must be."""
        if self._peek() == "literal":
            literal, sign = self._take()[1], self._take()[0]
            if sign not in _MIRRORED:
                raise _Beyond
            return _compare(self._expect("path"), _MIRRORED[sign], literal)
        if self._peek() == "path" and self._tokens[self._at + 1][0] in {*_COMPARISONS, "in"}:
            path, sign = self._take()[1], self._take()[0]
            if sign == "in":
                return _one_of(path, self._read_list())
            return _compare(path, sign, self._expect("literal"))
        return self._read_atom()

    def _read_atom(self) -> Condition:
        kind, value = self._take()
        if kind == "!":
            return _negate(self._read_atom())
        if kind == "path":
            return _is_true(value)
        if kind not in {"(", "has"}:
            raise _Beyond
        if kind == "has":
            self._expect("(")
            condition = _is_there(self._expect("path"))
        else:
            condition = self._read_any()
        self._expect(")")
        return condition

    def _read_list(self) -> list[Any]:
        self._expect("[")
        literals = [self._expect("literal")]
        while self._skip(","):
            literals.append(self._expect("literal"))
        self._expect("]")
        return literals


def _split(text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    at = 0
    while not found or found[-1][0] != "end":
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Beyond
        at = match.end()
        found.append(_name_token(match.lastgroup or "", match[match.lastgroup or ""]))
    return found


_WORDS = {"true": True, "false": False}


def _name_token(kind: str, value: str) -> tuple[str, Any]:
    """Literals as their value, signs and words by their own text."""
    if kind == "path":
        return kind, tuple(value.split("."))
    if kind == "int":
        if abs(int(value)) > EXACT:
            raise _Beyond
        return "literal", int(value)
    if kind == "float":
        return "literal", float(value)
    if kind in {"double", "single"}:
        return "literal", value
    if value in _WORDS:
        return "literal", _WORDS[value]
    return value or "end", value


# --- the closures ---


def _both(left: Condition, right: Condition) -> Condition:
    return lambda context: left(context) and right(context)


def _either(left: Condition, right: Condition) -> Condition:
    return lambda context: left(context) or right(context)


def _negate(inner: Condition) -> Condition:
    return lambda context: not inner(context)


def _compare(path: tuple[str, ...], sign: str, literal: Any) -> Condition:
    root, name = _split_path(path)
    accepted, compare = _ACCEPTED[type(literal)], _COMPARISONS[sign]

    def condition(context: Mapping[str, Any]) -> bool:
        value = context[root][name]
        if type(value) not in accepted:
            raise AskCel
        return compare(value, literal)

    return condition


def _one_of(path: tuple[str, ...], literals: list[Any]) -> Condition:
    root, name = _split_path(path)
    kind, choices = type(literals[0]), frozenset(literals)
    if kind not in {str, int} or any(type(literal) is not kind for literal in literals):
        raise _Beyond

    def condition(context: Mapping[str, Any]) -> bool:
        value = context[root][name]
        if type(value) is not kind:
            raise AskCel
        return value in choices

    return condition


def _is_true(path: tuple[str, ...]) -> Condition:
    root, name = _split_path(path)

    def condition(context: Mapping[str, Any]) -> bool:
        value: Any = context[root][name]
        if value is not True and value is not False:
            raise AskCel
        return bool(value)

    return condition


def _is_there(path: tuple[str, ...]) -> Condition:
    root, name = _split_path(path)
    return lambda context: name in context[root]


def _split_path(path: tuple[str, ...]) -> tuple[str, str]:
    """Root and field; what lies deeper is CEL's."""
    if len(path) != 2:
        raise _Beyond
    return path[0], path[1]
