"""Reads for the page and the API: what is expected of all buyers, by which models, and how these did before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.value.lifetime.fitting import Doubt
from zhike.understand.value.lifetime.measures import CELL, alive_bands, best_buyers, value_cells_of
from zhike.understand.value.lifetime.sums import Intervals, intervals_of_sums
from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE, VALUE_CELLS, VALUE_MODELS, VALUE_TRACKING
from zhike.understand.value.queries import known_units_of
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.queries import Published, published, rows

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)  # of buyers, of whom the page says what they are expected to bring


@dataclass(frozen=True)
class Parameter:
    """A parameter of a model, with its interval; an end that the data do not tell is None."""

    name: str
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ValueModel:
    """A fitted model: whether it is the one that speaks of customers, what it found, and how it did before."""

    name: str
    is_used: bool
    customers: int
    log_likelihood: float
    parameters: tuple[Parameter, ...]
    doubts: tuple[Doubt, ...]
    holdout: dict[str, Any] | None


@dataclass(frozen=True)
class Band:
    """Buyers whose chance of still buying lies from `lower` on, up to a tenth more."""

    lower: float
    customers: int


@dataclass(frozen=True)
class Best:
    """The buyers of whom most is expected: from what amount on, how many, and their share of all that is expected."""

    share: float
    customers: int
    from_amount: float
    revenue: float
    revenue_share: float


@dataclass(frozen=True)
class Week:
    """Repeat purchases up to a day, made and expected, of all who had bought when the hold-out began."""

    ends_on: date
    is_held_out: bool
    made: int
    expected: float


@dataclass(frozen=True)
class Overview:
    """What is expected of the buyers asked for in the next 52 weeks; revenue is None where no amounts are known."""

    customers: int
    alive: float
    purchases: float
    revenue: float | None
    bands: tuple[Band, ...]
    best: tuple[Best, ...]
    models: tuple[ValueModel, ...]
    intervals: Intervals
    tracking: tuple[Week, ...]

    @property
    def used(self) -> ValueModel | None:
        """The model of how often customers buy that speaks of them."""
        return next((one for one in self.models if one.is_used and one.name != "gammagamma"), None)

    @property
    def amounts(self) -> ValueModel | None:
        """The model of how much they spend."""
        return next((one for one in self.models if one.is_used and one.name == "gammagamma"), None)


def lifetime_overview(*, unit: str | None = None) -> Overview:
    """What is expected of all buyers, or of those of an org unit and all below it.

    Raises NotFound for a unit that is not there.
    """
    require(Right.SEE_CUSTOMERS)
    return _overview(published(), known_units_of(unit))


@lru_cache(maxsize=64)
def _overview(now: Published, units: frozenset[str] | None) -> Overview:
    def cut(table: Table) -> Table:
        if not units:
            return table
        customers = now.table(CUSTOMERS)
        return table.semi_join(customers.filter(customers.unit_id.isin(sorted(units))), "customer_id")

    values = cut(now.table(CUSTOMER_VALUE))
    models = list(rows(now.table(VALUE_MODELS)))
    [total] = rows(
        values.agg(
            customers=values.count(),
            alive=values.probability_alive.sum().fill_null(0.0),
            purchases=values.expected_purchases.sum().fill_null(0.0),
            revenue=values.expected_revenue_amount.sum().cast("float64"),
        )
    )
    revenue: Any = total["revenue"]
    counted = {int(str(row["band"])): int(str(row["customers"])) for row in rows(alive_bands(values))}
    return Overview(
        customers=int(str(total["customers"])),
        alive=float(str(total["alive"])),
        purchases=float(str(total["purchases"])),
        revenue=revenue,
        bands=tuple(Band(band / 10, counted.get(band, 0)) for band in range(10)),
        best=_best(values, revenue) if revenue else (),
        models=tuple(_model(row) for row in models),
        intervals=_intervals(now, cut(now.table(ORDER_SUMMARY)), models),
        tracking=tuple(Week(**row) for row in _tracking(now)),
    )


def _intervals(now: Published, summary: Table, models: list[dict[str, object]]) -> Intervals:
    spread = {str(row["model"]): json.loads(str(row["covariance"] or "null")) for row in models}
    cells = value_cells_of(summary, now.table(VALUE_CELLS))
    return intervals_of_sums(embedded().arrow(cells.order_by(list(CELL))), spread.get("gammagamma"))


def _tracking(now: Published) -> list[Any]:
    return list(rows(now.table(VALUE_TRACKING).order_by("ends_on")))


def _best(values: Table, revenue: float) -> tuple[Best, ...]:
    [found] = rows(best_buyers(values, SHARES))
    said: dict[str, Any] = found
    return tuple(
        Best(
            share=share,
            customers=said[f"customers_{place}"],
            from_amount=said[f"amount_{place}"],
            revenue=said[f"revenue_{place}"],
            revenue_share=said[f"revenue_{place}"] / revenue,
        )
        for place, share in enumerate(SHARES)
        if said[f"customers_{place}"]
    )


def _model(row: dict[str, object]) -> ValueModel:
    read = {name: json.loads(str(row[name])) for name in ("parameters", "doubts", "holdout")}
    return ValueModel(
        name=str(row["model"]),
        is_used=bool(row["is_used"]),
        customers=int(str(row["customers"])),
        log_likelihood=float(str(row["log_likelihood"])),
        parameters=tuple(Parameter(name, *numbers) for name, numbers in read["parameters"].items()),
        doubts=tuple(Doubt(**one) for one in read["doubts"]),
        holdout=read["holdout"],
    )
