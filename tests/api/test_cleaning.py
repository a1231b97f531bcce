"""What a refused request had opened is closed with it, quietly."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import httpx
import pytest

from tests.api.conftest import Tenant
from tests.api.service_desk import API

REFUSED = {
    "lines?period=bad": 400,
    "summary?period=bad": 400,
    "lines?party=x": 400,
    "lines?region_id=nope": 404,
    "summary?from=2026-01-02&to=2026-01-01": 400,
    "export.csv?period=bad": 400,
}


async def test_refused_queries_leave_nothing_open(
    tenant: Tenant, admin: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: heard.append(context))
    for _ in range(3):
        answers = await asyncio.gather(*(admin.get(f"{API}/settlement/{query}") for query in REFUSED))
        assert [answer.status_code for answer in answers] == list(REFUSED.values())
        gc.collect()
        await asyncio.sleep(0.02)
    assert heard == []
    assert "aclose" not in caplog.text
    pool: Any = tenant.site.database.engine.pool
    assert pool.checkedout() == 0
