"""Shares and differences between two of them: intervals, and how surprising a difference is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

LEVEL = 0.95
# With fewer expected in a cell of the two-by-two table the normal curve is not to be trusted.
SMALLEST_EXPECTED = 5


@dataclass(frozen=True)
class Interval:
    """From one number to another; both are possible."""

    low: float
    high: float


def wilson(count: int, total: int, *, level: float = LEVEL) -> Interval:
    """Interval of a share by its score test (Wilson 1927); from 0 to 1 where nobody was looked at."""
    _check(count, total)
    if not total:
        return Interval(0.0, 1.0)
    z = _quantile(level)
    share = count / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    # At the ends rounding would leave a share out of its own interval.
    return Interval(0.0 if not count else max(0.0, middle - half), 1.0 if count == total else min(1.0, middle + half))


def newcombe(count: int, total: int, other_count: int, other_total: int, *, level: float = LEVEL) -> Interval:
    """Interval of the difference of two independent shares, the first less the second.

    The hybrid score interval: Newcombe (1998), Statistics in Medicine 17, 873–890, method 10.
    """
    one, other = wilson(count, total, level=level), wilson(other_count, other_total, level=level)
    if not total or not other_total:
        return Interval(-1.0, 1.0)
    share, other_share = count / total, other_count / other_total
    difference = share - other_share
    return Interval(
        difference - math.hypot(share - one.low, other.high - other_share),
        difference + math.hypot(one.high - share, other_share - other.low),
    )


def difference_z(count: int, total: int, other_count: int, other_total: int) -> float:
    """By how many standard errors two shares differ, if both groups had the same; 0 where nothing can differ.

    The pooled score statistic: its square is Pearson's χ² of the two-by-two table.
    """
    _check(count, total)
    _check(other_count, other_total)
    everybody, having = total + other_total, count + other_count
    if not total or not other_total or having in (0, everybody):
        return 0.0
    pooled = having / everybody
    error = math.sqrt(pooled * (1 - pooled) * (1 / total + 1 / other_total))
    return (count / total - other_count / other_total) / error


def difference_p(count: int, total: int, other_count: int, other_total: int) -> float:
    """Two-sided probability of such a difference, or a larger one, between groups that do not differ.

    By the score statistic; by Fisher's exact test where a cell is expected to hold fewer than five.
    """
    z = difference_z(count, total, other_count, other_total)
    if z == 0.0:
        return 1.0
    everybody, having = total + other_total, count + other_count
    smallest = min(total, other_total) * min(having, everybody - having) / everybody
    if smallest < SMALLEST_EXPECTED:  # at ten million customers no more than some seven thousand tables
        return fisher_p(count, total, other_count, other_total)
    return math.erfc(abs(z) / math.sqrt(2))


def fisher_p(count: int, total: int, other_count: int, other_total: int) -> float:
    """Fisher's exact test, two-sided: all tables with these margins that are no more probable than this one."""
    _check(count, total)
    _check(other_count, other_total)
    everybody, having = total + other_total, count + other_count
    lowest, highest = max(0, having - other_total), min(having, total)
    whole = _log_choices(everybody, having)

    def probability(inside: int) -> float:
        return _log_choices(total, inside) + _log_choices(other_total, having - inside) - whole

    # As R and SciPy do: equal but for rounding counts as equal.
    limit = probability(count) + 1e-7
    logs = [one for one in map(probability, range(lowest, highest + 1)) if one <= limit]
    return min(1.0, math.fsum(math.exp(one) for one in logs))


def _log_choices(total: int, chosen: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(chosen + 1) - math.lgamma(total - chosen + 1)


def _quantile(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)


def _check(count: int, total: int) -> None:
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
