"""Steps of the refresh that say what buyers will do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.errors import UserError
from zhike.stats.lifetime.fitting import Fit
from zhike.understand.value.lifetime.fitting import Doubt, FittedBuying, fit_buying, intervals_of
from zhike.understand.value.lifetime.forecasting import forecast_cells
from zhike.understand.value.lifetime.histories import Histories, histories_by_week
from zhike.understand.value.lifetime.measures import WEEK, buying_histories, customer_values
from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE, VALUE_CELLS, VALUE_MODELS
from zhike.understand.value.measures import rounded
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

# With both, whoever comes back may leave after each purchase; with the second after the first, too.
CANDIDATES = ("bgnbd", "mbgnbd")
HORIZON = 52.0  # weeks
YEARLY_RATE = 0.1  # by which money of next year is worth less
WEEKS_A_YEAR = 365.25 / WEEK
FEWEST_WEEKS = 8  # of a hold-out that says something
LONGEST_HOLDOUT = 52  # weeks
PLACES = 6  # of what is said of a history: more are no knowledge, and none that a rule could name


@contextmanager
def _fit(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """The models, and what they say of every history."""
    engine = refreshing.engine
    try:
        histories = histories_by_week(inputs[ORDER_SUMMARY], engine, until=inputs.as_of)
        fitted = [fit_buying(histories, name) for name in CANDIDATES]
    except UserError:  # nobody bought, or nobody came back: there is nothing to learn, and nothing is said
        yield {contract: refreshing.loaded(contract, _rows(contract, [])) for contract in (VALUE_MODELS, VALUE_CELLS)}
        return
    used = max(fitted, key=lambda one: one.fit.log_likelihood)
    held_out = _holdouts(inputs[CUSTOMER_ORDERS], engine, histories, inputs.as_of)
    yield {
        VALUE_MODELS: refreshing.loaded(VALUE_MODELS, _rows(VALUE_MODELS, _models(fitted, used, held_out))),
        VALUE_CELLS: refreshing.loaded(VALUE_CELLS, cells_of(histories, used)),
    }


def _holdouts(orders: Table, engine: Engine, histories: Histories, as_of: date) -> Mapping[str, object]:
    """How each candidate does on the last part of the time, fitted to the part before; none where that is too short."""
    weeks = min(LONGEST_HOLDOUT, int(histories.grouped.cells.age.max() / 2))
    if weeks < FEWEST_WEEKS:
        return {}
    until = as_of - timedelta(days=weeks * WEEK)
    found: dict[str, object] = {}
    try:
        before = histories_by_week(
            buying_histories(orders, until=until, later_until=as_of), engine, until=until, later_until=as_of
        )
        for name in CANDIDATES:
            judged = fit_buying(replace(before, spending=None), name).holdout
            found[name] = asdict(judged) | {"until": until.isoformat()} if judged else None
    except UserError:  # nobody had come back by then
        return {}
    return found


def _models(
    fitted: list[FittedBuying], used: FittedBuying, held_out: Mapping[str, object]
) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = [
        _model(one.name, one.fit, _doubts(one), held_out.get(one.name), is_used=one is used) for one in fitted
    ]
    if used.amounts is not None:
        rows.append(_model("gammagamma", used.amounts.fit, used.doubts_of_amounts, None, is_used=True))
    return rows


def _doubts(one: FittedBuying) -> list[Doubt]:
    """Those of amounts stand with their model; where there is none, here."""
    return [*one.doubts, *(() if one.amounts else one.doubts_of_amounts)]


def _model(name: str, fit: Fit, doubts: Sequence[Doubt], holdout: object, *, is_used: bool) -> Mapping[str, object]:
    intervals = intervals_of(fit)
    return {
        "model": name,
        "is_used": is_used,
        "customers": round(fit.customers),
        "log_likelihood": fit.log_likelihood,
        "parameters": json.dumps({key: [value, *intervals[key]] for key, value in fit.parameters.items()}),
        "doubts": json.dumps([asdict(one) for one in doubts]),
        "holdout": json.dumps(holdout),
    }


def cells_of(histories: Histories, used: FittedBuying) -> pa.Table:
    """What a model says of every history, with the parameters of the model of amounts: rows of `VALUE_CELLS`."""
    cells = histories.grouped.cells
    said = forecast_cells(used.model, cells, horizon=HORIZON, yearly_rate=YEARLY_RATE, units_a_year=WEEKS_A_YEAR)
    amounts = used.amounts.fit.parameters if used.amounts else {}
    columns = {
        "frequency": cells.frequency.astype(np.int64),
        "recency_weeks": np.floor(cells.recency).astype(np.int64),
        "age_weeks": np.floor(cells.age).astype(np.int64),
        "customers": np.round(cells.customers).astype(np.int64),
        **{name: np.round(values, PLACES) for name, values in asdict(said).items()},
        **{name: np.full(len(cells), amounts.get(name, np.nan)) for name in ("p", "q", "gamma")},
    }
    arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    return pa.table(arrays).select(VALUE_CELLS.column_names).cast(ibis_schema(VALUE_CELLS).to_pyarrow())


def _rows(contract: Contract, rows: list[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=ibis_schema(contract).to_pyarrow())


def _values(inputs: Inputs) -> Outputs:
    said = customer_values(inputs[ORDER_SUMMARY], inputs[VALUE_CELLS])
    money = {
        "expected_amount": said.expected_amount,
        "expected_revenue_amount": said.expected_revenue,
    }
    in_money = {name: rounded(value, places=4).cast("decimal(18, 4)") for name, value in money.items()}
    return {CUSTOMER_VALUE: said.mutate(**in_money).select(*CUSTOMER_VALUE.column_names)}


STEPS = (
    Step(
        name="value_models",
        reads=(ORDER_SUMMARY, CUSTOMER_ORDERS),
        writes=(VALUE_MODELS, VALUE_CELLS),
        works=_fit,
        by_shard=False,
    ),
    Step(
        name="customer_value",
        reads=(ORDER_SUMMARY, VALUE_CELLS),
        writes=(CUSTOMER_VALUE,),
        compute=_values,
    ),
)
