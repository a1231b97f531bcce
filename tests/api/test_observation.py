"""Metrics are closed until they are opened, and say what happens; traces lead from a request to its job."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from backend.runtime import tracing
from backend.runtime.metrics import METRICS
from tests.api.conftest import BASE, Site, Tenant, open_site
from tests.api.service_desk import API, expect
from tests.api.test_operations import CALL, QUOTE, flow, open_ticket, publish
from tests.support.receivers import WebhookReceiver

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def quiet_again() -> Iterator[None]:
    yield
    METRICS.switch_off()
    tracing.stop_tracing()


@pytest.fixture
async def watched(database_url: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, metrics=True, run_jobs=True) as site:
        yield site


def open_client(site: Site, address: str = HERE, **headers: str) -> httpx.AsyncClient:
    return site.open_client(address, **headers)


async def read(client: httpx.AsyncClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = await client.get(f"{BASE}/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


async def test_nothing_is_told_unless_it_is_wanted(site: Site) -> None:
    assert (await open_client(site).get(f"{BASE}/metrics")).status_code == 404
    assert not METRICS.on


async def test_only_this_machine_may_read(watched: Site) -> None:
    for client, status in (
        (open_client(watched), 200),
        (open_client(watched, "203.0.113.5"), 403),
        (open_client(watched, **{"x-forwarded-for": "203.0.113.5"}), 403),
    ):
        assert (await client.get(f"{BASE}/metrics")).status_code == status


async def test_a_token_opens_it_from_anywhere(database_url: str, tmp_path: Path) -> None:
    async with open_site(database_url, tmp_path, metrics=True, metrics_token="sesame") as site:
        for headers, status in (
            ({}, 403),
            ({"authorization": "Bearer x"}, 403),
            ({"authorization": "Bearer sesame"}, 200),
        ):
            client = open_client(site, "203.0.113.5", **headers)
            assert (await client.get(f"{BASE}/metrics")).status_code == status


async def test_what_happens_is_counted_without_names(watched: Site) -> None:
    tenant = await watched.open_workspace("own")
    admin = await tenant.sign_in("admin", ["admin"])
    await open_ticket(tenant, admin, await publish(admin, QUOTE, "quote"), hours=2)
    stuck = await open_ticket(tenant, admin, await publish(admin, CALL, "call"))
    async with asyncio.timeout(15):
        while not expect(await admin.get(f"{API}/tickets/{stuck}"))["incidents"]:
            await asyncio.sleep(0.05)
    found = await read(open_client(watched))

    def of(name: str, **labels: str) -> float:
        return found[name, frozenset(labels.items())]

    assert of("tierflow_transitions_total", event="started") == 2
    assert of("tierflow_transition_seconds_count", event="started") == 2
    assert of("tierflow_open_tickets") == 1
    assert of("tierflow_open_incidents") == 1
    assert of("tierflow_dead_letters") == 1
    assert of("tierflow_jobs", state="dead", kind="webhook") == 1
    assert of("tierflow_jobs_executed_total", kind="webhook", outcome="dead") == 1
    assert of("tierflow_http_requests_total", method="POST", route=f"{API}/tickets", status="201") == 2
    assert any(name == "process_resident_memory_bytes" for name, _ in found)
    if watched.database.dialect == "sqlite":
        assert of("tierflow_commit_units_count") >= 2
    else:
        assert of("tierflow_db_connections", pool="transitions", state="idle") >= 1
    values = {value for _, labels in found for _, value in labels}
    assert not [value for value in values if tenant.id in value or stuck in value]
    assert len(found) < 2_000


async def _traced_call(database_url: str, tmp_path: Path, receiver: WebhookReceiver) -> None:
    """One ticket that calls the receiver, opened by a request that carries a trace."""
    calling = flow(
        {
            "s": ("start", {"form": "request", "sources": ["staff"]}),
            "call": ("webhook", {"method": "POST", "url": f"{receiver.url}/order"}),
            "z": ("end", {}),
        },
        [("s", "next", "call"), ("call", "ok", "z")],
    )
    async with open_site(database_url, tmp_path, run_jobs=True) as site:
        tenant = await site.open_workspace("own")
        admin = await tenant.sign_in("admin", ["admin"])
        hosts = {"private_hosts": ["127.0.0.1"], "hosts": []}
        expect(await admin.put(f"{API}/connections/webhook", json=hosts))
        workflow = await publish(admin, calling, "call")
        admin.headers["traceparent"] = TRACEPARENT
        ticket = await open_ticket(tenant, admin, workflow)
        del admin.headers["traceparent"]
        async with asyncio.timeout(15):
            while expect(await admin.get(f"{API}/tickets/{ticket}"))["status"] != "completed":
                await asyncio.sleep(0.05)


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


async def test_one_trace_from_the_request_to_the_other_system(
    database_url: str, tmp_path: Path, webhook_receiver: WebhookReceiver
) -> None:
    exporter = InMemorySpanExporter()
    tracing.trace_by(SimpleSpanProcessor(exporter))
    await _traced_call(database_url, tmp_path, webhook_receiver)
    spans = [span for span in exporter.get_finished_spans() if f"{span.context.trace_id:032x}" == TRACE]
    by_id = {span.context.span_id: span for span in spans}

    def path_of(span: Any) -> list[str]:
        above = by_id.get(span.parent.span_id)
        return [*(path_of(above) if above else []), span.name]

    (job,) = [span for span in spans if span.name == "job webhook"]
    assert path_of(job) == [f"POST {API}/tickets", "transition", "job webhook"]
    ends = [path_of(span) for span in spans if span.name == "transition"]
    assert [f"POST {API}/tickets", "transition", "job webhook", "transition"] in ends
    (call,) = webhook_receiver.deliveries
    assert call.headers["traceparent"] == f"00-{TRACE}-{job.context.span_id:016x}-01"


async def test_spans_reach_a_collector(
    sqlite_url: str, tmp_path: Path, webhook_receiver: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{webhook_receiver.url}/collector")
    await _traced_call(sqlite_url, tmp_path, webhook_receiver)
    sent = [each for each in webhook_receiver.deliveries if each.path == "/collector/v1/traces"]
    assert bytes.fromhex(TRACE) in b"".join(each.body for each in sent)


async def test_a_malformed_trace_is_no_trace(tenant: Tenant, admin: httpx.AsyncClient) -> None:
    tracing.trace_by(SimpleSpanProcessor(InMemorySpanExporter()))
    with tracing.span("x", "server", "00-nonsense"):
        assert (tracing.current_trace() or "").count("-") == 3
