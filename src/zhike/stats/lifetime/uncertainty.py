"""How far sums of what a model expects may lie from what comes: parameters that are estimated, and chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, ndtri

from zhike.stats.lifetime.bg_nbd import BgNbd
from zhike.stats.lifetime.cells import Cells, Numbers
from zhike.stats.lifetime.gamma_gamma import GammaGamma
from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric
from zhike.stats.proportions import LEVEL, Interval

SMALLEST = 1e-10  # chances of so many purchases that add nothing any more
MOST = 5_000  # purchases within the horizon; who buys more often varies by little beside it


def around(estimate: float, spreads: npt.ArrayLike, variance: float, *, level: float = LEVEL) -> Interval:
    """The interval of a sum, by the normal distribution; it does not end below 0.

    `spreads` are what the sum moves by along each direction of `moved` (the delta method), `variance` is that of the
    sum where the parameters are known. Neither covers that the model may be wrong.
    """
    half = float(ndtri(0.5 + level / 2) * np.sqrt(np.sum(np.square(spreads)) + variance))
    return Interval(max(estimate - half, 0.0), estimate + half)


def moved(said: Callable[[Numbers], Numbers], parameters: npt.ArrayLike, covariance: npt.ArrayLike) -> list[Numbers]:
    """What `said` moves by, one standard error along each axis of the covariance of the parameters' logarithms.

    The squares of their sums over cells add up to the variance of the sum of `said` over these.
    """
    logs, spread = np.log(np.asarray(parameters, dtype=np.float64)), np.asarray(covariance, dtype=np.float64)
    lengths, axes = np.linalg.eigh(spread)
    steps = (axes * np.sqrt(np.maximum(lengths, 0))).T
    return [(said(np.exp(logs + step)) - said(np.exp(logs - step))) / 2 for step in steps]


def squared_purchases(model: BgNbd, cells: Cells, horizon: float) -> Numbers:
    """The mean square of the purchases within the time `horizon` to come, by cell.

    Σ (2n − 1) P(X ≥ n), where n purchases want somebody who is alive, n − 1 times not to have left, and a negative
    binomial count of at least n.
    """
    futures, place = cells.futures
    x = futures.frequency
    stayed = model.b + x + model.leaves_at_once
    z = horizon / (model.alpha + futures.age + horizon)
    found, there = np.zeros(len(x)), np.ones(len(x))
    going = np.arange(len(x))
    for n in range(1, MOST + 1):
        chance = there[going] * betainc(n, model.r + x[going], z[going])
        found[going] += (2 * n - 1) * chance
        there[going] *= (stayed[going] + n - 1) / (model.a + stayed[going] + n - 1)
        going = going[(chance > SMALLEST) | (n < x[going] * z[going])]
        if not len(going):
            break
    return model.probability_alive(cells) * found[place]


def squared_amounts(model: GammaGamma, purchases: Numbers, count: Numbers, mean: Numbers, square: Numbers) -> Numbers:
    """The sum of E[μ²] of `count` customers each, μ being what one spends at a purchase on average.

    `mean` and `square` are sums over them of the mean seen and its square. Infinite where amounts have no variance.
    """
    x, p, q = purchases, model.p, model.q + model.p * purchases
    with np.errstate(divide="ignore"):
        whole = model.gamma**2 * count + 2 * model.gamma * x * mean + x**2 * square
        return np.asarray(np.where(q > 2, p**2 * whole / np.where(q > 2, (q - 1) * (q - 2), 1.0), np.inf))


def squared_renewals(
    model: ShiftedBetaGeometric, renewed: Numbers, *, discount: float, at_most: Numbers, most: int
) -> Numbers:
    """The mean square of the discounted number of renewals to come, as `expected_renewals` counts them.

    Σ over k of the chance of k renewals, times what the k-th adds to the square. No more than `most` are counted.
    """
    found, sums = np.zeros(len(renewed)), 0.0
    for k in range(1, most + 1):
        worth = (1 + discount) ** (1 - k)
        stays = model.survival(renewed + k) / model.survival(renewed)
        found += np.where(k <= at_most, stays * (worth**2 + 2 * worth * sums), 0.0)
        sums += worth
    return found
