"""Rules “who has this also has that”: how sure their confidence and lift are, and how easily chance makes them.

All functions take arrays, one entry for each rule: `count` of baskets with both sides, `antecedent` with the one,
`consequent` with the other; `baskets` is the number of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from zhike.stats.proportions import LEVEL

Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

NEGLIGIBLE = 1e-17  # of a sum: what follows such a term adds nothing that a double can show


@dataclass(frozen=True)
class Associations:
    """Confidence, the share of the antecedent's baskets that hold the consequent, and lift, how many times that of all.

    Arrays of one length, each figure with the ends of its interval.
    """

    confidence: Numbers
    confidence_low: Numbers
    confidence_high: Numbers
    lift: Numbers
    lift_low: Numbers
    lift_high: Numbers


def associations(
    count: npt.ArrayLike, antecedent: npt.ArrayLike, consequent: npt.ArrayLike, baskets: int, *, level: float = LEVEL
) -> Associations:
    """Confidence and lift of each rule, with intervals.

    Wilson's (1927) score interval of the confidence. Of the lift, that of `zhike.stats.weighted.lift`: the baskets with
    the antecedent are compared with those without, which are independent, and the ratio of the two shares, with its
    interval by variance estimates recovery (Donner & Zou 2012), turned into the ratio to all. Raises ValueError for
    counts that cannot be.
    """
    both, one, other = _checked(count, antecedent, consequent, baskets)
    own_low, own_high = _wilson(both, one, level)
    rest_low, rest_high = _wilson(other - both, baskets - one, level)
    own = both / one
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(one < baskets, (other - both) / (baskets - one), 0.0)
        low = np.where(both > 0, _lower_ratio(own, own_low, rest, rest_high), 0.0)
        high = np.where(other > both, 1 / _lower_ratio(rest, rest_low, own, own_high), np.inf)
        part = one / baskets
        low, high = (np.where(end > 0, 1 / (part + (1 - part) / end), 0.0) for end in (low, high))
    # In whole numbers as far as they go: rules that are alike have the same lift to the last bit.
    lift = both.astype(float) * baskets / (one.astype(float) * other)
    is_all = one == baskets
    return Associations(
        confidence=own,
        confidence_low=own_low,
        confidence_high=own_high,
        lift=lift,
        lift_low=np.where(is_all, 1.0, low),
        lift_high=np.where(is_all, 1.0, high),
    )


def chance(count: npt.ArrayLike, antecedent: npt.ArrayLike, consequent: npt.ArrayLike, baskets: int) -> Numbers:
    """Probability that so many baskets or more hold both sides of each rule, if neither regards the other.

    Fisher's exact test, one-sided; 1 less the hyper-confidence of Hahsler & Hornik (2007), Intelligent Data Analysis
    11, 437–455. Raises ValueError for counts that cannot be.
    """
    both, one, other = _checked(count, antecedent, consequent, baskets)
    # The sum goes away from the middle, where terms only get smaller.
    is_above = both.astype(float) * baskets > one.astype(float) * other
    found = np.ones(len(both))
    found[is_above] = _tail(both[is_above], one[is_above], other[is_above], baskets, upwards=True)
    is_below = ~is_above & (both > np.maximum(0, one + other - baskets))
    found[is_below] = 1 - _tail(both[is_below] - 1, one[is_below], other[is_below], baskets, upwards=False)
    return np.clip(found, 0.0, 1.0)


def _checked(
    count: npt.ArrayLike, antecedent: npt.ArrayLike, consequent: npt.ArrayLike, baskets: int
) -> tuple[Counts, Counts, Counts]:
    both, one, other = (np.asarray(given, np.int64).ravel() for given in (count, antecedent, consequent))
    if not len(both) == len(one) == len(other):
        raise ValueError("count, antecedent and consequent are of different lengths")
    fewer = np.minimum(one, other)
    wrong = (both < 0) | (both > fewer) | (fewer < 1) | (one + other - both > baskets)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise ValueError(
            f"{both[place]} of {one[place]} and {other[place]} among {baskets} cannot be (rule {place + 1})"
        )
    return both, one, other


def _wilson(count: Counts, total: Counts, level: float) -> tuple[Numbers, Numbers]:
    """The ends of Wilson's interval of each share; 0 and 1 where there is nothing to have a share of."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    size = np.maximum(total, 1).astype(float)
    share = count / size
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    # At the ends rounding would leave a share out of its own interval.
    low = np.where(count == 0, 0.0, np.maximum(0.0, middle - half))
    high = np.where(count == total, 1.0, np.minimum(1.0, middle + half))
    return low, high


def _lower_ratio(one: Numbers, low: Numbers, other: Numbers, high: Numbers) -> Numbers:
    """The lower end of one / other: one as low as it may be, other as high (as `zhike.stats.weighted.ratio_of`)."""
    product = one * other
    rest = low * high * (2 * one - low) * (2 * other - high)
    found: Numbers = low * (2 * one - low) / (product + np.sqrt(np.maximum(0.0, product * product - rest)))
    return found


def _tail(start: Counts, one: Counts, other: Counts, baskets: int, *, upwards: bool) -> Numbers:
    """Sum of the hypergeometric probabilities from a number of common baskets on, which must lie beyond the middle."""
    first = (
        _log_choices(one, start) + _log_choices(baskets - one, other - start) - _log_choices(np.full(1, baskets), other)
    )
    whole = np.ones(len(start))
    left, term = np.arange(len(start)), np.ones(len(start))
    k, a, b = (given.astype(float) for given in (start, one, other))
    free = baskets - a - b
    while len(left):
        if upwards:
            term = term * ((a - k) * (b - k)) / ((k + 1) * (free + k + 1))
            k = k + 1
        else:
            term = term * (k * (free + k)) / ((a - k + 1) * (b - k + 1))
            k = k - 1
        whole[left] += term
        goes_on = term > NEGLIGIBLE * whole[left]
        left, term, k, a, b, free = (values[goes_on] for values in (left, term, k, a, b, free))
    return np.exp(first) * whole


def _log_choices(total: Counts, chosen: Counts) -> Numbers:
    found: Numbers = gammaln(total + 1.0) - gammaln(chosen + 1.0) - gammaln(total - chosen + 1.0)
    return found
