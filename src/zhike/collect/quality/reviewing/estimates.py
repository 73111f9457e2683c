"""Accuracy out of a sample of customers, of each of whom several fields were judged; and how large a sample must be.

The fields of one customer are wrong together more often than chance has it, so a field is not one observation. The
share is a ratio over customers, each weighed by how many of their stratum they stand for, and its variance that of the
combined ratio estimate (Cochran, Sampling Techniques, 3rd ed., 1977, §6.11), with clusters of unequal size as its
units (§9A.1). The interval is Wilson's (1927) for as many fields as would tell as much if each were another customer's:
the effective sample size of Korn & Graubard (1998), Survey Methodology 24, 193–201, which Franco, Little, Louis & Slud
(2019), Journal of Survey Statistics and Methodology 7, 334–364, found to hold its level.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

from zhike.stats.proportions import LEVEL, Interval
from zhike.stats.weighted import Share

HANDFUL = 5  # customers; of fewer nothing is said


@dataclass(frozen=True)
class Judged:
    """One customer: how many of their fields were judged, and how many of these were right."""

    stratum: str
    fields: int
    right: int


@dataclass(frozen=True)
class Reviewed:
    """What was found of some customers, and what it says of all whom they stand for."""

    customers: int
    fields: int
    right: int
    share: Share | None  # None: too few were judged, or nobody of a stratum


def accuracy(judged: Sequence[Judged], sampled: Mapping[str, int], population: Mapping[str, int]) -> Reviewed:
    """The share of fields that are right, with its interval, of those customers whom the judged ones stand for.

    `sampled` is how many were judged of each stratum, `population` how many there are. Where only some of those that
    were sampled are given, such as those of one agent, the others still say how many of the population these stand for.
    """
    own = [one for one in judged if one.fields]
    found = Reviewed(len(own), sum(one.fields for one in own), sum(one.right for one in own), None)
    is_whole = len(own) == sum(sampled.values())
    if len(own) < HANDFUL or (is_whole and any(population[name] and not sampled.get(name) for name in population)):
        return found
    return replace(found, share=_share(own, sampled, population, fields=found.fields))


def sample_size(half_width: float, population: int, *, share: float = 0.8, level: float = LEVEL) -> int:
    """How many customers to draw so that the interval of a share reaches no further than this to either side.

    `share` is what is expected, so far from the middle as one dares; the population sets an upper bound, and a small
    one asks for fewer: Cochran (1977), equation 4.2.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    low, high = 1, 1
    while _half_width(share, high, z) > half_width:
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _half_width(share, middle, z) <= half_width else (middle + 1, high)
    return min(population, math.ceil(high / (1 + (high - 1) / population))) if population else 0


def _share(own: Sequence[Judged], sampled: Mapping[str, int], population: Mapping[str, int], *, fields: int) -> Share:
    strata: dict[str, list[Judged]] = {}
    for one in own:
        strata.setdefault(one.stratum, []).append(one)
    weights = {name: max(population.get(name, 0), sampled[name]) / sampled[name] for name in strata}
    whole = sum(weights[one.stratum] * one.fields for one in own)
    ratio = sum(weights[one.stratum] * one.right for one in own) / whole
    variance = sum(
        _variance([one.right - ratio * one.fields for one in those], sampled[name], weights[name])
        for name, those in strata.items()
    )
    left = 1 - len(own) / sum(weights[one.stratum] for one in own)  # of those they stand for, who were not judged
    if left <= 0:
        return Share(ratio, Interval(ratio, ratio))  # nothing is left to chance
    effective = len(own) / left
    if variance > 0 and 0 < ratio < 1:
        effective = min(ratio * (1 - ratio) * whole**2 / variance, fields / left)
    # The spread of few customers says with little certainty how far all are spread.
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    effective *= (z / _student(z, max(1, len(own) - len(strata)))) ** 2
    middle, half = _wilson(ratio, effective, z)
    return Share(ratio, Interval(max(0.0, min(middle - half, ratio)), min(1.0, max(middle + half, ratio))))


def _variance(residuals: Sequence[float], sampled: int, weight: float) -> float:
    """Of the total of a stratum, where those who were sampled and are not given have no residual.

    Of one customer alone as far as they are from nothing.
    """
    squares, total = sum(one * one for one in residuals), sum(residuals)
    spread = squares if sampled == 1 else (squares - total * total / sampled) / (sampled - 1)
    return sampled * weight**2 * spread * (1 - 1 / weight)


def _student(z: float, freedom: int) -> float:
    """The quantile of Student's t at the level of a normal quantile: Abramowitz & Stegun (1964), 26.7.5."""
    parts = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(part / freedom**power for power, part in enumerate(parts, start=1))


def _wilson(share: float, size: float, z: float) -> tuple[float, float]:
    """The middle and half the width of Wilson's interval, of any size."""
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    return middle, z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)


def _half_width(share: float, size: int, z: float) -> float:
    """How far the interval reaches from the share, to the further side."""
    middle, half = _wilson(share, size, z)
    return max(share - (middle - half), middle + half - share)
