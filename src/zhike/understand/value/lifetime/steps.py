"""Steps of the refresh that say what buyers will do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import pyarrow as pa

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.errors import UserError
from zhike.stats.lifetime.fitting import Fit
from zhike.understand.value.lifetime.cells import cells_of
from zhike.understand.value.lifetime.fitting import Doubt, FittedBuying, chosen, fit_buying, intervals_of
from zhike.understand.value.lifetime.histories import histories_by_week
from zhike.understand.value.lifetime.judging import judged
from zhike.understand.value.lifetime.measures import customer_values
from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE, VALUE_CELLS, VALUE_MODELS, VALUE_TRACKING
from zhike.understand.value.measures import rounded
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

# With both, whoever comes back may leave after each purchase; with the second after the first, too.
CANDIDATES = ("bgnbd", "mbgnbd")


@contextmanager
def _fit(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """The models, and what they say of every history."""
    engine = refreshing.engine
    written = (VALUE_MODELS, VALUE_CELLS, VALUE_TRACKING)
    try:
        histories = histories_by_week(inputs[ORDER_SUMMARY], engine, until=inputs.as_of)
        fitted = [fit_buying(histories, name) for name in CANDIDATES]
    except UserError:  # nobody bought, or nobody came back: there is nothing to learn, and nothing is said
        yield {contract: refreshing.loaded(contract, _rows(contract, [])) for contract in written}
        return
    used = chosen(fitted)
    once = float(histories.weights[histories.grouped.cells.frequency[histories.grouped.place] == 0].sum())
    before = judged(inputs[CUSTOMER_ORDERS], refreshing, histories, as_of=inputs.as_of, candidates=CANDIDATES)
    models = _models(fitted, used, before.by_model, once)
    yield {
        VALUE_MODELS: refreshing.loaded(VALUE_MODELS, _rows(VALUE_MODELS, models)),
        VALUE_CELLS: refreshing.loaded(VALUE_CELLS, cells_of(histories, used, with_spread=True)),
        VALUE_TRACKING: refreshing.loaded(VALUE_TRACKING, before.tracking),
    }


def _models(
    fitted: list[FittedBuying], used: FittedBuying, held_out: Mapping[str, object], once: float
) -> list[Mapping[str, object]]:
    rows: list[Mapping[str, object]] = [
        _model(one.name, one.fit, _doubts(one, once if one is used else 0), held_out.get(one.name), is_used=one is used)
        for one in fitted
    ]
    if used.amounts is not None:
        judged = held_out.get("gammagamma")
        rows.append(_model("gammagamma", used.amounts.fit, used.doubts_of_amounts, judged, is_used=True))
    return rows


def _doubts(one: FittedBuying, once: float) -> list[Doubt]:
    """Those of amounts stand with their model; where there is none, here. `once` bought once, if it speaks of them."""
    sure = [Doubt("sure_of_one_time", f"{once:,.0f}")] if once and one.name == "bgnbd" else []
    return [*one.doubts, *sure, *(() if one.amounts else one.doubts_of_amounts)]


def _model(name: str, fit: Fit, doubts: Sequence[Doubt], holdout: object, *, is_used: bool) -> Mapping[str, object]:
    intervals = intervals_of(fit)
    return {
        "model": name,
        "is_used": is_used,
        "customers": round(fit.customers),
        "log_likelihood": fit.log_likelihood,
        "parameters": json.dumps({key: [value, *intervals[key]] for key, value in fit.parameters.items()}),
        "covariance": json.dumps(fit.covariance.tolist() if fit.covariance is not None else None),
        "doubts": json.dumps([asdict(one) for one in doubts]),
        "holdout": json.dumps(holdout),
    }


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
        writes=(VALUE_MODELS, VALUE_CELLS, VALUE_TRACKING),
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
