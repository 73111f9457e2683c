"""Days as people write them."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

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
_FROM_THE_REPUBLIC = f"^民[国國] ?([0-9]{{1,3}}) ?[-/.年] ?([0-9]{{1,2}}) ?[-/.月] ?([0-9]{{1,2}}) ?[日号]?{_TIME}$"
_REPUBLIC = 1911  # the year before its first
# Of two digits, those above 31 are no day; in any other order they are not clear.
_SHORT_YEAR = "(3[2-9]|[4-9][0-9])"
_SHORT = f"^{_SHORT_YEAR} ?[-/.] ?(0?[1-9]|1[0-2]) ?[-/.] ?(0?[1-9]|[12][0-9]|3[01]){_TIME}$"
_SHORT_COMPACT = f"^{_SHORT_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"
_SHORT_NAMED = f"^(?:[a-z]{{3,9}},? )?([0-9]{{1,2}})(?:st|nd|rd|th)?[-/., ]*(?:of )?{_NAME}[-/., ]*([0-9]{{2}}){_TIME}$"
_EARLIEST = "1000"
# 二十一日 is 2十1日, then 21日; ten alone has no one before it.
_HAN_DIGITS = (*zip("〇零○一二三四五六七八九", "000123456789", strict=True), ("廿", "2十"), ("卅", "3十"))
_TENS = (
    *((f"{before}十", f"{before}1十") for before in "年月国國"),
    *((f"十{after}", f"0{after}") for after in "年月日号"),
    ("十", ""),
)


def day(text: StringValue, *, day_first: bool | None = None) -> DateValue:
    """The day that a text names, or NULL where it names none that there is.

    02/01/1990 is the second of January where `day_first`, the first of February where not; where that is `None`, only
    a part above 12 tells.
    """
    digits = once(_folded(text), lambda text: _digits(text, day_first))
    written = once(digits, lambda digits: digits.left(4) + "-" + digits.substr(4, 2) + "-" + digits.right(2))
    return written.try_cast("date")


def day_digits(text: StringValue) -> StringValue:
    """The birthday that a text names as YYYYMMDD, even where there is no such day: a typing error is still alike.

    A year of two digits is the last that is not to come. NULL where a part is nothing, as in 0000-00-00.
    """
    return once(_folded(text), lambda text: ibis.coalesce(_digits(text, None), _lately(_short(text))))


def _folded(text: StringValue) -> StringValue:
    folded = half_width(text).lower().re_replace(f"[{INVISIBLE}]", "").re_replace(f"[{SPACES}]+", " ")
    bare = folded.re_replace("^ | $", "").re_replace("-?[t ]00:00:00(?:[.]0+)?z?$", "")
    return once(bare, lambda text: text.re_search("[一二三四五六七八九十廿卅].*[年月]").ifelse(_in_digits(text), text))


def _in_digits(text: StringValue) -> StringValue:
    """一九八〇年十月二十一日 as 1980年10月21日."""
    return functools.reduce(lambda text, pair: text.replace(*pair), (*_HAN_DIGITS, *_TENS), text)


def _digits(text: StringValue, day_first: bool | None) -> StringValue:
    year_first = _parts(text, _YEAR_FIRST, (1, 2, 3))
    compact = _parts(text, _COMPACT, (1, 2, 3))
    found = ibis.coalesce(compact, year_first, _year_last(text, day_first), _with_name(text), _of_the_republic(text))
    return once(found, _known)


def _known(digits: StringValue) -> StringValue:
    """The digits, where none of the parts is nothing; engines differ about the first years, and nobody is of then."""
    is_known = (digits >= _EARLIEST) & (digits.substr(4, 2) != "00") & (digits.right(2) != "00")
    return is_known.ifelse(digits, None)


def _of_the_republic(text: StringValue) -> StringValue:
    """民国69年5月6日, of 1980."""
    year = text.re_extract(_FROM_THE_REPUBLIC, 1).nullif("").cast("int64") + _REPUBLIC
    month, day = (text.re_extract(_FROM_THE_REPUBLIC, place).lpad(2, "0") for place in (2, 3))
    return year.cast("string") + month + day


def _short(text: StringValue) -> StringValue:
    """YYMMDD."""
    named = once(_parts(text, _SHORT_NAMED, (3, 2, 1)), _month_by_number)
    return ibis.coalesce(_parts(text, _SHORT, (1, 2, 3)), _parts(text, _SHORT_COMPACT, (1, 2, 3)), named)


def _lately(short: StringValue) -> StringValue:
    """The last day of these six digits."""
    today = datetime.now(UTC).strftime("%y%m%d")
    return once(short, lambda short: (short > today).ifelse("19", "20") + short)


def _parts(text: StringValue, pattern: str, order: tuple[int, int, int]) -> StringValue:
    """Year, month and day, which are the groups of the pattern in that order; a month may be its name."""
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
    name = named.right(5).left(3)
    number = ibis.cases(*((name == month, f"{place:02}") for place, month in enumerate(_MONTHS, start=1)))
    return named.left(named.length() - 5) + number + named.right(2)
