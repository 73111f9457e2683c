"""How regular buyers are, and whether a silence is longer than their own rhythm explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import gammaln

MOST_REGULAR = 4  # of the shapes that are tried; the higher, the more regular gaps are
FURTHEST = 12.0  # natural logarithm up to which parameters are looked for

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rhythm:
    """Gaps between purchases are Erlang with this shape; their rates differ between customers by a gamma law."""

    shape: int  # 1: exponential, as chance would have it; higher: more regular
    a: float  # shape of the rates
    b: float  # their scale, in the unit of the gaps
    log_likelihood: float

    def silence_chance(self, gaps: npt.ArrayLike, total: npt.ArrayLike, silence: npt.ArrayLike) -> Numbers:
        """How probable a further gap at least as long is, of a customer with these gaps and this sum of them.

        The rate given the gaps is again gamma, and a gap over it inverted beta: the tail is the regularised
        incomplete beta function I_x(a + k n, k) with x = (b + t) / (b + t + s), a sum for a whole k (Abramowitz &
        Stegun 1964, 26.5.6). Few own gaps are so shrunk towards those of all. Of customers who buy on as ever, 2 to 6 %
        have a chance below 5 %.
        """
        known, held, silent = (np.asarray(one, np.float64) for one in (gaps, total, silence))
        power, share = self.a + self.shape * known, (self.b + held) / (self.b + held + silent)
        found, term = np.zeros_like(share), np.ones_like(share)
        for step in range(self.shape):
            found += term
            term = term * (power + step) / (step + 1) * (1 - share)
        return np.asarray(share**power * found, np.float64)


def fit_rhythm(gaps: Numbers, total: Numbers, customers: Numbers, log_gaps: float) -> Rhythm:
    """The rhythm under which the gaps of all customers are likeliest.

    Each row is a cell of customers with so many gaps, at least one, that add up to a total; `log_gaps` is the sum of
    the natural logarithms of all gaps. The condensed negative binomial of Chatfield & Goodhardt (1973), Journal of the
    American Statistical Association 68, 828-835, with the shape from 1 to 4 that is likeliest. Raises ValueError
    without gaps, and where they do not differ enough to tell.
    """
    if not len(gaps) or not customers.sum() or (total <= 0).any() or (gaps < 1).any():
        raise ValueError("gaps of at least one customer are needed, and none may be nothing")
    found = [_fitted(shape, gaps, total, customers, log_gaps) for shape in range(1, MOST_REGULAR + 1)]
    return max(found, key=lambda one: one.log_likelihood)


def _fitted(shape: int, gaps: Numbers, total: Numbers, customers: Numbers, log_gaps: float) -> Rhythm:
    numbers = float(customers @ gaps)
    fixed = (shape - 1) * log_gaps - float(gammaln(shape)) * numbers

    def less(logs: Numbers) -> float:
        a, b = np.exp(logs)
        own = a + shape * gaps
        each = a * np.log(b) - own * np.log(b + total) + gammaln(own) - gammaln(a)
        return -float(customers @ each) - fixed

    start = np.array([0.5, np.log(float(customers @ total) / numbers)])
    best = minimize(less, start, method="L-BFGS-B", bounds=[(-FURTHEST, FURTHEST)] * 2)
    a, b = np.exp(best.x)
    return Rhythm(shape, float(a), float(b), -float(best.fun))
