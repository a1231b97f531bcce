"""Calls and mail: closed unless allowed, one stable id, the reader's language."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from backend.db.models import Incident, Job, Ticket
from backend.db.session import Database, read_system_time
from backend.engine.state import State
from backend.runtime.jobs.port import BackOff, ClaimedJob, JobRefused
from backend.runtime.jobs.webhook import WebhookHandler
from backend.runtime.outside import is_public, read_allow_list
from tests.support.receivers import Listener, Mailbox, WebhookReceiver
from tests.unit.runtime.test_jobs import all_are, read, wait_for
from tests.unit.runtime.world import World, definition


async def open_world(url: str) -> World:
    world = World(
        Database(url),
        read_system_time,  # type: ignore[arg-type]
        back_off=BackOff(tries=3, first_s=0.05),
        random=lambda: 0.0,
    )
    await world.build()
    await world.runtime.start(run_jobs=True)
    return world


async def close(world: World) -> None:
    await world.runtime.stop()
    await world.database.dispose()


def calling(url: str) -> dict[str, object]:
    config = {
        "method": "POST",
        "url": url,
        "headers": [{"name": "Host", "value": "elsewhere.example.com"}],
        "body": [{"name": "number", "value": "ticket.number"}],
        "result_field": "answer",
    }
    return definition(
        {"start": ("start", {}), "call": ("webhook", config), "end": ("end", {})},
        ["start>call", "call.ok>end"],
    )


async def test_allowed_host_is_called_and_its_answer_kept(
    sqlite_url: str, webhook_receiver: WebhookReceiver
) -> None:
    world = await open_world(sqlite_url)
    await world.connect("webhook", {"hosts": [], "private_hosts": [webhook_receiver.host]})
    webhook_receiver.answers = [(503, b"{}"), (200, b'{"ok":true}')]
    await world.start(await world.publish(calling(webhook_receiver.url + "/hook?a=1")))
    await wait_for(all_are(world, Ticket, "completed"))
    first, second = webhook_receiver.deliveries
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert (second.path, second.headers["host"]) == ("/hook?a=1", webhook_receiver.host)
    (ticket,) = await read(world, Ticket)
    assert msgspec.json.decode(second.body) == {"number": ticket.number}
    state = msgspec.json.decode(ticket.state, type=State)
    assert state.data["answer"] == {"ok": True}
    await close(world)


@pytest.mark.parametrize(
    ("allowed", "answer", "code", "calls"),
    [
        ({}, 200, "webhook_host_not_allowed", 0),
        ({"hosts": ["api.example.com"]}, 200, "webhook_host_not_allowed", 0),
        ({"hosts": ["127.0.0.1"]}, 200, "webhook_address_refused", 0),
        ({"private_hosts": ["127.0.0.1:1"]}, 200, "webhook_host_not_allowed", 0),
        ({"private_hosts": ["127.0.0.1"]}, 302, "webhook_failed_status", 1),
        ({"private_hosts": ["127.0.0.1"]}, 404, "webhook_failed_status", 1),
        ({"private_hosts": ["127.0.0.1"]}, 500, "webhook_failed_status", 3),
    ],
)
async def test_everything_else_is_an_incident(
    *,
    sqlite_url: str,
    webhook_receiver: WebhookReceiver,
    allowed: dict[str, list[str]],
    answer: int,
    code: str,
    calls: int,
) -> None:
    world = await open_world(sqlite_url)
    await world.connect("webhook", allowed)
    webhook_receiver.answers = [(answer, b"{}")] * 3
    await world.start(await world.publish(calling(webhook_receiver.url)))

    async def raised() -> bool:
        return bool(await read(world, Incident))

    await wait_for(raised)
    (incident,) = await read(world, Incident)
    assert (incident.node, incident.code) == ("call", code)
    assert len(webhook_receiver.deliveries) == calls
    await close(world)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
    ],
)
def test_inner_addresses_are_known(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("entry", "host", "port", "covered"),
    [
        ("api.example.com", "api.example.com", 443, True),
        ("api.example.com", "api.example.com.evil.net", 443, False),
        ("api.example.com:8443", "api.example.com", 443, False),
        ("api.example.com:8443", "api.example.com", 8443, True),
        ("*.example.com", "a.example.com", 80, True),
        ("*.example.com", "badexample.com", 80, False),
        ("[::1]:80", "::1", 80, True),
    ],
)
def test_allow_list(entry: str, host: str, port: int, covered: bool) -> None:
    (allowed,) = read_allow_list({"hosts": [entry]})
    assert allowed.covers(host, port) is covered


async def test_name_that_resolves_inwards_is_refused_before_any_connection(
    sqlite_url: str, webhook_receiver: WebhookReceiver
) -> None:
    world = await open_world(sqlite_url)
    await world.connect("webhook", {"hosts": ["api.example.com"]})

    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "127.0.0.1"]

    handler = WebhookHandler(world.runtime._driver, resolve)
    await world.start(await world.publish(calling("http://api.example.com/")))
    (job,) = await _claimed(world)
    with pytest.raises(JobRefused, match="webhook_address_refused"):
        await handler(job)
    assert webhook_receiver.deliveries == []
    await close(world)


async def _claimed(world: World) -> list[ClaimedJob]:
    async with world.database.reading() as session:
        jobs = (await session.execute(select(Job))).scalars()
        return [
            ClaimedJob(
                id=job.id,
                workspace_id=job.workspace_id,
                ticket_id=job.ticket_id,
                key=job.key,
                kind=job.kind,
                payload=job.payload,
                due_at=job.due_at,
                tries=1,
                fence=1,
            )
            for job in jobs
        ]


async def test_mail_goes_to_each_of_a_role_once_in_their_language(sqlite_url: str, mailbox: Mailbox) -> None:
    world = await open_world(sqlite_url)
    smtp = {"host": "localhost", "port": mailbox.port, "sender": "desk@example.com", "security": "none"}
    await world.connect("smtp", smtp)
    await world.connect("webhook", {"private_hosts": [f"localhost:{mailbox.port}"]})
    config = {
        "channel": "email",
        "to": "role",
        "role": "agent",
        "subject": {"zh": "工单 {ticket.number}\nBcc: x@example.com", "en": "Ticket"},
        "body": {"zh": "请处理", "en": "Please look"},
    }
    raw = definition(
        {"start": ("start", {}), "tell": ("notify", config), "end": ("end", {})},
        ["start>tell", "tell.sent>end"],
    )
    mailbox.refuses = True
    workflow = await world.publish(raw)
    await world.start(workflow)
    mailbox.refuses = False
    await wait_for(all_are(world, Ticket, "completed"))
    assert sorted(str(message["To"]) for message in mailbox.messages) == [
        "ann@example.com",
        "bob@example.com",
    ]
    assert len({message["Message-ID"] for message in mailbox.messages}) == 2
    for message in mailbox.messages:
        assert message["Bcc"] is None
        assert str(message["Subject"]).startswith("工单 T-")
        assert message.get_content().strip() == "请处理"
    await close(world)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
async def test_mail_server_inside_is_not_called_unless_it_is_listed(sqlite_url: str, host: str) -> None:
    world = await open_world(sqlite_url)
    listener = Listener()
    smtp = {"host": host, "port": listener.port, "sender": "a@example.com", "security": "none"}
    await world.connect("smtp", smtp)
    await world.connect("webhook", {"hosts": [host], "private_hosts": ["elsewhere.example"]})
    config = {
        "channel": "email",
        "to": "role",
        "role": "agent",
        "subject": {"zh": "工单", "en": "Ticket"},
        "body": {"zh": "请处理", "en": "Please look"},
    }
    nodes = {"start": ("start", {}), "tell": ("notify", config), "end": ("end", {})}
    await world.start(await world.publish(definition(nodes, ["start>tell", "tell.sent>end"])))

    async def raised() -> bool:
        return bool(await read(world, Incident))

    await wait_for(raised)
    (incident,) = await read(world, Incident)
    assert (incident.node, incident.code) == ("tell", "smtp_address_refused")
    assert listener.seen == 0
    listener.stop()
    await close(world)
