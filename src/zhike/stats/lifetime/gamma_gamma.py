"""Gamma-Gamma: what customers spend at a purchase, whatever the number of purchases."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import digamma, gammaln

from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.fitting import Fit, maximised


@dataclass(frozen=True)
class Spending:
    """How many purchases customers made and what they spent at one on average; arrays of one length, with counts."""

    purchases: Numbers
    mean: Numbers
    customers: Numbers


@dataclass(frozen=True)
class GammaGamma:
    """Amounts of one customer are Gamma(p, ν), and ν is Gamma(q, gamma) over the customers.

    Fader, Hardie & Lee (2005), Journal of Marketing Research 42, 415–430; equations of Fader & Hardie's note “The
    Gamma-Gamma model of monetary value” (2013).
    """

    p: float
    q: float
    gamma: float

    @property
    def parameters(self) -> Numbers:
        """p, q and gamma."""
        return np.array(astuple(self))

    @property
    def mean(self) -> float:
        """What customers spend at a purchase on average; infinite where q is no more than 1."""
        return self.p * self.gamma / (self.q - 1) if self.q > 1 else float("inf")

    def log_likelihood(self, spending: Spending) -> float:
        """Of all customers together; equation (1a) of the note."""
        return _likelihood(spending, self.parameters)[0]

    def expected_mean(self, purchases: npt.ArrayLike, mean: npt.ArrayLike) -> Numbers:
        """What a customer spends at a purchase to come, by what they did so far; equation (5) of the note.

        Of whom nothing is known, with no purchases, it is the `mean` of all. Raises ValueError where q is no more than
        1: then the average over customers is infinite, and so is what is expected of a new one.
        """
        if self.q <= 1:
            raise ValueError(f"q is {self.q:.3g}, not above 1: the average of all customers would be infinite")
        x, z = np.broadcast_arrays(np.asarray(purchases, dtype=np.float64), np.asarray(mean, dtype=np.float64))
        return np.asarray(self.p * (self.gamma + x * np.where(x > 0, z, 0.0)) / (self.p * x + self.q - 1))


def spending_of(purchases: npt.ArrayLike, mean: npt.ArrayLike, customers: npt.ArrayLike | None = None) -> Spending:
    """The spending of those who bought and spent something: the others, and rows of nobody, say nothing of amounts.

    Raises ValueError if there are none, or with the place of a customer whose mean is missing or negative.
    """
    x, z = (np.asarray(values, dtype=np.float64).ravel() for values in (purchases, mean))
    counts = np.ones(len(x)) if customers is None else np.asarray(customers, dtype=np.float64).ravel()
    wrong = (x > 0) & ~(z >= 0)
    if wrong.any():
        raise ValueError(f"the mean is missing or negative (customer {int(np.argmax(wrong)) + 1})")
    told = (x > 0) & (z > 0) & (counts > 0)
    if not told.any():
        raise ValueError("nobody came back and spent something")
    return Spending(x[told], z[told], counts[told])


def fit_gamma_gamma(spending: Spending) -> tuple[GammaGamma, Fit]:
    """The model under which this spending is likeliest, and how sure its parameters are."""
    middle = float(np.average(spending.mean, weights=spending.customers))
    start = {"p": 4.0, "q": 4.0, "gamma": 0.75 * middle}
    fit = maximised(partial(_likelihood, spending), start, customers=float(spending.customers.sum()))
    return GammaGamma(**fit.parameters), fit


def _likelihood(spending: Spending, parameters: Numbers) -> tuple[float, Numbers]:
    p, q, gamma = parameters
    x, z = spending.purchases, spending.mean
    whole, total = p * x + q, np.log(gamma + x * z)
    value = gammaln(whole) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
    value = value + (p * x - 1) * np.log(z) + p * x * np.log(x) - whole * total
    by_p = x * (digamma(whole) - digamma(p * x) + np.log(z) + np.log(x) - total)
    by_q = digamma(whole) - digamma(q) + np.log(gamma) - total
    by_gamma = q / gamma - whole / (gamma + x * z)
    counts = spending.customers
    return float(counts @ value), np.array([counts @ by for by in (by_p, by_q, by_gamma)])
