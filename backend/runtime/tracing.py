"""Traces from a request over its transition to its jobs, by OpenTelemetry; nothing at all while it is off.

It is on when `OTEL_EXPORTER_OTLP_ENDPOINT` is set, and only then is the SDK imported. What links the parts
is a W3C traceparent: it comes with a request, stands on the rows of the jobs that a transition makes, and
goes out with webhook calls.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

_tracer: Any = None
_provider: Any = None


def is_on() -> bool:
    """Whether spans are made."""
    return _tracer is not None


def start_tracing(service: str, environment: Mapping[str, str] = os.environ) -> None:
    """Export to the endpoint of the environment, if one is set."""
    if _tracer is not None or not environment.get(ENDPOINT):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    trace_by(BatchSpanProcessor(OTLPSpanExporter()), service)


def trace_by(processor: Any, service: str = "tierflow") -> None:
    """Hand every finished span to this processor of the SDK."""
    global _tracer, _provider  # noqa: PLW0603 - one tracer a process, as in OpenTelemetry itself
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    _provider = TracerProvider(resource=Resource.create({"service.name": service}))
    _provider.add_span_processor(processor)
    _tracer = _provider.get_tracer("tierflow")


def stop_tracing() -> None:
    """Send what is left and make no more spans."""
    global _tracer, _provider  # noqa: PLW0603
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


@contextmanager
def span(name: str, kind: str = "internal", parent: str | None = None, **attributes: Any) -> Iterator[Any]:
    """A span around the block, below the current one or below a traceparent; None while tracing is off.

    `kind` is internal, server, client, producer or consumer. An exception marks the span as failed.
    """
    if _tracer is None:
        yield None
        return
    from opentelemetry.trace import SpanKind

    given = {name: value for name, value in attributes.items() if value is not None}
    with _tracer.start_as_current_span(
        name, context=_read(parent), kind=SpanKind[kind.upper()], attributes=given
    ) as made:
        yield made


def current_trace() -> str | None:
    """The W3C traceparent of the current span."""
    if _tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get("traceparent")


def _read(parent: str | None) -> Any:
    """The context that a traceparent names; None, the current one, for none or a malformed one."""
    if not parent:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent})
