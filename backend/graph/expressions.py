"""Conditions and computed values: CEL over `data`, `ticket`, `customer` and `now`, compiled once and bounded.

The CEL library converts whatever context it is handed, so an expression is given only the fields it names:
reading
two of fifty fields costs 7 microseconds instead of 70.

A field that a form left empty is not in `data`. A **condition** treats it as null:
`data.kind == "food"` is false, `data.kind != "food"` is true, and a comparison with `<` or `>` does
not hold. A **value** (set fields, quantities) fails instead, since a computed number must not be
guessed. `has(data.kind)` asks without either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from backend.graph.cel_library import load_cel
from backend.graph.native_conditions import compile_condition
from backend.graph.native_lists import AskCel
from backend.graph.native_values import compile_value

if TYPE_CHECKING:
    import cel
else:
    cel = load_cel()

ROOTS = ("data", "ticket", "customer", "now")
MAX_BYTES = 2048
MAX_COMPREHENSION_DEPTH = 2
COMPREHENSIONS = frozenset({"all", "exists", "exists_one", "map", "filter"})
FUNCTIONS = frozenset(
    [
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "int",
        "uint",
        "double",
        "string",
        "bool",
        "duration",
        "timestamp",
        "type",
        "dyn",
        "has",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
    ]
)

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*)
      | (?P<string>[rRbB]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))
      | (?P<number>\d[\w.]*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


_IRREGULAR = (AskCel, LookupError, TypeError)
"""What a native closure raises when only CEL can tell."""


class ExpressionFailed(Exception):
    """An expression could not be compiled or computed. `code` is a message code, `params` fill the
    message."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


class Expression:
    """A compiled expression that knows which fields it reads. Raises ExpressionFailed when it cannot be
    computed."""

    __slots__ = ("_asked", "_condition", "_fields", "_program", "_value", "_whole", "text")

    def __init__(self, text: str, program: cel.Program, words: _Words) -> None:
        self.text = text
        self._program = program
        self._fields = tuple((root, tuple(sorted(names))) for root, names in words.fields.items())
        self._whole = tuple(sorted(words.whole))
        self._asked = words.asked
        self._condition = compile_condition(text)
        self._value = compile_value(text)

    @property
    def reads(self) -> tuple[str, ...]:
        """Paths such as `data.amount`; a root alone when all of it is read."""
        paths = [f"{root}.{name}" for root, names in self._fields for name in names]
        return tuple(sorted([*paths, *self._whole]))

    def evaluate(self, context: Mapping[str, Any]) -> Any:
        """The value. A missing field, a wrong type, a division by zero: ExpressionFailed."""
        if self._value is not None:
            try:
                return self._value(context)
            except _IRREGULAR:
                pass
        return self._compute(self._project(context))

    def find(self, context: Mapping[str, Any]) -> Any:
        """The value, with null for every field that is missing; null when the types do not fit a missing
        one."""
        if self._value is not None:
            try:
                return self._value(context)
            except _IRREGULAR:
                pass
        projected = self._project(context)
        try:
            return self._program.execute(projected)
        except Exception as error:
            missing = self._fill(projected) or self._reads_null(projected) or isinstance(error, LookupError)
            if not missing:
                raise self._explain(error) from error
        try:
            return self._program.execute(projected)
        except Exception:
            return None

    def holds(self, context: Mapping[str, Any]) -> bool:
        """Whether a condition is true; missing fields count as null. Raises when the answer is not yes or
        no."""
        if self._condition is not None:
            try:
                return self._condition(context)
            except _IRREGULAR:
                pass
        value = self.find(context)
        if value is None:
            return False
        if value is not True and value is not False:
            raise ExpressionFailed("expression_not_boolean", text=self.text)
        return bool(value)

    def _project(self, context: Mapping[str, Any]) -> dict[str, Any]:
        projected: dict[str, Any] = {root: context[root] for root in self._whole}
        for root, names in self._fields:
            source = context[root]
            projected[root] = {name: source[name] for name in names if name in source}
        return projected

    def _fill(self, projected: dict[str, Any]) -> bool:
        """Put null where a named field is missing, unless `has` asks for it."""
        filled = False
        for root, names in self._fields:
            for name in names:
                if name not in projected[root] and (root, name) not in self._asked:
                    projected[root][name] = None
                    filled = True
        return filled

    def _reads_null(self, projected: dict[str, Any]) -> bool:
        return any(projected[root].get(name, 0) is None for root, names in self._fields for name in names)

    def _compute(self, projected: dict[str, Any]) -> Any:
        try:
            return self._program.execute(projected)
        except Exception as error:
            raise self._explain(error) from error

    def _explain(self, error: Exception) -> ExpressionFailed:
        if isinstance(error, LookupError):
            return ExpressionFailed("expression_missing_field", text=self.text, field=str(error).strip("'\""))
        if isinstance(error, TypeError):
            return ExpressionFailed("expression_wrong_type", text=self.text)
        if isinstance(error, ArithmeticError):
            return ExpressionFailed("expression_arithmetic", text=self.text)
        return ExpressionFailed("expression_failed", text=self.text)


class _Words:
    """What a reading of the text without its strings and comments shows: fields, depth of loops, calls."""

    def __init__(self, text: str, roots: tuple[str, ...] = ROOTS) -> None:
        self._roots = roots
        self.fields: dict[str, set[str]] = {}
        self.whole: set[str] = set()
        self.asked: set[tuple[str, str]] = set()
        self.depth = 0
        self.unknown: str | None = None
        self._read(list(_tokens(text)))

    def _read(self, tokens: list[str]) -> None:
        bound: set[str] = set()
        loops: list[bool] = []
        for at, token in enumerate(tokens):
            before = tokens[at - 1] if at else ""
            after = tokens[at + 1] if at + 1 < len(tokens) else ""
            if token == "(":
                loop = before in COMPREHENSIONS and at > 1 and tokens[at - 2] == "."
                loops.append(loop)
                if loop:
                    bound.add(after)
                    self.depth = max(self.depth, sum(loops))
            elif token == ")" and loops:
                loops.pop()
            elif not (token[0].isalpha() or token[0] == "_") or token in {"true", "false", "null", "in"}:
                continue
            elif after == "(":
                if token not in FUNCTIONS and token not in COMPREHENSIONS:
                    self.unknown = self.unknown or token
            elif before != ".":
                self._read_name(tokens, at, bound)

    def _read_name(self, tokens: list[str], at: int, bound: set[str]) -> None:
        name = tokens[at]
        if name in bound and name not in self._roots:
            return
        if name not in self._roots:
            self.unknown = self.unknown or name
            return
        field = tokens[at + 2] if tokens[at + 1 : at + 2] == ["."] and at + 2 < len(tokens) else None
        called = tokens[at + 3 : at + 4] == ["("]
        if field is None or called or name == "now":
            self.whole.add(name)
            return
        self.fields.setdefault(name, set()).add(field)
        if tokens[max(0, at - 2) : at] == ["has", "("]:
            self.asked.add((name, field))


def _tokens(text: str) -> Iterator[str]:
    """Words and signs; a string becomes one `"` and a number one `0`, since only their place matters."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "string":
            yield '"'
        elif match.lastgroup == "number":
            yield "0"
        elif match.lastgroup != "skip":
            yield match.group()


@lru_cache(maxsize=4096)
def compile_expression(text: str, roots: tuple[str, ...] = ROOTS) -> Expression:
    """Compile within the limits; `roots` are the names it may begin with. Raises ExpressionFailed with the
    code that `check_expression` returns."""
    if len(text.encode()) > MAX_BYTES:
        raise ExpressionFailed("expression_too_long", limit=MAX_BYTES)
    if _NULL_ESCAPE.search(text):
        raise ExpressionFailed("expression_null")
    words = _Words(text, roots)
    if words.depth > MAX_COMPREHENSION_DEPTH:
        raise ExpressionFailed("expression_too_nested", limit=MAX_COMPREHENSION_DEPTH)
    try:
        program = cel.compile(text)
    except Exception as error:
        raise ExpressionFailed("expression_syntax", text=text, at=_column(str(error))) from error
    if words.unknown is not None:
        raise ExpressionFailed("expression_unknown_name", name=words.unknown)
    for root in words.whole:
        words.fields.pop(root, None)
    return Expression(text, program, words)


_NULL_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\(?:000|[xX]00|u0000|U00000000)")
"""A null character in a text, which PostgreSQL holds in no column."""


def _column(message: str) -> int:
    """The parser's `<input>:line:column`, counted from 1; 0 when it says none."""
    found = re.search(r"<input>:\d+:(\d+)", message)
    return int(found.group(1)) if found else 0


def check_expression(text: str, roots: tuple[str, ...] = ROOTS) -> ExpressionFailed | None:
    """What is wrong with an expression, as a value; None when it compiles."""
    try:
        compile_expression(text, roots)
    except ExpressionFailed as failed:
        return failed
    return None
