"""Compiled releases, by id. A release never changes, so an entry is right for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec

from backend.engine.release import Release
from backend.forms.values import make_value_check
from backend.graph.model import Definition
from backend.graph.registry import Registry
from backend.runtime.errors import NotPublished
from backend.runtime.scripts import Script, ask_one
from backend.runtime.statements import LOAD_RELEASE

CAPACITY = 256


def compile_release(hash: str, number: int, definition: Definition, registry: Registry) -> Release:
    """As tickets run it: what nodes write is held against the forms. Raises what Release raises."""
    forms = {key: msgspec.to_builtins(form) for key, form in definition.forms.items()}
    find_misfit = make_value_check(forms)

    def check(values: Mapping[str, Any]) -> dict[str, Any] | None:
        misfit = find_misfit(values)
        if misfit is None:
            return None
        label = {"zh": misfit.label.zh, "en": misfit.label.en}
        return {"field": label, "name": misfit.field, "value": misfit.value, "reason": misfit.code}

    return Release(hash, number, definition, registry, check)


class ReleaseCache:
    """The last used compiled releases."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._compiled: OrderedDict[str, Release] = OrderedDict()

    def get(self, release_id: str) -> Release | None:
        release = self._compiled.get(release_id)
        if release is not None:
            self._compiled.move_to_end(release_id)
        return release

    def compile(self, release_id: str, hash: str, number: int, definition: str) -> Release:
        value = msgspec.json.decode(definition, type=Definition)
        release = compile_release(hash, number, value, self.registry)
        self._compiled[release_id] = release
        while len(self._compiled) > CAPACITY:
            self._compiled.popitem(last=False)
        return release


def load_release(cache: ReleaseCache, release_id: str) -> Script[Release]:
    """From the cache, else compiled from its row. Raises NotPublished."""
    known = cache.get(release_id)
    if known is not None:
        return known
    row = yield from ask_one(LOAD_RELEASE, id=release_id)
    if row is None:
        raise NotPublished(release_id)
    return cache.compile(release_id, row[0], row[1], row[2])
