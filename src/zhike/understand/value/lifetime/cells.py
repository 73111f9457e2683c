"""What a fitted model says of every history, and what sums of that may be off by."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pyarrow as pa

from zhike.stats.lifetime.bg_nbd import BgNbd
from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.uncertainty import moved, squared_purchases
from zhike.understand.value.lifetime.fitting import FittedBuying
from zhike.understand.value.lifetime.forecasting import forecast_cells
from zhike.understand.value.lifetime.histories import Histories
from zhike.understand.value.lifetime.measures import WEEK
from zhike.understand.value.lifetime.tables import DIRECTIONS, SPREAD, VALUE_CELLS
from zhike.warehouse.engines import ibis_schema

HORIZON = 52.0  # weeks
YEARLY_RATE = 0.1  # by which money of next year is worth less
WEEKS_A_YEAR = 365.25 / WEEK
PLACES = 6  # of what is said of a history: more are no knowledge, and none that a rule could name
FINE = 10  # of what is summed up over millions


def cells_of(
    histories: Histories, used: FittedBuying, *, horizon: float = HORIZON, with_spread: bool = False
) -> pa.Table:
    """What a model says of every history, with the parameters of the model of amounts: rows of `VALUE_CELLS`.

    `with_spread` tells what sums may be off by; it stays empty where the likelihood is flat.
    """
    cells = histories.grouped.cells
    said = _said(histories, used.model, horizon)
    amounts = used.amounts.fit.parameters if used.amounts else {}
    nothing = {column.name: np.full(len(cells), np.nan) for column in SPREAD} | {
        "squared_purchases": np.full(len(cells), np.nan)
    }
    columns = {
        "frequency": cells.frequency.astype(np.int64),
        "recency_weeks": np.floor(cells.recency).astype(np.int64),
        "age_weeks": np.floor(cells.age).astype(np.int64),
        "customers": np.round(cells.customers).astype(np.int64),
        **{name: np.round(values, PLACES) for name, values in said.items()},
        **(nothing | (_spread(histories, used, horizon) if with_spread else {})),
        **{name: np.full(len(cells), amounts.get(name, np.nan)) for name in ("p", "q", "gamma")},
    }
    arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    return pa.table(arrays).select(VALUE_CELLS.column_names).cast(ibis_schema(VALUE_CELLS).to_pyarrow())


def _said(histories: Histories, model: object, horizon: float) -> dict[str, Numbers]:
    assert isinstance(model, BgNbd)
    said = forecast_cells(
        model, histories.grouped.cells, horizon=horizon, yearly_rate=YEARLY_RATE, units_a_year=WEEKS_A_YEAR
    )
    return asdict(said)


def _spread(histories: Histories, used: FittedBuying, horizon: float) -> dict[str, Numbers]:
    """The mean square of the purchases, and what is said moves by along each direction of the parameters."""
    model, cells = used.model, histories.grouped.cells
    assert isinstance(model, BgNbd)
    if used.fit.covariance is None:
        return {}

    def said(values: Numbers) -> Numbers:
        r, alpha, a, b = map(float, values)
        return np.stack(list(_said(histories, replace(model, r=r, alpha=alpha, a=a, b=b), horizon).values()))

    along = moved(said, model.parameters, used.fit.covariance)
    return {"squared_purchases": np.round(squared_purchases(model, cells, horizon), PLACES)} | {
        f"{name}_{number}": np.round(along[number - 1][place], FINE)
        for place, name in enumerate(("alive_moves", "purchases_move", "discounted_move"))
        for number in DIRECTIONS
    }
