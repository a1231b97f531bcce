"""One byte sequence for one definition, so that a release can be named by its hash."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from backend.graph.model import Definition, Node, Settings

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical_json(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8; structs and plain JSON of the same content give the same bytes.

    Whole numbers are written without a fraction, as RFC 8785 does: `1.0` and `1` are one number in JSON.
    """
    return _ENCODER.encode(_normalise(msgspec.to_builtins(value)))


def content_hash(definition: Definition | dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal. Plain JSON is decoded first, so left-out defaults do
    not matter.

    Raises msgspec.ValidationError.
    """
    if isinstance(definition, dict):
        definition = msgspec.convert(definition, Definition)
    return hashlib.sha256(canonical_json(_without_later(definition))).hexdigest()


FIRST_MEMBERS = {
    Definition: {"format", "name", "graph", "forms", "settings"},
    Node: {"type", "v", "label", "config", "position"},
    Settings: {"title", "priority", "tariff_policy"},
}
"""What the first releases were named by. Members that came later are left out while they say nothing, so that
a definition without them keeps its name."""


def _without_later(definition: Definition) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(definition)
    _drop(plain, definition)
    _drop(plain["settings"], definition.settings)
    for node_id, node in definition.graph.nodes.items():
        _drop(plain["graph"]["nodes"][node_id], node)
    return plain


def _drop(plain: dict[str, Any], value: msgspec.Struct) -> None:
    later = [field for field in msgspec.structs.fields(value) if field.name not in FIRST_MEMBERS[type(value)]]
    for field in later:
        default = field.default
        if default is msgspec.NODEFAULT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        if getattr(value, field.name) == default:
            plain.pop(field.encode_name, None)


def _normalise(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {name: _normalise(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_normalise(item) for item in value]
    return value
