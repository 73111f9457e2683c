"""RFM fifths of all buyers from their order lines, beside Polars' streaming engine and plain DuckDB SQL."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import AS_OF, BUILD, open_home, refreshed_home

SIZES = {"small": (1_000_000, 10_000_000), "full": (10_000_000, 100_000_000)}


def run(scale: str) -> list[Result]:
    """Ours, Polars and DuckDB in turn."""
    home = refreshed_home(*SIZES[scale])
    contenders = {
        "zhike": functools.partial(ours, home),
        "polars streaming": functools.partial(with_polars, home),
    }
    if scale == "small":  # counting distinct orders of all at once takes it many minutes at the full size
        contenders["duckdb sql"] = functools.partial(with_duckdb, home)
    return contest(contenders, rounds=3)


def ours(home: Path) -> dict[str, Any]:
    """Recency, orders and revenue of each range of customers after the other, borders, scores, written."""
    open_home(home)
    from zhike.collect.profiles.tables import CUSTOMER_ORDERS
    from zhike.understand.value.measures import rfm, rfm_bounds, rfm_values
    from zhike.understand.value.tables import ORDER_SUMMARY, RFM, RFM_BOUNDS
    from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD
    from zhike.warehouse.engines.duckdb import embedded
    from zhike.warehouse.queries import published

    kept = ("customer_id", "days_since_last", "order_count", "revenue_amount")
    values_contract = replace(ORDER_SUMMARY, columns=tuple(ORDER_SUMMARY[name] for name in kept))
    now, engine, out = published(), embedded(), f"file://{BUILD}/zhike"
    shards = range(0, now.customer_count, CUSTOMERS_PER_SHARD)
    clock = Clock()
    values, scores = [], []
    for shard in shards:
        orders = engine.open(CUSTOMER_ORDERS, [file.path for file in now.files(CUSTOMER_ORDERS, shard)])
        values += engine.write(values_contract, rfm_values(orders, as_of=AS_OF), out, "values", shards=[shard])
    borders = engine.write(RFM_BOUNDS, rfm_bounds(engine.open(values_contract, values)), out, "bounds")
    bounds = engine.open(RFM_BOUNDS, borders)
    for shard, path in zip(shards, values, strict=True):
        scores += engine.write(RFM, rfm(engine.open(values_contract, [path]), bounds), out, "rfm", shards=[shard])
    seconds = clock()
    found = engine.arrow(engine.open(RFM, scores).recency.sum().as_table())[0][0].as_py()
    return {"seconds": seconds, "sum of recency": found}


def with_polars(home: Path) -> dict[str, Any]:
    """One lazy query per stage on the streaming engine."""
    import polars as pl

    paths = _files(home)
    out = BUILD / "polars-rfm.parquet"
    clock = Clock()
    values = (
        pl.scan_parquet(paths)
        .group_by("customer_id")
        .agg(
            pl.col("ordered_on").max().alias("last"),
            pl.col("order_id").n_unique().alias("f"),
            pl.col("amount").sum().alias("m"),
        )
        .with_columns(-(pl.lit(AS_OF) - pl.col("last")).dt.total_days().alias("r"), pl.col("m").cast(pl.Float64))
        .collect(engine="streaming")
    )
    scores = [
        sum(
            ((pl.col(name) > values[name].quantile(q, "linear")).cast(pl.Int64) for q in (0.2, 0.4, 0.6, 0.8)),
            start=pl.lit(1),
        ).alias(f"{name}_score")
        for name in ("r", "f", "m")
    ]
    scored = values.select("customer_id", *scores)
    scored.write_parquet(out)
    return {"seconds": clock(), "sum of recency": scored["r_score"].sum()}


def with_duckdb(home: Path) -> dict[str, Any]:
    """One statement over all files."""
    import duckdb

    paths = [str(path) for path in _files(home)]
    out = BUILD / "duckdb-rfm.parquet"
    scores = ", ".join(
        "1 + " + " + ".join(f"(v.{name} > q.{name}[{place}])::INT" for place in range(1, 5)) + f" AS {name}"
        for name in "rfm"
    )
    duckdb.sql("SET enable_progress_bar = false")
    clock = Clock()
    duckdb.sql(f"""
        COPY (
            WITH v AS MATERIALIZED (
                SELECT customer_id, -date_diff('day', max(ordered_on), DATE '{AS_OF}') AS r,
                    count(DISTINCT order_id) AS f, sum(amount)::DOUBLE AS m
                FROM read_parquet({paths}) GROUP BY customer_id),
            q AS (SELECT quantile_cont(r, [.2, .4, .6, .8]) AS r, quantile_cont(f, [.2, .4, .6, .8]) AS f,
                quantile_cont(m, [.2, .4, .6, .8]) AS m FROM v)
            SELECT customer_id, {scores}
            FROM v, q) TO '{out}'""")
    seconds = clock()
    return {"seconds": seconds, "sum of recency": duckdb.sql(f"SELECT sum(r) FROM '{out}'").fetchall()[0][0]}


def _files(home: Path) -> list[Path]:
    return sorted((home / "warehouse" / "computed" / "orders" / "data").glob("*.parquet"))
