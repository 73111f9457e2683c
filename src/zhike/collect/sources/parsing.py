"""How texts are read as numbers and times, in the forms that files bring."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from datetime import date

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import StringValue, Value

from zhike.collect.sources.functions import (
    first_code,
    instant_in,
    make_timestamp,
    strlen,
    try_strptime,
    try_strptime_zoned,
    wall_clock,
)
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines import IBIS_TYPES

EPOCHS = {"epoch": 1, "epoch_ms": 1000}  # formats that count from 1970, by their units per second
LAST_MICROSECOND = 253_402_300_799_999_999  # of the year 9999, which Python's dates end with
OFFSET_TIMES = ("%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M%z")
SPECIAL = ("epoch", "infinity", "-infinity")  # what DuckDB, but nobody else, takes for a time
FACTOR = dt.Decimal(18, 6)
CHINESE_DATES = ("%Y年%m月%d日", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日 %H:%M:%S")


def number(text: StringValue, wanted: dt.DataType) -> Value:
    """A number as computers or people write it: 1234.5, 1,234.50, ¥1,234.50; null for anything else."""
    plain = text.re_extract(r"^[¥￥$€£]?\s?(-?\d{1,3}(,\d{3})*(\.\d+)?)$", 1).replace(",", "")
    read = ibis.coalesce(text.try_cast(wanted), plain.try_cast(wanted))
    return read if wanted != dt.float64 else (read.isnan() | read.isinf()).ifelse(ibis.null(wanted), read)


def day(text: StringValue, formats: tuple[str, ...]) -> Value:
    """A date in one of the strptime formats, or in a form that needs none; null for anything else."""
    if formats:
        return formatted_time(text, formats).cast(dt.date)
    text = _numeric(text)
    return ibis.coalesce(text.try_cast(dt.date), unusual_time(text).cast(dt.date))


def clock_time(text: StringValue) -> Value:
    """A date and time without offset in a form that needs no format; null for anything else."""
    text = _numeric(text)
    return ibis.coalesce(text.try_cast(IBIS_TYPES[Kind.INSTANT]), unusual_time(text))


def offset_time(text: StringValue) -> Value:
    """The instant (UTC) of a date and time with an offset; null for anything else."""
    text = _numeric(text)
    to_the_minute = try_strptime_zoned(text.re_replace("[Zz]$", "+00"), ibis.array(list(OFFSET_TIMES)))
    zoned = ibis.coalesce(text.try_cast(dt.Timestamp("UTC", scale=6)), to_the_minute)
    return zoned.cast(IBIS_TYPES[Kind.INSTANT])


def formatted_time(text: StringValue, formats: Sequence[str]) -> Value:
    """A date and time in one of the strptime formats, which have all an offset (UTC then) or none; else null."""
    is_special = text.lower().isin(SPECIAL)
    text = is_special.ifelse(ibis.null(dt.string), text)
    if any("%z" in form for form in formats):
        return try_strptime_zoned(text, ibis.array(list(formats))).cast(IBIS_TYPES[Kind.INSTANT])
    return try_strptime(text, ibis.array(list(formats)))


def epoch_time(text: StringValue, units_per_second: int) -> Value:
    """The instant (UTC) so many seconds, or parts of one, after the beginning of 1970; null for anything else."""
    microseconds = (text.try_cast(dt.float64) * (1_000_000 // units_per_second)).try_cast(dt.int64)
    return make_timestamp(_within(microseconds, LAST_MICROSECOND))


def months_before(text: StringValue, start: date) -> Value:
    """The day a number of months before another; null where the text is no number of months."""
    months = _within(text.try_cast(dt.int64), 12 * start.year - 12)
    return (ibis.literal(start) - months.as_interval("M")).cast(dt.date)


def product(factors: Iterable[Value], wanted: dt.DataType) -> Value:
    """The factors multiplied; null where the result, or one on the way to it, is too large."""
    return functools.reduce(lambda a, b: (a * b).try_cast(FACTOR), factors).try_cast(wanted)


def _within(value: Value, limit: int) -> Value:
    return value.between(-limit, limit).ifelse(value, ibis.null(value.type()))


def _numeric(text: StringValue) -> StringValue:
    """The text where it begins with a digit, which is quicker than to look for SPECIAL."""
    return first_code(text).between(ord("0"), ord("9")).ifelse(text, ibis.null(dt.string))


def unusual_time(text: StringValue) -> Value:
    """Times in the forms that ISO does not know: 20260131, 20260131180500, 31.1.2026 excepted, 2026年1月31日."""

    def read(*formats: str) -> Value:
        return try_strptime(text, ibis.array(list(formats)))

    # Told apart by length and sign first, because a failed attempt costs far more than a look.
    return ibis.cases(
        (strlen(text) == len("20260131"), read("%Y%m%d")),
        (strlen(text) == len("20260131180500"), read("%Y%m%d%H%M%S")),
        (text.contains("年"), read(*CHINESE_DATES)),
        (text.contains("."), read("%Y.%m.%d")),
        else_=ibis.null(IBIS_TYPES[Kind.INSTANT]),
    )


def business_day(at: Value, time_zone: str) -> Value:
    """The day an instant (UTC) belongs to in a time zone."""
    if time_zone == "UTC":
        return at.cast(dt.date)
    return wall_clock(time_zone, instant_in("UTC", at)).cast(dt.date)
