"""How customers move: their states by month counted beside pandas and polars, and what follows from the counts."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import BUILD, open_home

STATES = ("new", "growing", "stable", "declining", "gone")
MONTHS = 24


def run(scale: str) -> list[Result]:
    """Small: 200,000 customers and 24 months. Full: two million."""
    file = states_by_month(200_000 if scale == "small" else 2_000_000)
    rivals = {"pandas": with_pandas, "polars": with_polars}
    return contest(
        {"zhike": functools.partial(ours, file)}
        | {name: functools.partial(rival, file) for name, rival in rivals.items()},
        rounds=3,
    )


def states_by_month(customers: int) -> Path:
    """A file of the state of each customer in each of 24 months; one row in a hundred is missing."""
    file = BUILD / f"states-{customers}.parquet"
    if not file.exists():
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        BUILD.mkdir(parents=True, exist_ok=True)
        draw = np.random.default_rng(customers)
        moves = draw.dirichlet((1, 1, 4, 1, 1), len(STATES)).cumsum(axis=1)
        state = draw.integers(0, len(STATES), customers)
        schema = pa.schema([("customer_id", pa.int32()), ("period", pa.int32()), ("state", pa.string())])
        with pq.ParquetWriter(file, schema) as writer:
            for month in range(MONTHS):
                known = np.flatnonzero(draw.random(customers) >= 0.01)
                names = pa.array(STATES).take(pa.array(state[known]))
                rows = (pa.array(known.astype("int32")), pa.array(np.full(len(known), month, "int32")), names)
                writer.write_table(pa.table(rows, schema=schema))
                state = (draw.random(customers)[:, None] > moves[state]).sum(axis=1)
    return file


def ours(file: Path) -> dict[str, Any]:
    """Counts by month on the engine; then matrix, intervals, forecast of a year and value of every state."""
    open_home(BUILD / "migration")
    from zhike.understand.migration.asking import Asked
    from zhike.understand.migration.measures import transition_counts
    from zhike.understand.migration.observed import Observed, matrix_of
    from zhike.understand.migration.study import migration
    from zhike.warehouse.engines.duckdb import embedded

    engine = embedded()
    states = engine.connection.read_parquet(str(file))
    clock = Clock()
    counted = engine.arrow(transition_counts(states)).to_pylist()
    counts_seconds = clock()
    moves: dict[tuple[str, str], float] = {}
    for one in counted:
        move = (one["from_state"], one["to_state"])
        moves[move] = moves.get(move, 0) + one["customers"]
    matrix = matrix_of(STATES, moves)
    migration(Observed(STATES, matrix, stock=matrix.sum(axis=1)), Asked(margin=("40",), cost=("4",), discount=0.2))
    seconds = clock()
    return {
        "seconds": counts_seconds,
        "moves": int(matrix.sum()),
        "stays stable": round(matrix[2, 2] / matrix[2].sum(), 4),
        "with intervals, forecast and values s": round(seconds, 2),
    }


def with_pandas(file: Path) -> dict[str, Any]:
    """Sorted and shifted by customer, then counted."""
    import pandas as pd

    clock = Clock()
    rows = pd.read_parquet(file).sort_values(["customer_id", "period"])
    after = rows.groupby("customer_id")[["period", "state"]].shift(-1)
    rows["next_state"] = after["state"]
    moved = rows[after["period"] == rows["period"] + 1]
    counts = moved.groupby(["period", "state", "next_state"], observed=True).size()
    return _said(clock(), counts.reset_index(name="customers"))


def with_polars(file: Path) -> dict[str, Any]:
    """The same lazily, by window expressions."""
    import polars as pl

    clock = Clock()
    after = [pl.col(name).shift(-1).over("customer_id", order_by="period").alias(f"next_{name}") for name in NEXT]
    counts = (
        pl.scan_parquet(file)
        .with_columns(after)
        .filter(pl.col("next_period") == pl.col("period") + 1)
        .group_by("period", "state", "next_state")
        .agg(customers=pl.len())
        .collect()
    )
    return _said(clock(), counts.to_pandas())


NEXT = ("period", "state")


def _said(seconds: float, counts: Any) -> dict[str, Any]:
    stable = counts[counts["state"] == "stable"]
    stayed = stable[stable["next_state"] == "stable"]["customers"].sum() / stable["customers"].sum()
    return {"seconds": seconds, "moves": int(counts["customers"].sum()), "stays stable": round(float(stayed), 4)}
