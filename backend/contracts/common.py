"""Parts that many nouns share: two-language text, pages, money, problems."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
"""Of a revision or release, counted from 1."""

Item = TypeVar("Item")


class Text(msgspec.Struct, frozen=True):
    """A label in both languages of the product, as admins author it."""

    zh: str = ""
    en: str = ""


class MoneyValue(msgspec.Struct, frozen=True):
    """`amount` in the currency's minor unit (ISO 4217)."""

    amount: int
    currency: str


class Page(msgspec.Struct, Generic[Item], frozen=True, kw_only=True):
    """One page of a list; `next` is the cursor of the following page, absent on the last."""

    items: list[Item]
    next: str | None = None


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """Something named by its id, where the name is plain text."""

    id: str
    name: str


class NamedReference(msgspec.Struct, frozen=True, kw_only=True):
    """Something named by its id, where admins author the name in both languages."""

    id: str
    name: Text


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to mend; `pointer` is a JSON pointer into the request's body."""

    pointer: str
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9457 problem details. `code` is stable; `title` and `detail` are in the caller's language."""

    title: str
    status: int
    code: str
    type: str = "about:blank"
    detail: str = ""
    errors: list[FieldProblem] = []


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found in a draft, with where it stands and, if one is known, the patch that mends it."""

    code: str
    severity: str
    message: str
    node: str | None = None
    edge: str | None = None
    form: str | None = None
    pointer: str | None = None
    path: list[str] = []
    fix: FindingFix | None = None


class FindingFix(msgspec.Struct, frozen=True, kw_only=True):
    """A merge patch over the definition, and the words of its button."""

    label: str
    patch: dict[str, Any]
