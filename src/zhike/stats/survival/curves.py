"""How many are still there after how long: the Kaplan–Meier curve, what is read off it, and the cumulative hazard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from zhike.stats.proportions import LEVEL, Interval
from zhike.stats.survival.stays import Numbers, Stays
from zhike.stats.weighted import Estimate

EQUAL = 1e-9  # a product of shares misses one half by its rounding


@dataclass(frozen=True)
class Point:
    """The curve after one duration."""

    duration: float
    survival: float
    interval: Interval
    at_risk: float  # who stayed at least so long
    events: float  # who left up to then


@dataclass(frozen=True)
class Quantile:
    """When a share has left, and from when to when that may be; None where the curve does not fall so far."""

    duration: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Curve:
    """The share still there after each duration of the stays, with an interval for each; a step function."""

    stays: Stays
    survival: Numbers
    lower: Numbers
    upper: Numbers
    level: float

    def after(self, duration: float) -> Point | None:
        """The curve after any duration; None where nobody was watched so long and not all had left before."""
        times = self.stays.durations
        place = int(np.searchsorted(times, duration, side="right")) - 1
        if duration > times[-1] and self.survival[-1] > 0:
            return None
        at_risk = float(self.stays.at_risk_at(np.array([duration]))[0])
        if place < 0:
            return Point(duration, 1.0, Interval(_lowest(at_risk, _z(self.level)), 1.0), at_risk, 0.0)
        band = Interval(float(self.lower[place]), float(self.upper[place]))
        left = float(self.stays.events[: place + 1].sum())
        return Point(duration, float(self.survival[place]), band, at_risk, left)

    def quantile(self, share: float = 0.5) -> Quantile:
        """After how long this share of the customers has left; the median unless said otherwise.

        The interval has all durations at which the test of Brookmeyer & Crowley (1982), Biometrics 38, 29–41, leaves it
        open whether the share has left, on the log–log scale: it ends where the band crosses. Raises ValueError for
        what is no share.
        """
        if not 0 < share < 1:
            raise ValueError(f"{share} is no share between 0 and 1")
        lines = (self.survival, self.lower, self.upper)
        return Quantile(*(_first(self.stays.durations, line <= 1 - share + EQUAL) for line in lines))

    def restricted_mean(self, horizon: float | None = None) -> Estimate:
        """How long customers stay on average within the horizon: the area under the curve up to it.

        Without a horizon, up to the longest duration. The variance is that of Klein & Moeschberger (2003), section 4.5.
        Where nobody has left, the mean is at least the horizon times the least share that may still be there. Raises
        ValueError for a horizon that is not positive, or for which nobody was watched.
        """
        times = self.stays.durations
        horizon = float(times[-1]) if horizon is None else horizon
        end = self.after(horizon)
        if not 0 < horizon < np.inf or end is None:
            raise ValueError(f"nobody was watched for {horizon:g}")
        # In units of the horizon: squares of huge durations are beyond what a number holds.
        is_within = times < horizon
        edges = np.concatenate([[0.0], times[is_within] / horizon, [1.0]])
        areas = np.concatenate([[1.0], self.survival[is_within]]) * np.diff(edges)
        if not self.stays.events[is_within].any():
            return Estimate(horizon, Interval(horizon * _lowest(end.at_risk, _z(self.level)), horizon))
        after = areas[1:][::-1].cumsum()[::-1]  # what is left of the area at each duration
        varied = after > 0  # not where everybody leaves
        error = math.sqrt(float(after[varied] ** 2 @ _greenwood(self.stays)[is_within][varied]))
        mean, half = float(areas.sum()), _z(self.level) * error
        return Estimate(horizon * mean, Interval(horizon * max(0.0, mean - half), horizon * min(1.0, mean + half)))


def kaplan_meier(stays: Stays, *, level: float = LEVEL) -> Curve:
    """The share still there after each duration: Kaplan & Meier (1958), JASA 53, 457–481.

    Each interval is for its duration by itself, from Greenwood's variance on the scale of log(−log): Kalbfleisch &
    Prentice (2002), section 1.4. Where nobody or everybody has left that says nothing; there it is the
    likelihood-ratio interval of Thomas & Grunkemeier (1975), JASA 70, 865–871. Raises ValueError for what is no level.
    """
    z = _z(level)
    at_risk, events = stays.at_risk, stays.events
    survival: Numbers = np.cumprod((at_risk - events) / at_risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logarithm = np.cumsum(np.log1p(-events / at_risk))
        reach = np.exp(z * np.sqrt(_greenwood(stays).cumsum()) / -logarithm)
        lower, upper = np.exp(logarithm * reach), np.exp(logarithm / reach)
    none_left = events.cumsum() == 0
    lower[none_left], upper[none_left] = _lowest(at_risk[none_left], z), 1.0
    if events[-1] == at_risk[-1]:
        lower[-1], upper[-1] = 0.0, _highest(stays, z)
    return Curve(stays, survival, lower, upper, level)


@dataclass(frozen=True)
class CumulativeHazard:
    """The hazard added up to each duration of the stays, with an interval for each."""

    stays: Stays
    hazard: Numbers
    lower: Numbers
    upper: Numbers


def nelson_aalen(stays: Stays, *, level: float = LEVEL) -> CumulativeHazard:
    """The hazard of leaving, added up: Aalen (1978), Annals of Statistics 6, 701–726.

    Its rise over a time, by that time, is the hazard then: where it bends, customers begin to leave more or less
    often. The variance and the interval, on the scale of logarithms, are those of Klein & Moeschberger (2003),
    equation 4.2.4 and section 4.3; where nobody has left, the interval is that of the curve.
    """
    z = _z(level)
    at_risk, events = stays.at_risk, stays.events
    hazard = np.cumsum(events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.exp(z * np.sqrt(np.cumsum(events / at_risk**2)) / hazard)
        lower, upper = hazard / reach, hazard * reach
    none_left = hazard == 0
    lower[none_left], upper[none_left] = 0.0, -np.log(_lowest(at_risk[none_left], z))
    return CumulativeHazard(stays, hazard, lower, upper)


def _greenwood(stays: Stays) -> Numbers:
    """What each duration adds to the variance of the logarithm of survival; infinite where everybody leaves."""
    at_risk, events = stays.at_risk, stays.events
    with np.errstate(divide="ignore"):
        return np.asarray(events / at_risk / (at_risk - events))


def _lowest(at_risk: float | Numbers, z: float) -> Any:
    """The least share that may still be there where nobody of so many has left."""
    return np.exp(-z * z / (2 * at_risk))


def _highest(stays: Stays, z: float) -> float:
    """The greatest share that may have stayed where everybody has left: the other end of the likelihood ratio.

    Thomas & Grunkemeier: with every number at risk larger by the same `more`, twice the logarithm of the ratio is z².
    """
    is_event = stays.events > 0
    at_risk, events = stays.at_risk[is_event], stays.events[is_event]
    staying = at_risk - events

    def beyond(more: float) -> float:
        of_staying = staying * np.log1p(more / np.where(staying > 0, staying, 1.0))
        return 2 * float((at_risk * np.log1p(more / at_risk) - of_staying).sum()) - z * z

    low, high = 0.0, 1.0
    while beyond(high) < 0:
        low, high = high, 2 * high
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle) < 0 else (low, middle)
    return float(np.prod(1 - events / (at_risk + high)))


def _first(times: Numbers, holds: npt.NDArray[np.bool_]) -> float | None:
    place = int(np.argmax(holds))
    return float(times[place]) if holds[place] else None


def _z(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"{level} is no level between 0 and 1")
    return NormalDist().inv_cdf((1 + level) / 2)
