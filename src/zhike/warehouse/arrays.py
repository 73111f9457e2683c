"""Columns in memory as numbers that NumPy compares, without a copy where there need be none."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def whole_numbers(column: pa.Array) -> npt.NDArray[np.int64]:
    """A column as integers, without a copy: decimals in ten-thousandths, dates in days since 1970; 0 where empty."""
    values = _raw(column)
    return np.where(filled(column), values, 0) if column.null_count else values


def filled(column: pa.Array) -> Mask:
    """Which rows have a value."""
    mask: Mask = column.is_valid().to_numpy(zero_copy_only=False)
    return mask


def as_doubles(column: pa.Array, places: npt.NDArray[np.integer] | slice = slice(None)) -> Floats:
    """Values of a column of numbers, days or yes and no; NaN where there is none."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8()).cast(pa.int64())
    found = _raw(column)[places].astype(np.float64)
    if pa.types.is_decimal128(column.type):
        found /= 10_000
    if column.null_count:
        found[~_filled_at(column, places)] = np.nan
    return found


def _filled_at(column: pa.Array, places: npt.NDArray[np.integer] | slice) -> Mask:
    """Which of some rows have a value; of a few rows only their bits are read."""
    bits = column.buffers()[0]
    if isinstance(places, slice) or bits is None:
        return filled(column)[places]
    at = places.astype(np.int64) + column.offset
    mask: Mask = (np.frombuffer(bits, np.uint8)[at >> 3] >> (at & 7).astype(np.uint8) & 1).astype(bool)
    return mask


def _raw(column: pa.Array) -> npt.NDArray[Any]:
    if pa.types.is_date32(column.type):
        kept: type[np.generic] = np.int32
    else:
        kept = np.float64 if pa.types.is_float64(column.type) else np.int64
    # Of the 16 bytes of a decimal the lower 8 say it all: no amount has more than 18 digits.
    step = 2 if pa.types.is_decimal128(column.type) else 1
    values: npt.NDArray[Any] = np.frombuffer(column.buffers()[1] or b"", kept)[::step]
    return values[column.offset : column.offset + len(column)]
