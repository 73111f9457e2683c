"""Shares against published numbers, second implementations, and what they promise."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from zhike.stats.looks import false_discovery, level_of_selected
from zhike.stats.proportions import difference_p, difference_z, fisher_p, newcombe, wilson


def test_newcombe_published_his_interval() -> None:
    """Newcombe (1998), table II, method 10."""
    found = newcombe(56, 70, 48, 80)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [  # Newcombe (1998), table II, method 10
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombe_published_the_awkward_ones_too(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    found = newcombe(*counts)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


def test_wilson_published_his_interval() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857–872, table I, method 3."""
    for count, total, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        found = wilson(count, total)
        assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))
    assert wilson(29, 29).high == 1.0


def test_wilson_is_the_interval_of_its_score_test() -> None:
    found = wilson(17, 60)
    for border in (found.low, found.high):
        z = (17 / 60 - border) / math.sqrt(border * (1 - border) / 60)
        assert abs(z) == pytest.approx(1.959964, abs=1e-5)


def test_the_statistic_is_the_root_of_pearsons() -> None:
    a, b, c, d = 56, 14, 48, 32
    n = a + b + c + d
    pearson = n * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d))
    assert difference_z(56, 70, 48, 80) ** 2 == pytest.approx(pearson)


def test_fisher_published_the_lady_tasting_tea() -> None:
    """Fisher (1935): three of four cups told right; .486 on both sides."""
    assert fisher_p(3, 4, 1, 4) == pytest.approx(float(Fraction(34, 70)))


def test_fisher_agrees_with_whole_numbers() -> None:
    for a, n, b, m in ((0, 7, 3, 30), (5, 9, 1, 200), (2, 4, 2, 4), (9, 9, 0, 3), (1, 300, 4, 40)):
        tables = {k: math.comb(n, k) * math.comb(m, a + b - k) for k in range(max(0, a + b - m), min(n, a + b) + 1)}
        exact = Fraction(sum(one for one in tables.values() if one <= tables[a]), math.comb(n + m, a + b))
        assert fisher_p(a, n, b, m) == pytest.approx(float(exact), rel=1e-9)


def test_a_small_table_is_judged_exactly_and_a_large_one_by_the_curve() -> None:
    assert difference_p(3, 4, 1, 4) == fisher_p(3, 4, 1, 4)
    assert difference_p(56, 70, 48, 80) == pytest.approx(math.erfc(difference_z(56, 70, 48, 80) / math.sqrt(2)))
    assert difference_p(2, 10_000_000, 0, 3) == pytest.approx(1.0)


def test_nobody_tells_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert (newcombe(0, 0, 1, 2).low, newcombe(0, 0, 1, 2).high) == (-1.0, 1.0)
    assert difference_p(0, 0, 5, 9) == difference_p(0, 4, 0, 9) == difference_p(4, 4, 9, 9) == 1.0
    with pytest.raises(ValueError, match="3 of 2"):
        wilson(3, 2)


def test_a_difference_between_like_groups_is_called_one_in_twenty_times_at_most() -> None:
    draw = np.random.default_rng(4)
    for share, n, m in ((0.5, 200, 300), (0.03, 60, 900), (0.2, 15, 40), (0.01, 400, 10_000)):
        looks = 4000
        found = [
            difference_p(int(a), n, int(b), m)
            for a, b in zip(draw.binomial(n, share, looks), draw.binomial(m, share, looks), strict=True)
        ]
        error = math.sqrt(0.05 * 0.95 / looks)
        assert np.mean(np.array(found) <= 0.05) <= 0.05 + 3 * error


def test_newcombe_covers_what_it_promises() -> None:
    draw = np.random.default_rng(5)
    for p, n, q, m in ((0.8, 70, 0.6, 80), (0.1, 40, 0.02, 500), (0.5, 30, 0.5, 30)):
        looks = 3000
        held = 0
        for a, b in zip(draw.binomial(n, p, looks), draw.binomial(m, q, looks), strict=True):
            found = newcombe(int(a), n, int(b), m)
            held += found.low <= p - q <= found.high
        assert held / looks >= 0.94


def test_benjamini_and_hochberg_published_their_example() -> None:
    """Benjamini & Hochberg (1995), section 4: of fifteen tests four are findings, where Bonferroni leaves three."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528]
    p += [0.759, 1.0]
    found = false_discovery(p[::-1])[::-1]
    assert sum(q <= 0.05 for q in found) == 4
    assert sum(one <= 0.05 / 15 for one in p) == 3
    assert found[:4] == pytest.approx((0.0015, 0.003, 0.0095, 0.035625))
    assert list(found) == sorted(found)
    assert false_discovery([]) == ()


def test_of_what_is_found_a_twentieth_is_false_at_most() -> None:
    """A hundred looks, of which ten see something; half of them hang together as the values of a category do."""
    draw = np.random.default_rng(6)
    shares = []
    for _round in range(300):
        common = draw.normal(size=10)
        z = draw.normal(size=100)
        z[:50] = 0.7 * np.repeat(common, 5) + math.sqrt(0.51) * z[:50]
        z[90:] += 4
        found = np.array(false_discovery([math.erfc(abs(one) / math.sqrt(2)) for one in z])) <= 0.05
        shares.append(found[:90].sum() / max(1, found.sum()))
    assert np.mean(shares) <= 0.05 + 3 * np.std(shares) / math.sqrt(len(shares))


def test_intervals_of_what_was_picked_are_wider() -> None:
    assert level_of_selected(100, 100) == pytest.approx(0.95)
    assert level_of_selected(5, 100) == pytest.approx(0.9975)
    assert level_of_selected(0, 100) == pytest.approx(0.9995)
    assert level_of_selected(0, 0) == 0.95
