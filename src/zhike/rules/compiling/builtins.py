"""Functions that every engine has under the same name, and that Ibis does not offer, or not in their plain form."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import Value


@ibis.udf.agg.builtin
def count_if(condition: bool) -> int:  # type: ignore[empty-body]
    """In how many rows it holds."""


@ibis.udf.agg.builtin
def bit_or(bits: int) -> int:  # type: ignore[empty-body]
    """Every bit that is set in some row."""


@ibis.udf.scalar.builtin
def bit_count(bits: int) -> int:  # type: ignore[empty-body]
    """How many bits are set."""


@ibis.udf.scalar.builtin(name="chr")
def character(number: int) -> str:  # type: ignore[empty-body]
    """The character of this number."""


def min_by(value: Value, key: Value, *, where: Value) -> Value:
    """The value where the key is smallest."""
    return _by("min_by", value.type(), key.type())(value, key, where=where)


def max_by(value: Value, key: Value, *, where: Value) -> Value:
    """The value where the key is largest."""
    return _by("max_by", value.type(), key.type())(value, key, where=where)


def whole(number: int) -> Value:
    """A whole number of 64 bits. Spelt as a text, since engines make a small literal a small type."""
    return ibis.literal(str(number)).cast("int64")


@cache
def _by(name: str, value: dt.DataType, key: dt.DataType) -> Callable[..., Value]:
    def chosen(value: object, key: object) -> None: ...

    return ibis.udf.agg.builtin(chosen, name=name, signature=((value, key), value))
