"""Predicted chances against what came."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from zhike.stats.chances import brier, by_tenths, gains, lift_at


def test_the_error_is_that_of_scikit_learn() -> None:
    drawn = np.random.default_rng(1)
    chances = drawn.random(500)
    came = drawn.random(500) < chances
    assert brier(chances, came) == pytest.approx(brier_score_loss(came, chances))


def test_tenths_hold_all_rows_and_equal_chances_stay_together() -> None:
    chances = np.repeat([0.1, 0.2, 0.9], [50, 30, 20])
    came = np.arange(100) % 10 == 0
    found = by_tenths(chances, came)
    assert [(one.number, one.customers, one.events) for one in found] == [(1, 50, 5), (6, 30, 3), (9, 20, 2)]
    assert found[2].predicted == pytest.approx(0.9)
    assert found[2].actual == 0.1
    assert found[2].interval.low < 0.1 < found[2].interval.high


def test_all_that_came_is_caught_by_the_best_where_chances_are_perfect() -> None:
    came = np.arange(100) < 10
    found = gains(came.astype(float), came, [0.05, 0.1, 1.0])
    assert [(one.caught, one.lift) for one in found] == [(0.5, 10.0), (1.0, 10.0), (1.0, 1.0)]


def test_equal_chances_catch_no_more_than_chance() -> None:
    came = np.arange(100) < 10
    assert [one.lift for one in gains(np.full(100, 0.1), came, [0.1, 0.5, 1.0])] == pytest.approx([1, 1, 1])


def test_the_interval_of_the_lift_holds_it_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(2)
    many = drawn.random(200_000) ** 3
    truth = lift_at(many, drawn.random(200_000) < many, 0.1).lift
    held = 0
    for _turn in range(300):
        chances = drawn.random(1000) ** 3
        found = lift_at(chances, drawn.random(1000) < chances, 0.1).interval
        held += found.low <= truth <= found.high
    assert held >= 0.93 * 300


def test_without_rows_or_events_nothing_is_said() -> None:
    nothing = np.array([])
    with pytest.raises(ValueError, match="at least one"):
        brier(nothing, nothing.astype(bool))
    with pytest.raises(ValueError, match="nothing came"):
        gains(np.array([0.5]), np.array([False]), [0.1])
