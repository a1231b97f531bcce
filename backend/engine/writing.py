"""Writing what a node computed into the ticket, through the schemas of its release's forms."""

from __future__ import annotations

from typing import Any

from backend.engine.commands import Written, WrittenItem
from backend.engine.incidents import raise_incident
from backend.engine.overlay import find_instance, write_data
from backend.engine.run import Run
from backend.engine.state import Token


def write_fields(run: Run, token: Token, values: dict[str, Any]) -> bool:
    """Merge the values into the data. False, with an incident and nothing written, when one does not fit.

    Fields that no form of the release knows are free.
    """
    check = run.release.check_values
    unfit = check(values) if check is not None else None
    if unfit is not None:
        raise_incident(run, token, "value_unfit", unfit)
        return False
    inside = _describe_item(run, token, values) if token.scopes else None
    write_data(run.state, token, values)
    run.commands.append(Written(node=token.node, fields=tuple(values), inside=inside))
    return True


def _describe_item(run: Run, token: Token, values: dict[str, Any]) -> WrittenItem | None:
    """The innermost item around the token, as it is before the values are written."""
    instance = find_instance(run.state, token)
    if instance is None:
        return None
    group = run.state.scopes[token.scopes[token.scopes.index(instance.id) - 1]]
    return WrittenItem(
        scope=instance.id,
        group=group.node,
        number=instance.index,
        item=instance.data.get(group.name),
        before={name: instance.data.get(name) for name in values},
        values=values,
    )
