"""Reads for commands: histories of whatever source was named."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
    LaterSpending,
    each_history,
    histories_by_period,
    histories_by_week,
    histories_of_purchases,
    histories_of_summary,
    later_spending_of,
    span_of,
)
from zhike.understand.value.lifetime.holding_out import weeks_to_hold_out
from zhike.understand.value.lifetime.measures import DAYS_A_YEAR, PERIODS, WEEK
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines.duckdb import embedded
from zhike.warehouse.queries import published


@dataclass(frozen=True)
class Asked:
    """Where histories come from: a summary file, a file of purchases, or, with neither, the refresh in force.

    `until` and `later_until` are days; of a summary, `later` is a column and `span` the time after T that it counts.
    With a `period` of the calendar purchases of one are one, and times are counted in it.
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
    period: str | None = None


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
            period=asked.period,
            until=asked.until or days_of(asked)[1],
            later_until=asked.later_until,
        )
    require(Right.SEE_CUSTOMERS)
    now, engine, until, later_until = published(), embedded(), asked.until, asked.later_until
    until = until or now.as_of
    each = each_history(now.table(CUSTOMER_ORDERS), period=asked.period, until=until, later_until=later_until)
    if asked.period:
        found = histories_by_period(each, engine, period=asked.period, until=until, later_until=later_until)
    else:
        found = histories_by_week(each, engine, until=until, later_until=later_until)
    return replace(found, later_spending=later_spending_of(each, engine)) if later_until else found


def read_spending(asked: Asked) -> tuple[Spending, LaterSpending | None]:
    """What those spent who came back, and later, where that is asked for.

    Of a summary, recency and age may be missing. Raises UserError if nobody came back and spent something.
    """
    _check(asked)
    if asked.later is not None:
        raise UserError(
            _("a number of later purchases says nothing of their amounts"),
            where="--holdout",
            advice=_("Give the purchases with --purchases, --calibrate-until and --holdout-until."),
        )
    if asked.summary is None:
        found = read_histories(asked)
        if found.spending is None:
            raise UserError(
                _("nobody came back and spent something"), advice=_("Name the column of the amount with --amount.")
            )
        return found.spending, found.later_spending
    there = columns_of(asked.summary)
    told = [name for name in ("frequency", "monetary_value", "weights") if name != "weights" or name in there]
    rows = read_columns(asked.summary, {name: Wanted(name, minimum=0) for name in told})
    try:
        return spending_of(*(rows[name].to_numpy() for name in told)), None
    except ValueError as error:
        raise UserError(str(error), where=asked.summary.name) from error


def units_a_year(asked: Asked, unit: str) -> float:
    """How many units of time a year has: weeks, unless a summary counts in others or a period was named."""
    if asked.period is not None:
        return PERIODS[asked.period].a_year
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
    if asked.summary is not None and asked.period:
        raise UserError(_("a summary counts in periods of its own"), where="--period")
    if asked.period and asked.until and asked.later_until and not span_of(asked.period, asked.until, asked.later_until):
        raise UserError(_("no whole period is held out"), where="--holdout-until", advice=_("Choose a later day."))
    if asked.summary is not None and (asked.until or asked.later_until):
        raise UserError(
            _("a summary has no days that could be parted"),
            where="--calibrate-until",
            advice=_("Give the purchases with --purchases, or name a column of later ones with --holdout."),
        )
    if asked.span is not None and not math.isfinite(asked.span):
        raise UserError(_("the time after is no number"), where="--holdout-length")
    if (asked.later is None) != (not asked.span):
        raise UserError(
            _("a column of later purchases, and how long that time was, belong together"),
            where="--holdout",
            advice=_("Add both --holdout COL and --holdout-length NUMBER."),
        )
    if asked.later is not None and asked.summary is None:
        raise UserError(_("only a summary has such a column"), where="--holdout")


def days_of(asked: Asked) -> tuple[date, date]:
    """The first day of a purchase, and the last: of what is published, the day that it was computed as of."""
    if asked.purchases is not None:
        days = read_columns(asked.purchases, {"day": Wanted(asked.day, Kind.DATE, option="--date")})["day"]
        return pc.min(days).as_py(), pc.max(days).as_py()
    now = published()
    first = now.table(CUSTOMER_ORDERS).ordered_on.min().as_scalar()
    found: date | None = embedded().arrow(first.as_table())[0][0].as_py()
    return found or now.as_of, now.as_of


def with_holdout(asked: Asked) -> Asked | None:
    """The same, with the last part of the time held out; None where nothing tells it, or the time is too short.

    Half of the time at most, and a year at most, unless it was said what to hold out.
    """
    if asked.later_until is not None or asked.later is not None:
        return asked
    if asked.summary is not None:
        return None
    first, last = days_of(asked)
    last = min(asked.until or last, last)
    weeks = weeks_to_hold_out((last - first).days / WEEK)
    until = last - timedelta(days=weeks * WEEK)
    if not weeks or (asked.period and not span_of(asked.period, until, last)):
        return None
    return replace(asked, until=until, later_until=last)


def without_holdout(asked: Asked) -> Asked:
    """The same up to the last day that is known: what a forecast of the time to come learns from."""
    return replace(asked, until=asked.later_until or asked.until, later_until=None)
