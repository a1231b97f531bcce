"""Conditions on a list as Python closures: its size, whether it holds a literal, what its items are like.

They keep the promise of `native_conditions`: a closure answers for a list whose items are what the condition
takes them for, all of one kind, and raises for any other, which is then CEL's. CEL converts the whole list
for each question; that costs ten times as much as to look through it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Context = Mapping[str, Any]

SEARCHES = frozenset({"exists", "all"})


class AskCel(Exception):
    """The ticket is not of the regular kind that the closure was made for."""


def compare_size(
    path: tuple[str, str], compare: Callable[[Any, Any], bool], number: int
) -> Callable[[Context], bool]:
    """`size(list) > 3`. How long a text is, CEL says."""
    root, name = path

    def condition(context: Context) -> bool:
        return compare(len(_read_list(context[root][name])), number)

    return condition


def contain(path: tuple[str, str], literal: Any) -> Callable[[Context], bool]:
    """`"x" in list`."""
    root, name = path
    kind = type(literal)

    def condition(context: Context) -> bool:
        items = _read_list(context[root][name])
        for item in items:
            if type(item) is not kind:
                raise AskCel
        return literal in items

    return condition


def search(
    path: tuple[str, str], method: str, item_name: str, inner: Callable[[Context], bool], *, of_parts: bool
) -> Callable[[Context], bool]:
    """`list.exists(item, ...)` or `all`; `of_parts`: the inner condition looks at parts of the item, which
    has to have some."""
    root, name = path
    wanted = method == "exists"

    def condition(context: Context) -> bool:
        items = _read_list(context[root][name])
        box: dict[str, Any] = {}
        inside = {item_name: box}
        for item in items:
            if of_parts:
                if type(item) is not dict:
                    raise AskCel
                inside[item_name] = item
            else:
                box[""] = item
            if inner(inside) is wanted:
                return wanted
        return not wanted

    return condition


def _read_list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise AskCel
    return value
