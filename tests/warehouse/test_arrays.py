"""Columns as numbers: the same of some rows as of all of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from zhike.warehouse.arrays import as_doubles

COLUMNS = {
    "whole numbers": pa.array([3, None, -5, 0, None, 7, 8, 9, None, 11, 12], pa.int64()),
    "numbers": pa.array([1.5, None, -2.5, 0.0, 4.0, None, 1e300, 0.1, 7.0, None, 2.0], pa.float64()),
    "amounts": pa.array([Decimal("1.5000"), None, *map(Decimal, ("-2", "0", "4", "7", "8", "9", "1", "2", "3"))]).cast(
        pa.decimal128(18, 4)
    ),
    "days": pa.array([date(1970, 1, 2), None, date(1969, 12, 31), *[date(2026, 1, n) for n in range(1, 9)]]),
    "yes and no": pa.array([True, None, False, True, False, None, True, True, True, False, None]),
    "nothing missing": pa.array(range(11), pa.int64()),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("start", [0, 1, 3])
def test_some_rows_are_as_they_are_among_all(name: str, start: int) -> None:
    column = COLUMNS[name].slice(start)
    every = as_doubles(column)
    assert [None if np.isnan(value) else value for value in every] == [
        None if value is None else float((value - date(1970, 1, 1)).days if isinstance(value, date) else value)
        for value in column.to_pylist()
    ]
    for places in (np.array([0, 2, 5, 7], np.uint32), np.array([6], np.uint32), np.zeros(0, np.uint32)):
        np.testing.assert_array_equal(as_doubles(column, places), every[places])
