"""BG/NBD and MBG/NBD: customers buy at random until, after a purchase, they have had enough."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, digamma, expit, gammaln, hyp2f1, polygamma

from zhike.stats.lifetime.cells import Cells, Numbers
from zhike.stats.lifetime.fitting import Fit, maximised

FEWEST_DIGITS = 1e-6  # of 1, that must be left of a difference from 1: ten of sixteen digits
FAR = 40.0  # standard deviations of a logit, beyond which no chance lies
PANELS, NODES = 20, 12


@dataclass(frozen=True)
class BgNbd:
    """Rates of purchase are Gamma(r, alpha), chances to leave after a purchase Beta(a, b).

    Fader, Hardie & Lee (2005), Marketing Science 24, 275–284. With `leaves_at_once` a customer may leave right after
    the first purchase, too: MBG/NBD of Batislam, Denizel & Filiztekin (2007), International Journal of Research in
    Marketing 24, 201–209, with the erratum of Wagner & Hoppe (2008) in the same journal 25, 225–226. Without, whoever
    bought once is sure to be alive.
    """

    r: float
    alpha: float
    a: float
    b: float
    leaves_at_once: bool = False

    @property
    def parameters(self) -> Numbers:
        """r, alpha, a and b."""
        return np.array(astuple(self)[:4])

    def log_likelihood(self, cells: Cells) -> float:
        """Of all customers together, times as they are.

        Equation (6) of Fader, Hardie & Lee; of MBG/NBD that of appendix A of Batislam et al., with one chance to leave
        more.
        """
        return _likelihood(cells, self.parameters, leaves_at_once=self.leaves_at_once)[0]

    def probability_alive(self, cells: Cells) -> Numbers:
        """That a customer has not left, by cell.

        Fader & Hardie's note “Computing P(alive) using the BG/NBD model” (2008, brucehardie.com/notes/021), its last
        equation; of MBG/NBD equation (5) of appendix A of Batislam et al.
        """
        return np.asarray(expit(-_leaving(cells, self.parameters, leaves_at_once=self.leaves_at_once)[0]))

    def expected_purchases(self, cells: Cells, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a customer makes in the time `horizon` after the observation, by cell.

        Equation (10) of Fader, Hardie & Lee; of MBG/NBD that of Wagner & Hoppe. Who is alive is as a new customer whose
        chances the history has told.
        """
        futures, place = cells.futures
        x = futures.frequency
        stayed = self.b + x + self.leaves_at_once
        later = _purchases(np.asarray(horizon), self.r + x, self.alpha + futures.age, np.full(len(x), self.a), stayed)
        return self.probability_alive(cells) * later[place]

    def expected_purchases_of_new(self, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a new customer makes within the time `horizon` after the first.

        Equation (9) of Fader, Hardie & Lee; of MBG/NBD that of Wagner & Hoppe, of those who do not leave at once.
        """
        r, alpha, a, b = self.parameters
        if not self.leaves_at_once:
            return _purchases(np.asarray(horizon, dtype=np.float64), r, alpha, a, b)
        return b / (a + b) * _purchases(np.asarray(horizon, dtype=np.float64), r, alpha, a, b + 1)


def fit_bg_nbd(cells: Cells, *, leaves_at_once: bool = False) -> tuple[BgNbd, Fit]:
    """The model under which these histories are likeliest, and how sure its parameters are.

    Raises ValueError where nobody came back.
    """
    came_back = cells.frequency > 0
    if not came_back.any():
        raise ValueError("nobody came back: there is no rate of buying to learn")
    times = np.average(cells.age, weights=cells.customers)
    rate = np.average(cells.frequency, weights=cells.customers) / times
    start = {"r": 0.5, "alpha": 0.5 / rate, "a": 1.0, "b": 2.0}
    likelihood = partial(_likelihood, cells, leaves_at_once=leaves_at_once)
    fit = maximised(likelihood, start, customers=float(cells.customers.sum()))
    return BgNbd(**fit.parameters, leaves_at_once=leaves_at_once), fit


def _leaving(cells: Cells, parameters: Numbers, *, leaves_at_once: bool) -> tuple[Numbers, Numbers, Numbers]:
    """The logarithm of the odds that a customer left after the last purchase; log(alpha + T) and log(alpha + t_x)."""
    r, alpha, a, b = parameters
    x, place = cells.frequencies.values, cells.frequencies.place
    chances = x + leaves_at_once  # how often one could leave
    with np.errstate(divide="ignore"):
        once = np.log(a) - np.log(np.where(chances > 0, b + chances - 1, np.inf))
    until_end = np.log(alpha + cells.ages.values)[cells.ages.place]
    until_last = np.log(alpha + cells.recency)
    return once[place] + (r + x)[place] * (until_end - until_last), until_end, until_last


def _likelihood(cells: Cells, parameters: Numbers, *, leaves_at_once: bool) -> tuple[float, Numbers]:
    """With its gradient. What depends on the number of purchases alone is summed up for each number there is."""
    r, alpha, a, b = parameters
    x, place, count = cells.frequencies.values, cells.frequencies.place, cells.customers
    chances = x + leaves_at_once
    odds, until_end, until_last = _leaving(cells, parameters, leaves_at_once=leaves_at_once)
    bought = (r + x)[place]
    left, log_of_both = _chance_and_log(odds)
    those = np.bincount(place, weights=count)
    who_left = np.bincount(place, weights=count * left)
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    common = common + gammaln(a + b) + gammaln(b + chances) - gammaln(b) - gammaln(a + b + chances)
    value = those @ common + count @ (log_of_both - bought * until_end)
    times = until_end + left * (until_last - until_end)
    ends = alpha + cells.age
    rates = (1 + left * (ends / (alpha + cells.recency) - 1)) / ends
    of_both = digamma(a + b) - digamma(a + b + chances)
    by_r = those @ (digamma(r + x) - digamma(r) + np.log(alpha)) - count @ times
    by_alpha = those.sum() * r / alpha - count @ (bought * rates)
    by_a = those @ of_both + who_left.sum() / a
    by_b = those @ (of_both + digamma(b + chances) - digamma(b))
    by_b -= who_left @ (1 / np.where(chances > 0, b + chances - 1, 1.0))
    return float(value), np.array([by_r, by_alpha, by_a, by_b])


def _chance_and_log(odds: Numbers) -> tuple[Numbers, Numbers]:
    """`expit(odds)` and `logaddexp(0, odds)` of one exponential: what a fit spends most of its time on."""
    smaller = np.exp(-np.abs(odds))
    both = 1 + smaller
    return np.where(odds > 0, 1.0, smaller) / both, np.maximum(odds, 0) + np.log(both)


def _purchases(
    horizon: npt.ArrayLike, r: npt.ArrayLike, alpha: npt.ArrayLike, a: npt.ArrayLike, b: npt.ArrayLike
) -> Numbers:
    """Purchases of a new customer whose rate is Gamma(r, alpha) and whose chance to leave after each is Beta(a, b).

    By Euler's transformation, so that neither parameters nor value of the hypergeometric function grow with r and b;
    where that overflows or loses digits, by adding up over the chances to leave.
    """
    t, r, alpha, a, b = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in (horizon, r, alpha, a, b)))
    a = np.where(np.abs(a - 1) < 1e-7, 1 + 1e-7, a)  # the limit, from beside it
    z = t / (alpha + t)
    with np.errstate(over="ignore", invalid="ignore"):
        gone = (1 - z) ** (a - 1) * hyp2f1(a - 1, a + b - 1 - r, a + b - 1, z)
        # Where everybody leaves at once, nothing times infinity: there the published form is the steady one.
        gone = np.where(np.isfinite(gone), gone, (1 - z) ** r * hyp2f1(r, b, a + b - 1, z))
        found = np.array((a + b - 1) / (a - 1) * (1 - gone))
        lost = ~(np.abs(1 - gone) > FEWEST_DIGITS) & (t > 0)
    if lost.any():
        found[lost] = _added_up(*(one[lost] for one in (t, r, alpha, a, b)))
    return found


def _added_up(t: Numbers, r: Numbers, alpha: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """The same as the integral over the chances p to leave: of Beta(p | a, b) (1 - (alpha / (alpha + p t))^r) / p.

    By Gauss and Legendre in panels of the logit of p, to 8 digits or more; outside of them what is integrated is a
    constant, times the chances themselves. All arrays are of one dimension.
    """
    middle, spread = digamma(a) - digamma(b), np.sqrt(polygamma(1, a) + polygamma(1, b))
    low = np.maximum(-20 - np.log(t / alpha) - np.log1p(r), middle - FAR * spread)
    high = np.maximum(np.minimum(36.0, middle + FAR * spread), low)
    found = betainc(a, b, expit(low)) * r * t / alpha
    found += betainc(b, a, expit(-high)) * -np.expm1(-r * np.log1p(t / alpha))
    at, weights = np.polynomial.legendre.leggauss(NODES)
    width = (high - low) / PANELS
    for panel in range(PANELS):
        logit = low[:, None] + width[:, None] * (panel + (at + 1) / 2)
        log_p = -np.logaddexp(0, -logit)
        chance = np.exp(a[:, None] * log_p - b[:, None] * np.logaddexp(0, logit) - betaln(a, b)[:, None])
        bought = -np.expm1(-r[:, None] * np.log1p(np.exp(log_p) * (t / alpha)[:, None]))
        found += (chance * bought * np.exp(-log_p)) @ weights * width / 2
    return found
