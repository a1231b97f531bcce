"""Paths with a query: what a page shows stands in its address, to be reloaded, kept and sent on."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from reactpy import use_location


def use_query() -> dict[str, str]:
    """The query of the page's address; of a repeated name the last value."""
    return read_query(use_location().query_string)


def read_query(query_string: str) -> dict[str, str]:
    """`?view=mine&q=T-1` as a map. What is malformed or endless is left out."""
    try:
        return dict(parse_qsl(query_string.lstrip("?"), max_num_fields=50))
    except ValueError:
        return {}


def address(path: str, query: Mapping[str, str | None] | None = None, **more: str | None) -> str:
    """`path` with the names of `query` and `more` that have a value."""
    wanted = {name: value for name, value in {**(query or {}), **more}.items() if value}
    return f"{path}?{urlencode(wanted)}" if wanted else path
