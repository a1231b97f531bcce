"""The route of the long poll."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from backend.contracts import changes as wire
from backend.features.platform.actor import Actor, signed_in
from backend.runtime.runtime import Runtime

LONGEST = 25
"""Seconds. Proxies in between commonly give up after 30 or 60."""


@get("/changes", guards=[signed_in], tags=["changes"])
async def wait_for_changes(
    actor: Actor,
    runtime: Runtime,
    after: Annotated[
        int | None, Parameter(ge=0, le=2**53, description="`last` of the previous answer")
    ] = None,
    wait: Annotated[int, Parameter(ge=0, le=LONGEST, description="Seconds to wait for news")] = LONGEST,
) -> wire.Changes:
    """Answers as soon as something of the workspace changed, or with no topics when the time is over.

    Without `after` it answers at once. The topic `*` means: anything may have changed.
    """
    last, topics = await runtime.broadcaster.wait(actor.workspace_id, after, wait)
    return wire.Changes(last=last, topics=topics)


ROUTER = Router(path="/", route_handlers=[wait_for_changes])
