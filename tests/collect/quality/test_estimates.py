"""Accuracy out of a sample: what it says, how sure that is, and how large the sample must be."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zhike.collect.quality.reviewing.estimates import HANDFUL, Judged, accuracy, sample_size
from zhike.collect.quality.reviewing.planning import allocated
from zhike.stats.proportions import wilson


def _ones(stratum: str, count: int, right: int) -> list[Judged]:
    return [Judged(stratum, 1, int(place < right)) for place in range(count)]


def test_who_were_all_looked_at_leave_nothing_to_chance() -> None:
    found = accuracy(_ones("", 40, 30), {"": 40}, {"": 40})
    assert found.share is not None
    assert (found.share.share, found.share.interval.low, found.share.interval.high) == (0.75, 0.75, 0.75)


def test_a_large_simple_sample_has_the_interval_of_wilson() -> None:
    found = accuracy(_ones("", 2000, 1600), {"": 2000}, {"": 10**9})
    expected = wilson(1600, 2000)
    assert found.share is not None
    assert found.share.interval.low == pytest.approx(expected.low, abs=2e-4)
    assert found.share.interval.high == pytest.approx(expected.high, abs=2e-4)


def test_strata_weigh_as_many_customers_as_they_have() -> None:
    judged = _ones("large", 50, 50) + _ones("small", 50, 0)
    found = accuracy(judged, {"large": 50, "small": 50}, {"large": 900, "small": 100})
    assert found.share is not None
    assert found.share.share == pytest.approx(0.9)


def test_fields_of_one_customer_are_not_observations_of_their_own() -> None:
    """A hundred customers with ten fields each, all right or all wrong, say as much as a hundred fields."""
    together = accuracy([Judged("", 10, 10 * (place < 80)) for place in range(100)], {"": 100}, {"": 10**9})
    apart = accuracy(_ones("", 100, 80), {"": 100}, {"": 10**9})
    assert together.share is not None
    assert apart.share is not None
    assert together.share.interval.low == pytest.approx(apart.share.interval.low, abs=1e-3)


def test_nothing_is_said_of_a_handful_less_one_or_without_a_stratum() -> None:
    few = _ones("", HANDFUL - 1, 3)
    assert accuracy(few, {"": len(few)}, {"": 100}).share is None
    judged = _ones("a", 20, 10)
    assert accuracy(judged, {"a": 20}, {"a": 100, "b": 100}).share is None
    assert accuracy([], {}, {"": 100}).fields == 0


def test_those_of_one_agent_stand_for_their_share_of_the_stratum() -> None:
    """Half of those that were sampled are hers, so she is thought to have half of the stratum."""
    found = accuracy(_ones("", 50, 40), {"": 100}, {"": 1000})
    alone = accuracy(_ones("", 50, 40), {"": 50}, {"": 500})
    assert found.share is not None
    assert alone.share is not None
    assert found.share.share == alone.share.share == pytest.approx(0.8)
    assert found.share.interval.low == pytest.approx(alone.share.interval.low, abs=0.005)


@pytest.mark.parametrize("truth", [0.8, 0.95])
def test_the_interval_holds_the_truth_as_often_as_it_says(truth: float) -> None:
    """Samples of 60 of a thousand customers with four fields each, whose errors come together."""
    draw = np.random.default_rng(20260630)
    chance = draw.beta(truth * 4, (1 - truth) * 4, 1000)
    right = draw.binomial(4, chance)
    real = right.sum() / 4000
    held = 0
    rounds = 400
    for _round in range(rounds):
        chosen = draw.choice(1000, 60, replace=False)
        found = accuracy([Judged("", 4, int(right[one])) for one in chosen], {"": 60}, {"": 1000})
        assert found.share is not None
        held += found.share.interval.low <= real <= found.share.interval.high
    assert 0.925 <= held / rounds <= 0.985


@pytest.mark.parametrize(("half_width", "share"), [(0.05, 0.8), (0.02, 0.95), (0.1, 0.5)])
def test_a_sample_is_as_large_as_its_interval_takes(half_width: float, share: float) -> None:
    size = sample_size(half_width, 10**9, share=share)

    def reach(count: int) -> float:
        interval = wilson(round(count * share), count)
        return max(share - interval.low, interval.high - share)

    assert reach(size) == pytest.approx(half_width, rel=0.06)  # whole customers
    assert sample_size(half_width, 100, share=share) < min(size, 100) + 1  # a small population asks for fewer
    assert sample_size(half_width, 0) == 0


def test_a_sample_of_a_small_population_follows_cochran() -> None:
    whole = sample_size(0.05, 10**9)
    assert sample_size(0.05, 500) == math.ceil(whole / (1 + (whole - 1) / 500))


def test_every_stratum_gets_some_and_the_large_ones_most() -> None:
    assert allocated(100, {"a": 1000, "b": 100, "c": 5}) == {"a": 78, "b": 17, "c": 5}
    assert allocated(10, {"a": 3, "b": 2}) == {"a": 3, "b": 2}
    assert sum(allocated(7, {"a": 100, "b": 100, "c": 100}).values()) == 7
