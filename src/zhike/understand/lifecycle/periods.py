"""Months, quarters and years as numbers that follow each other, and how they are called."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from ibis.expr.types import Value

MONTHS = {"month": 1, "quarter": 3, "year": 12}  # of each kind of period


def number_of(day: Value, period: str) -> Value:
    """The number of the period in which a day lies; the next period has the next number."""
    months = day.year().cast("int64") * 12 + day.month().cast("int64") - 1
    return (months / MONTHS[period]).floor().cast("int64")


def last_complete(as_of: date, period: str) -> int:
    """The number of the last period that has ended, where everything up to `as_of`, that day too, is known."""
    months = as_of.year * 12 + as_of.month - 1
    has_ended = as_of.day == monthrange(as_of.year, as_of.month)[1] and (months + 1) % MONTHS[period] == 0
    return months // MONTHS[period] - (not has_ended)


def name_of(number: int, period: str) -> str:
    """What people call a period: 2026-05, 2026-Q2, 2026."""
    year, within = divmod(number, 12 // MONTHS[period])
    return {"month": f"{year:04}-{within + 1:02}", "quarter": f"{year:04}-Q{within + 1}", "year": f"{year:04}"}[period]
