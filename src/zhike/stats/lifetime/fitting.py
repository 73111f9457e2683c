"""Maximum likelihood for models whose parameters are positive."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtri

from zhike.stats.lifetime.cells import Numbers
from zhike.stats.proportions import LEVEL, Interval
from zhike.stats.threads import one_thread

# Beyond this, in units of its own start, a parameter only stands for zero or infinity: the data do not tell it.
FARTHEST = 9.0  # natural logarithm
TOLERANCES = {"ftol": 1e-14, "gtol": 1e-9}
STEP = 1e-4  # on the scale of logarithms, for second derivatives

# The logarithm of the likelihood of all customers, and its gradient by the parameters.
Likelihood = Callable[[Numbers], tuple[float, Numbers]]


@dataclass(frozen=True)
class Fit:
    """What maximum likelihood found: parameters by name, how sure they are, and whether the data tell them at all."""

    parameters: Mapping[str, float]
    log_likelihood: float
    customers: float
    intervals: Mapping[str, Interval]  # by the curvature at the maximum, on the scale of logarithms
    untold: Sequence[str]  # parameters that ran to zero or infinity: another model with fewer says as much
    covariance: Numbers | None = None  # of the logarithms, 0 of those untold; None where the likelihood is flat


def maximised(likelihood: Likelihood, start: Mapping[str, float], *, customers: float, level: float = LEVEL) -> Fit:
    """The parameters at which the likelihood is highest, on the scale of logarithms.

    Where the usual start leads to no maximum, or far away, others are tried.

    Raises ArithmeticError if no start leads to a maximum.
    """
    centre = np.log(np.array(list(start.values())))

    def falling(logs: Numbers) -> tuple[float, Numbers]:
        values = np.exp(logs)
        found, gradient = likelihood(values)
        if not np.isfinite(found):
            return 1e10, np.zeros_like(logs)
        return -found / customers, -gradient * values / customers

    bounds = [(one - FARTHEST, one + FARTHEST) for one in centre]
    best = None
    for away in _starts(len(centre)):
        with one_thread():
            found = minimize(falling, centre + away, jac=True, method="L-BFGS-B", bounds=bounds, options=TOLERANCES)
        if np.isfinite(found.fun) and found.fun < 1e10 and (best is None or found.fun < best.fun):
            best = found
            if found.success and (np.abs(found.x - centre) < FARTHEST - 1).all():
                break  # a maximum within reach; from elsewhere one looks where there was none
    if best is None:
        raise ArithmeticError("the likelihood has no maximum")
    values = np.exp(best.x)
    is_untold = np.abs(best.x - centre) > FARTHEST - 0.01
    covariance = _covariance(falling, best.x, customers, ~is_untold)
    return Fit(
        parameters=dict(zip(start, map(float, values), strict=True)),
        log_likelihood=-float(best.fun) * customers,
        customers=customers,
        intervals=dict(zip(start, _intervals(best.x, covariance, ~is_untold, level), strict=True)),
        untold=[name for name, untold in zip(start, is_untold, strict=True) if untold],
        covariance=covariance,
    )


def _starts(count: int) -> list[Numbers]:
    """Where to begin, away from the usual: there, and twice half an order of magnitude apart."""
    turns = np.where(np.arange(count) % 2, 1.0, -1.0)
    return [np.zeros(count), turns, -turns]


def _intervals(at: Numbers, covariance: Numbers | None, told: Numbers, level: float) -> list[Interval]:
    """Of the parameters; from 0 to infinity where nobody knows."""
    errors = np.full(len(at), np.inf)
    if covariance is not None:
        errors[told] = np.sqrt(np.diag(covariance))[told]
    z = float(ndtri(0.5 + level / 2))
    with np.errstate(over="ignore"):  # an end too far for a number is infinite
        lows, highs = np.exp(at - z * errors), np.exp(at + z * errors)
    return [Interval(float(low), float(high)) for low, high in zip(lows, highs, strict=True)]


def _covariance(
    falling: Callable[[Numbers], tuple[float, Numbers]], at: Numbers, customers: float, told: Numbers
) -> Numbers | None:
    """Of the logarithms of the parameters, by the curvature; None where that is flat in some direction."""
    places = np.flatnonzero(told)
    rows = []
    for place in places:
        step = np.zeros(len(at))
        step[place] = STEP
        rows.append((falling(at + step)[1] - falling(at - step)[1])[places] / (2 * STEP))
    curvature = np.array(rows) * customers
    curvature = (curvature + curvature.T) / 2
    if not len(places) or np.linalg.eigvalsh(curvature).min() <= 0:
        return None
    covariance = np.zeros((len(at), len(at)))
    covariance[np.ix_(places, places)] = np.linalg.inv(curvature)
    return covariance
