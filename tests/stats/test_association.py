"""Confidence, lift and chance of rules: against published numbers, second implementations and by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import fisher_exact

from zhike.stats.association import associations, chance
from zhike.stats.looks import false_discovery, false_discovery_rates
from zhike.stats.proportions import wilson
from zhike.stats.weighted import lift

BASKETS = 9_835
RULES = [(69, 160, 1072), (19, 21, 792), (10, 40, 2513), (1, 1, 1), (5, 5, 300), (300, 400, 300), (0, 30, 30)]


def test_lift_and_confidence_are_those_that_were_published() -> None:
    """{herbs} → {root vegetables} and {liquor, red/blush wine} → {bottled beer}, as arules prints them."""
    found = associations([69, 19], [160, 21], [1072, 792], BASKETS)
    assert found.confidence == pytest.approx([0.43125, 0.9047619], abs=1e-7)
    assert found.lift == pytest.approx([3.956477, 11.235269], abs=1e-6)


def test_intervals_are_those_of_single_shares_and_lifts() -> None:
    found = associations(*zip(*RULES, strict=True), BASKETS, level=0.99)
    for place, (count, antecedent, consequent) in enumerate(RULES):
        share = wilson(count, antecedent, level=0.99)
        times = lift(count, antecedent, consequent, BASKETS, level=0.99)
        assert times is not None
        assert (found.confidence_low[place], found.confidence_high[place]) == pytest.approx((share.low, share.high))
        assert (found.lift_low[place], found.lift_high[place]) == pytest.approx(
            (times.interval.low, times.interval.high)
        )


def test_what_is_in_every_basket_has_a_lift_of_one() -> None:
    found = associations([5], [10], [5], 10)
    assert (found.lift[0], found.lift_low[0], found.lift_high[0]) == (1, 1, 1)
    assert chance([5], [10], [5], 10) == [1]


def test_chance_published_the_lady_tasting_tea() -> None:
    """Fisher (1935): three of four cups told right or all of them, 17 ways of 70."""
    assert chance([3, 4, 0], [4, 4, 4], [4, 4, 4], 8) == pytest.approx([17 / 70, 1 / 70, 1])


def test_chance_is_fishers_exact_test() -> None:
    draw = np.random.default_rng(8)
    for baskets in (12, 300, 9_835, 1_000_000):
        one, other = (draw.integers(1, min(baskets, 5_000), 40) for _side in range(2))
        fewest, most = np.maximum(0, one + other - baskets), np.minimum(one, other)
        expected = np.round(one * other / baskets).astype(int)
        count = np.clip(expected + draw.integers(-3, 12, 40), fewest, most)
        found = chance(count, one, other, baskets)
        for a, b, c, p in zip(count, one, other, found, strict=True):
            table = [[a, b - a], [c - a, baskets - b - c + a]]
            assert p == pytest.approx(fisher_exact(table, alternative="greater").pvalue, rel=1e-7)


def test_chance_is_told_of_ten_million_baskets_and_of_what_cannot_be_chance() -> None:
    found = chance([500, 100_000, 10_000], [50_000, 100_000, 100_000], [90_000, 100_000, 1_000_000], 10_000_000)
    assert found[0] == pytest.approx(0.0102566, abs=1e-6)  # 450 expected, 21 the standard error
    assert found[1] == 0
    assert found[2] == pytest.approx(0.5, abs=0.01)


def test_a_lift_covers_the_truth_as_often_as_it_says() -> None:
    draw = np.random.default_rng(9)
    for size, chances in ((10_000, (0.01, 0.02, 0.03)), (2_000, (0.02, 0.002, 0.1))):
        both, only_one, only_other = chances
        cells = draw.multinomial(size, [both, only_one, only_other, 1 - sum(chances)], 4000)
        cells = cells[cells[:, 0] > 0]
        found = associations(cells[:, 0], cells[:, 0] + cells[:, 1], cells[:, 0] + cells[:, 2], size)
        truth = both / ((both + only_one) * (both + only_other))
        inside = (found.lift_low <= truth) & (truth <= found.lift_high)
        assert inside.mean() == pytest.approx(0.95, abs=0.02)
        confidence = both / (both + only_one)
        inside = (found.confidence_low <= confidence) & (confidence <= found.confidence_high)
        assert inside.mean() == pytest.approx(0.95, abs=0.015)


def test_what_was_looked_at_and_is_no_finding_counts_as_a_look() -> None:
    p = [0.001, 0.2, 0.004, 0.03]
    assert false_discovery_rates(np.array(p), looks=7) == pytest.approx(false_discovery([*p, 1.0, 1.0, 1.0])[:4])
    assert len(false_discovery_rates(np.zeros(0), looks=7)) == 0


@pytest.mark.parametrize(
    "counts", [(3, 2, 9, 10), (3, 9, 2, 10), (1, 1, 11, 10), (0, 0, 3, 10), (-1, 2, 2, 10), (1, 6, 6, 10)]
)
def test_counts_that_cannot_be_are_refused(counts: tuple[int, int, int, int]) -> None:
    *rule, baskets = counts
    for statistic in (associations, chance):
        with pytest.raises(ValueError, match=r"cannot be \(rule 2\)"):
            statistic(*([1, one] for one in rule), baskets)
    with pytest.raises(ValueError, match="different lengths"):
        chance([1, 2], [1], [1], 5)
