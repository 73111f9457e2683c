"""Sums of what is expected of buyers have intervals: around them, wider where less is known, none where none can be."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from zhike.understand.value.lifetime.sums import Intervals, intervals_of_sums
from zhike.understand.value.lifetime.tables import SPREAD

CELLS = {
    "frequency": [0, 3],
    "buyers": [100, 100],
    "spent": [0.0, 5_000.0],
    "spent_squared": [0.0, 300_000.0],
    "probability_alive": [0.5, 0.8],
    "expected_purchases": [0.4, 2.0],
    "discounted_purchases": [0.38, 1.9],
    "squared_purchases": [1.0, 8.0],
    "p": [6.0, 6.0],
    "q": [4.0, 4.0],
    "gamma": [15.0, 15.0],
    **{column.name: [0.0, 0.0] for column in SPREAD},
}
COVARIANCE = (np.eye(3) * 1e-4).tolist()


def test_without_doubt_of_parameters_the_interval_is_that_of_chance() -> None:
    found = intervals_of_sums(pa.table(CELLS), COVARIANCE)
    assert found.alive is not None
    assert found.purchases is not None
    assert found.revenue is not None
    half = 1.96 * np.sqrt(100 * 0.25 + 100 * 0.16)
    assert (found.alive.low, found.alive.high) == pytest.approx((130 - half, 130 + half), rel=1e-3)
    half = 1.96 * np.sqrt(100 * (1 - 0.16) + 100 * (8 - 4))
    assert (found.purchases.low, found.purchases.high) == pytest.approx((240 - half, 240 + half), rel=1e-3)
    revenue = 0.38 * 100 * 6 * 15 / 3 + 1.9 * 6 * (15 * 100 + 3 * 5_000) / (6 * 3 + 3)
    assert (found.revenue.low + found.revenue.high) / 2 == pytest.approx(revenue)


def test_doubt_of_parameters_widens_every_interval() -> None:
    moving = CELLS | {column.name: [0.05, 0.05] for column in SPREAD}
    for name in ("alive", "purchases", "revenue"):
        sure, unsure = (getattr(intervals_of_sums(pa.table(one), COVARIANCE), name) for one in (CELLS, moving))
        assert unsure.low < sure.low
        assert unsure.high > sure.high


def test_where_nothing_is_known_there_is_no_interval() -> None:
    assert intervals_of_sums(pa.table(CELLS).slice(0, 0), None) == Intervals()
    assert intervals_of_sums(pa.table(CELLS), None).revenue is None
    heavy = intervals_of_sums(pa.table(CELLS | {"q": [1.5, 1.5]}), COVARIANCE)
    assert heavy.purchases is not None
    assert heavy.revenue is None  # amounts of who bought once have no variance
    flat = CELLS | {"squared_purchases": pa.nulls(2, pa.float64())}
    assert intervals_of_sums(pa.table(flat), COVARIANCE) == Intervals()
