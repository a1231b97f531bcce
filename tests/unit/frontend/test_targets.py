"""The mirror of what was sent: targets follow the layout, script never passes."""

from __future__ import annotations

from typing import Any

import pytest

from frontend.targets import BLOCKED, SentLayout, is_safe_url


def button(target: str) -> dict[str, Any]:
    return {"tagName": "button", "eventHandlers": {"onClick": {"target": target}}}


def test_an_update_replaces_the_targets_below_its_path_only() -> None:
    sent = SentLayout()
    sent.replace(
        "", {"tagName": "", "children": [{"tagName": "div", "children": [button("a")]}, button("b")]}
    )
    assert "a" in sent and "b" in sent

    sent.replace("/children/0", {"tagName": "div", "children": [button("c")]})
    assert "a" not in sent
    assert "c" in sent and "b" in sent

    sent.replace("", {"tagName": "", "children": []})
    assert len(sent) == 0


def test_a_sibling_whose_path_begins_alike_keeps_its_targets() -> None:
    sent = SentLayout()
    sent.replace("", {"tagName": "", "children": [button(str(at)) for at in range(12)]})
    sent.replace("/children/1", {"tagName": "p"})
    assert "1" not in sent
    assert "10" in sent and "11" in sent


@pytest.mark.parametrize(
    "url",
    [
        "/tickets",
        "tickets?x=1",
        "#main",
        "https://a.test/",
        "mailto:a@b.test",
        "tel:+8613",
        "./a:b",
        "data:image/png;base64,AA",
    ],
)
def test_ordinary_addresses_pass(url: str) -> None:
    assert is_safe_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "\u200bjavascript:alert(1)",
        "vbscript:x",
        "data:text/html,<script>alert(1)</script>",
        "data:text/html;base64,AAAA",
        "file:///etc/passwd",
    ],
)
def test_addresses_that_run_script_are_taken_out(url: str) -> None:
    assert not is_safe_url(url)
    model: dict[str, Any] = {"tagName": "div", "children": [{"tagName": "a", "attributes": {"href": url}}]}
    assert SentLayout().replace("", model)
    assert model["children"][0]["attributes"]["href"] == BLOCKED


@pytest.mark.parametrize(
    "element",
    [
        {"tagName": "script", "children": ["alert(1)"]},
        {"tagName": "iframe", "attributes": {"srcdoc": "<script>alert(1)</script>"}},
        {"tagName": "div", "inlineJavaScript": {"onClick": "alert(1)"}},
        {"tagName": "div", "attributes": {"dangerouslySetInnerHTML": {"__html": "<img onerror=alert(1)>"}}},
        {"tagName": "X", "importSource": {"source": "https://elsewhere.test/x.js", "sourceType": "URL"}},
    ],
)
def test_elements_that_carry_script_lose_it(element: dict[str, Any]) -> None:
    model = {"tagName": "", "children": [element]}
    assert SentLayout().replace("", model)
    assert "alert" not in str(model)
    assert "elsewhere" not in str(model)


def test_an_ordinary_layout_is_left_as_it_is() -> None:
    island = {"tagName": "Form", "importSource": {"source": "/static/dist/form-1.js", "sourceType": "URL"}}
    model = {"tagName": "", "children": [{"tagName": "a", "attributes": {"href": "/"}}, island, "text"]}
    assert not SentLayout().replace("", model)
    assert island["tagName"] == "Form"


def test_a_failed_component_is_replaced_by_words() -> None:
    model: dict[str, Any] = {"tagName": "", "children": [{"tagName": "", "error": ""}, button("a")]}
    sent = SentLayout({"tagName": "p", "children": ["sorry"]})
    assert sent.replace("", model)
    assert model["children"][0] == {"tagName": "p", "children": ["sorry"]}
    assert "a" in sent
