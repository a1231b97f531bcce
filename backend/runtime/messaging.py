"""Messages and signals between tickets, and from outside.

A message goes to every token that waits with its name and correlation, each exactly once: the subscription is
taken away and a job that carries the message is written, both in the sender's transaction; the job applies
the event to the receiving ticket in a transaction of its own. So nobody ever holds the locks of two tickets,
and a kill at any point loses and doubles nothing. A message that nobody waits for is kept for as long as its
sender says and goes to the first that begins to wait.

What happens on one channel (name and correlation) happens one after the other: sender and receiver cannot
miss each other. The locks of channels are taken last and in order, all of a transaction at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from backend.db.types import new_id
from backend.engine.commands import Send, Subscribe, Unsubscribe
from backend.engine.events import MessageArrived
from backend.node_sdk import Outgoing
from backend.runtime import writes as w
from backend.runtime.channels import (
    DROP_SUBSCRIPTION,
    FIND_MESSAGE,
    GIVE_MESSAGE,
    HEARERS,
    KEPT_MESSAGES,
    LASTING_SUBSCRIPTIONS,
    LOCK_CHANNEL,
    TAKE_SUBSCRIPTIONS,
)
from backend.runtime.scripts import Script, ask, ask_one
from backend.runtime.statements import read_json, read_moment
from backend.runtime.triggers.events import leave_message
from backend.runtime.work import Work, make_job
from backend.runtime.writes import WriteSet, encode_json

EVENT_JOB = "event"
"""A job whose whole work is to apply the event in its payload to its ticket."""
REMEMBER = timedelta(days=7)
"""How long a sender's ids of messages are remembered."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """Where a message or signal went."""

    delivered: tuple[str, ...] = ()
    """Ids of the tickets, each once."""
    buffered: bool = False
    repeated: bool = False
    """The sender's id was known: nothing was sent a second time; this is what the first one did."""


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A message on its way. `message_id` is the sender's own."""

    workspace_id: str
    message: Outgoing
    now: datetime
    expires_at: datetime
    message_id: str | None = None
    sender: str | None = None
    """The ticket that sends it; None: from outside."""


def handle_mail(work: Work) -> Script[None]:
    """What the commands of a transition (and of the tickets that it started) want sent and awaited, in
    their order. The deliveries join its writes."""
    yield from _lock(work.workspace_id, (_channel_of(item) for _, item in work.mail))
    for ticket_id, item in work.mail:
        if isinstance(item, Subscribe):
            yield from _subscribe(work, ticket_id, item)
        elif isinstance(item, Unsubscribe):
            yield from ask(DROP_SUBSCRIPTION, ticket=ticket_id, key=item.key)
        else:
            post = _make_post(work.workspace_id, item.message, work.now)
            yield from _send(msgspec.structs.replace(post, sender=ticket_id), work.writes)


def send(post: Post) -> Script[Delivery]:
    """From outside: one transaction. The same id again changes nothing."""
    channels = [_name_channel(post.message)]
    if post.message_id is not None:
        channels.append(f"id:{post.message_id}")
    yield from _lock(post.workspace_id, channels)
    if post.message_id is not None:
        row = yield from ask_one(FIND_MESSAGE, workspace=post.workspace_id, message=post.message_id)
        if row is not None:
            return Delivery(delivered=tuple(read_json(row[1])), buffered=row[0] == "waiting", repeated=True)
    writes = WriteSet()
    delivery = yield from _send(post, writes)
    yield writes
    return delivery


def send_again(post: Post) -> Script[bool]:
    """For a message whose receiver had gone on before it came. Whether somebody else got it at once."""
    yield from _lock(post.workspace_id, [_name_channel(post.message)])
    writes = WriteSet()
    delivery = yield from _send(post, writes)
    yield writes
    return bool(delivery.delivered)


# --- within the locks ---


def _lock(workspace_id: str, channels: Iterable[str]) -> Script[None]:
    for channel in sorted({channel for channel in channels if channel}):
        yield from ask(LOCK_CHANNEL, channel=f"{workspace_id}|{channel}")


def _channel_of(item: Subscribe | Unsubscribe | Send) -> str:
    """Signals need none: they are for whoever waits at that moment."""
    if isinstance(item, Send):
        return "" if item.message.signal else _name_channel(item.message)
    return "" if item.kind == "signal" else f"{item.name}|{item.correlation}"


def _name_channel(message: Outgoing) -> str:
    return f"{message.name}|{message.correlation}"


def _make_post(workspace_id: str, message: Outgoing, now: datetime) -> Post:
    return Post(
        workspace_id=workspace_id,
        message=message,
        now=now,
        expires_at=now + timedelta(seconds=message.keep_seconds),
    )


def _subscribe(work: Work, ticket_id: str, item: Subscribe) -> Script[None]:
    """Take what is kept for this channel; else (and beside it, when the wait lasts) leave a subscription."""
    if item.kind == "message":
        place = {"workspace": work.workspace_id, "name": item.name, "correlation": item.correlation}
        kept = yield from ask(KEPT_MESSAGES, now=work.now, **place)
        for found in kept if item.lasting else kept[:1]:
            yield from ask(GIVE_MESSAGE, id=found[0], delivered=encode_json([ticket_id]).decode())
            message = Outgoing(name=item.name, correlation=item.correlation, data=read_json(found[1]))
            post = Post(
                workspace_id=work.workspace_id,
                message=message,
                now=work.now,
                expires_at=read_moment(found[2]),
            )
            work.writes.add(w.JOBS, _make_delivery(post, ticket_id, item.key))
        if kept and not item.lasting:
            return
    row = {
        "id": new_id(),
        "workspace_id": work.workspace_id,
        "ticket_id": ticket_id,
        "key": item.key,
        "kind": item.kind,
        "name": item.name,
        "correlation": item.correlation,
        "node": item.node,
        "lasting": item.lasting,
        "created_at": work.now,
    }
    writes = WriteSet()  # at once: a later item of the same transition must find it
    writes.add(w.SUBSCRIPTIONS, row)
    yield writes


def _send(post: Post, writes: WriteSet) -> Script[Delivery]:
    message = post.message
    place = {"workspace": post.workspace_id, "name": message.name}
    if message.signal:
        receivers = yield from ask(HEARERS, **place)
    else:
        place["correlation"] = message.correlation
        receivers = yield from ask(TAKE_SUBSCRIPTIONS, **place)
        receivers += yield from ask(LASTING_SUBSCRIPTIONS, **place)
    for ticket_id, key in receivers:
        writes.add(w.JOBS, _make_delivery(post, ticket_id, key))
    delivered = tuple(dict.fromkeys(row[0] for row in receivers))
    starts = False
    if not receivers and not message.signal:
        cause = post.message_id or new_id()
        starts = yield from leave_message(
            writes, post.workspace_id, message, cause, post.sender, now=post.now
        )
    buffered = not receivers and not message.signal and not starts and post.expires_at > post.now
    if buffered or post.message_id is not None:
        stored = WriteSet()
        stored.add(w.MESSAGES, _make_row(post, delivered, buffered=buffered))
        yield stored
    return Delivery(delivered=delivered, buffered=buffered)


def _make_delivery(post: Post, ticket_id: str, key: str) -> w.Row:
    message = post.message
    event = MessageArrived(
        name=message.name,
        data=message.data,
        correlation=message.correlation,
        signal=message.signal,
        token=key,
    )
    payload = {"event": msgspec.to_builtins(event), "expires_at": post.expires_at.isoformat()}
    return make_job(
        post.workspace_id,
        ticket_id,
        key=f"message:{new_id()}",
        kind=EVENT_JOB,
        payload=payload,
        due=post.now,
        now=post.now,
    )


def _make_row(post: Post, delivered: tuple[str, ...], *, buffered: bool) -> w.Row:
    status = "waiting" if buffered else "delivered" if delivered else "dropped"
    remembered = post.now + REMEMBER if post.message_id is not None else post.now
    return {
        "id": new_id(),
        "workspace_id": post.workspace_id,
        "message_id": post.message_id,
        "name": post.message.name,
        "correlation": post.message.correlation,
        "data": post.message.data,
        "status": status,
        "delivered": list(delivered),
        "created_at": post.now,
        "expires_at": post.expires_at,
        "kept_until": max(post.expires_at, remembered),
    }
