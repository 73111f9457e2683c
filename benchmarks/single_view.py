"""Everything known of one customer, from 20 threads at once, beside the same rows from pyarrow's dataset reader."""

from __future__ import annotations

import functools
import random
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import open_home, refreshed_home
from benchmarks.rfm import SIZES

THREADS = 20
LOOKUPS = 1000


def run(scale: str) -> list[Result]:
    """Ours, then pyarrow."""
    home = refreshed_home(*SIZES[scale])
    contenders = {
        "zhike": functools.partial(ours, home, SIZES[scale][0]),
        "pyarrow dataset": functools.partial(with_pyarrow, home, SIZES[scale][0]),
    }
    return contest(contenders, rounds=1)


def ours(home: Path, customers: int) -> dict[str, Any]:
    """The single view as the command and the page read it."""
    open_home(home)
    from zhike.collect.profiles.queries import single_view

    return _measure(single_view, customers)


def with_pyarrow(home: Path, customers: int) -> dict[str, Any]:
    """Record and orders through a filter on the dataset."""
    import pyarrow.dataset as ds

    tables = [ds.dataset(home / "warehouse" / "computed" / name / "data") for name in ("customers", "orders")]

    def look_up(customer_id: int) -> object:
        return [table.to_table(filter=ds.field("customer_id") == customer_id) for table in tables]

    return _measure(look_up, customers)


def _measure(look_up: Callable[[int], object], customers: int) -> dict[str, Any]:
    from zhike.govern.access.actors import OPERATOR, become

    wanted = random.Random(1).sample(range(customers), LOOKUPS)
    for customer_id in wanted[:THREADS]:
        look_up(customer_id)

    def timed(customer_id: int) -> float:
        started = time.perf_counter()
        look_up(customer_id)
        return (time.perf_counter() - started) * 1000

    clock = Clock()
    # Who acts is known to each thread apart.
    with ThreadPoolExecutor(THREADS, initializer=become, initargs=(OPERATOR,)) as pool:
        took = sorted(pool.map(timed, wanted))
    alone = sorted(timed(customer_id) for customer_id in wanted[:100])
    return {
        "seconds": clock(),
        "p50 ms": round(statistics.median(took), 1),
        "p95 ms": round(took[int(len(took) * 0.95)], 1),
        "alone p50 ms": round(statistics.median(alone), 1),
        "alone p95 ms": round(alone[94], 1),
    }
