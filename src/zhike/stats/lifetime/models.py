"""The models of repeated buying under one name each, and what all of them can say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from zhike.stats.lifetime.bg_bb import fit_bg_bb
from zhike.stats.lifetime.bg_nbd import fit_bg_nbd
from zhike.stats.lifetime.cells import Cells, Numbers
from zhike.stats.lifetime.fitting import Fit
from zhike.stats.lifetime.pareto_nbd import fit_pareto_nbd


class BuyingModel(Protocol):
    """What customers of a history do later, by a model whose parameters are known."""

    def log_likelihood(self, cells: Cells) -> float:
        """Of all customers together."""

    def probability_alive(self, cells: Cells) -> Numbers:
        """That a customer still buys, by cell."""

    def expected_purchases(self, cells: Cells, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a customer makes in the time `horizon` after the observation, by cell."""

    def expected_purchases_of_new(self, horizon: npt.ArrayLike) -> Numbers:
        """How many purchases a new customer makes in the time `horizon` after the first."""


FITTED: Mapping[str, Callable[[Cells], tuple[BuyingModel, Fit]]] = {
    "bgnbd": fit_bg_nbd,
    "mbgnbd": partial(fit_bg_nbd, leaves_at_once=True),
    "paretonbd": fit_pareto_nbd,
    "bgbb": fit_bg_bb,
}


def discounted_purchases(model: BuyingModel, cells: Cells, *, horizon: float, rate: float, periods: int) -> Numbers:
    """The present value of one unit of money for each purchase within the time `horizon` to come, by cell.

    The horizon is cut into `periods` of one length; purchases of one are discounted from its middle by (1 + `rate`) for
    the whole length of one unit of time. With ever more periods this is the integral of Fader, Hardie & Lee (2005),
    Journal of Marketing Research 42, 415–430, equation (1), up to the horizon.
    """
    borders = np.linspace(0, horizon, periods + 1)
    factors = (1 + rate) ** -((borders[1:] + borders[:-1]) / 2)
    worth, before = np.zeros(len(cells)), np.zeros(len(cells))
    for border, factor in zip(borders[1:], factors, strict=True):
        until = model.expected_purchases(cells, border)
        worth += (until - before) * factor
        before = until
    return worth
