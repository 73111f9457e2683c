"""From when on customers leave at one hazard, having left more before: the time to habit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, xlog1py, xlogy

from zhike.stats.proportions import LEVEL, SMALLEST_EXPECTED, Interval
from zhike.stats.survival.hazards import Hazards, hazards
from zhike.stats.survival.rivals import rival
from zhike.stats.survival.stays import Numbers, Stays

FALL = 0.2  # a hazard that changes by less than this share of itself is flat
LASTING = 3  # times as long as it took to fall it must be flat, where it rises later
NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Step:
    """A time in which the hazard hardly changes: when it begins, and the share that leaves in each of its periods."""

    since: float
    hazard: float


# Why there is, or is no, time to habit.
Verdict = Literal["flattens", "constant", "rises", "falls_on", "seasonal", "rises_again", "unsettled", "too_few"]


@dataclass(frozen=True)
class Flattening:
    """From which duration on the hazard of leaving is flat, having fallen before; `since` is None where it is not.

    `flattens`: it is. `constant`: no change of the hazard can be seen. `rises`: it changes, and never falls.
    `falls_on`: it falls all the time, or nothing shows that it does not. `seasonal`: it comes and goes. `rises_again`:
    soon after it has fallen it rises. `unsettled`: it falls until so late that what was seen afterwards is too little
    to call it flat. `too_few`: too few left for any change to be seen.
    """

    verdict: Verdict
    since: float | None
    interval: Interval | None  # both ends are beginnings of periods
    p: float | None  # how likely so large a change is where there is none
    steps: Sequence[Step]
    until: float | None = None  # when it rises, after it was flat for long


def flattening(stays: Stays, *, period: float = 1.0, level: float = LEVEL) -> Flattening:
    """From which duration on the hazard of leaving is flat: the time to habit.

    The hazard is taken to be constant but for some changes, each found by maximum likelihood in a row of binomial
    variables (Hinkley & Hinkley 1970, Biometrika 57, 477–488), one within the parts that another has made (Goodman, Li
    & Tiwari 2011, Journal of Applied Statistics 38, 2523–2532). A change must be beyond chance, and by a fifth at
    least, so that millions of customers do not make a step of every ripple. Where the last of the falls is, before any
    rise, there it flattens: if afterwards changes could have been seen for as long as it took, and it does not go on
    falling slowly, by a fifth or more (Armitage 1955, Biometrics 11, 375–386). The interval has all places that the
    likelihood ratio does not rule out, by the critical value of Hansen (2000), Econometrica 68, 575–603. Of few
    customers a slow fall looks flat sooner than of many.

    Periods before anybody leaves do not count. Raises ValueError as `hazards` does.
    """
    by_period = hazards(stays, period=period)
    row = _Row.of(by_period, int(np.argmax(by_period.events > 0)))
    if _split(row, 0, row.periods) is None:
        return Flattening("too_few", None, None, None, row.steps([]))
    places = _settled(row, _changes(row, 0, row.periods, 1 - level), 1 - level)
    steps = row.steps(places)
    if not places:
        return Flattening("constant", None, None, None, steps)
    before, fall, end = _last_fall(steps, [0, *places, row.periods])
    if not fall:
        return Flattening("rises", None, None, None, steps)
    if other := rival(np.diff(row.events), np.diff(row.at_risk), row.likelihood(places), len(steps)):
        return Flattening(other, None, None, None, steps)
    if end < row.periods and end - fall < LASTING * fall:
        return Flattening("rises_again", None, None, None, steps)
    if _seen_until(row, fall, end) - fall < fall:
        return Flattening("unsettled", None, None, None, steps)
    if _falls_on(row, fall, end, 1 - level):
        return Flattening("falls_on", None, None, None, steps)
    found = _split(row, before, end)
    assert found is not None
    possible = found.places[found.ratios.max() - found.ratios <= -2 * math.log(1 - math.sqrt(level))]
    interval = Interval(row.since(possible[0]), row.since(possible[-1]))
    until = row.since(end) if end < row.periods else None
    return Flattening("flattens", row.since(fall), interval, found.p, steps, until)


def _last_fall(steps: Sequence[Step], borders: Sequence[int]) -> tuple[int, int, int]:
    """The last place where the hazard falls before it rises, between the borders around it; 0 where there is none."""
    falls = [after.hazard < before.hazard for before, after in itertools.pairwise(steps)]
    if True not in falls:
        return 0, 0, 0
    last = falls.index(True)
    while last + 1 < len(falls) and falls[last + 1]:
        last += 1
    return borders[last], borders[last + 1], borders[last + 2]


@dataclass(frozen=True)
class _Row:
    """Periods in a row, added up: how many left, and how many could, before each place."""

    start: Numbers
    events: Numbers
    at_risk: Numbers

    @classmethod
    def of(cls, found: Hazards, first: int) -> _Row:
        events, at_risk = (np.concatenate([[0.0], one[first:].cumsum()]) for one in (found.events, found.at_risk))
        return cls(found.since[first:], events, at_risk)

    @property
    def periods(self) -> int:
        return len(self.start)

    def since(self, place: int) -> float:
        return float(self.start[place])

    def steps(self, places: Sequence[int]) -> list[Step]:
        borders = [0, *places, self.periods]
        return [Step(self.since(one), self._hazard(one, after)) for one, after in itertools.pairwise(borders)]

    def likelihood(self, places: Sequence[int]) -> float:
        """Logarithm of the greatest likelihood of a hazard that changes at these places only."""
        borders = [0, *places, self.periods]
        left, could = (np.diff(sums[borders]) for sums in (self.events, self.at_risk))
        return float(_likelihood(left, could).sum())

    def _hazard(self, one: int, following: int) -> float:
        return float((self.events[following] - self.events[one]) / (self.at_risk[following] - self.at_risk[one]))


@dataclass(frozen=True)
class _Split:
    """Where a part of a row may be divided, what of the likelihood each division gains, and the best of them."""

    places: Places
    ratios: Numbers  # twice the logarithm of the likelihood ratio against no change
    best: int
    before: float
    after: float
    p: float

    @property
    def is_material(self) -> bool:
        return min(self.before, self.after) <= (1 - FALL) * max(self.before, self.after)


def _split(row: _Row, start: int, end: int) -> _Split | None:
    """The best division of a part in two; None where fewer than five would be expected on one side of any."""
    places = np.arange(start + 1, end)
    left, could = (sums[places] - sums[start] for sums in (row.events, row.at_risk))
    all_left, all_could = (sums[end] - sums[start] for sums in (row.events, row.at_risk))
    rarer = min(all_left, all_could - all_left) / all_could
    is_open = rarer * np.minimum(could, all_could - could) >= SMALLEST_EXPECTED
    if not is_open.any():
        return None
    places, left, could = places[is_open], left[is_open], could[is_open]
    both = _likelihood(left, could) + _likelihood(all_left - left, all_could - could)
    ratios = np.maximum(2 * (both - _likelihood(all_left, all_could)), 0.0)
    best = int(np.argmax(ratios))
    before, after = left[best] / could[best], (all_left - left[best]) / (all_could - could[best])
    chance = _chance(math.sqrt(ratios[best]), could / all_could)
    return _Split(places, ratios, int(places[best]), float(before), float(after), chance)


def _likelihood(left: npt.ArrayLike, could: npt.ArrayLike) -> Numbers:
    """Logarithm of the greatest likelihood that so many left of those who could, at one hazard."""
    hazard = np.asarray(left) / np.asarray(could)
    return np.asarray(xlogy(left, hazard) + xlog1py(np.asarray(could) - left, -hazard))


def _chance(most: float, shares: Numbers) -> float:
    """How likely the root of the greatest ratio is at least so large where nothing changes: a bound from above.

    Worsley (1983), Biometrika 70, 455–464: the normal curve at the first division, and for each other that it is beyond
    where the one before it is not. `shares` says how much of what could be learnt is before each division.
    """
    if most <= 0:
        return 1.0
    whole = 2 * float(ndtr(-most))
    odds = shares / (1 - shares)
    alike = np.minimum(np.sqrt(odds[:-1] / odds[1:]), 1.0)[:, None]
    other = np.sqrt(np.maximum(1 - alike**2, 1e-300))
    # The density falls within some 1 / most, the chance of the other within the root of what they have not in common.
    root = (NODES + 1) / 2 * math.sqrt(40 / (most + 5))
    beyond = most + root**2
    density = np.exp(-(beyond**2) / 2) / math.sqrt(2 * math.pi) * 2 * root * WEIGHTS / 2 * math.sqrt(40 / (most + 5))
    is_within = ndtr((most - alike * beyond) / other) - ndtr((-most - alike * beyond) / other)
    return min(1.0, whole + 2 * float((is_within @ density).sum()))


def _changes(row: _Row, start: int, end: int, alpha: float) -> list[int]:
    """Where the hazard changes within a part; each look at a part of a part may err half as often."""
    found = _split(row, start, end)
    if found is None or found.p > alpha or not found.is_material:
        return []
    earlier = _changes(row, start, found.best, alpha / 2)
    return [*earlier, found.best, *_changes(row, found.best, end, alpha / 2)]


def _settled(row: _Row, places: list[int], alpha: float) -> list[int]:
    """The changes, each at its best place between its neighbours (Bai 1997, Econometric Theory 13, 315–352).

    One that is none there, beside the neighbours that were found later, is left out.
    """
    while places:
        borders = [0, *places, row.periods]
        found = [_split(row, one, after) for one, after in zip(borders, borders[2:], strict=False)]
        doubts = [one.p if one and one.is_material else math.inf for one in found]
        weakest = doubts.index(max(doubts))
        moved = next((number for number, one in enumerate(found) if one and one.best != places[number]), None)
        if doubts[weakest] > alpha / len(places):
            del places[weakest]
        elif moved is None:
            return places
        else:  # one after the other: each move makes the likelihood greater, so they come to an end
            better = found[moved]
            assert better is not None
            places[moved] = better.best
    return []


def _seen_until(row: _Row, start: int, end: int) -> int:
    """The last place within a part at which a change could have been seen; its start if there is none."""
    found = _split(row, start, end)
    return start if found is None else int(found.places[-1])


def _falls_on(row: _Row, start: int, end: int, alpha: float) -> bool:
    """Whether the hazard goes on falling within a part, period by period, to a level that is no longer the same."""
    left, could = (np.diff(sums[start : end + 1]) for sums in (row.events, row.at_risk))
    hazard = left.sum() / could.sum()
    away = np.arange(len(left)) - np.average(np.arange(len(left)), weights=could)
    spread = float(could @ away**2)
    trend = float(away @ left)
    slope = trend / spread
    is_falling = ndtr(trend / math.sqrt(hazard * (1 - hazard) * spread)) <= alpha
    return bool(is_falling and hazard + slope * away[-1] <= (1 - FALL) * (hazard + slope * away[0]))
