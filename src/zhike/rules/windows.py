"""Which days a window of a rule spans: arithmetic with the calendar, where both borders are included."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from zhike.rules.tree import Calendar, Dates, Last, Unit, Within

MONTHS = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
DAYS = {Unit.DAY: 1, Unit.WEEK: 7}
ONE_DAY = timedelta(days=1)


def span_of(window: Last | Dates | Calendar, as_of: date) -> tuple[date | None, date]:
    """The first and the last day of a window, neither of them after `as_of`; no first day where it is open."""
    if isinstance(window, Dates):
        return window.start, min(window.end or as_of, as_of)
    if isinstance(window, Last):
        return _after(shifted(as_of, -window.number, window.unit)), as_of
    first = first_day(window.unit, as_of)
    if window.which == "this":
        return first, as_of
    last = first - ONE_DAY
    return first_day(window.unit, last), last


def within_days(within: Within, as_of: date) -> tuple[date, date]:
    """The first and the last day of those that `within` speaks of."""
    if within.direction == "last":
        return _after(shifted(as_of, -within.number, within.unit)) or date.min, as_of
    last = shifted(as_of, within.number, within.unit) or date.max
    return as_of + ONE_DAY, last


def shifted(day: date, number: int, unit: Unit) -> date | None:
    """The day so many units later, or earlier where the number is negative; None beyond the years 1 to 9999.

    Months, quarters and years keep the day of the month, or take the last one of a shorter month.
    """
    if unit in DAYS:
        try:
            return day + timedelta(days=number * DAYS[unit])
        except OverflowError:
            return None
    year, month = divmod(day.year * 12 + day.month - 1 + number * MONTHS[unit], 12)
    if not date.min.year <= year <= date.max.year:
        return None
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def first_day(unit: Unit, day: date) -> date:
    """The first day of the calendar unit in which a day lies."""
    if unit is Unit.WEEK:
        return day - timedelta(days=day.weekday())
    if unit is Unit.DAY:
        return day
    months = MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _after(day: date | None) -> date | None:
    return day + ONE_DAY if day is not None else None
