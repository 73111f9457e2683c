"""The hazard of leaving, period by period."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhike.stats.proportions import LEVEL, Interval, wilson
from zhike.stats.survival.curves import kaplan_meier
from zhike.stats.survival.stays import Numbers, Stays, added

MOST_PERIODS = 10_000


@dataclass(frozen=True)
class Hazards:
    """Period by period: when it begins, how many could leave in it, how many did; arrays of one length."""

    since: Numbers
    at_risk: Numbers
    events: Numbers

    @property
    def hazard(self) -> Numbers:
        """The share that left of those who could."""
        return self.events / self.at_risk

    def intervals(self, *, level: float = LEVEL) -> list[Interval]:
        """Wilson's interval of each hazard."""
        counted = zip(self.events.tolist(), self.at_risk.tolist(), strict=True)
        return [wilson(events, at_risk, level=level) for events, at_risk in counted]


def hazards(stays: Stays, *, period: float = 1.0) -> Hazards:
    """The hazard of leaving in each period, from duration 0 to the longest.

    A period has its beginning and not its end: with a period of 1, durations in whole numbers are each their own. The
    hazard is the share of those there at its beginning whom the Kaplan–Meier curve sees leave within it, and the number
    at risk that of which those who left are this share. Raises ValueError for a period that is not positive, and for
    more than ten thousand of them.
    """
    if not 0 < period < math.inf:
        raise ValueError(f"{period:g} is no length of a period")
    if float(stays.durations[-1]) / period >= MOST_PERIODS:
        raise ValueError(f"there are more than {MOST_PERIODS:,} periods of {period:g}")
    # Three tenths are a little less than three times one tenth.
    place = np.floor(stays.durations / period * (1 + 1e-12) + 1e-9).astype(np.intp)
    count = int(place[-1]) + 1
    events = added(place, stays.events, count)
    begins = np.searchsorted(place, np.arange(count))
    at_risk = np.append(stays.at_risk, 0.0)[begins]
    survival = np.concatenate([[1.0], kaplan_meier(stays).survival])
    ends = np.append(begins[1:], len(place))
    is_hit = events > 0
    share = 1 - survival[ends[is_hit]] / survival[begins[is_hit]]
    at_risk[is_hit] = events[is_hit] / np.clip(share, events[is_hit] / at_risk[is_hit], 1.0)
    return Hazards(np.arange(count, dtype=np.float64) * period, at_risk, events)


def usual_period(groups: Sequence[Stays]) -> float:
    """A length of periods for groups of which nobody says one: 1 for whole numbers, else a power of ten.

    Such that there are some hundreds of periods, and no more than ten thousand.
    """
    longest = max(float(one.durations[-1]) for one in groups)
    is_whole = all((one.durations % 1 == 0).all() for one in groups)
    if not longest or (is_whole and longest < MOST_PERIODS):
        return 1.0
    return float(max(10.0 ** math.floor(math.log10(longest) - 2), sys.float_info.min))
