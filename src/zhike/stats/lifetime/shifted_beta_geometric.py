"""Shifted-beta-geometric: contracts that are renewed or not at the end of every period."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma

from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.fitting import Fit, maximised

MOST_PERIODS = 10_000  # of a contract: of days, 27 years
MOST_TERMS = 100_000  # that are added up, one by one


@dataclass(frozen=True)
class Contracts:
    """How many contracts ended at the end of each period, and how many went on after having been seen for so many."""

    ended: Numbers  # by period, the first in place 0
    went_on: Numbers  # by the number of periods they were renewed, after one in place 0

    @property
    def at_risk(self) -> Numbers:
        """How many were seen at the end of each period: to end then, or to go on."""
        leaving = self.ended + self.went_on
        return np.asarray(leaving[::-1].cumsum()[::-1])

    def kept(self) -> Numbers:
        """The share still there after 0, 1, 2 … periods, as far as anybody was seen: Kaplan & Meier (1958).

        Of a cohort whose contracts were all watched for as long it is the share that is left.
        """
        at_risk = self.at_risk[self.at_risk > 0]
        return np.concatenate(([1.0], np.cumprod(1 - self.ended[: len(at_risk)] / at_risk)))

    def up_to(self, periods: int) -> Contracts:
        """What was known of the same contracts after so many periods, of which there is at least one more."""
        went_on = self.went_on[:periods].copy()
        went_on[-1] += self.at_risk[periods]
        return Contracts(self.ended[:periods], went_on)


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Chances not to renew are Beta(alpha, beta) over the customers, and the same at each renewal of one.

    Fader & Hardie (2007), Journal of Interactive Marketing 21 (1), 76–90.
    """

    alpha: float
    beta: float

    def survival(self, periods: npt.ArrayLike) -> Numbers:
        """The share that is still there after so many periods; equation (6) of the paper."""
        t = np.asarray(periods, dtype=np.float64)
        return np.asarray(np.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta)))

    def retention(self, periods: npt.ArrayLike) -> Numbers:
        """Of those who were there before it, the share that renews at this period, from 1 on; equation (8)."""
        t = np.asarray(periods, dtype=np.float64)
        return np.asarray((self.beta + t - 1) / (self.alpha + self.beta + t - 1))

    def expected_renewals(
        self, renewed: npt.ArrayLike, *, discount: float = 0.0, at_most: npt.ArrayLike = np.inf
    ) -> Numbers:
        """The discounted number of renewals to come of somebody who renewed so often, the next one at once.

        Fader & Hardie (2010), Marketing Science 29, 85–93, equation (6), for a customer who is about to renew; where
        an end is agreed, `at_most` renewals are left. Without a `discount` and an end it is infinite where alpha is no
        more than 1.
        """
        n, most = np.broadcast_arrays(np.asarray(renewed, dtype=np.float64), np.asarray(at_most, dtype=np.float64))
        agreed = np.isfinite(most)
        # Without an end, a sum of so few terms that what is left is below rounding.
        terms = int(most[agreed].max(initial=1))
        few = int(np.ceil(min(40 / np.log1p(discount), MOST_TERMS))) if discount and not agreed.all() else 0
        terms = max(terms, few)
        periods = np.arange(1, terms + 1, dtype=np.float64)
        each, place = np.unique(n, return_inverse=True)
        stays = betaln(self.alpha, self.beta + each[:, None] + periods) - betaln(self.alpha, self.beta + each)[:, None]
        sums = np.zeros((len(each), terms + 1))
        np.cumsum(np.exp(stays) * (1 + discount) ** (1 - periods), axis=1, out=sums[:, 1:])
        found = sums[place.reshape(n.shape), np.where(agreed, most, terms).astype(np.intp)]
        if few == MOST_TERMS:
            found = np.where(agreed, found, found + self._beyond(n, discount))
        if discount == 0:
            endless = (self.beta + n) / (self.alpha - 1) if self.alpha > 1 else np.inf
            found = np.where(agreed, found, endless)
        return np.asarray(found)

    def _beyond(self, renewed: Numbers, discount: float) -> Numbers:
        """What the terms after the last that is added up come to: so flat there that an integral is their sum."""
        at, weights = np.polynomial.legendre.leggauss(200)
        start = MOST_TERMS + 0.5
        end = np.log(
            max(40 / np.log1p(discount) / start, 1.0)
        )  # of the logarithm of the periods over the first of them
        periods = start * np.exp(end * (at + 1) / 2)
        since = self.beta + renewed[..., None]
        stays = betaln(self.alpha, since + periods) - betaln(self.alpha, since)
        each = np.exp(stays - (periods - 1) * np.log1p(discount)) * periods
        return np.asarray(each @ weights * end / 2)

    def log_likelihood(self, contracts: Contracts) -> float:
        """Of all contracts together; equation (B3) of the paper."""
        return _likelihood(contracts, np.array([self.alpha, self.beta]))[0]


def contracts_of(survivors: npt.ArrayLike) -> Contracts:
    """The contracts of one cohort, from how many there were at its start and after each period.

    Raises ValueError for fewer than two numbers, if one grows or is negative, or nobody was there at the start.
    """
    counts = np.asarray(survivors, dtype=np.float64).ravel()
    if len(counts) < 2:
        raise ValueError("at least one period must have ended")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError("a count is missing or negative")
    if not counts[0]:
        raise ValueError("nobody was there at the start")
    ended = counts[:-1] - counts[1:]
    if (ended < 0).any():
        raise ValueError(f"more are there after period {int(np.argmax(ended < 0)) + 1} than before it")
    went_on = np.zeros(len(ended))
    went_on[-1] = counts[-1]
    return Contracts(ended, went_on)


def fit_shifted_beta_geometric(contracts: Contracts) -> tuple[ShiftedBetaGeometric, Fit]:
    """The model under which these ends are likeliest, and how sure its parameters are.

    Raises ValueError where no contract ended, or all did in the first period.
    """
    if not contracts.ended.any():
        raise ValueError("no contract ended: there is no chance of leaving to learn")
    if not contracts.ended[1:].any() and not contracts.went_on.any():
        raise ValueError("every contract ended in the first period")
    customers = float(contracts.ended.sum() + contracts.went_on.sum())
    fit = maximised(partial(_likelihood, contracts), {"alpha": 1.0, "beta": 2.0}, customers=customers)
    return ShiftedBetaGeometric(**fit.parameters), fit


def _likelihood(contracts: Contracts, parameters: Numbers) -> tuple[float, Numbers]:
    alpha, beta = parameters
    t = np.arange(1, len(contracts.ended) + 1, dtype=np.float64)
    common, both = betaln(alpha, beta), digamma(alpha + beta)
    ended = betaln(alpha + 1, beta + t - 1) - common
    went_on = betaln(alpha, beta + t) - common
    whole = both - digamma(alpha + beta + t)
    by_alpha = contracts.ended @ (whole + digamma(alpha + 1) - digamma(alpha)) + contracts.went_on @ whole
    by_beta = contracts.ended @ (whole + digamma(beta + t - 1) - digamma(beta))
    by_beta += contracts.went_on @ (whole + digamma(beta + t) - digamma(beta))
    return float(contracts.ended @ ended + contracts.went_on @ went_on), np.array([by_alpha, by_beta])
