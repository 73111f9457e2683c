"""Intervals of sums of what is expected: against simulation, and as often right as they say."""

from __future__ import annotations

import numpy as np
import pytest

from zhike.stats.lifetime.bg_nbd import BgNbd, fit_bg_nbd
from zhike.stats.lifetime.cells import Cells, grouped
from zhike.stats.lifetime.gamma_gamma import GammaGamma
from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric
from zhike.stats.lifetime.uncertainty import around, moved, squared_amounts, squared_purchases, squared_renewals

TRUE = BgNbd(0.5, 6.0, 0.9, 1.6, leaves_at_once=True)


def lives(draw: np.random.Generator, customers: int, age: float, horizon: float) -> tuple[Cells, np.ndarray]:
    """Histories up to `age`, and how many purchases each makes in the `horizon` after."""
    rate, leaves = draw.gamma(TRUE.r, 1 / TRUE.alpha, customers), draw.beta(TRUE.a, TRUE.b, customers)
    ages = draw.uniform(age / 2, age, customers)
    frequency, recency, later = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    now, alive = np.zeros(customers), draw.random(customers) > leaves
    while alive.any():
        now = np.where(alive, now + draw.exponential(1 / rate), np.inf)
        before, after = alive & (now <= ages), alive & (now > ages) & (now <= ages + horizon)
        frequency += before
        recency = np.where(before, now, recency)
        later += after
        alive = (before | after) & (draw.random(customers) > leaves)
    return grouped(frequency, recency, ages).cells, later


def test_the_square_of_purchases_is_that_of_simulated_lives() -> None:
    draw = np.random.default_rng(4)
    frequency, recency, age, horizon, count = 3.0, 20.0, 26.0, 52.0, 400_000
    cells = grouped([frequency], [recency], [age]).cells
    alive = draw.random(count) < TRUE.probability_alive(cells)
    rate = draw.gamma(TRUE.r + frequency, 1 / (TRUE.alpha + age), count)
    leaves = draw.beta(TRUE.a, TRUE.b + frequency + 1, count)
    bought = np.minimum(draw.poisson(rate * horizon), draw.geometric(leaves)) * alive
    assert bought.mean() == pytest.approx(TRUE.expected_purchases(cells, horizon)[0], rel=0.01)
    assert (bought**2.0).mean() == pytest.approx(squared_purchases(TRUE, cells, horizon)[0], rel=0.02)


def test_intervals_hold_what_comes_95_times_of_100() -> None:
    draw, held, horizon = np.random.default_rng(5), 0, 40.0
    for _ in range(120):
        cells, later = lives(draw, 1_000, 60.0, horizon)
        model, fit = fit_bg_nbd(cells, leaves_at_once=True)
        assert fit.covariance is not None
        n, mean = cells.customers, model.expected_purchases(cells, horizon)
        spreads = moved(
            lambda values, of=cells: BgNbd(*values, leaves_at_once=True).expected_purchases(of, horizon),
            model.parameters,
            fit.covariance,
        )
        chance = float(n @ (squared_purchases(model, cells, horizon) - mean**2))
        found = around(float(n @ mean), [n @ one for one in spreads], chance)
        held += found.low <= later.sum() <= found.high
    assert 108 <= held <= 119


def test_the_square_of_amounts_is_that_of_a_gamma() -> None:
    model, draw = GammaGamma(6.25, 3.74, 15.44), np.random.default_rng(6)
    x, z = 2.0, 22.35
    mu = model.p / draw.gamma(model.q + model.p * x, 1 / (model.gamma + x * z), 400_000)
    assert mu.mean() == pytest.approx(model.expected_mean(x, z), rel=0.01)
    one = [np.array([value]) for value in (x, 1.0, z, z**2)]
    assert squared_amounts(model, *one)[0] == pytest.approx((mu**2).mean(), rel=0.01)
    assert squared_amounts(GammaGamma(6.25, 1.5, 15.44), *(np.array([v]) for v in (0.0, 1.0, 0.0, 0.0)))[0] == np.inf


def test_the_square_of_renewals_is_that_of_simulated_contracts() -> None:
    model, draw = ShiftedBetaGeometric(0.8, 4.0), np.random.default_rng(7)
    ends = draw.geometric(draw.beta(0.8, 4.0 + 2, 400_000)) - 1
    worth = np.append(0, np.cumsum(1.01 ** -np.arange(12.0)))
    for most in (12, 3):
        seen = worth[np.minimum(ends, most)]
        found = squared_renewals(model, np.array([2.0]), discount=0.01, at_most=np.array([most]), most=12)
        assert found[0] == pytest.approx((seen**2).mean(), rel=0.01)
