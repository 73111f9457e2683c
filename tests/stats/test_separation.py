"""The area under the ROC curve and its interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pytest

from zhike.stats.separation import separation

Floats = npt.NDArray[np.float64]
Random = np.random.Generator


def test_a_published_area() -> None:
    """Readings of 109 scans: Hanley & McNeil (1982), Radiology 143, 29–36, table I."""
    normal, abnormal = np.repeat(range(1, 6), [33, 6, 6, 11, 2]), np.repeat(range(1, 6), [3, 2, 2, 11, 33])
    found = separation(abnormal.astype(float), normal.astype(float))
    assert found.area == pytest.approx(0.893, abs=0.0005)
    assert found.standard_error == pytest.approx(0.032, abs=0.002)  # theirs, by another formula
    assert 0.80 < found.interval.low < 0.83
    assert 0.93 < found.interval.high < 0.95


def test_the_standard_error_is_delongs() -> None:
    draw = np.random.default_rng(3)
    scores, others = draw.integers(0, 9, 23).astype(float), draw.integers(0, 7, 31).astype(float)
    wins = np.array([[(a > b) + (a == b) / 2 for b in others] for a in scores])
    variance = wins.mean(axis=1).var(ddof=1) / len(scores) + wins.mean(axis=0).var(ddof=1) / len(others)
    found = separation(scores, others)
    assert found.area == pytest.approx(wins.mean())
    assert found.standard_error == pytest.approx(math.sqrt(variance))


def test_its_standard_error_is_that_of_repeated_samples() -> None:
    draw = np.random.default_rng(8)
    found = [separation(draw.normal(1, 1, 60), draw.normal(0, 1, 300)) for _ in range(600)]
    areas = np.array([one.area for one in found])
    true = 0.5 * math.erfc(-1 / 2)  # Φ(1/√2)
    assert areas.mean() == pytest.approx(true, abs=0.005)
    assert np.mean([one.standard_error for one in found]) == pytest.approx(areas.std(), rel=0.1)
    assert np.mean([one.interval.low <= true <= one.interval.high for one in found]) >= 0.92


def test_turned_round_it_is_turned_round() -> None:
    draw = np.random.default_rng(4)
    scores, others = draw.normal(1, 1, 60), draw.normal(0, 1, 500)
    one, other = separation(scores, others), separation(others, scores)
    assert (one.area, one.interval.low) == pytest.approx((1 - other.area, 1 - other.interval.high))


def test_groups_that_do_not_meet_may_still_meet_a_little() -> None:
    """The variance found is 0 here, and yet fifty do not say all."""
    found = separation(np.arange(50.0) + 100, np.arange(50.0))
    assert (found.area, found.interval.high) == (1.0, 1.0)
    assert 0.9 < found.interval.low < 0.97
    assert separation(np.arange(50.0), np.arange(50.0) + 100).interval.low == 0.0


def test_one_score_for_all_says_nothing() -> None:
    found = separation(np.zeros(60), np.zeros(70))
    assert (found.area, found.standard_error) == (0.5, 0.0)
    assert found.interval.low < 0.5 < found.interval.high


def test_groups_of_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at least two"):
        separation(np.zeros(1), np.zeros(9))


def normal(area: float) -> Callable[[Random, int], Floats]:
    """Scores that beat standard normal ones in this share of pairs."""
    distance = math.sqrt(2) * NormalDist().inv_cdf(area)
    return lambda draw, count: draw.normal(distance, 1, count)


def of_two_kinds(draw: Random, count: int) -> Floats:
    """Half beat everybody, half are like the others: .75."""
    return draw.normal(0, 1, count) + np.where(draw.random(count) < 0.5, 20.0, 0.0)


@pytest.mark.parametrize(("count", "other_count"), [(50, 50), (50, 3_000), (400, 60)])
@pytest.mark.parametrize(
    ("area", "scores"),
    [(0.5, normal(0.5)), (0.75, normal(0.75)), (0.75, of_two_kinds), (0.95, normal(0.95)), (0.99, normal(0.99))],
)
def test_the_interval_has_the_true_area_in_it(
    area: float, scores: Callable[[Random, int], Floats], count: int, other_count: int
) -> None:
    draw = np.random.default_rng(5)
    rounds = 600
    found = [separation(scores(draw, count), draw.normal(0, 1, other_count)).interval for _ in range(rounds)]
    right = sum(one.low <= area <= one.high for one in found)
    assert right / rounds >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / rounds)
