"""Pareto/NBD: customers buy at random until, at any moment, they are gone."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, hyp2f1

from zhike.stats.lifetime.cells import Cells, Numbers
from zhike.stats.lifetime.fitting import Fit, maximised

STEP = 1e-5  # on the scale of logarithms, for the gradient
PANELS, NODES = 6, 16


@dataclass(frozen=True)
class ParetoNbd:
    """Rates of purchase are Gamma(r, alpha), rates of leaving Gamma(s, beta).

    Schmittlein, Morrison & Colombo (1987), Management Science 33, 1–24; the equations are those of Fader & Hardie's
    note “A note on deriving the Pareto/NBD model and related expressions” (2005, brucehardie.com/notes/009).
    """

    r: float
    alpha: float
    s: float
    beta: float

    @property
    def parameters(self) -> Numbers:
        """r, alpha, s and beta."""
        return np.array(astuple(self))

    def log_likelihood(self, cells: Cells) -> float:
        """Of all customers together, times as they are; equation (18) of the note, with (19) and (20)."""
        return _value(cells, self.parameters)

    def probability_alive(self, cells: Cells) -> Numbers:
        """That a customer has not left, by cell; equations (36) and (37) of the note."""
        stay, leave = _terms(cells, self.parameters)
        return np.asarray(np.exp(stay - np.logaddexp(stay, leave)))

    def expected_purchases(self, cells: Cells, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a customer makes in the time `horizon` after the observation, by cell.

        Equation (41) of the note: the chance to be there, times what a customer of such a history does.
        """
        rate = (self.r + cells.frequency) / (self.alpha + cells.age)
        return self.probability_alive(cells) * rate * _time_alive(np.asarray(horizon), self.s, self.beta + cells.age)

    def expected_purchases_of_new(self, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a new customer makes within the time `horizon` after the first; equation (27)."""
        return self.r / self.alpha * _time_alive(np.asarray(horizon, dtype=np.float64), self.s, self.beta)


def fit_pareto_nbd(cells: Cells) -> tuple[ParetoNbd, Fit]:
    """The model under which these histories are likeliest, and how sure its parameters are.

    Raises ValueError where nobody came back.
    """
    if not (cells.frequency > 0).any():
        raise ValueError("nobody came back: there is no rate of buying to learn")
    times = float(np.average(cells.age, weights=cells.customers))
    rate = np.average(cells.frequency, weights=cells.customers) / times
    start = {"r": 0.5, "alpha": 0.5 / rate, "s": 0.5, "beta": 0.5 * times}
    fit = maximised(partial(_likelihood, cells), start, customers=float(cells.customers.sum()))
    return ParetoNbd(**fit.parameters), fit


def _time_alive(horizon: npt.ArrayLike, s: npt.ArrayLike, beta: npt.ArrayLike) -> Numbers:
    """How much of the time somebody is there whose rate of leaving is Gamma(s, beta)."""
    t, s, beta = np.broadcast_arrays(*map(np.asarray, (horizon, s, beta)))
    less = s - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        found = beta / less * -np.expm1(less * np.log(beta / (beta + t)))
    return np.asarray(np.where(np.abs(less) < 1e-9, beta * np.log1p(t / beta), found))


def _value(cells: Cells, parameters: Numbers, *, is_sought: bool = False) -> float:
    r, alpha, s, beta = parameters
    stay, leave = _terms(cells, parameters, is_sought=is_sought)
    common = gammaln(r + cells.frequency) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    with np.errstate(invalid="ignore"):
        return float(cells.customers @ (common + np.logaddexp(stay, leave)))


def _likelihood(cells: Cells, parameters: Numbers) -> tuple[float, Numbers]:
    """By differences: what the hypergeometric function changes with its first parameters has no closed form."""
    gradient = np.empty(len(parameters))
    for place in range(len(parameters)):
        up, down = parameters.copy(), parameters.copy()
        up[place] *= np.exp(STEP)
        down[place] *= np.exp(-STEP)
        higher, lower = (_value(cells, one, is_sought=True) for one in (up, down))
        gradient[place] = (higher - lower) / (2 * STEP * parameters[place])
    return _value(cells, parameters, is_sought=True), gradient


def _terms(cells: Cells, parameters: Numbers, *, is_sought: bool = False) -> tuple[Numbers, Numbers]:
    """Logarithms of what being there still, and of having left, make of the likelihood.

    While parameters are sought, no number where the published form has none: out there customers leave alike, the
    likelihood is flat, and a search would take long to get nowhere.
    """
    r, alpha, s, beta = parameters
    x = cells.frequency
    stay = -(r + x) * np.log(alpha + cells.age) - s * np.log(beta + cells.age)
    since, until = (_tail(r + x, alpha, s, beta, time) for time in (cells.recency, cells.age))
    with np.errstate(divide="ignore", invalid="ignore"):
        # The first is the larger; where the last purchase was at the end, they are equal and nobody can have left.
        between = since + np.log(-np.expm1(np.minimum(until - since, 0)))
    leave = np.log(s) - np.log(r + s + x) + between
    lost = ~(np.isfinite(since) & np.isfinite(until))
    if lost.any() and not is_sought:
        leave[lost] = _added_up(x[lost], cells.recency[lost], cells.age[lost], parameters)
    return stay, leave


def _added_up(x: Numbers, last: Numbers, end: Numbers, parameters: Numbers) -> Numbers:
    """The second term where the hypergeometric function overflows: the integral over the moment of leaving.

    Of s (alpha + t)^-(r + x) (beta + t)^-(s + 1), by Gauss and Legendre on the logarithm of the time since the last
    purchase in units of the time in which it falls to a third.
    """
    r, alpha, s, beta = parameters
    falling = (r + x) / (alpha + last) + (s + 1) / (beta + last)
    at, weights = np.polynomial.legendre.leggauss(NODES)
    width = np.log1p(falling * (end - last)) / PANELS
    found = np.zeros(len(x))
    for panel in range(PANELS):
        logs = width[:, None] * (panel + (at + 1) / 2)
        time = np.expm1(logs) / falling[:, None]
        fallen = (r + x)[:, None] * np.log1p(time / (alpha + last)[:, None])
        fallen += (s + 1) * np.log1p(time / (beta + last)[:, None])
        found += np.exp(logs - fallen) @ weights * width / 2 / falling
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(found * s) - (r + x) * np.log(alpha + last) - (s + 1) * np.log(beta + last))


def _tail(purchases: Numbers, alpha: float, s: float, beta: float, time: Numbers) -> Numbers:
    """The logarithm of what leaving any time after `time` adds, but for the factor s / (r + s + x).

    Of the note's two forms the one whose hypergeometric function has an argument between 0 and 1, transformed so that
    one of its parameters is 1: then it hardly grows with the number of purchases.
    """
    whole = purchases + s
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return _tail_of(purchases, whole, alpha, s, beta, time)


def _tail_of(purchases: Numbers, whole: Numbers, alpha: float, s: float, beta: float, time: Numbers) -> Numbers:
    if alpha >= beta:
        z = (alpha - beta) / (alpha + time)
        return np.asarray(-whole * np.log(alpha + time) - s * np.log1p(-z) + np.log(hyp2f1(1, purchases, whole + 1, z)))
    z = (beta - alpha) / (beta + time)
    return np.asarray(
        -whole * np.log(beta + time) + (1 - purchases) * np.log1p(-z) + np.log(hyp2f1(1, s + 1, whole + 1, z))
    )
