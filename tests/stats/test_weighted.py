"""Shares put together of strata, and of a group beside everybody: against published numbers and by simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zhike.stats.proportions import wilson
from zhike.stats.weighted import Stratum, lift, ratio, weighted_share


def test_a_ratio_has_the_interval_of_the_textbook() -> None:
    # Perondi et al. (2004), 7 of 34 against 1 of 34: Fagerland, Lydersen & Laake, "Statistical Analysis of
    # Contingency Tables" (2017), chapter 4, MOVER-R Wilson.
    found = ratio(7, 34, 1, 34)
    assert (round(found.low, 4), round(found.high, 4)) == (1.1537, 41.9763)
    turned = ratio(1, 34, 7, 34)
    assert (turned.low, turned.high) == pytest.approx((1 / found.high, 1 / found.low))


def test_a_ratio_to_what_nobody_has_has_no_upper_end() -> None:
    assert ratio(5, 50, 0, 50).high == math.inf
    assert ratio(5, 50, 0, 50).low > 0
    assert ratio(0, 50, 5, 50).low == 0
    assert ratio(0, 50, 5, 50).high < math.inf
    assert ratio(0, 0, 5, 50) == ratio(5, 50, 0, 0)


def test_one_stratum_has_wilsons_interval() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81 of 263.
    found = weighted_share([Stratum(7.0, 81, 263)])
    assert found is not None
    assert (round(found.interval.low, 4), round(found.interval.high, 4)) == (0.2553, 0.3662)
    assert found.interval.low == pytest.approx(wilson(81, 263).low)


def test_strata_count_by_their_weight() -> None:
    found = weighted_share([Stratum(900, 45, 50), Stratum(100, 10, 50), Stratum(0, 0, 0)])
    assert found is not None
    assert found.share == pytest.approx(0.9 * 0.9 + 0.1 * 0.2)
    # By hand, of Wilson's (0.7864, 0.9565) and (0.1124, 0.3304).
    low = math.hypot(0.9 * (0.9 - wilson(45, 50).low), 0.1 * (0.2 - wilson(10, 50).low))
    assert found.interval.low == pytest.approx(0.83 - low)
    assert weighted_share([Stratum(1, 1, 2), Stratum(1, 0, 0)]) is None
    assert weighted_share([]) is None


def test_a_weighted_share_covers_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(20260622)
    weights, truths, sizes = (0.6, 0.3, 0.1), (0.95, 0.7, 0.3), (20, 20, 20)
    truth = sum(weight * one for weight, one in zip(weights, truths, strict=True))
    inside = 0
    for _round in range(4000):
        strata = [
            Stratum(weight, int(draw.binomial(size, one)), size)
            for weight, one, size in zip(weights, truths, sizes, strict=True)
        ]
        found = weighted_share(strata)
        assert found is not None
        inside += found.interval.low <= truth <= found.interval.high
    assert inside / 4000 == pytest.approx(0.95, abs=0.015)


def test_a_lift_covers_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(7)
    group, rest, own, other = 200, 1800, 0.2, 0.05
    truth = own / ((group * own + rest * other) / (group + rest))
    inside = 0
    for _round in range(4000):
        count = int(draw.binomial(group, own))
        found = lift(count, group, count + int(draw.binomial(rest, other)), group + rest)
        assert found is not None
        inside += found.interval.low <= truth <= found.interval.high
    assert inside / 4000 == pytest.approx(0.95, abs=0.015)


def test_a_lift_says_how_many_times_as_frequent_something_is() -> None:
    found = lift(30, 100, 100, 1000)
    assert found is not None
    assert found.lift == pytest.approx(3)
    assert 1 < found.interval.low < 3 < found.interval.high < 10
    nobody_else = lift(5, 100, 5, 1000)
    assert nobody_else is not None
    assert (nobody_else.lift, nobody_else.interval.high) == (pytest.approx(10), pytest.approx(10))
    never = lift(0, 100, 50, 1000)
    assert never is not None
    assert (never.lift, never.interval.low) == (0, 0)
    assert lift(0, 0, 5, 10) is None
    assert lift(0, 10, 0, 100) is None
    everybody = lift(5, 10, 5, 10)
    assert everybody is not None
    assert (everybody.lift, everybody.interval.low) == (1, 1)
