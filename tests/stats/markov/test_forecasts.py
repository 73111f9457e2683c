"""Forecasts with all that may vary: simulated firms whose future falls into the intervals as often as promised."""

from __future__ import annotations

import numpy as np
import pytest

from zhike.stats.markov.chain import Numbers, chain_of, known_chain
from zhike.stats.markov.forecasts import Inflow, forecast_between, held_out
from zhike.stats.markov.values import forecast

SHARES = np.array([[0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.05, 0.15, 0.8]])
NOBODY = Inflow(np.zeros(3))


def months(draw: np.random.Generator, stock: Numbers, joining: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Moves and stocks month by month."""
    moves, stocks = [], [stock]
    for month in range(count):
        moved = draw.multinomial(stocks[-1].astype(int), SHARES)
        moves.append(moved)
        stocks.append(moved.sum(axis=0) + joining[month])
    return np.array(moves, float), np.array(stocks, float)


@pytest.mark.parametrize("shape", [None, 4.0], ids=["Poisson", "twice as varied"])
def test_the_future_is_within_the_intervals_as_often_as_promised(shape: float | None) -> None:
    """A year of moves of a few hundred customers is known; then what comes after 1, 6 and 12 months is looked at."""
    draw, looks = np.random.default_rng(3), 150
    held = np.zeros((13, 3))
    for _look in range(looks):
        rates = np.full(24, 20.0) if shape is None else 20 * draw.gamma(shape, 1 / shape, 24)
        joining = np.zeros((24, 3))
        joining[:, 0] = draw.poisson(rates)
        moves, stocks = months(draw, np.array([100.0, 100, 100]), joining, 24)
        inflow = Inflow(joining[:12].mean(axis=0), joining[:12])
        found = forecast_between(chain_of(moves[:12].sum(axis=0)), stocks[12], inflow, 12, seed=1)
        assert found.low is not None
        assert found.high is not None
        held += (found.low <= stocks[12:]) & (stocks[12:] <= found.high)
    for month in (1, 6, 12):
        assert held[month].mean() / looks >= 0.9
    assert held[1:].mean() / looks <= 0.99  # and not because they are endless


def test_what_is_expected_is_the_forecast_and_lies_within() -> None:
    chain = chain_of(50 * SHARES)
    stock, mean = np.array([10.0, 0, 2.5]), np.array([1.5, 0, 0])
    found = forecast_between(chain, stock, Inflow(mean), 6, seed=1)
    assert found.values == pytest.approx(forecast(chain.shares, stock, mean, 6))
    assert found.low is not None
    assert found.high is not None
    assert (found.low <= found.values).all()
    assert (found.values <= found.high).all()
    assert found.low[0].tolist() == found.high[0].tolist() == stock.tolist()
    assert (found.low >= 0).all()


def test_of_known_shares_the_moves_still_vary() -> None:
    """Binomial, since nobody else joins and only one state is looked at."""
    found = forecast_between(known_chain(SHARES), np.array([1000.0, 0, 0]), NOBODY, 1, seed=1)
    assert found.low is not None
    assert found.high is not None
    assert found.low[1, 0] == pytest.approx(600 - 1.96 * np.sqrt(240), abs=4)
    assert found.high[1, 0] == pytest.approx(600 + 1.96 * np.sqrt(240), abs=4)


@pytest.mark.parametrize("seen", [np.zeros((12, 3)), np.zeros((0, 3)), np.array([[4.0, 0, 0]])])
def test_few_or_no_months_of_who_joined_are_enough(seen: Numbers) -> None:
    mean = seen.mean(axis=0) if len(seen) else np.zeros(3)
    found = forecast_between(chain_of(50 * SHARES), np.zeros(3), Inflow(mean, seen), 2, seed=1)
    assert found.high is not None
    assert np.isfinite(found.high).all()
    assert bool(found.high.any()) == bool(seen.sum())


def test_huge_numbers_are_no_trouble() -> None:
    found = forecast_between(chain_of(1e12 * SHARES), np.full(3, 1e15), Inflow(np.full(3, 1e15)), 3, seed=1)
    assert found.low is not None
    assert found.low[3].sum() == pytest.approx(12e15, rel=1e-3)


def test_a_forecast_of_a_year_ago_is_held_against_what_came() -> None:
    draw = np.random.default_rng(5)
    joining = np.zeros((24, 3))
    joining[:, 0] = draw.poisson(20, 24)
    moves, stocks = months(draw, np.array([500.0, 300, 300]), joining, 24)
    found = held_out(moves, stocks, joining, 12, prior=0.5, possible=None, seed=1)
    assert found.came.tolist() == stocks[12:].tolist()
    assert found.within >= 0.8
    assert found.error < 0.1
    turned = stocks.copy()
    turned[13:] = turned[13:, ::-1] * 2  # what comes is of another world
    wrong = held_out(moves, turned, joining, 12, prior=0.5, possible=None, seed=1)
    assert wrong.within < 0.3
    assert wrong.error > 0.3
