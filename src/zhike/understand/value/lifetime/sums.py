"""Sums of what is expected of some buyers, with the intervals that hold them if the model is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.gamma_gamma import GammaGamma
from zhike.stats.lifetime.uncertainty import around, moved, squared_amounts
from zhike.stats.proportions import Interval
from zhike.understand.value.lifetime.tables import DIRECTIONS


@dataclass(frozen=True)
class Intervals:
    """Of buyers who still buy, of purchases and of revenue; None where it cannot be told."""

    alive: Interval | None = None
    purchases: Interval | None = None
    revenue: Interval | None = None


def intervals_of_sums(cells: pa.Table, covariance_of_amounts: Sequence[Sequence[float]] | None) -> Intervals:
    """The intervals, of rows of `value_cells_of`: by the parameters' standard errors, and chance of each buyer.

    Revenue has none where the model of amounts has none, or gives them no variance (q of a buyer is no more than 2).
    """
    if not len(cells) or cells["squared_purchases"].null_count:
        return Intervals()
    count, alive, bought, square = (
        _numbers(cells, name) for name in ("buyers", "probability_alive", "expected_purchases", "squared_purchases")
    )

    def along(name: str, weights: Numbers) -> list[float]:
        return [float(weights @ _numbers(cells, f"{name}_{number}")) for number in DIRECTIONS]

    return Intervals(
        alive=_at_most(
            around(float(count @ alive), along("alive_moves", count), float(count @ (alive * (1 - alive)))), count.sum()
        ),
        purchases=around(
            float(count @ bought),
            along("purchases_move", count),
            float(count @ np.maximum(square - bought**2, 0)),
        ),
        revenue=_revenue(cells, covariance_of_amounts),
    )


def _revenue(cells: pa.Table, covariance: Sequence[Sequence[float]] | None) -> Interval | None:
    if covariance is None or cells["p"].null_count:
        return None
    model = GammaGamma(*(float(cells[name][0].as_py()) for name in ("p", "q", "gamma")))
    x, count, spent, spent_squared = (
        _numbers(cells, name) for name in ("frequency", "buyers", "spent", "spent_squared")
    )
    worth, bought, square = (
        _numbers(cells, name) for name in ("discounted_purchases", "expected_purchases", "squared_purchases")
    )

    def amounts(values: Numbers) -> Numbers:
        p, q, gamma = map(float, values)
        return np.asarray(p * (gamma * count + x * spent) / (p * x + q - 1))

    means = amounts(model.parameters)
    squares = squared_amounts(model, x, count, spent, spent_squared)
    if not np.isfinite(squares).all():
        return None
    whole = model.gamma**2 * count + 2 * model.gamma * x * spent + x**2 * spent_squared
    of_means = model.p**2 * whole / (model.p * x + model.q - 1) ** 2
    each = np.divide(worth, bought, out=np.zeros_like(worth), where=bought > 0)
    variance = each**2 * (bought * squares / model.p + square * squares) - worth**2 * of_means
    spreads = [float(means @ _numbers(cells, f"discounted_move_{number}")) for number in DIRECTIONS]
    spreads += [float(worth @ one) for one in moved(amounts, model.parameters, covariance)]
    return around(float(worth @ means), spreads, float(np.maximum(variance, 0).sum()))


def _at_most(found: Interval, most: float) -> Interval:
    return Interval(found.low, min(found.high, float(most)))


def _numbers(table: pa.Table, name: str) -> Numbers:
    return table[name].to_numpy().astype(np.float64)
