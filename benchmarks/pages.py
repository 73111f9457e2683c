"""Pages over real HTTP, for 20 readers who pause between clicks and for 20 who never do, beside SQL with OFFSET."""

from __future__ import annotations

import functools
import random
import shutil
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import fresh_home, open_home, refreshed_home
from benchmarks.rfm import SIZES
from benchmarks.serving import served, session

READERS = 20
CLICKS = {"small": 12, "full": 25}  # of each reader
PAUSE_SECONDS = 1.0  # between an answer and the next click; people take longer
SQL_LIST = "SELECT * FROM customer_list ORDER BY revenue_amount DESC LIMIT 50 OFFSET ?"


def run(scale: str) -> list[Result]:
    """Ours, then a list as most software makes it."""
    contenders = {
        "zhike pages": functools.partial(ours, SIZES[scale], CLICKS[scale]),
        "SQLite, COUNT and OFFSET (rows only, no page)": functools.partial(with_offset, SIZES[scale], CLICKS[scale]),
    }
    return contest(contenders, rounds=1)


def ours(size: tuple[int, int], clicks: int) -> dict[str, Any]:
    """Lists, filters, next pages and single views, each a whole page."""
    home = refreshed_home(*size)
    open_home(home)
    said: dict[str, Any] = {}
    with served(home) as address:
        cookies = session(address)
        # The first reader of a refresh in each process fills what the others share; that is said apart.
        read = functools.partial(_read, address, cookies, size[0])
        with ThreadPoolExecutor(READERS) as pool:
            first = [one for some in pool.map(functools.partial(read, 1, 0.0), [0] * 4) for one in some]
            list(pool.map(functools.partial(read, 18, 0.0), range(READERS)))
        said["slowest first page"] = f"{max(milliseconds for _, milliseconds in first):.0f} ms"
        clock = Clock()
        for name, pause in (("with pauses", PAUSE_SECONDS), ("without a pause", 0.0)):
            with ThreadPoolExecutor(READERS) as pool:
                times = [
                    one for some in pool.map(functools.partial(read, clicks, pause), range(READERS)) for one in some
                ]
            for kind in ("list", "single view", "RFM"):
                took = sorted(milliseconds for what, milliseconds in times if what == kind)
                said[f"{kind} {name}"] = f"p50 {statistics.median(took):.0f}, p95 {took[int(len(took) * 0.95)]:.0f} ms"
        said["seconds"] = clock()
        said["first paint"] = _first_paint(address, cookies)
    said["SQL queries"] = _queries(size[0])
    return said


def _first_paint(address: str, cookies: dict[str, str]) -> str:
    """Median of five openings of the list in Chromium, where there is one."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return "no Chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context()
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        page = context.new_page()
        paints = []
        for _ in range(5):
            page.goto(f"{address}/customers/")
            page.wait_for_load_state("networkidle")
            paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        browser.close()
    return f"{statistics.median(paints):.0f} ms"


def _queries(customers: int) -> str:
    """How many queries the operational database answers for a list and for a single view."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from zhike.govern.access.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    counted = []
    for path in ("/customers/", f"/customers/{customers // 2}/"):
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counted.append(len(queries))
    return f"list {counted[0]}, single view {counted[1]}"


def _wanted(draw: random.Random, customers: int) -> Iterator[str]:
    """What one reader opens, in turn."""
    yield "/customers/"
    yield f"/customers/{draw.randrange(customers)}/"
    yield "/customers/?sort=-revenue_amount"
    yield f"/customers/{draw.randrange(customers)}/"
    yield f"/customers/?segment={draw.choice(['champions', 'loyal', 'at_risk'])}"
    yield "/insight/rfm/"


def _read(
    address: str, cookies: dict[str, str], customers: int, clicks: int, pause: float, reader: int
) -> list[tuple[str, float]]:
    draw = random.Random(reader)
    times: list[tuple[str, float]] = []
    with httpx.Client(base_url=address, cookies=cookies, timeout=120) as client:
        time.sleep(pause * draw.random())
        while len(times) < clicks:
            for path in _wanted(draw, customers):
                started = time.perf_counter()
                answer = client.get(path)
                took = (time.perf_counter() - started) * 1000
                assert answer.status_code == 200, (path, answer.status_code)
                kind = "RFM" if "rfm" in path else "single view" if path[11:12].isdigit() else "list"
                times.append((kind, took))
                time.sleep(pause * (0.5 + draw.random()))
    return times


def with_offset(size: tuple[int, int], clicks: int) -> dict[str, Any]:
    """The same list from a table of SQLite with an index on what it is sorted by, as threads of one process."""
    home = refreshed_home(*size)
    open_home(home)
    path = fresh_home() / "list.db"
    _fill(path)

    def read(reader: int) -> list[float]:
        draw = random.Random(reader)
        database = sqlite3.connect(path)
        return [_timed(lambda: _list(database, draw.randrange(size[0] // 2))) for _ in range(clicks)]

    clock = Clock()
    with ThreadPoolExecutor(READERS) as pool:
        took = sorted(one for some in pool.map(read, range(READERS)) for one in some)
    seconds = clock()
    return {"seconds": seconds, "list": f"p50 {statistics.median(took):.0f}, p95 {took[int(len(took) * 0.95)]:.0f} ms"}


def _list(database: sqlite3.Connection, offset: int) -> object:
    return database.execute("SELECT count(*) FROM customer_list").fetchone(), database.execute(
        SQL_LIST, [offset]
    ).fetchall()


def _fill(path: Path) -> None:
    from zhike.understand.customers.tables import CUSTOMER_LIST
    from zhike.warehouse.engines import engine
    from zhike.warehouse.queries import published

    columns = ("customer_id", "name", "phone", "email", "city", "order_count", "revenue_amount", "segment")
    table = published().table(CUSTOMER_LIST).select(*columns)
    rows = engine().arrow(table.mutate(revenue_amount=table.revenue_amount.cast("float64")))
    database = sqlite3.connect(path)
    database.execute(f"CREATE TABLE customer_list ({', '.join(columns)})")
    for batch in rows.to_batches(max_chunksize=50_000):
        values = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        database.executemany(f"INSERT INTO customer_list VALUES ({', '.join('?' * len(columns))})", values)
    database.execute("CREATE INDEX by_revenue ON customer_list (revenue_amount)")
    database.commit()
    database.close()


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000
