"""How well a score sets one group apart from another."""

from __future__ import annotations

import math
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

    DeLong, DeLong & Clarke-Pearson (1988), Biometrics 44, 837–845. Raises ValueError for a group of fewer than two.
    """
    if len(scores) < 2 or len(others) < 2:
        raise ValueError("two groups of at least two are needed")
    first, second = np.sort(scores), np.sort(others)
    below = _placed(first, second)  # of each of the first group, the share of the second that it beats
    above = 1 - _placed(second, first)
    area = float(below.mean())
    variance = float(below.var(ddof=1)) / len(first) + float(above.var(ddof=1)) / len(second)
    error = math.sqrt(variance)
    half = NormalDist().inv_cdf((1 + level) / 2) * error
    return Separation(area, error, Interval(max(0.0, area - half), min(1.0, area + half)))


def _placed(values: Scores, among: Scores) -> npt.NDArray[np.float64]:
    lower = among.searchsorted(values, "left")
    upper = among.searchsorted(values, "right")
    placed: npt.NDArray[np.float64] = (lower + upper) / (2 * len(among))
    return placed
