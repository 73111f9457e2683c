"""Many looks at the same data: of a hundred comparisons of what does not differ, five look as if it did."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt


def false_discovery(p_values: Sequence[float]) -> tuple[float, ...]:
    """For each probability the smallest share of false findings at which it would be among the findings.

    Benjamini & Hochberg (1995), JRSS B 57, 289–300: whoever takes those up to .05 for true is wrong, on average,
    of at most a twentieth of what they take. Holds for comparisons that are independent or depend positively.
    """
    return tuple(false_discovery_rates(np.asarray(p_values, float), looks=len(p_values)).tolist())


def false_discovery_rates(p_values: npt.NDArray[np.float64], *, looks: int) -> npt.NDArray[np.float64]:
    """The same of an array, where `looks` comparisons were made: those that are not given could be no findings."""
    order = np.argsort(p_values, kind="stable")[::-1]
    count = len(order)
    ranked = p_values[order] * looks / np.arange(count, 0, -1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(np.minimum.accumulate(ranked), 1.0) if count else ranked
    return adjusted


def level_of_selected(chosen: int, looks: int, *, level: float = 0.95) -> float:
    """At which level to give the intervals of findings picked from many looks, so that `level` of them are right.

    Benjamini & Yekutieli (2005), JASA 100, 71–81: the false coverage rate of the intervals that are picked.
    """
    return 1 - (1 - level) * max(chosen, 1) / looks if looks else level
