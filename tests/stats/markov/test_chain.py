"""Shares of counted moves, their intervals, and the intervals of what follows from them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta

from zhike.stats.markov.chain import NeverLeft, bootstrapped, chain_of, drawn, known_chain, share_intervals
from zhike.stats.markov.structure import stays

COUNTS = np.array([[30, 70, 0], [20, 0, 80], [5, 0, 95]])


def test_a_half_is_added_to_every_count() -> None:
    found = chain_of(COUNTS).shares
    assert found[0] == pytest.approx([30.5 / 101.5, 70.5 / 101.5, 0.5 / 101.5])
    assert found.sum(axis=1) == pytest.approx([1, 1, 1])
    assert chain_of(COUNTS, prior=0).shares == pytest.approx(COUNTS / 100)


def test_nothing_is_added_to_a_move_that_cannot_be() -> None:
    possible = np.array([[1, 1, 0], [1, 0, 1], [1, 0, 1]], bool)
    found = chain_of(COUNTS, possible=possible).shares
    assert found[0] == pytest.approx([30.5 / 101, 70.5 / 101, 0])
    with pytest.raises(ValueError, match="impossible move"):
        chain_of(COUNTS, possible=~np.eye(3, dtype=bool))


def test_an_absorbing_state_keeps_everybody_whatever_was_counted() -> None:
    found = chain_of(COUNTS, absorbing=[2])
    assert found.shares[2].tolist() == [0, 0, 1]
    intervals = share_intervals(found)
    assert intervals.low is not None
    assert intervals.low[2].tolist() == [0, 0, 1]


def test_a_state_that_was_never_left_is_named() -> None:
    counts = np.array([[1, 2], [0, 0]])
    with pytest.raises(NeverLeft) as error:
        chain_of(counts)
    assert error.value.places == (1,)
    assert chain_of(counts, absorbing=[1]).shares[1].tolist() == [0, 1]


@pytest.mark.parametrize(
    "counts", [[[1, -1], [1, 1]], [[1, np.nan], [1, 1]], [[np.inf, 1], [1, 1]], [[1, 2]], [], [[1, 2, 3], [1, 2, 3]]]
)
def test_what_is_no_matrix_of_counts_is_refused(counts: object) -> None:
    with pytest.raises(ValueError, match=r"square|count"):
        chain_of(counts)  # type: ignore[arg-type]


@pytest.mark.parametrize("prior", [-0.5, np.nan, np.inf])
def test_what_is_added_is_a_number(prior: float) -> None:
    with pytest.raises(ValueError, match="at least 0"):
        chain_of(COUNTS, prior=prior)


def test_known_shares_are_sure_and_sum_to_1() -> None:
    chain = known_chain([[0.33, 0.33, 0.33], [0, 1, 0], [0.5, 0.25, 0.25]])
    assert chain.shares[0] == pytest.approx([1 / 3] * 3)
    assert share_intervals(chain).low is None
    assert bootstrapped(chain, {"stays": stays}, seed=1)["stays"].low is None
    with pytest.raises(ValueError, match="sum to 1"):
        known_chain([[0.5, 0.4], [0, 1]])


def test_intervals_of_shares_are_jeffreys() -> None:
    """Of two states each row is one share: Brown, Cai & DasGupta (2001), with its ends at 0 of n and n of n."""
    found = share_intervals(chain_of([[7, 13], [0, 20]]))
    assert found.low is not None
    assert found.high is not None
    assert (found.low[0, 0], found.high[0, 0]) == pytest.approx(beta.ppf([0.025, 0.975], 7.5, 13.5))
    assert (found.low[1, 0], found.high[1, 0]) == pytest.approx((0, beta.ppf(0.975, 0.5, 20.5)))
    assert (found.low[1, 1], found.high[1, 1]) == pytest.approx((beta.ppf(0.025, 20.5, 0.5), 1))


def test_intervals_of_shares_cover() -> None:
    draw = np.random.default_rng(2)
    true = np.array([[0.3, 0.6, 0.1], [0.15, 0.25, 0.6], [0.05, 0.05, 0.9]])
    covered = []
    for _ in range(500):
        found = share_intervals(chain_of([draw.multinomial(60, row) for row in true]))
        covered.append((found.low <= true) & (true <= found.high))
    assert (np.mean(covered, axis=0) > 0.92).all()
    assert 0.93 < np.mean(covered) < 0.98


def test_draws_vary_as_their_counts_say_and_are_those_of_their_seed() -> None:
    chain = chain_of(COUNTS)
    stack = np.concatenate([*drawn(chain, 3, 4000)])
    assert stack.sum(axis=2) == pytest.approx(1)
    assert stack.mean(axis=0) == pytest.approx(chain.shares, abs=0.005)
    whole = chain.weights.sum(axis=1, keepdims=True)
    assert stack.std(axis=0) == pytest.approx(np.sqrt(chain.shares * (1 - chain.shares) / (whole + 1)), rel=0.06)
    assert (np.concatenate([*drawn(chain, 3, 4000)]) == stack).all()
    assert (np.concatenate([*drawn(chain, 4, 4000)]) != stack).all()


def test_what_does_not_vary_has_no_width() -> None:
    found = bootstrapped(chain_of([[10, 90], [0, 5]], absorbing=[1]), {"kept": lambda stack: stack[:, 1, 1]}, seed=1)
    assert (found["kept"].values, found["kept"].low, found["kept"].high) == (1, 1, 1)


def test_many_states_are_drawn_less_often_and_still_get_intervals() -> None:
    many = chain_of(np.full((100, 100), 3))
    assert sum(len(stack) for stack in drawn(many, 1)) == 500
    assert sum(len(stack) for stack in drawn(chain_of(COUNTS), 1)) == 2000
