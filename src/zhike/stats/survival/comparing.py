"""Whether groups leave alike: the log-rank test, and whether what it sums up holds all along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from zhike.stats.survival.curves import kaplan_meier
from zhike.stats.survival.stays import Numbers, Stays, pooled

TIES = 16  # so many who leave at one duration are put in a row; of more it takes too long and is not exact enough
STEPS = 50  # of Newton's method, which takes five or so
FARTHEST = 15.0  # logarithm of a ratio of hazards that only stands for infinity


@dataclass(frozen=True)
class Compared:
    """The outcome of a test of several groups: χ², its degrees of freedom, and how likely so much is by chance."""

    statistic: float
    degrees: int
    p: float


def log_rank(groups: Sequence[Stays]) -> Compared | None:
    """Whether the groups leave equally often; None where that cannot be told, as where nobody leaves.

    Mantel (1966) and Peto & Peto (1972), with the hypergeometric variance for ties; Klein & Moeschberger (2003),
    equation 7.3.6. A group that could never be seen to leave, because it was last seen before anybody did, is left out.
    """
    times = _times(groups)
    at_risk, events = _by_group(groups, times)
    everybody, leaving = at_risk.sum(axis=1), events.sum(axis=1)
    expected = (leaving / everybody) @ at_risk
    shares = at_risk / everybody[:, None]
    spread = np.where(everybody > 1, leaving * (everybody - leaving) / np.maximum(everybody - 1, 1), 0.0)
    return _tested(events.sum(axis=0) - expected, _covariance(shares, spread), expected > 0)


def proportional_hazards(groups: Sequence[Stays]) -> Compared | None:
    """Whether each group leaves at all durations the same number of times as often as another; None if nobody can say.

    The score test of Grambsch & Therneau (1994), Biometrika 81, 515–526, on the scale of the curve of all groups
    together, which is that of `cox.zph` in R. Its Cox model has a ratio of hazards for each group; few who leave at one
    duration are as Efron (1977) has them, and many as the model of grouped times of Prentice & Gloeckler (1978),
    Biometrics 34, 57–67. Groups of whom nobody leaves say nothing and are left out. A small probability says that one
    number, and the log-rank test, hide how the difference changes; of many customers the smallest change is seen.
    """
    telling = [one for one in groups if one.events.any()]
    if len(telling) < 2:
        return None
    everybody = pooled(telling)
    times = _times(telling)
    at_risk, events = _by_group(telling, times)
    ratios = _ratios(at_risk, events)
    if ratios is None:
        return None
    before = np.concatenate([[1.0], kaplan_meier(everybody).survival])
    scale = 1 - before[np.searchsorted(everybody.durations, times)]
    size = len(telling)
    score, information = np.zeros(size), np.zeros((3, size, size))
    score += scale @ events
    for shares, weights in _tied(at_risk, events, ratios):
        score -= (scale * weights) @ shares
        for power in range(3):
            information[power] += _covariance(shares, weights * scale**power)
    own, beside, of_ratios = information[2][1:, 1:], information[1][1:, 1:], information[0][1:, 1:]
    covariance = np.zeros((size, size))
    covariance[1:, 1:] = own - beside @ np.linalg.pinv(of_ratios, hermitian=True) @ beside
    if (np.diag(covariance)[1:] <= 1e-9 * np.diag(own)).any():
        return None  # a group that leaves, or is left, at one duration only
    return _tested(score, covariance, np.ones(size, dtype=bool))


def _times(groups: Sequence[Stays]) -> Numbers:
    """The durations at which somebody leaves."""
    return np.unique(np.concatenate([one.durations[one.events > 0] for one in groups]))


def _by_group(groups: Sequence[Stays], times: Numbers) -> tuple[Numbers, Numbers]:
    """How many could leave and how many did, durations down, groups across."""
    at_risk = np.column_stack([one.at_risk_at(times) for one in groups])
    events = np.zeros_like(at_risk)
    for place, one in enumerate(groups):
        is_event = one.events > 0
        events[np.searchsorted(times, one.durations[is_event]), place] = one.events[is_event]
    return at_risk, events


def _covariance(shares: Numbers, weights: Numbers) -> Numbers:
    """The sum over durations of weight times the covariance of whose turn it is."""
    return np.diag(weights @ shares) - (shares * weights[:, None]).T @ shares


def _tested(score: Numbers, covariance: Numbers, telling: np.ndarray) -> Compared | None:
    """The χ² of a score over the groups that tell something; it sums to nothing, so one of them follows."""
    places = np.flatnonzero(telling)[1:]
    if not len(places):
        return None
    part = covariance[np.ix_(places, places)]
    sizes = np.sqrt(np.diag(part))
    if not (sizes > 0).all():
        return None
    correlation = part / np.outer(sizes, sizes)
    degrees = int(np.linalg.matrix_rank(correlation, hermitian=True, tol=1e-8))
    standard = score[places] / sizes
    statistic = max(0.0, float(standard @ np.linalg.pinv(correlation, rcond=1e-8, hermitian=True) @ standard))
    return Compared(statistic, degrees, float(chdtrc(degrees, statistic)))


def _tied(at_risk: Numbers, events: Numbers, ratios: Numbers) -> Iterator[tuple[Numbers, Numbers]]:
    """Whose turn it is to leave, by group, for each place in the row of those who leave at one duration.

    Efron: the k-th of d finds the risk of all but k/d of the d. Of many who leave at once the row is told by one place:
    groups whose hazards are proportional leave in the ratio of the hazard times the time that they were there, in which
    those who leave become fewer all the while. Yields the shares and by how many each counts.
    """
    leaving = events.sum(axis=1)
    is_many = leaving > TIES
    share = np.minimum(events, np.maximum(at_risk - 0.5, 0.0)) / np.maximum(at_risk, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        there = np.where(events > 0, events / -np.log1p(-share), at_risk)
    for place in range(int(min(TIES, np.ceil(leaving.max())))):
        row = np.maximum(at_risk - np.minimum(place / leaving, 1.0)[:, None] * events, 0.0)
        risk = np.where(is_many[:, None], there, row) * np.exp(ratios)
        whole = risk.sum(axis=1, keepdims=True)
        counted = np.where(is_many, leaving if place == 0 else 0.0, np.clip(leaving - place, 0.0, 1.0))
        yield risk / np.where(whole > 0, whole, 1.0), counted


def _ratios(at_risk: Numbers, events: Numbers) -> Numbers | None:
    """Logarithms of the hazards of the groups by that of the first, under Cox's model; None where they are infinite."""
    ratios = np.zeros(events.shape[1])
    for _step in range(STEPS):
        score, information = events.sum(axis=0), np.zeros((len(ratios), len(ratios)))
        for shares, weights in _tied(at_risk, events, ratios):
            score = score - weights @ shares
            information += _covariance(shares, weights)
        move = np.linalg.pinv(information[1:, 1:], hermitian=True) @ score[1:]
        ratios[1:] += np.clip(move, -1.0, 1.0)
        if np.abs(ratios).max() > FARTHEST:
            return None
        if np.abs(move).max() < 1e-9:
            return ratios
    return None
