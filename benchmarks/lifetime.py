"""BG/NBD from summaries of customers to what is expected of each, beside others; cells of ten million customers."""

from __future__ import annotations

import functools
import os
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.contest import Clock, Result, contest
from benchmarks.homes import BUILD, open_home

SHARED_DATA = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
CDNOW = SHARED_DATA / "cdnow" / "cbs_full_cal39w_hold39w.csv.gz"
CUSTOMERS = 10_000_000
HORIZON = 39.0  # weeks
AS_OF = date(2026, 6, 30)


def run(scale: str) -> list[Result]:
    """Small: the 23,570 customers of CDNOW. Full: an order summary of ten million, by ours alone."""
    if scale == "full":
        return contest({"zhike": functools.partial(of_ten_million, summary())}, rounds=3)
    if not CDNOW.exists():
        raise SystemExit(f"{CDNOW} is not there; SHARED_DATA names another folder")
    return contest({"zhike": ours, "lifetimes": with_lifetimes, "pymc-marketing": with_pymc_marketing}, rounds=5)


def ours() -> dict[str, Any]:
    """Cells, fit, P(alive) and expected purchases of every customer."""
    from zhike.stats.lifetime.bg_nbd import fit_bg_nbd
    from zhike.stats.lifetime.cells import grouped

    read = _cdnow()
    clock = Clock()
    cells = grouped(read["frequency"], read["recency"], read["T"])
    model, fit = fit_bg_nbd(cells.cells)
    alive = model.probability_alive(cells.cells)[cells.place]
    bought = model.expected_purchases(cells.cells, HORIZON)[cells.place]
    return _said(clock(), fit.parameters, fit.log_likelihood, alive, bought)


def with_lifetimes() -> dict[str, Any]:
    """The same by lifetimes' BetaGeoFitter, which goes through the customers."""
    from lifetimes import BetaGeoFitter

    read = _cdnow()
    clock = Clock()
    model = BetaGeoFitter()
    model.fit(read["frequency"], read["recency"], read["T"])
    alive = model.conditional_probability_alive(read["frequency"], read["recency"], read["T"])
    bought = model.conditional_expected_number_of_purchases_up_to_time(
        HORIZON, read["frequency"], read["recency"], read["T"]
    )
    return _said(clock(), dict(model.params_), _likelihood(read, dict(model.params_)), alive, bought)


def with_pymc_marketing() -> dict[str, Any]:
    """The same by pymc-marketing's BetaGeoModel, the highest point of the posterior with its usual priors.

    It compiles the model when it is made: that is part of the wait, and of the time. Its priors move the parameters.
    """
    import warnings

    warnings.simplefilter("ignore")  # it warns of a release to come, and that it finds no BLAS
    from pymc_marketing.clv import BetaGeoModel

    read = _cdnow()
    read["customer_id"] = read["id"]
    clock = Clock()
    model = BetaGeoModel(data=read[["customer_id", "frequency", "recency", "T"]])
    model.fit(method="map")
    alive = model.expected_probability_alive(read)
    bought = model.expected_purchases(read, future_t=HORIZON)
    parameters = {name: float(model.fit_result[name].mean()) for name in ("r", "alpha", "a", "b")}
    return _said(clock(), parameters, _likelihood(read, parameters), alive, bought)


def of_ten_million(file: Path) -> dict[str, Any]:
    """As a refresh does it: cells, fit of how often and how much, what is expected of all of them to a file."""
    open_home(BUILD / "lifetime")
    import pyarrow as pa

    from zhike.understand.value.lifetime.fitting import fit_buying
    from zhike.understand.value.lifetime.histories import histories_by_week
    from zhike.understand.value.lifetime.measures import customer_values
    from zhike.understand.value.lifetime.steps import cells_of
    from zhike.warehouse.engines.duckdb import embedded, literal

    engine = embedded()
    buyers = engine.connection.read_parquet(str(file))
    clock = Clock()
    histories = histories_by_week(buyers, engine, until=AS_OF)
    counted = clock()
    fitted = fit_buying(histories, "bgnbd")
    learnt = clock()
    said = engine.connection.create_table("said", pa.table(cells_of(histories, fitted)), temp=True)
    out = literal(str(BUILD / "lifetime" / "customer_value.parquet"))
    compiled = engine.connection.compile(customer_values(buyers, said))
    engine.sql(f"COPY ({compiled}) TO {out} (FORMAT parquet, COMPRESSION snappy)")
    seconds = clock()
    return {
        "seconds": seconds,
        "cells": f"{len(histories.grouped.cells):,}",
        "cells s": round(counted, 1),
        "fit s": round(learnt - counted, 1),
        "predict and write s": round(seconds - learnt, 1),
    }


def summary() -> Path:
    """An order summary of ten million customers of three years, who buy and leave as BG/NBD has it."""
    file = BUILD / "order-summary-10000000.parquet"
    if not file.exists():
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        BUILD.mkdir(parents=True, exist_ok=True)
        schema = pa.schema(
            [(name, pa.int64()) for name in ("customer_id", "frequency", "recency_days", "age_days")]
            + [("monetary_amount", pa.float64())]
        )
        with pq.ParquetWriter(file, schema) as writer:
            for start in range(0, CUSTOMERS, 250_000):
                draw = np.random.default_rng(start)
                age = draw.integers(1, 1096, 250_000)
                rate = draw.gamma(0.5, 1 / 60, 250_000)
                stays = 1 - draw.beta(0.8, 2.4, 250_000)
                before_leaving = draw.geometric(np.clip(1 - stays, 1e-6, 1))
                bought = np.minimum(draw.poisson(rate * age), before_leaving)
                bought = np.minimum(bought, age)
                last = np.where(bought > 0, np.ceil(age * draw.beta(np.maximum(bought, 1), 1)), 0)
                spent = draw.gamma(6 * np.maximum(bought, 1), draw.gamma(4, 3, 250_000) / np.maximum(bought, 1))
                columns = (
                    np.arange(start, start + 250_000),
                    bought,
                    np.maximum(last, bought),
                    age,
                    np.where(bought > 0, spent, np.nan),
                )
                writer.write_table(
                    pa.table(
                        [pa.array(one).cast(field.type) for one, field in zip(columns, schema, strict=True)],
                        schema=schema,
                    )
                )
    return file


def _cdnow() -> Any:
    import pandas as pd

    return pd.read_csv(CDNOW)


def _likelihood(read: Any, parameters: Any) -> float:
    """Ours at the parameters of others, whose own have scales and priors in them: how close they came."""
    from zhike.stats.lifetime.bg_nbd import BgNbd
    from zhike.stats.lifetime.cells import grouped

    return BgNbd(**parameters).log_likelihood(grouped(read["frequency"], read["recency"], read["T"]).cells)


def _said(seconds: float, parameters: Any, likelihood: float, alive: Any, bought: Any) -> dict[str, Any]:
    return {
        "seconds": seconds,
        "log_likelihood": round(float(likelihood), 2),
        **{name: round(float(value), 3) for name, value in parameters.items()},
        "mean alive": round(float(alive.mean()), 4),
        "expected purchases": round(float(bought.sum()), 1),
    }
