"""Routes by which other systems wake waiting tickets."""

from __future__ import annotations

import hashlib

from litestar import Controller, Router, post

from backend.contracts import messages as wire
from backend.features.platform.actor import Actor, requires
from backend.features.platform.idempotency import current
from backend.node_sdk import Outgoing
from backend.runtime.runtime import Runtime


class MessageController(Controller):
    """Messages and signals; an API token with the right to run is enough."""

    tags = ("messages",)
    guards = (requires("run"),)

    @post("/messages", status_code=200)
    async def send_message(self, data: wire.SendMessage, actor: Actor, runtime: Runtime) -> wire.SentMessage:
        """Wake the tickets that wait for this message, or keep it until one does."""
        message = Outgoing(
            name=data.name, correlation=data.correlation, data=data.data, keep_seconds=data.ttl_seconds
        )
        sent = await runtime.deliver_message(
            actor.workspace_id, message, message_id=data.id or name_request()
        )
        return wire.SentMessage(delivered=list(sent.delivered), buffered=sent.buffered)

    @post("/signals", status_code=200)
    async def send_signal(self, data: wire.SendSignal, actor: Actor, runtime: Runtime) -> wire.SentSignal:
        """Wake every ticket that waits for this signal now."""
        signal = Outgoing(name=data.name, data=data.data, signal=True)
        sent = await runtime.deliver_message(actor.workspace_id, signal, message_id=name_request())
        return wire.SentSignal(delivered=list(sent.delivered))


def name_request() -> str | None:
    """A request with an Idempotency-Key is one message, even if the server died before it kept its
    answer."""
    keyed = current.get()
    if keyed is None:
        return None
    return "key:" + hashlib.sha256(f"{keyed.scope}\n{keyed.key}".encode()).hexdigest()


ROUTER = Router(path="/", route_handlers=[MessageController])
