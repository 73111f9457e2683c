"""Whether customers moved alike in both halves of the time: against SciPy's test, and as often as chance has it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from zhike.stats.markov.drifting import drift

SHARES = np.array([[0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.05, 0.15, 0.8]])
OTHERS = np.array([[0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.15, 0.15, 0.7]])


def test_the_statistic_is_the_sum_of_those_of_the_rows() -> None:
    draw = np.random.default_rng(1)
    moves = np.array([draw.multinomial([200, 300, 250], SHARES) for _month in range(6)], float)
    found = drift(moves)
    assert found is not None
    rows = [chi2_contingency(np.stack([moves[:3, row].sum(axis=0), moves[3:, row].sum(axis=0)])) for row in range(3)]
    assert found.statistic == pytest.approx(sum(one.statistic for one in rows))
    assert found.degrees == 6


def test_where_nothing_changed_one_in_twenty_is_called_changed() -> None:
    draw = np.random.default_rng(2)
    chances = []
    for _look in range(400):
        found = drift(np.array([draw.multinomial([40, 300, 25], SHARES) for _month in range(12)], float))
        assert found is not None
        chances.append(found.p)
    assert np.mean(np.array(chances) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_what_changed_is_named() -> None:
    draw = np.random.default_rng(3)
    moves = [draw.multinomial([300] * 3, shares) for shares in [SHARES] * 6 + [OTHERS] * 6]
    found = drift(np.array(moves, float))
    assert found is not None
    assert found.p < 1e-6
    assert found.place == (2, 0)
    assert found.before == pytest.approx(0.05, abs=0.02)
    assert found.after == pytest.approx(0.15, abs=0.02)
    assert found.distance == pytest.approx(0.1 / 3, abs=0.02)


@pytest.mark.parametrize("moves", [np.zeros((0, 2, 2)), np.zeros((4, 2, 2)), np.ones((1, 2, 2)), [np.eye(2)] * 4])
def test_where_nothing_can_be_compared_nothing_is_said(moves: object) -> None:
    assert drift(np.array(moves, float)) is None
