"""What customers are worth: the published case, customers drawn one by one, every way to stop, intervals."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from zhike.stats.markov.chain import Numbers, bootstrapped, chain_of
from zhike.stats.markov.structure import ends_of
from zhike.stats.markov.values import (
    Endless,
    best_stopping,
    forecast,
    stopping_shares,
    terms_of,
    values_over,
    values_stopping_in,
    values_without_horizon,
)


def by_recency(*buying: float) -> Numbers:
    """Customers who buy with these probabilities by recency, and are given up after the last."""
    count = len(buying) + 1
    shares = np.zeros((count, count))
    for place, share in enumerate(buying):
        shares[place, [0, place + 1]] = share, 1 - share
    shares[-1, -1] = 1
    return shares


# Pfeifer & Carraway (2000): margin 40 on a purchase, 4 for a contact, 20 % a period.
PAPER = by_recency(0.3, 0.2, 0.15, 0.05)
TERMS = terms_of([40, 0, 0, 0, 0], [4, 4, 4, 4, 0], discount=0.2)
ENDS = ends_of(PAPER)


def test_values_over_four_periods_as_published() -> None:
    assert values_over(PAPER, TERMS, 4) == pytest.approx([50.115, 4.220, 0.592, -1.980, 0], abs=5e-4)


def test_values_without_horizon_as_published() -> None:
    found = values_without_horizon(PAPER, TERMS, ENDS)
    assert found == pytest.approx([52.320, 5.554, 1.251, -1.820, 0], abs=5e-4)
    assert values_over(PAPER, TERMS, 400) == pytest.approx(found)


def test_values_are_the_sum_of_powers_of_the_matrix() -> None:
    draw = np.random.default_rng(1)
    shares = draw.dirichlet(np.ones(6), size=6)
    terms = terms_of(draw.normal(10, 20, 6), draw.random(6), discount=0.07)
    step = shares / 1.07
    summed = sum(np.linalg.matrix_power(step, t) @ terms.reward for t in range(9))
    assert values_over(shares, terms, 8) == pytest.approx(summed)
    assert values_over(shares, terms, 0) == pytest.approx(terms.reward)


def test_values_are_those_of_customers_drawn_one_by_one() -> None:
    draw = np.random.default_rng(2)
    place, worth = np.zeros(200_000, int), np.zeros(200_000)
    for t in range(40):
        worth += TERMS.reward[place] / 1.2**t
        place = (draw.random((200_000, 1)) > PAPER.cumsum(axis=1)[place]).sum(axis=1)
    assert values_without_horizon(PAPER, TERMS, ENDS)[0] == pytest.approx(worth.mean(), abs=4 * worth.std() / 447)


def test_spending_on_the_published_customers_should_stop_at_recency_4() -> None:
    found = best_stopping(PAPER, TERMS)
    assert found.places.tolist() == [False, False, False, True, False]
    # By hand: the three equations that are left when nothing is spent at recency 4.
    equations = np.eye(3) - np.array([[0.3, 0.7, 0], [0.2, 0, 0.8], [0.15, 0, 0]]) / 1.2
    assert found.values[:3] == pytest.approx(np.linalg.solve(equations, [36, -4, -4]))
    assert found.values[3:].tolist() == [0, 0]


@pytest.mark.parametrize("discount", [0.0, 0.01, 0.2, 3.0])
def test_no_other_way_to_stop_is_worth_more(discount: float) -> None:
    draw = np.random.default_rng(3)
    for _case in range(30):
        shares = by_recency(0, 0, 0, 0)
        shares[:4] = draw.dirichlet(np.full(5, 0.4), size=4)
        shares[:4] = 0.95 * shares[:4] + 0.05 * np.eye(5)[4]
        terms = terms_of([*draw.normal(4, 8, 4), 0], [*draw.choice([0, 1, 5, 9], 4), 0], discount=discount)
        ends = ends_of(shares)
        found = best_stopping(shares, terms)
        ways = [np.array([*way, False]) for way in itertools.product([False, True], repeat=4)]
        allowed = [way for way in ways if not (way & (terms.cost == 0)).any()]
        every = [values_stopping_in(shares, terms, ends, way) for way in allowed]
        assert found.values == pytest.approx(np.max(every, axis=0), abs=1e-9)
        assert found.values == pytest.approx(values_stopping_in(shares, terms, ends, found.places))


def test_where_nothing_is_spent_there_is_nothing_to_stop() -> None:
    found = best_stopping(PAPER, terms_of([-5, -1, 0, 0, 0], np.zeros(5), discount=0.1))
    assert not found.places.any()


def test_without_discount_values_end_where_customers_do() -> None:
    found = values_without_horizon(PAPER, terms_of(TERMS.margin, TERMS.cost), ENDS)
    assert values_over(PAPER, terms_of(TERMS.margin, TERMS.cost), 500) == pytest.approx(found)
    with pytest.raises(Endless):
        values_without_horizon(PAPER, terms_of([40, 0, 0, 0, 1], [0] * 5), ENDS)
    endless = np.array([[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(Endless):
        best_stopping(endless, terms_of([1, 0], [0, 0]))
    # So small that it is none.
    with pytest.raises(Endless):
        best_stopping(endless, terms_of([1, 0], [0, 0], discount=1e-20))


@pytest.mark.parametrize(
    ("margin", "cost", "discount"), [([1, np.nan], [0, 0], 0), ([1, 1], [0, -1], 0), ([1, 1], [0, 0], -0.1)]
)
def test_terms_that_cannot_be_are_refused(margin: list[float], cost: list[float], discount: float) -> None:
    with pytest.raises(ValueError, match="costs"):
        terms_of(margin, cost, discount=discount)


def test_a_forecast_moves_the_stock_and_adds_who_joins() -> None:
    stock, inflow = np.array([100, 50, 20, 10, 0]), np.array([7, 0, 0, 0, 0])
    found = forecast(PAPER, stock, inflow, 3)
    assert found.shape == (4, 5)
    by_hand = stock
    for t in range(3):
        assert found[t] == pytest.approx(by_hand)
        by_hand = by_hand @ PAPER + inflow
    assert found[3] == pytest.approx(by_hand)
    assert found.sum(axis=1) == pytest.approx([180, 187, 194, 201])


def test_intervals_of_values_and_of_a_forecast_cover() -> None:
    draw = np.random.default_rng(4)
    possible = PAPER > 0
    stock = np.array([100, 50, 20, 10, 0])
    wanted = {
        "values": lambda stack: values_over(stack, TERMS, 6),
        "for good": lambda stack: values_without_horizon(stack, TERMS, ENDS),
        "forecast": lambda stack: forecast(stack, stock, np.zeros(5), 3)[:, 3],
    }
    true = {name: function(PAPER[None])[0] for name, function in wanted.items()}
    covered: dict[str, list[Numbers]] = {name: [] for name in wanted}
    for seed in range(250):
        counts = [draw.multinomial(150, row) for row in PAPER]
        chain = chain_of(counts, possible=possible, absorbing=[4])
        for name, found in bootstrapped(chain, wanted, seed=seed, draws=300).items():
            assert found.low is not None
            assert found.high is not None
            covered[name].append((found.low <= true[name] + 1e-9) & (true[name] <= found.high + 1e-9))
    for name in wanted:
        share = np.mean(covered[name], axis=0)
        assert (share > 0.9).all(), name
        assert share.mean() == pytest.approx(0.95, abs=0.035), name


def test_how_sure_the_best_stop_is_grows_with_what_was_counted() -> None:
    few, many = (
        stopping_shares(chain_of(PAPER * size, possible=PAPER > 0, absorbing=[4]), TERMS, ENDS, seed=1)
        for size in (20, 2000)
    )
    assert few is not None
    assert many is not None
    assert 0.5 < few[3] < 0.99
    assert many[3] == 1
    assert 0.05 < few[2] < 0.6
    assert many[2] < 0.01
