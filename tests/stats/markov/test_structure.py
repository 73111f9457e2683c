"""Where chains lead: stay, ends, absorption, steady state; against textbooks, powers of matrices and chance."""

from __future__ import annotations

import numpy as np
import pytest

from zhike.stats.markov.structure import (
    Ends,
    absorbing_places,
    end_probabilities,
    ends_of,
    periods_to_end,
    stays,
    steady_state,
)

# Kemeny & Snell (1960), Finite Markov Chains: the land of Oz (rain, nice, snow), where no two nice days follow.
OZ = np.array([[1 / 2, 1 / 4, 1 / 4], [1 / 2, 0, 1 / 2], [1 / 4, 1 / 4, 1 / 2]])
# And a walk of five steps with a barrier at each end.
WALK = np.array([[1, 0, 0, 0, 0], [0.5, 0, 0.5, 0, 0], [0, 0.5, 0, 0.5, 0], [0, 0, 0.5, 0, 0.5], [0, 0, 0, 0, 1.0]])


def test_the_weather_of_oz_settles_as_published() -> None:
    found = steady_state(OZ)
    assert found.shares == pytest.approx([0.4, 0.2, 0.4])
    assert (found.ends, found.period) == (Ends(((0, 1, 2),), ()), 1)
    assert np.linalg.matrix_power(OZ, 60)[0] == pytest.approx(found.shares)


def test_a_walk_between_barriers_ends_as_published() -> None:
    ends = ends_of(WALK)
    assert ends == Ends(((0,), (4,)), (1, 2, 3))
    assert periods_to_end(WALK, ends) == pytest.approx([0, 3, 4, 3, 0])
    assert end_probabilities(WALK, ends)[:, 0] == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    assert end_probabilities(WALK, ends).sum(axis=1) == pytest.approx(1)
    assert absorbing_places(WALK).tolist() == [True, False, False, False, True]


def test_with_several_ends_there_is_no_steady_state_and_the_ends_are_named() -> None:
    found = steady_state(WALK)
    assert found.shares is None
    assert found.ends.classes == ((0,), (4,))


def test_an_end_may_be_several_states() -> None:
    shares = np.array([[0.2, 0.5, 0.3, 0], [0, 0.4, 0, 0.6], [0, 0, 1, 0], [0, 0.9, 0, 0.1]])
    ends = ends_of(shares)
    assert ends == Ends(((1, 3), (2,)), (0,))
    assert end_probabilities(shares, ends)[0] == pytest.approx([5 / 8, 3 / 8])
    far = np.linalg.matrix_power(shares, 500)
    assert end_probabilities(shares, ends)[:, 0] == pytest.approx(far[:, [1, 3]].sum(axis=1))
    alone = steady_state(shares[np.ix_([1, 3], [1, 3])])
    assert alone.shares == pytest.approx([0.6, 0.4])


def test_states_that_are_passed_through_hold_nobody_in_the_end() -> None:
    shares = np.array([[0.5, 0.5, 0], [0, 0.2, 0.8], [0, 0.8, 0.2]])
    found = steady_state(shares)
    assert found.shares == pytest.approx([0, 0.5, 0.5])
    assert found.ends.passing == (0,)


def test_a_stock_that_goes_round_is_told_from_one_that_settles() -> None:
    ring = np.roll(np.eye(4), 1, axis=1)
    assert (steady_state(ring).period, steady_state(ring).shares.tolist()) == (4, [0.25] * 4)  # type: ignore[union-attr]
    even = np.array([[0, 0.3, 0, 0.7], [0.5, 0, 0.5, 0], [0, 1, 0, 0], [0.2, 0, 0.8, 0]])
    assert steady_state(even).period == 2
    shortcut = ring.copy()
    shortcut[0] = [0.1, 0.9, 0, 0]
    assert steady_state(shortcut).period == 1


def test_one_state_is_its_own_end() -> None:
    found = steady_state(np.array([[1.0]]))
    assert (found.shares, found.period) == (pytest.approx([1]), 1)
    assert periods_to_end(np.array([[1.0]]), found.ends).tolist() == [0]
    assert stays(np.array([[1.0]])).tolist() == [np.inf]


def test_stays_and_absorption_are_those_of_customers_drawn_one_by_one() -> None:
    draw = np.random.default_rng(5)
    shares = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0, 0, 1]])
    place, periods, stay, is_first = np.zeros(20_000, int), np.zeros(20_000), np.zeros(20_000), np.ones(20_000, bool)
    while (place != 2).any():
        periods += place != 2
        stay += is_first & (place == 0)
        place = (draw.random((20_000, 1)) > shares.cumsum(axis=1)[place]).sum(axis=1)
        is_first &= place == 0
    assert periods_to_end(shares, ends_of(shares))[0] == pytest.approx(periods.mean(), rel=0.02)
    assert stays(shares)[0] == pytest.approx(stay.mean(), rel=0.02)
