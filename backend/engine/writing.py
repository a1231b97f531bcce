"""Writing what a node computed into the ticket, through the schemas of its release's forms."""

from __future__ import annotations

from typing import Any

from backend.engine.commands import Written
from backend.engine.incidents import raise_incident
from backend.engine.overlay import write_data
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
    write_data(run.state, token, values)
    run.commands.append(Written(node=token.node, fields=tuple(values)))
    return True
