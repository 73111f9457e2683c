"""How models of buying do on the last part of the time, fitted to the part before: purchases, amounts, each week."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from ibis.expr.types import Table

from zhike.errors import UserError
from zhike.stats.lifetime.models import BuyingModel
from zhike.understand.value.lifetime.cells import cells_of
from zhike.understand.value.lifetime.fitting import FittedBuying, chosen, fit_amounts, fit_buying
from zhike.understand.value.lifetime.histories import Histories, histories_by_week
from zhike.understand.value.lifetime.holding_out import weeks_to_hold_out
from zhike.understand.value.lifetime.measures import WEEK, amounts_held_out, buying_histories, weeks_of_buying
from zhike.understand.value.lifetime.tables import VALUE_CELLS, VALUE_TRACKING
from zhike.warehouse.computing import Engine
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Refreshing

PLACES = 4

NO_TRACKING = ibis_schema(VALUE_TRACKING).to_pyarrow().empty_table()


@dataclass(frozen=True)
class Judged:
    """What each model said of the last part of the time, by name, and the purchases week by week."""

    by_model: Mapping[str, Any] = field(default_factory=dict)
    tracking: pa.Table = field(default_factory=lambda: NO_TRACKING)


def judged(
    orders: Table, refreshing: Refreshing, histories: Histories, *, as_of: date, candidates: Sequence[str]
) -> Judged:
    """How each candidate does on the last part of the time; nothing where that is too short to say something.

    Of the one that would have been used then, with amounts where the model of them holds, and week by week.
    """
    weeks = weeks_to_hold_out(float(histories.grouped.cells.age.max()))
    if not weeks:
        return Judged()
    until, engine = as_of - timedelta(days=weeks * WEEK), refreshing.engine
    each = buying_histories(orders, until=until, later_until=as_of)
    try:
        before = histories_by_week(each, engine, until=until, later_until=as_of)
        fitted = [fit_buying(replace(before, spending=None), name) for name in candidates]
    except UserError:  # nobody had come back by then
        return Judged()
    found: dict[str, Any] = {
        one.name: asdict(one.holdout) | {"until": until.isoformat()} for one in fitted if one.holdout
    }
    used = chosen(fitted)
    amounts = _amounts(each, refreshing, used, before, until=until, span=float(weeks))
    if amounts is not None:
        found["gammagamma"] = amounts | {"until": until.isoformat(), "span": float(weeks)}
    return Judged(found, tracking(orders, engine, used.model, until=until, as_of=as_of))


def _amounts(
    each: Table, refreshing: Refreshing, used: FittedBuying, before: Histories, *, until: date, span: float
) -> dict[str, float | None] | None:
    """Revenue and amounts as expected and as they came; None where no model of amounts held then."""
    if before.spending is None:
        return None
    try:
        told = replace(used, amounts=fit_amounts(before.spending))
    except UserError:
        return None
    plain = histories_by_week(each.drop("later", "later_amount"), refreshing.engine, until=until)
    cells = refreshing.loaded(VALUE_CELLS, cells_of(plain, told, horizon=span))
    [row] = refreshing.engine.arrow(amounts_held_out(each, cells)).to_pylist()
    return {name: None if value is None else round(float(value), PLACES) for name, value in row.items()}


def tracking(orders: Table, engine: Engine, model: BuyingModel, *, until: date, as_of: date) -> pa.Table:
    """Rows of `VALUE_TRACKING`: repeat purchases so far of those who had bought by `until`, and those expected."""
    told = engine.arrow(weeks_of_buying(orders, until=until, later_until=as_of).order_by("week"))
    week, began, days, repeats = (
        told[name].to_numpy().astype(np.float64) for name in ("week", "began", "began_days", "repeats")
    )
    weeks = np.arange(week.max(), -((as_of - until).days // WEEK) - 1, -1)
    is_start = began > 0
    start = days[is_start] / began[is_start] / WEEK  # weeks before `until`, on average
    lags = np.maximum(start[None, :] - weeks[:, None], 0)
    expected = model.expected_purchases_of_new(lags) @ began[is_start]
    made = np.zeros(len(weeks))
    np.add.at(made, (weeks[0] - week).astype(np.intp), repeats)
    ends = [until - timedelta(days=int(one) * WEEK) for one in weeks]
    return pa.table(
        {
            "ends_on": ends,
            "is_held_out": weeks < 0,
            "made": made.cumsum().astype(np.int64),
            "expected": np.round(expected, PLACES),
        }
    ).cast(ibis_schema(VALUE_TRACKING).to_pyarrow())
