"""How good predicted chances are: their error, whether they hold by tenths, and how much the best of them catch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from zhike.stats.proportions import LEVEL, Interval, wilson

TENTHS = 10

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Tenth:
    """Rows with about equally high chances: the chance that was predicted on average, and the share that came."""

    number: int  # 1 holds the lowest chances
    customers: int
    predicted: float
    events: int
    actual: float
    interval: Interval  # of the share, Wilson (1927)


@dataclass(frozen=True)
class Gain:
    """What is caught by taking those with the highest chances first."""

    share: float  # of all rows
    caught: float  # of all events
    lift: float  # how many times as many as by chance


@dataclass(frozen=True)
class Caught:
    """The lift of the best rows, with its interval."""

    share: float
    lift: float
    interval: Interval


def brier(chances: Numbers, came: Flags) -> float:
    """The mean squared error of predicted chances (Brier 1950); 0 is perfect. Raises ValueError without rows."""
    _check(chances, came)
    return float(np.mean((chances - came) ** 2))


def by_tenths(chances: Numbers, came: Flags, *, level: float = LEVEL) -> tuple[Tenth, ...]:
    """The rows cut into tenths by their chance, lowest first; equal chances are never cut, so there may be fewer.

    Raises ValueError without rows.
    """
    _check(chances, came)
    ordered = np.sort(chances)
    below = ordered.searchsorted(chances, "left") / len(chances)
    place = np.minimum((below * TENTHS).astype(np.int64), TENTHS - 1)
    found = []
    for number in np.unique(place):
        inside = place == number
        customers, events = int(inside.sum()), int(came[inside].sum())
        found.append(
            Tenth(
                number=int(number) + 1,
                customers=customers,
                predicted=float(chances[inside].mean()),
                events=events,
                actual=events / customers,
                interval=wilson(events, customers, level=level),
            )
        )
    return tuple(found)


def gains(chances: Numbers, came: Flags, shares: Sequence[float]) -> tuple[Gain, ...]:
    """What share of all events is among each share of the rows with the highest chances.

    Of rows with one chance, an event is as likely among those taken as among the others. Raises ValueError without
    rows, and where nothing came.
    """
    _check(chances, came)
    if not came.any():
        raise ValueError("nothing came that could be caught")
    values, place = np.unique(-chances, return_inverse=True)
    rows = np.concatenate([[0.0], np.bincount(place, minlength=len(values)).cumsum()])
    events = np.concatenate([[0.0], np.bincount(place, came, minlength=len(values)).cumsum()])
    caught = np.interp(np.asarray(shares) * len(chances), rows, events) / came.sum()
    return tuple(Gain(share, float(one), float(one) / share) for share, one in zip(shares, caught, strict=True))


def lift_at(chances: Numbers, came: Flags, share: float, *, level: float = LEVEL) -> Caught:
    """The lift of the best share of rows; its interval is Wilson's of the share of events that they catch.

    The interval takes events for drawn one by one, and is a little too wide. Raises ValueError as `gains`.
    """
    [one] = gains(chances, came, [share])
    events = int(came.sum())
    caught = wilson(round(one.caught * events), events, level=level)
    return Caught(share, one.lift, Interval(caught.low / share, caught.high / share))


def _check(chances: Numbers, came: Flags) -> None:
    if not len(chances) or len(chances) != len(came):
        raise ValueError("as many chances as outcomes are needed, and at least one")
