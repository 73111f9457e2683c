"""How well a score sets one group apart from another."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from zhike.stats.proportions import Interval

Scores = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Separation:
    """The area under the ROC curve: how often one of the first group scores higher than one of the second."""

    area: float  # .5: the score says nothing; 1: it tells the groups apart
    standard_error: float
    interval: Interval


def separation(scores: Scores, others: Scores, *, level: float = 0.95) -> Separation:
    """How well a score sets the first group apart; of equal scores each side gets half.

    The standard error is that of DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837–845. The interval
    reaches as far as the further of two: theirs, on the scale of log odds, which is too narrow near 0 and 1 and where
    a group is small; and Newcombe's (2006), Statistics in Medicine 25, 559–573, method 5, which is too narrow where
    a group is of two kinds. The groups must have had no part in making the score. Raises ValueError for a group of
    fewer than two.
    """
    if len(scores) < 2 or len(others) < 2:
        raise ValueError("two groups of at least two are needed")
    first, second = np.sort(scores), np.sort(others)
    below = _placed(first, second)  # of each of the first group, the share of the second that it beats
    above = 1 - _placed(second, first)
    area = float(below.mean())
    variance = float(below.var(ddof=1)) / len(first) + float(above.var(ddof=1)) / len(second)
    error = math.sqrt(variance)
    z = NormalDist().inv_cdf((1 + level) / 2)
    intervals = (_by_log_odds(area, z * error), _by_score(area, len(first), len(second), z))
    return Separation(area, error, Interval(min(one.low for one in intervals), max(one.high for one in intervals)))


def _by_log_odds(area: float, half: float) -> Interval:
    odds = area * (1 - area)
    if odds <= 0:
        return Interval(area, area)
    middle, reach = math.log(area / (1 - area)), half / odds
    return Interval(_area(middle - reach), _area(middle + reach))


def _area(log_odds: float) -> float:
    return (1 + math.tanh(log_odds / 2)) / 2


def _by_score(area: float, count: int, other_count: int, z: float) -> Interval:
    """All areas from which this one is at most z standard errors away, each with the error that goes with it.

    Hanley & McNeil's (1982) variance, in which both groups count as of their mean size.
    """
    size = (count + other_count) / 2 - 1

    def is_possible(one: float) -> bool:
        variance = one * (1 - one) * (1 + size * ((1 - one) / (2 - one) + one / (1 + one))) / (count * other_count)
        return abs(area - one) <= z * math.sqrt(variance)

    return Interval(_furthest(is_possible, area, 0.0), _furthest(is_possible, area, 1.0))


def _furthest(is_possible: Callable[[float], bool], start: float, end: float) -> float:
    """The last number on the way from start to end that is possible, as near as doubles come."""
    for _step in range(60):
        middle = (start + end) / 2
        start, end = (middle, end) if is_possible(middle) else (start, middle)
    return start


def _placed(values: Scores, among: Scores) -> npt.NDArray[np.float64]:
    lower = among.searchsorted(values, "left")
    upper = among.searchsorted(values, "right")
    placed: npt.NDArray[np.float64] = (lower + upper) / (2 * len(among))
    return placed
