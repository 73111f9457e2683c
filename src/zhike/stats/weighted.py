"""Shares that are put together of others: of strata by their weight, and of a group beside everybody.

Intervals by variance estimates recovery from the intervals of the parts, which need not be symmetric:
Zou & Donner (2008), Statistics in Medicine 27, 1693–1702; of ratios Donner & Zou (2012), Statistical Methods in
Medical Research 21, 347–359.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zhike.stats.proportions import LEVEL, Interval, wilson


@dataclass(frozen=True)
class Stratum:
    """A part of a population: its weight, and how many of those that were looked at had it."""

    weight: float
    count: int
    total: int


@dataclass(frozen=True)
class Share:
    """A share with its interval."""

    share: float
    interval: Interval


@dataclass(frozen=True)
class Estimate:
    """A number of any size with its interval."""

    value: float
    interval: Interval


def weighted(strata: Sequence[Stratum], *, level: float = LEVEL) -> Estimate:
    """How many have it in all strata together, where weights say how many there are. All must have been looked at."""
    value = lower = upper = 0.0
    for stratum in strata:
        own = stratum.count / stratum.total
        interval = wilson(stratum.count, stratum.total, level=level)
        value += stratum.weight * own
        lower += (stratum.weight * (own - interval.low)) ** 2
        upper += (stratum.weight * (interval.high - own)) ** 2
    whole = sum(stratum.weight for stratum in strata)
    return Estimate(value, Interval(max(0.0, value - math.sqrt(lower)), min(whole, value + math.sqrt(upper))))


def weighted_share(strata: Sequence[Stratum], *, level: float = LEVEL) -> Share | None:
    """The share in all strata together; None where one that has weight was not looked at.

    With one stratum it is Wilson's interval.
    """
    parts = [stratum for stratum in strata if stratum.weight > 0]
    if not parts or any(not stratum.total for stratum in parts):
        return None
    whole = sum(stratum.weight for stratum in parts)
    found = weighted(parts, level=level)
    return Share(found.value / whole, Interval(found.interval.low / whole, found.interval.high / whole))


def part_of(one: Estimate, other: Estimate) -> Share | None:
    """What share the first is of both together; None where both are nothing."""
    if not one.value and not other.value:
        return None
    beside = ratio_of(other, one)
    return Share(one.value / (one.value + other.value), Interval(1 / (1 + beside.high), 1 / (1 + beside.low)))


def ratio(count: int, total: int, other_count: int, other_total: int, *, level: float = LEVEL) -> Interval:
    """Interval of the ratio of two independent shares, the first by the second; infinite where that may be nothing."""
    if not total or not other_total:
        return Interval(0.0, math.inf)
    return ratio_of(
        Estimate(count / total, wilson(count, total, level=level)),
        Estimate(other_count / other_total, wilson(other_count, other_total, level=level)),
    )


def ratio_of(one: Estimate, other: Estimate) -> Interval:
    """Interval of the ratio of two independent estimates, the first by the second; neither is below nothing."""
    return Interval(
        _lower_ratio(one, other) if one.value else 0.0,
        1 / low if other.value and (low := _lower_ratio(other, one)) else math.inf,
    )


def _lower_ratio(one: Estimate, other: Estimate) -> float:
    """The lower end of one / other: one as low as it may be, other as high."""
    low, high = one.interval.low, other.interval.high
    product = one.value * other.value
    rest = low * high * (2 * one.value - low) * (2 * other.value - high)
    # (product - root) / (high (2 other - high)), in a form that does not cancel out.
    return low * (2 * one.value - low) / (product + math.sqrt(max(0.0, product * product - rest)))


@dataclass(frozen=True)
class Lift:
    """How many times as frequent something is in a group as among everybody, of whom the group is a part."""

    lift: float
    interval: Interval


def lift(count: int, total: int, base_count: int, base_total: int, *, level: float = LEVEL) -> Lift | None:
    """The share in a group by the share among all; None where nobody is in the group, or nobody has it at all.

    The group is compared with the rest, from which it is independent, and the ratio turned into one to all.
    """
    if not total or not base_count:
        return None
    part = total / base_total
    found = (count / total) / (base_count / base_total)
    if total == base_total:
        return Lift(found, Interval(1.0, 1.0))
    beside = ratio(count, total, base_count - count, base_total - total, level=level)

    def to_all(one: float) -> float:
        return 1 / (part + (1 - part) / one) if one else 0.0

    return Lift(found, Interval(to_all(beside.low), to_all(beside.high)))
