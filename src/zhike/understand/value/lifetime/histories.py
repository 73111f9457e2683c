"""Histories of buying, as the models want them: of a summary file, a file of purchases, or tables of the warehouse."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext as _
from ibis.expr.types import Table

from zhike.collect.sources.plain_files import Wanted, columns_of, read_columns
from zhike.errors import UserError
from zhike.stats.lifetime.cells import Grouped, Numbers, grouped
from zhike.stats.lifetime.gamma_gamma import Spending, spending_of
from zhike.understand.value.lifetime.measures import (
    CELL,
    WEEK,
    buying_histories,
    histories_by_cell,
    last_period,
    later_spending,
    period_histories,
    period_histories_by_cell,
    spending_by_band,
)
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines.duckdb import embedded

NAMES = ("customer", "customer_id", "customer_key", "id")  # what a file may call the column that names a customer
AGES = ("T", "periods", "age")


@dataclass(frozen=True)
class LaterSpending:
    """Of customers who came back, and bought in the time after too: purchases, their mean, and the mean after."""

    purchases: Numbers
    mean: Numbers
    later: Numbers


@dataclass(frozen=True)
class Histories:
    """What is known of buyers: rows of one or many customers each, with the cell each row is in.

    `spent` is the mean of a repeat purchase by row, where rows tell it; `later` how many purchases followed within
    `span` units of time after the observation.
    """

    grouped: Grouped
    weights: Numbers
    spending: Spending | None = None
    spent: Numbers | None = None
    later: Numbers | None = None
    span: float | None = None
    customers: Sequence[str | None] | None = None  # their names, where rows have one
    later_spending: LaterSpending | None = None

    def __len__(self) -> int:
        return len(self.weights)


def histories_of_summary(path: Path, *, later: str | None = None, span: float | None = None) -> Histories:
    """The histories of a summary file: `frequency`, `recency` and `T` or `periods`, in any unit of time.

    `monetary_value` is the mean of a repeat purchase, `weights` the number of customers alike, `customer` or `id` their
    name; all three may be missing. `later` names a column with the purchases within `span` units after T. Raises
    UserError for a file or a value that cannot be, with its place.
    """
    there = columns_of(path)
    age = next((name for name in AGES if name in there), AGES[0])
    wanted = {name: Wanted(name, minimum=0) for name in ("frequency", "recency")}
    wanted["age"] = Wanted(age, minimum=0)
    wanted |= {name: Wanted(name, minimum=0) for name in ("monetary_value", "weights") if name in there}
    if later is not None:
        wanted["later"] = Wanted(later, minimum=0, option="--holdout")
    named = next((name for name in NAMES if name in there), None)
    if named:
        wanted["customer"] = Wanted(named, Kind.TEXT, may_lack=True)
    rows = read_columns(path, wanted)
    found = {name: _numbers(rows, name) for name in wanted if name != "customer"}
    weights = found.get("weights", np.ones(len(rows)))
    spent = found.get("monetary_value")
    cells = _grouped(found["frequency"], found["recency"], found["age"], weights, where=path.name)
    return Histories(
        grouped=cells,
        weights=weights,
        spending=_spending(found["frequency"], spent, weights),
        spent=spent,
        later=found.get("later"),
        span=span,
        customers=rows["customer"].to_pylist() if named else [str(number) for number in range(1, len(rows) + 1)],
    )


def histories_of_purchases(
    path: Path,
    *,
    customer: str,
    day: str,
    amount: str | None = None,
    period: str | None = None,
    until: date,
    later_until: date | None = None,
) -> Histories:
    """The histories, in weeks up to the day `until`, of a file with one purchase in each row.

    Purchases of one day are one; with a `period`, those of one period, in which times are counted then. With
    `later_until`, what followed up to that day is the hold-out. Raises UserError for a file or a value that cannot be,
    and if nobody bought up to the day `until`.
    """
    wanted = {
        "customer_id": Wanted(customer, Kind.TEXT, option="--customer"),
        "ordered_on": Wanted(day, Kind.DATE, option="--date"),
    }
    if amount is not None:
        wanted["amount"] = Wanted(amount, option="--amount")
    rows = read_columns(path, wanted)
    if amount is None:
        rows = rows.append_column("amount", pa.nulls(len(rows), pa.float64()))
    engine = embedded()
    name = f"purchases_{uuid.uuid4().hex}"
    bought = engine.connection.create_table(name, rows, temp=True)
    try:
        each = each_history(bought, period=period, until=until, later_until=later_until)
        found = engine.arrow(each.order_by("customer_id"))
        spending_later = later_spending_of(each, engine) if later_until and amount is not None else None
    finally:
        engine.connection.drop_table(name)
    if not len(found):
        raise _nobody_bought(until, path.name)
    times, unit = (("recency_days", "age_days"), WEEK) if period is None else (("recency", "age"), 1)
    frequency, recency, age = (_numbers(found, one) for one in ("frequency", *times))
    weights = np.ones(len(found))
    spent = np.nan_to_num(_numbers(found, "monetary_amount")) if amount is not None else None
    return Histories(
        grouped=_grouped(frequency, recency / unit, age / unit, weights, where=path.name),
        weights=weights,
        spending=_spending(frequency, spent, weights),
        spent=spent,
        later=_numbers(found, "later") if later_until else None,
        span=span_of(period, until, later_until),
        customers=found["customer_id"].to_pylist(),
        later_spending=spending_later,
    )


def each_history(orders: Table, *, period: str | None, until: date, later_until: date | None) -> Table:
    """One row per buyer, in days or, where one is named, in periods."""
    if period is None:
        return buying_histories(orders, until=until, later_until=later_until)
    return period_histories(orders, period, until=until, later_until=later_until)


def later_spending_of(each: Table, engine: Engine) -> LaterSpending | None:
    """What those spent later who had come back before; None if nobody did."""
    found = engine.arrow(later_spending(each).order_by(["frequency", "mean", "later_mean"]))
    if not len(found):
        return None
    return LaterSpending(*(_numbers(found, name) for name in ("frequency", "mean", "later_mean")))


def span_of(period: str | None, until: date, later_until: date | None) -> float | None:
    """How long the time after is, in weeks or periods."""
    if later_until is None:
        return None
    if period is None:
        return (later_until - until).days / WEEK
    return float(last_period(period, later_until) - last_period(period, until))


def histories_by_period(
    each: Table, engine: Engine, *, period: str, until: date, later_until: date | None = None
) -> Histories:
    """The histories of buyers in periods, counted on an engine. Raises UserError if there are none."""
    counted = period_histories_by_cell(each)
    found = engine.arrow(counted.order_by([name for name in counted.columns if name != "customers"]))
    if not len(found):
        raise _nobody_bought(until)
    frequency, recency, age, weights = (_numbers(found, name) for name in ("frequency", "recency", "age", "customers"))
    return Histories(
        grouped=_grouped(frequency, recency, age, weights, where=""),
        weights=weights,
        spending=_spending_by_band(each, engine),
        later=_numbers(found, "later") if later_until else None,
        span=span_of(period, until, later_until),
    )


def histories_by_week(each: Table, engine: Engine, *, until: date, later_until: date | None = None) -> Histories:
    """The histories of buyers, counted to the week on an engine; each stands for the mean of those counted in it.

    `each` is one row per buyer, of `buying_histories` or of the order summary. Raises UserError if there are none.
    """
    counted = histories_by_cell(each)
    found = engine.arrow(counted.order_by([name for name in (*CELL, "later") if name in counted.columns]))
    if not len(found):
        raise _nobody_bought(until)
    frequency, recency, age, weights = (
        _numbers(found, name) for name in ("frequency", "recency_days", "age_days", "customers")
    )
    recency, age = recency / weights / WEEK, age / weights / WEEK
    return Histories(
        grouped=_grouped(frequency, recency, age, weights, where=""),
        weights=weights,
        spending=_spending_by_band(each, engine),
        later=_numbers(found, "later") if "later" in found.column_names else None,
        span=span_of(None, until, later_until),
    )


def _spending_by_band(each: Table, engine: Engine) -> Spending | None:
    bands = engine.arrow(spending_by_band(each).order_by(["frequency", "spent"]))
    return _spending(*(_numbers(bands, name) for name in ("frequency", "spent", "customers")))


def _grouped(frequency: Numbers, recency: Numbers, age: Numbers, weights: Numbers, *, where: str) -> Grouped:
    try:
        return grouped(frequency, recency, age, weights)
    except ValueError as error:
        raise UserError(str(error), where=where) from error


def _spending(frequency: Numbers, spent: Numbers | None, weights: Numbers) -> Spending | None:
    """Of those who came back and spent something; None if nobody did."""
    if spent is None:
        return None
    told = (frequency > 0) & (spent > 0) & (weights > 0)
    return spending_of(frequency[told], spent[told], weights[told]) if told.any() else None


def _nobody_bought(until: date, where: str = "") -> UserError:
    return UserError(_("nobody bought up to %(day)s") % {"day": until}, where=where, advice=_("Choose a later day."))


def _numbers(table: pa.Table, name: str) -> Numbers:
    return table[name].to_numpy().astype(np.float64)
