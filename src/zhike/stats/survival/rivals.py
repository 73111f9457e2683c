"""Hazards that only look as if they fell and then were flat: such as fall all the time, or come and go like seasons."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal

import numpy as np
from scipy.special import expit, xlog1py, xlogy

from zhike.stats.survival.stays import Numbers

SHIFTS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)  # periods before which a hazard that falls by powers would be without end
MOST_WAVES = 60  # in twice the time watched
TURNS, CLOSE = 12, 1e-4  # of Newton's method, and how near the likelihood is brought to its greatest
FALL, WAVE = 2, 4  # numbers that each of these hazards has

Rival = Literal["falls_on", "seasonal"]


def rival(events: Numbers, at_risk: Numbers, likelihood: float, steps: int) -> Rival | None:
    """The hazard that explains who left, period by period, as well as one with so many steps; None where none does.

    One falls all the time, by powers of the time (a Weibull hazard) or by an equal share each period (Gompertz), on the
    scale of log-odds; another goes round in a sine. Steps have a hazard each, and a place between two, and must be
    better by as much as these numbers cost in Schwarz's criterion (1978, Annals of Statistics 6, 461–464): the burden
    of proof is theirs. `likelihood` is the logarithm of that of the steps.
    """
    numbers, price = 2 * steps - 1, math.log(events.sum()) / 2
    falls, waves = (
        max((_fitted(events, at_risk, one) for one in shapes), default=-math.inf)
        for shapes in (_falls(len(events)), _waves(len(events)))
    )
    lead = {
        "falls_on": likelihood - falls - max(numbers - FALL, 0) * price,
        "seasonal": likelihood - waves - max(numbers - WAVE, 0) * price,
    }
    if min(lead.values()) >= 0:
        return None
    return "falls_on" if lead["falls_on"] <= lead["seasonal"] else "seasonal"


def _falls(periods: int) -> Iterable[Numbers]:
    time = np.arange(periods)
    for shift in SHIFTS:
        yield np.log(time + shift)[:, None]
    yield (time / periods)[:, None]


def _waves(periods: int) -> Iterable[Numbers]:
    """Sines that are seen once at least, and that take four periods or more."""
    turn = 2 * np.pi * np.arange(periods) / (2 * periods)
    for often in range(2, min(periods // 2, MOST_WAVES) + 1):
        yield np.column_stack([np.cos(often * turn), np.sin(often * turn)])


def _fitted(events: Numbers, at_risk: Numbers, shape: Numbers) -> float:
    """Logarithm of the greatest likelihood of log-odds that are linear in the shape."""
    columns = np.column_stack([np.ones(len(events)), shape])
    share = events.sum() / at_risk.sum()
    effects = np.zeros(columns.shape[1])
    effects[0] = math.log(share / (1 - share))
    found = _likelihood(events, at_risk, columns @ effects)
    for _turn in range(TURNS):
        hazard = expit(columns @ effects)
        weights = at_risk * hazard * (1 - hazard)
        information = (columns * weights[:, None]).T @ columns
        move = np.linalg.lstsq(information, columns.T @ (events - at_risk * hazard), rcond=None)[0]
        better = _likelihood(events, at_risk, columns @ (effects + move))
        while better < found - 1e-9 and np.abs(move).max() > 1e-6:
            move = move / 2
            better = _likelihood(events, at_risk, columns @ (effects + move))
        if better <= found + CLOSE:
            return max(found, better)
        effects, found = effects + move, better
    return found


def _likelihood(events: Numbers, at_risk: Numbers, odds: Numbers) -> float:
    hazard = expit(odds)
    return float((xlogy(events, hazard) + xlog1py(at_risk - events, -hazard)).sum())
