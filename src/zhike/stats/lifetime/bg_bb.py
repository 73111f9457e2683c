"""BG/BB: customers who may buy once in each period, as donors give or members come, until they are gone."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, digamma

from zhike.stats.lifetime.cells import Cells, Numbers
from zhike.stats.lifetime.fitting import Fit, maximised

MOST_WAYS = 5e6  # in which all the different histories can have come about


@dataclass(frozen=True)
class BgBb:
    """Chances to buy in a period are Beta(alpha, beta), chances to leave at its start Beta(gamma, delta).

    Fader, Hardie & Shang (2010), Marketing Science 29, 1086–1108. Of `Cells`, `frequency` counts the periods with a
    purchase, `recency` is the last of them and `age` the number of periods, all after the one of the first purchase.
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    @property
    def parameters(self) -> Numbers:
        """alpha, beta, gamma and delta."""
        return np.array(astuple(self))

    def log_likelihood(self, cells: Cells) -> float:
        """Of all customers together; equation (7) of the paper."""
        return _likelihood(cells, self.parameters)[0]

    def probability_alive(self, cells: Cells) -> Numbers:
        """That a customer has not left before the period after the last one, by cell; equation (11)."""
        a, b, c, d = self.parameters
        x, n = cells.frequency, cells.age
        here = betaln(a + x, b + n - x) - betaln(a, b) + betaln(c, d + n + 1) - betaln(c, d)
        return np.exp(here - self._each(cells))

    def expected_purchases(self, cells: Cells, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a customer makes in the next `horizon` periods, by cell; equation (13)."""
        a, b, c, d = self.parameters
        x, n = cells.frequency, cells.age
        bought = betaln(a + x + 1, b + n - x) - betaln(a, b)
        return np.exp(bought - self._each(cells)) * _periods_alive(c, d, n, horizon)

    def expected_purchases_of_new(self, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a new customer makes in the `horizon` periods after the first; equation (8)."""
        a, b, c, d = self.parameters
        return a / (a + b) * _periods_alive(c, d, np.zeros(1), horizon)

    def _each(self, cells: Cells) -> Numbers:
        weights, _purchases, _leaving = _ways(cells, self.parameters)
        return np.asarray(np.logaddexp.reduce(weights, axis=0))


def fit_bg_bb(cells: Cells) -> tuple[BgBb, Fit]:
    """The model under which these histories are likeliest, and how sure its parameters are.

    Raises ValueError where nobody came back, a time is no whole number of periods, or there are too many of them.
    """
    if not (cells.frequency > 0).any():
        raise ValueError("nobody came back: there is no chance of buying to learn")
    if (cells.recency % 1).any() or (cells.age % 1).any():
        raise ValueError("recency and age must be whole numbers of periods")
    if (cells.frequency > cells.recency).any():
        raise ValueError("there is at most one purchase in a period")
    if len(cells) * float((cells.age - cells.recency).max()) > MOST_WAYS:
        raise ValueError("there are too many different histories of too many periods: count in longer ones")
    start = {"alpha": 1.0, "beta": 1.0, "gamma": 0.5, "delta": 2.0}
    fit = maximised(partial(_likelihood, cells), start, customers=float(cells.customers.sum()))
    return BgBb(**fit.parameters), fit


def _periods_alive(c: float, d: float, since: Numbers, horizon: npt.ArrayLike) -> Numbers:
    """In how many of the `horizon` periods after the period `since` somebody has not left, over the chances.

    The sum of B(c, d + i) / B(c, d) over the periods, term by term: the published difference, which telescopes, loses
    its digits where gamma is near 1 or delta large. Of a period begun, the part.
    """
    starts, lengths = np.broadcast_arrays(since, np.asarray(horizon, dtype=np.float64))
    pairs, place = np.unique(np.stack([starts.ravel(), lengths.ravel()]), axis=1, return_inverse=True)
    first, last = pairs[0].astype(np.int64), np.floor(pairs.sum(axis=0)).astype(np.int64)
    # The share still there, from the first period on; a place more, that every sum ends before the end.
    still = np.exp(np.cumsum(np.log1p(-c / (c + d + np.arange(int(last.max()) + 1)))))
    sums = np.add.reduceat(still, np.stack([first, last], axis=1).ravel())[::2]
    found = np.where(last > first, sums, 0.0) + (pairs.sum(axis=0) - last) * still[last]
    return np.asarray(found[place.ravel()].reshape(starts.shape))


def _ways(cells: Cells, parameters: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Logarithms of the ways a history comes about, and for each the periods one was there and whether one left.

    The first row is to be there to the end, row i + 1 to leave i periods after the last purchase.
    """
    a, b, c, d = parameters
    x, last, n = cells.frequency, cells.recency, cells.age
    after = np.arange(int((n - last).max()))[:, None]
    there = np.vstack([n, last + after])
    left = np.vstack([np.zeros_like(n), np.ones((len(after), len(n)))])
    is_possible = np.vstack([np.full(len(n), True), after < n - last])
    ways = betaln(a + x, b + np.maximum(there, x) - x) - betaln(a, b) + betaln(c + left, d + there) - betaln(c, d)
    return np.where(is_possible, ways, -np.inf), there, left


def _likelihood(cells: Cells, parameters: Numbers) -> tuple[float, Numbers]:
    a, b, c, d = parameters
    ways, there, left = _ways(cells, parameters)
    value = np.logaddexp.reduce(ways, axis=0)
    share = np.exp(ways - value)
    x = cells.frequency
    bought = digamma(a + b) - digamma(a + b + there)
    leaving = digamma(c + d) - digamma(c + d + left + there)
    by = (
        bought + digamma(a + x) - digamma(a),
        bought + digamma(b + np.maximum(there, x) - x) - digamma(b),
        leaving + digamma(c + left) - digamma(c),
        leaving + digamma(d + there) - digamma(d),
    )
    gradient = np.array([cells.customers @ (share * one).sum(axis=0) for one in by])
    return float(cells.customers @ value), gradient
