"""Clean order lines from CSV, beside DuckDB's bare CSV → Parquet, which checks nothing and keeps no history."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import BUILD, fresh_home, open_home

ROWS = {"small": 2_000_000, "full": 20_000_000}
MAPPING = {
    "entity": "orders",
    "lawful_basis": "contract",
    "columns": {
        name: name for name in ("order_id", "line_id", "customer_key", "ordered_at", "product_id", "quantity", "amount")
    },
}


def run(scale: str) -> list[Result]:
    """Ours, and bare DuckDB, in turn."""
    path = _csv(ROWS[scale])
    contenders = {"zhike": functools.partial(ours, path), "duckdb bare": functools.partial(bare, path)}
    return contest(contenders, rounds=5 if scale == "small" else 3)


def ours(path: Path) -> dict[str, Any]:
    """The whole import: fingerprint, checks, rejects, duplicates, commit."""
    home = fresh_home()
    open_home(home)
    from zhike.collect.sources.mapping import mapping_from_data
    from zhike.collect.sources.services import import_file

    clock = Clock()
    result = import_file(path, entity="orders", source="shop", mapping=mapping_from_data(MAPPING, where="benchmark"))
    seconds = clock()
    shutil.rmtree(home)
    return {"seconds": seconds, "rows a second": f"{result.accepted / seconds:,.0f}"}


def bare(path: Path) -> dict[str, Any]:
    """COPY … FROM read_csv."""
    import duckdb

    target = path.with_suffix(".parquet")
    clock = Clock()
    duckdb.sql(f"COPY (FROM read_csv('{path}')) TO '{target}'")
    seconds = clock()
    target.unlink()
    return {"seconds": seconds}


def _csv(rows: int) -> Path:
    import duckdb

    path = BUILD / f"orders-{rows}.csv"
    BUILD.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        duckdb.sql(f"""
            COPY (
                SELECT 'O' || (i // 3) AS order_id, i % 3 + 1 AS line_id,
                    'C' || (hash(i // 3) % 100_000) AS customer_key,
                    (TIMESTAMP '2024-01-01' + INTERVAL (i // 3 * 45) SECOND)::VARCHAR AS ordered_at,
                    'SKU' || (hash(i * 7) % 1000) AS product_id, hash(i) % 5 + 1 AS quantity,
                    hash(i * 3) % 100_000 / 100.0 AS amount
                FROM range({rows}) AS t(i)
            ) TO '{path}.part' (FORMAT csv, HEADER)""")
        Path(f"{path}.part").rename(path)
    return path
