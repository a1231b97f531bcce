"""How a file of orders names its regions."""

from __future__ import annotations

import pytest

from backend.features.orders.reading import Place, Places


def place(key: str, *names: str) -> Place:
    return Place(id=f"r_{key}", key=key, path=f"/all/{key}/", names=names, zone="UTC", currency="CNY")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chengdu", "r_chengdu"),
        ("Chengdu", "r_chengdu"),
        ("成都", "r_chengdu"),
        ("West/Chengdu", "r_chengdu"),
        ("Old town", "order_region_ambiguous"),
        ("Mars", "order_region_unknown"),
    ],
)
def test_a_region_goes_by_its_key_its_name_or_its_path(text: str, found: str) -> None:
    places = Places(
        [
            place("chengdu", "成都", "Chengdu", "West/Chengdu"),
            place("old_a", "Old town", "West/Old town"),
            place("old_b", "Old town", "East/Old town"),
        ]
    )
    answer = places.find(text)
    assert (answer if isinstance(answer, str) else answer.id) == found
