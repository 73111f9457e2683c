"""Stays: how many customers left, or were last seen and still there, after how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stays:
    """How many customers stayed how long; arrays of one length, the durations different and rising.

    All that survival methods ask of the data, so ten million customers cost as much as there are different durations.
    Who is still there at a duration could have left at it: they are at risk then.
    """

    durations: Numbers  # in any unit
    events: Numbers  # how many left then
    censored: Numbers  # how many were last seen then, still there

    @property
    def customers(self) -> float:
        """How many there are."""
        return float(self.events.sum() + self.censored.sum())

    @property
    def at_risk(self) -> Numbers:
        """How many stayed at least so long, by duration."""
        return np.asarray(np.cumsum((self.events + self.censored)[::-1])[::-1])

    def at_risk_at(self, durations: Numbers) -> Numbers:
        """How many stayed at least so long, at durations of another."""
        return np.append(self.at_risk, 0.0)[np.searchsorted(self.durations, durations)]


def stays_of(durations: npt.ArrayLike, events: npt.ArrayLike, censored: npt.ArrayLike) -> Stays:
    """Stays, from counts by duration in any order; a duration may come several times.

    For customers one by one `events` is 1 for who left and `censored` 1 for who did not. Raises ValueError for a number
    that is missing or negative, and where nobody is counted.
    """
    given = [np.asarray(values, dtype=np.float64).ravel() for values in (durations, events, censored)]
    if len({len(values) for values in given}) > 1:
        raise ValueError("durations, events and censored are of different lengths")
    for values, name in zip(given, ("durations", "events", "censored"), strict=True):
        if not np.isfinite(values).all() or (values < 0).any():
            raise ValueError(f"{name}: a number is missing, infinite or negative")
    is_counted = given[1] + given[2] > 0
    if not is_counted.any():
        raise ValueError("there are no customers")
    times, left, stayed = (values[is_counted] for values in given)
    different, place = np.unique(times, return_inverse=True)
    return Stays(
        durations=different,
        events=added(place.ravel(), left, len(different)),
        censored=added(place.ravel(), stayed, len(different)),
    )


def added(place: npt.NDArray[np.intp], values: Numbers, count: int) -> Numbers:
    """The sums of values by their place, for places from 0 to below the count."""
    return np.asarray(np.bincount(place, weights=values, minlength=count), dtype=np.float64)


def pooled(groups: list[Stays]) -> Stays:
    """The stays of all groups together."""
    return stays_of(*(np.concatenate([getattr(one, name) for one in groups]) for name in _COUNTS))


_COUNTS = ("durations", "events", "censored")
