"""What the process counts about itself, for Prometheus; nothing at all while it is off.

Labels hold only what the product names: kinds of events and jobs, routes, states. Nothing of a workspace,
a ticket or a customer ever becomes a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter
from typing import Any

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
BATCHES = (1, 2, 4, 8, 16, 32, 64)

COUNTERS = {
    "transitions": ("tierflow_transitions_total", "Events applied to tickets", ("event",)),
    "refused": ("tierflow_transitions_refused_total", "Events that could not apply", ()),
    "jobs": ("tierflow_jobs_executed_total", "Tries of jobs by this process", ("kind", "outcome")),
    "requests": ("tierflow_http_requests_total", "Answered requests", ("method", "route", "status")),
}
HISTOGRAMS = {
    "transition_s": ("tierflow_transition_seconds", "From asking to the commit", ("event",), SECONDS),
    "request_s": ("tierflow_http_request_seconds", "From request to answer", ("method", "route"), SECONDS),
    "writer_s": ("tierflow_writer_wait_seconds", "Waiting for the one writer (SQLite)", (), SECONDS),
    "commits": ("tierflow_commit_units", "Transitions under one commit (SQLite)", (), BATCHES),
}
GAUGES = {
    "tickets": ("tierflow_open_tickets", "Running tickets", ()),
    "tasks": ("tierflow_open_tasks", "Open tasks", ()),
    "jobs_waiting": ("tierflow_jobs", "Jobs that are not done", ("state", "kind")),
    "lag": ("tierflow_job_lag_seconds", "How long the oldest due job has been waiting", ()),
    "dead": ("tierflow_dead_letters", "Jobs that gave up and whose ticket still needs them", ()),
    "incidents": ("tierflow_open_incidents", "Incidents that nobody has resolved", ()),
    "workers": ("tierflow_workers", "Processes that execute jobs and were seen lately", ()),
    "pool": ("tierflow_db_connections", "Connections of this process", ("pool", "state")),
}


class Metrics:
    """Every method is safe to call while it is off, and costs one look at a flag then."""

    on: bool
    registry: Any
    _known: dict[str, Any]
    _kinds: set[tuple[str, str]]

    def __init__(self) -> None:
        self.switch_off()

    def switch_on(self) -> None:
        """From here on things are counted. Only now is the library imported."""
        if self.on:
            return
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        for key, (name, words, labels) in COUNTERS.items():
            self._known[key] = Counter(name, words, labels, registry=self.registry)
        for key, (name, words, labels, buckets) in HISTOGRAMS.items():
            self._known[key] = Histogram(name, words, labels, registry=self.registry, buckets=buckets)
        for key, (name, words, labels) in GAUGES.items():
            self._known[key] = Gauge(name, words, labels, registry=self.registry)
        self.on = True

    def switch_off(self) -> None:
        """Forget everything."""
        self.on = False
        self.registry = None
        self._known = {}
        self._kinds = set()

    def now(self) -> float:
        """The moment that a measurement begins; 0 while it is off."""
        return perf_counter() if self.on else 0.0

    def count_transition(self, event: str, began: float) -> None:
        if self.on:
            self._known["transitions"].labels(event).inc()
            self._known["transition_s"].labels(event).observe(perf_counter() - began)

    def count_refusal(self) -> None:
        if self.on:
            self._known["refused"].inc()

    def count_job(self, kind: str, outcome: str) -> None:
        if self.on:
            self._known["jobs"].labels(kind, outcome).inc()

    def count_request(self, method: str, route: str, status: int, began: float) -> None:
        if self.on:
            self._known["requests"].labels(method, route, str(status)).inc()
            self._known["request_s"].labels(method, route).observe(perf_counter() - began)

    def count_commit(self, units: int, began: float, locked: float) -> None:
        """`began` waiting for the writer, `locked` it; so many transitions were committed together."""
        if self.on:
            self._known["writer_s"].observe(locked - began)
            self._known["commits"].observe(units)

    def set_gauge(self, key: str, value: float, *labels: str) -> None:
        if self.on:
            gauge = self._known[key]
            (gauge.labels(*labels) if labels else gauge).set(value)

    def set_jobs(self, counts: Mapping[tuple[str, str], int]) -> None:
        """By (state, kind); what is not there any more is zero."""
        gone = self._kinds - counts.keys()
        self._kinds |= counts.keys()
        for (state, kind), count in (*counts.items(), *((each, 0) for each in gone)):
            self.set_gauge("jobs_waiting", count, state, kind)

    def write(self) -> bytes:
        """The exposition in Prometheus' text format."""
        from prometheus_client import generate_latest

        text: bytes = generate_latest(self.registry)
        return text

    def serve(self, port: int) -> None:
        """A listener on this machine's own address, for processes without pages."""
        from prometheus_client import start_http_server

        start_http_server(port, addr="127.0.0.1", registry=self.registry)


METRICS = Metrics()
"""Of this process."""
