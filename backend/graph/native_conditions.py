"""Frequent, simple conditions as Python closures, so that a decision need not cross into the CEL library.

A closure knows one thing: what CEL answers when every field it looks at is there and of the literal's own
type. In any other case (missing, null, another type, a number beyond exact doubles) it raises, and CEL is
asked: CEL stays the only authority on what an irregular ticket means. Understood are comparisons of a field
with a literal, `in` a list of literals, `has()`, a yes/no field by itself, `!`, `&&`, `||` and parentheses;
of a list, its `size()`, a literal `in` it, and `exists` and `all` with such a condition on its items (see
`native_lists`). Anything else is left to CEL as a whole.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from backend.graph import native_lists
from backend.graph.native_lists import AskCel

Condition = Callable[[Mapping[str, Any]], bool]
Path = tuple[str, str]
"""Root and field."""

_ROOTS = frozenset({"data", "ticket", "customer", "now"})
EXACT = 2**53
"""Largest whole number that a double holds exactly: up to it int and double compare alike everywhere."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<path>(?:data|ticket|customer)(?:\.[A-Za-z_]\w*)+)
      | (?P<word>has|in|true|false|null)\b
      | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)(?![\w.])
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
        self._item: str | None = None
        """Name of the item, within the condition on the items of a list."""
        self._parts: set[bool] = set()
        """Whether that condition looks at parts of the item, at the item itself, or (left to CEL) at both."""

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
            if sign == "in":
                return native_lists.contain(self._read_field(), literal)
            if sign not in _MIRRORED:
                raise _Beyond
            return _compare(self._read_field(), _MIRRORED[sign], literal)
        if self._tokens[self._at] == ("name", ("size",)):
            return self._read_size()
        if self._peek() in {"path", "name"} and self._tokens[self._at + 1][0] in {*_COMPARISONS, "in"}:
            path, sign = self._read_field(), self._take()[0]
            if sign == "in":
                return _one_of(path, self._read_list())
            return _compare(path, sign, self._expect("literal"))
        return self._read_atom()

    def _read_atom(self) -> Condition:
        if self._peek() in {"path", "name"}:
            searches = self._tokens[self._at + 1][0] == "("
            return self._read_search() if searches else _is_true(self._read_field())
        kind = self._take()[0]
        if kind == "!":
            return _negate(self._read_atom())
        if kind not in {"(", "has"}:
            raise _Beyond
        if kind == "has":
            self._expect("(")
            condition = _is_there(self._read_field())
        else:
            condition = self._read_any()
        self._expect(")")
        return condition

    def _read_field(self) -> Path:
        """A field of the ticket; on the items of a list, of the item, whose own name stands for a field
        without a name."""
        path: tuple[str, ...] = self._expect("path" if self._item is None else "name")
        if self._item is not None:
            if path[0] != self._item:
                raise _Beyond
            self._parts.add(len(path) > 1)
            path = (*path, "")[:2]
        if len(path) != 2:
            raise _Beyond
        return path[0], path[1]

    def _read_size(self) -> Condition:
        self._take()
        self._expect("(")
        path = self._read_field()
        self._expect(")")
        sign, number = self._take()[0], self._expect("literal")
        if sign not in _COMPARISONS or type(number) is not int:
            raise _Beyond
        return native_lists.compare_size(path, _COMPARISONS[sign], number)

    def _read_search(self) -> Condition:
        """`data.items.exists(item, ...)`, or `all`. Within another one it is CEL's."""
        path = self._expect("path")
        if len(path) != 3 or path[2] not in native_lists.SEARCHES:
            raise _Beyond
        self._expect("(")
        name = self._expect("name")
        if len(name) != 1 or name[0] in _ROOTS:
            raise _Beyond
        self._expect(",")
        self._item, self._parts = name[0], set()
        condition = self._read_any()
        item, parts, self._item = self._item, self._parts, None
        self._expect(")")
        if len(parts) != 1:
            raise _Beyond
        return native_lists.search(path[:2], path[2], item, condition, of_parts=parts == {True})

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
    if kind in {"path", "name"}:
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


def _compare(path: Path, sign: str, literal: Any) -> Condition:
    root, name = path
    accepted, compare = _ACCEPTED[type(literal)], _COMPARISONS[sign]

    def condition(context: Mapping[str, Any]) -> bool:
        value = context[root][name]
        if type(value) not in accepted:
            raise AskCel
        return compare(value, literal)

    return condition


def _one_of(path: Path, literals: list[Any]) -> Condition:
    root, name = path
    kind, choices = type(literals[0]), frozenset(literals)
    if kind not in {str, int} or any(type(literal) is not kind for literal in literals):
        raise _Beyond

    def condition(context: Mapping[str, Any]) -> bool:
        value = context[root][name]
        if type(value) is not kind:
            raise AskCel
        return value in choices

    return condition


def _is_true(path: Path) -> Condition:
    root, name = path

    def condition(context: Mapping[str, Any]) -> bool:
        value: Any = context[root][name]
        if value is not True and value is not False:
            raise AskCel
        return bool(value)

    return condition


def _is_there(path: Path) -> Condition:
    root, name = path
    return lambda context: name in context[root]
