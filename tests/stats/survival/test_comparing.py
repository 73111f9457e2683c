"""Tests of groups against published numbers, second implementations, and chance."""

from __future__ import annotations

import math

import numpy as np
import pytest
from lifelines.statistics import multivariate_logrank_test
from tests.stats.survival.test_curves import PLACEBO, TREATED, one_by_one

from zhike.stats.survival.comparing import log_rank, proportional_hazards
from zhike.stats.survival.curves import kaplan_meier
from zhike.stats.survival.stays import Stays, pooled, stays_of


def drawn(draw: np.random.Generator, chances: np.ndarray, size: int, until: int) -> Stays:
    """Customers who leave in each period with its chance, watched for up to so many periods."""
    left = draw.random((size, len(chances))) < chances
    stay = np.where(left.any(axis=1), left.argmax(axis=1) + 1, until + 1)
    seen = draw.integers(1, until + 1, size)
    return stays_of(np.minimum(stay, seen), stay <= seen, stay > seen)


def test_the_log_rank_test_of_the_textbooks() -> None:
    """As SAS prints it for the remissions of Freireich et al. (1963): χ² 16.7929, p < .0001."""
    found = log_rank([TREATED, PLACEBO])
    assert found is not None
    assert (round(found.statistic, 4), found.degrees) == (16.7929, 1)
    assert found.p == pytest.approx(4.17e-5, rel=1e-3)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_lifelines_says_the_same_of_so_many_groups(count: int) -> None:
    draw = np.random.default_rng(count)
    for size in (8, 60, 900):
        groups = [drawn(draw, np.full(30, draw.uniform(0.02, 0.2)), size, 25) for _group in range(count)]
        times, left = (np.concatenate(part) for part in zip(*map(one_by_one, groups), strict=True))
        names = np.repeat(np.arange(count), [int(one.customers) for one in groups])
        expected = multivariate_logrank_test(times, names, left)
        found = log_rank(groups)
        assert found is not None
        assert found.statistic == pytest.approx(expected.test_statistic)
        assert (found.degrees, found.p) == (count - 1, pytest.approx(expected.p_value))


def test_the_order_of_groups_does_not_matter() -> None:
    draw = np.random.default_rng(1)
    groups = [drawn(draw, np.full(20, chance), 300, 20) for chance in (0.05, 0.1, 0.15, 0.01)]
    for test in (log_rank, proportional_hazards):
        one, other = test(groups), test(groups[::-1])
        assert one is not None
        assert other is not None
        assert one.statistic == pytest.approx(other.statistic)


def test_a_group_that_could_not_be_seen_to_leave_is_left_out() -> None:
    early = stays_of([1], [0], [50])  # nobody of any group leaves before 3
    late = stays_of([3, 4, 9], [2, 1, 1], [0, 0, 5])
    other = stays_of([3, 5, 9], [1, 1, 0], [0, 1, 9])
    both = log_rank([late, other])
    assert log_rank([late, early, other]) == both
    assert both is not None
    assert both.degrees == 1


def test_where_nothing_can_be_told_nothing_is_said() -> None:
    stayed, left = stays_of([5], [0], [10]), stays_of([5], [3], [7])
    for groups in ([stayed, stayed], [left], [stayed, stays_of([1], [4], [0])]):
        assert proportional_hazards(groups) is None
    assert log_rank([stayed, stayed]) is None
    assert log_rank([left]) is None
    assert log_rank([stays_of([5], [3], [0]), stays_of([5], [4], [0])]) is None  # all leave at once
    alike = log_rank([left, left])
    assert alike is not None
    assert (alike.statistic, alike.p) == (pytest.approx(0), pytest.approx(1))
    assert proportional_hazards([left, left]) is None  # at one duration only
    # Only who is of the first group leaves while both could: the ratio of hazards is infinite.
    assert proportional_hazards([stays_of([1, 2], [5, 5], [0, 0]), stays_of([3, 4], [5, 5], [0, 0])]) is None


def _efron(groups: list[Stays], ratios: np.ndarray, changes: np.ndarray, scale: dict[float, float]) -> float:
    """Efron's partial likelihood customer by customer, where the ratio of group g is exp(b + c·g(t))."""
    times, left = (np.concatenate(part) for part in zip(*map(one_by_one, groups), strict=True))
    names = np.repeat(np.arange(len(groups)), [int(one.customers) for one in groups])
    value = 0.0
    for time, at in scale.items():
        risk = np.exp(ratios + changes * at)[names]
        leaving = (times == time) & left
        count = int(leaving.sum())
        value += float(np.log(risk[leaving]).sum())
        for place in range(count):
            value -= math.log(risk[times >= time].sum() - place / count * risk[leaving].sum())
    return value


def test_the_score_test_is_that_of_the_likelihood() -> None:
    """Against differences of the likelihood, counted customer by customer, at the fitted ratios."""
    draw = np.random.default_rng(8)
    groups = [drawn(draw, np.full(9, chance), 40, 8) for chance in (0.06, 0.1, 0.15)]
    everybody = pooled(groups)
    assert 10 < everybody.events.max() <= 16  # of more, there is no likelihood in the order of those who leave
    curve = np.concatenate([[1.0], kaplan_meier(everybody).survival])
    scale = {float(time): 1 - curve[place] for place, time in enumerate(everybody.durations) if everybody.events[place]}

    def at(parameters: np.ndarray) -> float:
        return _efron(groups, np.array([0, *parameters[:2]]), np.array([0, *parameters[2:]]), scale)

    def slopes(where: np.ndarray, step: float = 1e-3) -> tuple[np.ndarray, np.ndarray]:
        unit = np.eye(4) * step
        first = np.array([at(where + one) - at(where - one) for one in unit]) / (2 * step)
        second = [
            [at(where + a + b) - at(where + a - b) - at(where - a + b) + at(where - a - b) for a in unit] for b in unit
        ]
        return first, -np.array(second) / (4 * step * step)

    where = np.zeros(4)
    for _step in range(8):
        first, second = slopes(where)
        where[:2] += np.linalg.solve(second[:2, :2], first[:2])
    first, second = slopes(where)
    free = second[2:, 2:] - second[2:, :2] @ np.linalg.solve(second[:2, :2], second[:2, 2:])
    found = proportional_hazards(groups)
    assert found is not None
    assert found.degrees == 2
    assert found.statistic == pytest.approx(first[2:] @ np.linalg.solve(free, first[2:]), rel=1e-3)


def test_groups_that_do_not_differ_are_called_different_one_in_twenty_times_at_most() -> None:
    draw = np.random.default_rng(4)
    looks = 400
    chances = np.linspace(0.15, 0.03, 24)
    found = [[drawn(draw, chances, size, 24) for size in (60, 90, 150)] for _look in range(looks)]
    limit = 0.05 + 3 * math.sqrt(0.05 * 0.95 / looks)
    for test in (log_rank, proportional_hazards):
        outcomes = [test(groups) for groups in found]
        assert np.mean([one is not None and one.p <= 0.05 for one in outcomes]) <= limit


def test_proportional_hazards_of_many_who_leave_at_once_are_taken_for_such() -> None:
    """Two groups whose cumulative hazards keep their ratio; up to half of the customers leave at a time."""
    draw = np.random.default_rng(5)
    hazard = np.array([0.4, 0.1, 0.25, 0.05, 0.3, 0.1])
    found = [
        proportional_hazards([drawn(draw, 1 - np.exp(-ratio * hazard), 4000, 7) for ratio in (1.0, 1.7)])
        for _look in range(400)
    ]
    assert np.mean([one is not None and one.p <= 0.05 for one in found]) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_curves_that_cross_are_noticed_where_the_log_rank_test_sees_nothing() -> None:
    draw = np.random.default_rng(6)
    falling, rising = np.linspace(0.14, 0.02, 20), np.linspace(0.02, 0.2, 20)
    groups = [drawn(draw, falling, 1000, 22), drawn(draw, rising, 1000, 22)]
    one, other = (kaplan_meier(group) for group in groups)
    assert one.survival[5] < other.survival[5] - 0.2
    assert one.survival[19] > other.survival[19] + 0.05
    proportional, same = proportional_hazards(groups), log_rank(groups)
    assert same is not None
    assert proportional is not None
    assert proportional.p < 1e-6 * same.p
