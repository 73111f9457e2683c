"""Days as people write them."""

from __future__ import annotations

import ibis
from ibis.expr.types import DateValue, StringValue

from zhike.collect.identity.normalising.text import INVISIBLE, SPACES, half_width, once

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = f"({'|'.join(_MONTHS)})[a-z]*"
_TIME = "(?:[ t][ 0-9:.,+a-z-]*)?"
_YEAR_FIRST = f"^([0-9]{{4}}) ?[-/.年] ?([0-9]{{1,2}}) ?[-/.月] ?([0-9]{{1,2}}) ?[日号]?{_TIME}$"
_COMPACT = f"^([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})(?:[0-9]{{6}}|{_TIME})$"
_YEAR_LAST = f"^([0-9]{{1,2}}) ?[-/.] ?([0-9]{{1,2}}) ?[-/.] ?([0-9]{{4}}){_TIME}$"
_DAY_NAMED = f"^(?:[a-z]{{3,9}},? )?([0-9]{{1,2}})(?:st|nd|rd|th)?[-/., ]*(?:of )?{_NAME}[-/., ]*([0-9]{{4}}){_TIME}$"
_NAMED_DAY = f"^(?:[a-z]{{3,9}},? )?{_NAME}[-/., ]*([0-9]{{1,2}})(?:st|nd|rd|th)?[-/., ]+([0-9]{{4}}){_TIME}$"
_EARLIEST = "1000-01-01"


def day(text: StringValue, *, day_first: bool | None = None) -> DateValue:
    """The day that a text names, or NULL where it names none that there is.

    02/01/1990 is the second of January where `day_first`, the first of February where not; where that is `None`, only
    a part above 12 tells.
    """
    digits = once(_folded(text), lambda text: _digits(text, day_first))
    written = once(digits, lambda digits: digits.left(4) + "-" + digits.substr(4, 2) + "-" + digits.right(2))
    # Engines differ about years before that, and nobody is of then.
    return once(written, lambda written: (written >= _EARLIEST).ifelse(written, None)).try_cast("date")


def day_digits(text: StringValue) -> StringValue:
    """The day that a text names as YYYYMMDD, even where there is no such day: a typing error is still alike."""
    return once(_folded(text), lambda text: _digits(text, None))


def _folded(text: StringValue) -> StringValue:
    folded = half_width(text).lower().re_replace(f"[{INVISIBLE}]", "").re_replace(f"[{SPACES}]+", " ")
    return folded.re_replace("^ | $", "").re_replace("-?[t ]00:00:00(?:[.]0+)?z?$", "")


def _digits(text: StringValue, day_first: bool | None) -> StringValue:
    year_first = _parts(text, _YEAR_FIRST, (1, 2, 3))
    compact = _parts(text, _COMPACT, (1, 2, 3))
    return ibis.coalesce(compact, year_first, _year_last(text, day_first), _with_name(text))


def _parts(text: StringValue, pattern: str, order: tuple[int, int, int]) -> StringValue:
    """Year, month and day, which are the groups of the pattern in that order."""
    year, month, day = (text.re_extract(pattern, place) for place in order)
    return year.nullif("") + month.lpad(2, "0") + day.lpad(2, "0")


def _year_last(text: StringValue, day_first: bool | None) -> StringValue:
    return once(_parts(text, _YEAR_LAST, (3, 2, 1)), lambda day_month: _by_order(day_month, day_first))


def _by_order(day_month: StringValue, day_first: bool | None) -> StringValue:
    """The digits, which were read as a day before a month, in the order that was meant."""
    first, second = day_month.right(2), day_month.substr(4, 2)
    month_day = day_month.left(4) + first + second
    if day_first is not None:
        return day_month if day_first else month_day
    # What is above 12 is no month; twice the same is the same either way.
    return ibis.cases(
        ((first > "12") & (second <= "12"), day_month),
        ((second > "12") & (first <= "12"), month_day),
        (first == second, day_month),
    )


def _with_name(text: StringValue) -> StringValue:
    named = ibis.coalesce(_parts(text, _DAY_NAMED, (3, 2, 1)), _parts(text, _NAMED_DAY, (3, 1, 2)))
    return once(named, _month_by_number)


def _month_by_number(named: StringValue) -> StringValue:
    name = named.substr(4, 3)
    number = ibis.cases(*((name == month, f"{place:02}") for place, month in enumerate(_MONTHS, start=1)))
    return named.left(4) + number + named.right(2)
