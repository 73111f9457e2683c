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
from zhike.understand.value.lifetime.measures import CELL, WEEK, buying_histories, histories_by_cell, spending_by_band
from zhike.warehouse.computing import Engine
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines.duckdb import embedded

NAMES = ("customer", "customer_id", "customer_key", "id")  # what a file may call the column that names a customer
AGES = ("T", "periods", "age")


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
    customers: Sequence[str | None] | None = None  # their names, where rows are single customers that have one

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
        customers=rows["customer"].to_pylist() if named else None,
    )


def histories_of_purchases(
    path: Path, *, customer: str, day: str, amount: str | None = None, until: date, later_until: date | None = None
) -> Histories:
    """The histories, in weeks up to the day `until`, of a file with one purchase in each row.

    Purchases of one day are one. With `later_until`, what followed up to that day is the hold-out. Raises UserError for
    a file or a value that cannot be, and if nobody bought up to the day `until`.
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
        each = buying_histories(bought, until=until, later_until=later_until)
        found = engine.arrow(each.order_by("customer_id"))
    finally:
        engine.connection.drop_table(name)
    if not len(found):
        raise _nobody_bought(until, path.name)
    frequency, recency, age = (_numbers(found, one) for one in ("frequency", "recency_days", "age_days"))
    weights = np.ones(len(found))
    spent = np.nan_to_num(_numbers(found, "monetary_amount")) if amount is not None else None
    return Histories(
        grouped=_grouped(frequency, recency / WEEK, age / WEEK, weights, where=path.name),
        weights=weights,
        spending=_spending(frequency, spent, weights),
        spent=spent,
        later=_numbers(found, "later") if later_until else None,
        span=_weeks(until, later_until),
        customers=found["customer_id"].to_pylist(),
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
    bands = engine.arrow(spending_by_band(each).order_by(["frequency", "spent"]))
    purchases, mean, customers = (_numbers(bands, name) for name in ("frequency", "spent", "customers"))
    return Histories(
        grouped=_grouped(frequency, recency, age, weights, where=""),
        weights=weights,
        spending=_spending(purchases, mean, customers),
        later=_numbers(found, "later") if "later" in found.column_names else None,
        span=_weeks(until, later_until),
    )


def _weeks(until: date, later_until: date | None) -> float | None:
    return (later_until - until).days / WEEK if later_until else None


def _grouped(frequency: Numbers, recency: Numbers, age: Numbers, weights: Numbers, *, where: str) -> Grouped:
    try:
        return grouped(frequency, recency, age, weights)
    except ValueError as error:
        raise UserError(str(error), where=where) from error


def _spending(frequency: Numbers, spent: Numbers | None, weights: Numbers) -> Spending | None:
    """Of those who came back and spent something; None if nobody did."""
    if spent is None:
        return None
    told = (frequency > 0) & (spent > 0)
    return spending_of(frequency[told], spent[told], weights[told]) if told.any() else None


def _nobody_bought(until: date, where: str = "") -> UserError:
    return UserError(_("nobody bought up to %(day)s") % {"day": until}, where=where, advice=_("Choose a later day."))


def _numbers(table: pa.Table, name: str) -> Numbers:
    return table[name].to_numpy().astype(np.float64)
