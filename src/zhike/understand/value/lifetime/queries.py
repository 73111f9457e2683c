"""Reads for commands: histories of whatever source was named."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMER_ORDERS
from zhike.collect.sources.plain_files import Wanted, columns_of, read_columns
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.stats.lifetime.gamma_gamma import Spending, spending_of
from zhike.understand.value.lifetime.histories import (
    Histories,
    histories_by_week,
    histories_of_purchases,
    histories_of_summary,
)
from zhike.understand.value.lifetime.measures import buying_histories
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.queries import published

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Asked:
    """Where histories come from: a summary file, a file of purchases, or, with neither, the refresh in force.

    `until` and `later_until` are days; of a summary, `later` is a column and `span` the time after T that it counts.
    """

    summary: Path | None = None
    purchases: Path | None = None
    customer: str = "customer"
    day: str = "date"
    amount: str | None = None
    until: date | None = None
    later_until: date | None = None
    later: str | None = None
    span: float | None = None


def read_histories(asked: Asked) -> Histories:
    """The histories that were asked for. Raises UserError where they cannot be read, or what was asked does not fit."""
    _check(asked)
    if asked.summary is not None:
        return histories_of_summary(asked.summary, later=asked.later, span=asked.span)
    if asked.purchases is not None:
        return histories_of_purchases(
            asked.purchases,
            customer=asked.customer,
            day=asked.day,
            amount=asked.amount,
            until=asked.until or _last_day(asked.purchases, asked.day),
            later_until=asked.later_until,
        )
    require(Right.SEE_CUSTOMERS)
    now = published()
    until = asked.until or now.as_of
    each = buying_histories(now.table(CUSTOMER_ORDERS), until=until, later_until=asked.later_until)
    return histories_by_week(each, embedded(), until=until, later_until=asked.later_until)


def read_spending(asked: Asked) -> Spending:
    """What those spent who came back. Raises UserError if nobody did; of a summary, recency and age may be missing."""
    if asked.summary is None:
        spending = read_histories(asked).spending
        if spending is None:
            raise UserError(
                _("nobody came back and spent something"), advice=_("Name the column of the amount with --amount.")
            )
        return spending
    there = columns_of(asked.summary)
    told = [name for name in ("frequency", "monetary_value", "weights") if name != "weights" or name in there]
    rows = read_columns(asked.summary, {name: Wanted(name, minimum=0) for name in told})
    try:
        return spending_of(*(rows[name].to_numpy() for name in told))
    except ValueError as error:
        raise UserError(str(error), where=asked.summary.name) from error


def units_a_year(asked: Asked, unit: str) -> float:
    """How many units of time a year has: weeks, unless a summary counts in others."""
    days = {"days": 1.0, "weeks": 7.0, "months": DAYS_A_YEAR / 12, "years": DAYS_A_YEAR}
    return DAYS_A_YEAR / days[unit if asked.summary is not None else "weeks"]


def _check(asked: Asked) -> None:
    """Raises UserError for options that have no meaning together."""
    if asked.later_until is not None and asked.until is None:
        raise UserError(
            _("a hold-out needs a day up to which the model learns"),
            where="--holdout-until",
            advice=_("Add --calibrate-until DATE."),
        )
    if asked.until and asked.later_until and asked.later_until <= asked.until:
        raise UserError(_("the hold-out must end after the calibration"), where="--holdout-until")
    if asked.summary is not None and (asked.until or asked.later_until):
        raise UserError(
            _("a summary has no days that could be parted"),
            where="--calibrate-until",
            advice=_("Give the purchases with --purchases, or name a column of later ones with --holdout."),
        )
    if (asked.later is None) != (not asked.span):
        raise UserError(
            _("a column of later purchases, and how long that time was, belong together"),
            where="--holdout",
            advice=_("Add both --holdout COL and --holdout-length NUMBER."),
        )
    if asked.later is not None and asked.summary is None:
        raise UserError(_("only a summary has such a column"), where="--holdout")


def _last_day(path: Path, day: str) -> date:
    days = read_columns(path, {"day": Wanted(day, Kind.DATE, option="--date")})["day"]
    last: date = pc.max(days).as_py()
    return last


def without_holdout(asked: Asked) -> Asked:
    """The same up to the last day that is known: what a forecast of the time to come learns from."""
    return replace(asked, until=asked.later_until or asked.until, later_until=None)
