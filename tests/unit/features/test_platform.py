"""The small pure parts of the HTTP platform."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.platform.actor import Actor, Grant
from backend.features.platform.bodies import MAX_DEPTH, check_json, find_repeated, measure_depth
from backend.features.platform.errors import BadRequest
from backend.features.platform.pages import decode_cursor, encode_cursor, make_page
from backend.features.platform.problems import describe_shape, make_pointer
from backend.features.platform.settings import default_database_url, read_settings
from backend.features.workflows.service import make_patch
from backend.graph.merge_patch import apply
from backend.messages import list_domains, render

DOCUMENTS = st.recursive(
    st.integers() | st.text(max_size=3) | st.booleans(),
    lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=4) | st.lists(inner, max_size=2),
    max_leaves=12,
).map(lambda value: value if isinstance(value, dict) else {"a": value})


@given(DOCUMENTS, DOCUMENTS)
def test_a_made_patch_leads_from_one_document_to_the_other(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert apply(before, make_patch(before, after)) == after


@pytest.mark.parametrize(
    ("body", "depth"),
    [(b"{}", 1), (b'[{"a": [1]}]', 3), (b'"[[[["', 0), (b'{"\\"[": "]"}', 1), (b"[" * 70, 70)],
)
def test_depth_counts_brackets_outside_strings(body: bytes, depth: int) -> None:
    assert measure_depth(body) == depth


def test_the_limit_itself_is_taken() -> None:
    check_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    with pytest.raises(BadRequest):
        check_json(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1))


@pytest.mark.parametrize(
    ("body", "bad"), [(b'"\\u0000"', True), (b'"\\\\u0000"', False), (b'"\\\\\\u0000"', True)]
)
def test_null_escapes(body: bytes, bad: bool) -> None:
    if bad:
        with pytest.raises(BadRequest):
            check_json(body)
    else:
        check_json(body)


@given(
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.integers(-(2**31) + 1, 2**31 - 1),
)
def test_cursors_come_back(text: str, number: int) -> None:
    moment = datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert decode_cursor(encode_cursor(text, number, moment), str, int, datetime) == (text, number, moment)


@given(st.text(max_size=40))
def test_odd_cursors_are_refused(cursor: str) -> None:
    try:
        values = decode_cursor(cursor, datetime, str)
    except BadRequest:
        return
    assert isinstance(values[0], datetime)


OUT_OF_COLUMN: list[tuple[object, type]] = [
    (2**31, int),
    (-(2**70), int),
    ("0001-01-01T00:00:00+23:59", datetime),
    ("9999-12-31T23:59:59-23:59", datetime),
    ("2026-01-01T00:00:00", datetime),
    ("a\0b", str),
]


@pytest.mark.parametrize(("value", "kind"), OUT_OF_COLUMN)
def test_cursors_no_column_can_hold_are_refused(value: object, kind: type) -> None:
    with pytest.raises(BadRequest):
        decode_cursor(encode_cursor(value), kind)


REPEATED: list[tuple[bytes, str | None]] = [
    (b'{"a": 1, "b": 2}', None),
    (b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}', None),
    (b'{"a": 1, "a": 1}', "a"),
    (b'[{"x": {"n_1": 1, "n_2": 2, "n_1": 3}}]', "n_1"),
    (b'{"a": 1, "\\u0061": 2}', "a"),
    (b'{"": 1, "": 2}', ""),
    (b'{"a": 1, "a": ' + b"9" * 5000 + b"}", "a"),
    (b'{"a": 1, "a"', None),
    (b"", None),
]


@pytest.mark.parametrize(("body", "key"), REPEATED)
def test_a_key_written_twice_is_found(body: bytes, key: str | None) -> None:
    assert find_repeated(body) == key


def test_a_page_shows_whether_another_follows() -> None:
    page = make_page([1, 2, 3], 2, str, lambda row: (row,))
    assert (page.items, decode_cursor(page.next or "", int)) == (["1", "2"], (2,))
    assert make_page([1, 2], 2, str, lambda row: (row,)).next is None


POINTERS = [("", ""), ("a.b[0].c", "/a/b/0/c"), ("a/b", "/a~1b"), ("[3]", "/3")]


@pytest.mark.parametrize(("path", "pointer"), POINTERS)
def test_pointers(path: str, pointer: str) -> None:
    assert make_pointer(path) == pointer


SHAPES = [
    ("Object missing required field `key`", "data", "/key", "missing_field"),
    ("Object contains unknown field `role`", "a", "/a/role", "unknown_field"),
    ("Expected `str`, got `int`", "name.zh", "/name/zh", "wrong_type"),
    ("Expected `UploadFile`, got `str`", "file", "/file", "wrong_type"),
    ("Expected `array` of length <= 500", "ids", "/ids", "out_of_range"),
    ("Expected `str | null`, got `int`", "x", "/x", "wrong_type"),
    ("Expected `str` of length <= 60", "key", "/key", "out_of_range"),
]


@pytest.mark.parametrize(("message", "key", "pointer", "code"), SHAPES)
def test_shapes(message: str, key: str, pointer: str, code: str) -> None:
    error = describe_shape(message, key)
    assert (error.pointer, error.code) == (pointer, code)


def make_actor(*grants: Grant) -> Actor:
    return Actor(
        workspace_id="w",
        member_id="m",
        user_id="u",
        name="n",
        grants=grants,
        region_id=None,
        region_path="/cn/east/",
        locale="",
    )


def test_rights_reach_as_far_as_the_widest_role() -> None:
    agent = Grant("agent", frozenset({"run"}), "/cn/east/")
    finance = Grant("finance", frozenset({"view", "settle"}), "/")
    actor = make_actor(agent, finance)
    assert actor.rights == ("view", "run", "settle")
    assert (actor.reach("run"), actor.reach("view"), actor.reach("edit")) == ("/cn/east/", "/", None)
    assert actor.reach("run", "view") == "/"
    assert actor.may("run", "/cn/east/shanghai/") and not actor.may("run", "/cn/north/")
    assert not make_actor().may("view")


def test_settings_come_from_the_environment() -> None:
    settings = read_settings({"TIERFLOW_DATA": "/srv/data", "PORT": "81", "TIERFLOW_SECURE_COOKIES": "1"})
    assert settings.database_url == default_database_url(settings.data)
    assert (settings.port, settings.secure_cookies, settings.public_url) == (81, True, "")
    with pytest.raises(ValueError, match="invalid literal"):
        read_settings({"PORT": "http"})


def test_texts_say_the_same_in_every_domain_and_in_both_languages() -> None:
    seen: dict[str, tuple[str, tuple[str, str]]] = {}
    for domain, texts in list_domains():
        for code, (zh, en) in texts.items():
            assert zh and en, f"{domain}.{code}"
            known = seen.setdefault(code, (domain, (zh, en)))
            assert known[1] == (zh, en), f"{code} differs in {known[0]} and {domain}"


@pytest.mark.parametrize(
    ("code", "params", "locale", "text"),
    [
        ("unknown_role", {"role": "{code}"}, "en", "There is no role “{code}”"),
        ("unknown_role", {"role": {"zh": "店长", "en": "Manager"}}, "zh", "没有“店长”这个角色"),
        ("unknown_role", {"role": ["a", "b"]}, "en", "There is no role “a, b”"),
        ("unknown_role", {}, "en", "There is no role “{role}”"),
        ("no_such_code", {}, "en", "no_such_code"),
        ("not_found", {}, "fr", "没有找到"),
    ],
)
def test_render(code: str, params: dict[str, Any], locale: str, text: str) -> None:
    assert render(code, params, locale) == text
