"""Text columns, built whole: lookups, joins, dates, clock times and money as sources write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike.demo.draws import Flags, Ints

EPOCH = date(1970, 1, 1)
FIRST_DAY = (date(1900, 1, 1) - EPOCH).days
LAST_DAY = (date(2100, 12, 31) - EPOCH).days
DATE_STYLES = {
    "iso": ("year", "-", "month", "-", "day"),
    "compact": ("year", "month", "day"),
    "slashes": ("year", "/", "month", "/", "day"),
    "day_first": ("day", "/", "month", "/", "year"),
    "chinese": ("year", "年", "month", "月", "day", "日"),
}
FULL_WIDTH = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000})


def day_number(day: date) -> int:
    """Days since 1970-01-01, the form in which this package computes with dates."""
    return (day - EPOCH).days


def words(sentence: str) -> tuple[str, ...]:
    """The words of a sentence."""
    return tuple(sentence.split())


def texts(values: Sequence[str | None]) -> pa.Array:
    """A text column of these values."""
    return pa.array(values, pa.string())


def take(table: pa.Array, places: Ints) -> pa.Array:
    """The entries of a table at these places."""
    return table.take(pa.array(places))


def pick(values: Sequence[str], places: Ints) -> pa.Array:
    """The values of a short list at these places."""
    return take(texts(values), places)


def join(*parts: pa.Array | str, between: str = "") -> pa.Array:
    """Parts put together row by row; a missing part counts as empty."""
    return pc.binary_join_element_wise(*parts, between, null_handling="replace", null_replacement="")


def number(values: Ints) -> pa.Array:
    """Whole numbers in digits."""
    return pc.cast(pa.array(values), pa.string())


def constant(value: str, count: int) -> pa.Array:
    """The same text in every row."""
    return pa.repeat(pa.scalar(value, pa.string()), count)


def flags(values: Flags, if_false: str, if_true: str) -> pa.Array:
    """One word where false and another where true."""
    return pick((if_false, if_true), values.astype(np.int64))


def blank(column: pa.Array, where: Flags, instead: str | None = None) -> pa.Array:
    """The column with nothing, or with one word for nothing, where asked."""
    return pc.if_else(pa.array(where), pa.scalar(instead, column.type), column)


def patch(column: pa.Array, where: Flags, replacement: pa.Array) -> pa.Array:
    """The column with the replacements, in order, put where asked."""
    return pc.replace_with_mask(column, pa.array(where), replacement) if where.any() else column


def full_width(column: pa.Array) -> pa.Array:
    """The same text in the full-width characters of East Asian keyboards (for small columns)."""
    return texts([None if value is None else value.translate(FULL_WIDTH) for value in column.to_pylist()])


def two_digits(values: Ints) -> pa.Array:
    """Numbers below 100 with a leading zero."""
    return take(_two_digit_table(), values)


def money(cents: Ints) -> pa.Array:
    """Amounts with two decimals."""
    return join(number(cents // 100), ".", two_digits(cents % 100))


def days(numbers: Ints, style: str = "iso") -> pa.Array:
    """Dates in one of the styles that sources use."""
    return take(_day_table(style), numbers - FIRST_DAY)


def clock(seconds: Ints) -> pa.Array:
    """Times of day as hh:mm:ss."""
    return take(_clock_table(), seconds)


def instants(seconds: Ints, style: str = "iso", between: str = " ", end: str = "") -> pa.Array:
    """Local instants, given in seconds since 1970-01-01 00:00 local time."""
    return join(days(seconds // 86_400, style), between, clock(seconds % 86_400), end)


@lru_cache
def _two_digit_table() -> pa.Array:
    return texts([f"{value:02}" for value in range(100)])


@lru_cache
def _clock_table() -> pa.Array:
    seconds = np.arange(86_400)
    return join(two_digits(seconds // 3600), two_digits(seconds // 60 % 60), two_digits(seconds % 60), between=":")


@lru_cache
def _day_table(style: str) -> pa.Array:
    every_day = pa.array(np.arange(FIRST_DAY, LAST_DAY + 1), pa.int64()).cast(pa.int32()).cast(pa.date32())
    parts = {
        "year": number(pc.year(every_day).to_numpy()),
        "month": two_digits(pc.month(every_day).to_numpy()),
        "day": two_digits(pc.day(every_day).to_numpy()),
    }
    return join(*(parts.get(piece, piece) for piece in DATE_STYLES[style]))
