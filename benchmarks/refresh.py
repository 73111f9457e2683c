"""A whole refresh, beside pandas and Polars scripts that compute the same tables from the same files."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import AS_OF, BUILD, collected_home, open_home

SIZES = {"small": (100_000, 2_000_000), "full": (1_000_000, 20_000_000)}
RECORD_COLUMNS = ["customer_key", "name", "phone", "email", "city"]
COLUMNS = ["customer_key", "order_id", "ordered_on", "amount", "line_of_business"]


def run(scale: str) -> list[Result]:
    """Ours, Polars and pandas in turn."""
    home = collected_home(*SIZES[scale])
    contenders = {
        "zhike": functools.partial(ours, home),
        "polars": functools.partial(with_polars, home),
        "pandas": functools.partial(with_pandas, home),
    }
    return contest(contenders, rounds=3 if scale == "small" else 1)


def ours(home: Path) -> dict[str, Any]:
    """All 16 steps, all tables sorted by customer, written, committed and published."""
    open_home(home)
    from zhike.warehouse.services import run_refresh

    clock = Clock()
    refresh = run_refresh(as_of=AS_OF)
    return {"seconds": clock(), "customers": f"{refresh.customer_count:,}"}


def with_polars(home: Path) -> dict[str, Any]:
    """Ids, facts sorted by customer, both summaries, RFM and a tag, to Parquet."""
    import polars as pl

    clock = Clock()
    out = BUILD / "polars"
    out.mkdir(exist_ok=True)
    records = pl.read_parquet(_files(home, "source_records"), columns=RECORD_COLUMNS)
    orders = pl.read_parquet(_files(home, "orders"))
    keys = pl.concat([records["customer_key"], orders["customer_key"]]).unique().sort()
    ids = pl.DataFrame({"customer_key": keys}).with_row_index("customer_id")
    ids.join(records, on="customer_key", how="left").write_parquet(out / "customers.parquet")
    orders = orders.join(ids, on="customer_key").sort("customer_id", "ordered_at")
    orders.write_parquet(out / "orders.parquet")
    for by in (["customer_id"], ["customer_id", "line_of_business"]):
        each = orders.group_by([*by, "order_id"]).agg(pl.col("ordered_on").min(), pl.col("amount").sum())
        days = each.group_by([*by, "ordered_on"]).agg(pl.col("amount").sum(), pl.len().alias("orders"))
        summary = days.group_by(by).agg(
            pl.col("orders").sum(),
            pl.len().alias("days"),
            pl.col("amount").sum(),
            pl.col("ordered_on").min().alias("first"),
            pl.col("ordered_on").max().alias("last"),
            pl.col("amount").sort_by("ordered_on").first().alias("first_amount"),
        )
        summary.sort(by).write_parquet(out / f"summary-{len(by)}.parquet")
        if len(by) == 1:
            _polars_rfm(summary).sort("customer_id").write_parquet(out / "rfm.parquet")
    return {"seconds": clock(), "customers": f"{len(ids):,}"}


def _polars_rfm(summary: Any) -> Any:
    import polars as pl

    days = (pl.lit(AS_OF) - pl.col("last")).dt.total_days()
    values = summary.select("customer_id", -days.alias("recency"), pl.col("orders"), pl.col("amount").cast(pl.Float64))
    scores = [
        sum((pl.col(name) > values[name].quantile(q, "linear")).cast(pl.Int64) for q in (0.2, 0.4, 0.6, 0.8)) + 1
        for name in ("recency", "orders", "amount")
    ]
    return values.select("customer_id", *(s.alias(n) for s, n in zip(scores, ("r", "f", "m"), strict=True)))


def with_pandas(home: Path) -> dict[str, Any]:
    """The same in pandas."""
    import pandas as pd

    clock = Clock()
    out = BUILD / "pandas"
    out.mkdir(exist_ok=True)
    records = pd.concat(pd.read_parquet(f, columns=RECORD_COLUMNS) for f in _files(home, "source_records"))
    orders = pd.concat(pd.read_parquet(f, columns=[*COLUMNS, "ordered_at"]) for f in _files(home, "orders"))
    orders["amount"] = orders["amount"].astype("float64")
    orders["ordered_on"] = pd.to_datetime(orders["ordered_on"])
    keys = pd.Index(pd.concat([records["customer_key"], orders["customer_key"]]).unique()).sort_values()
    records.assign(customer_id=keys.get_indexer(records["customer_key"])).to_parquet(out / "customers.parquet")
    orders["customer_id"] = keys.get_indexer(orders["customer_key"])
    orders = orders.sort_values(["customer_id", "ordered_at"])
    orders.to_parquet(out / "orders.parquet")
    for by in (["customer_id"], ["customer_id", "line_of_business"]):
        by_order = orders.groupby([*by, "order_id"], sort=False)
        each = by_order.agg(ordered_on=("ordered_on", "min"), amount=("amount", "sum"))
        days = each.groupby([*by, "ordered_on"]).agg(amount=("amount", "sum"), orders=("amount", "size")).reset_index()
        summary = days.groupby(by).agg(
            orders=("orders", "sum"),
            days=("orders", "size"),
            amount=("amount", "sum"),
            first=("ordered_on", "first"),
            last=("ordered_on", "last"),
            first_amount=("amount", "first"),
        )
        summary.to_parquet(out / f"summary-{len(by)}.parquet")
        if len(by) == 1:
            recency = -(pd.Timestamp(AS_OF) - pd.to_datetime(summary["last"])).dt.days
            scores = {
                name: sum((values > values.quantile(q)).astype("int64") for q in (0.2, 0.4, 0.6, 0.8)) + 1
                for name, values in {"r": recency, "f": summary["orders"], "m": summary["amount"]}.items()
            }
            pd.DataFrame(scores).to_parquet(out / "rfm.parquet")
    return {"seconds": clock(), "customers": f"{len(keys):,}"}


def _files(home: Path, table: str) -> list[Path]:
    return sorted((home / "warehouse" / "collected" / table / "data").glob("import-*.parquet"))
