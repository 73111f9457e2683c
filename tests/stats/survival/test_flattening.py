"""The hazard by period, and from when on it is flat: simulated customers, and what the intervals promise."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from tests.stats.survival.test_curves import PLACEBO, TREATED

from zhike.stats.proportions import wilson
from zhike.stats.survival.flattening import Flattening, _chance, flattening
from zhike.stats.survival.hazards import hazards, usual_period
from zhike.stats.survival.stays import Stays, stays_of


def drawn(draw: np.random.Generator, chances: list[float], size: int) -> Stays:
    """Customers who came evenly over the time watched, and leave in each period with its chance; from 1 on."""
    periods = len(chances)
    events, censored = np.zeros(periods), np.zeros(periods)
    there = size
    for place, chance in enumerate(chances):
        events[place] = draw.binomial(there, chance)
        there -= int(events[place])
        censored[place] = draw.binomial(there, 1 / (periods - place))
        there -= int(censored[place])
    return stays_of(np.arange(1, periods + 1), events, censored)


def looks(seed: int, chances: list[float], size: int, count: int = 200) -> list[Flattening]:
    draw = np.random.default_rng(seed)
    return [flattening(drawn(draw, chances, size)) for _look in range(count)]


def test_the_hazard_of_a_period_is_who_left_of_who_could() -> None:
    found = hazards(TREATED)
    assert found.since.tolist() == list(range(36))
    assert found.at_risk[[0, 5, 6, 7, 8, 9, 35]] == pytest.approx([21, 21, 21, 17, 16, 16, 1])
    assert found.events[[5, 6, 7, 9]].tolist() == [0, 3, 1, 0]
    assert found.hazard[[6, 7]] == pytest.approx([3 / 21, 1 / 17])
    assert found.intervals()[6].high == pytest.approx(wilson(3, 21).high)


def test_a_longer_period_has_who_left_within_it() -> None:
    found = hazards(TREATED, period=10)
    assert found.since.tolist() == [0, 10, 20, 30]
    assert found.events.tolist() == [4, 3, 2, 0]
    # Who was last seen within a period counts for as long as they were: the curve falls from .8067 to .6275 here.
    assert found.hazard[:2] == pytest.approx([1 - 0.8067, 1 - 0.6275 / 0.8067], abs=2e-4)
    fine = stays_of([0.1, 0.2, 0.30000000000000004, 0.7], [1, 1, 1, 1], [0] * 4)
    assert hazards(fine, period=0.1).events.tolist() == [0, 1, 1, 1, 0, 0, 0, 1]


def test_periods_that_cannot_be_are_refused() -> None:
    for period in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="no length"):
            hazards(TREATED, period=period)
    for stays in (stays_of([1e6], [1], [0]), stays_of([1e308], [1], [0])):
        with pytest.raises(ValueError, match="more than 10,000 periods"):
            flattening(stays)


def test_a_period_is_found_where_nobody_says_one() -> None:
    assert usual_period([TREATED, PLACEBO]) == 1
    assert usual_period([stays_of([0], [1], [0])]) == 1
    assert usual_period([stays_of([9_999], [1], [0])]) == 1
    assert usual_period([stays_of([0.5, 5.7], [1, 1], [0, 0])]) == pytest.approx(0.01)
    for longest in (10_000, 86_400 * 900, 1e308, 1e-5, 5e-324):
        stays = stays_of([longest], [1], [0])
        assert len(hazards(stays, period=usual_period([stays])).since) <= 10_000


def test_the_time_to_habit_of_a_made_up_company() -> None:
    """A tenth of the new leave in each of six months, and one in fifty of the others."""
    left, there = [100, 90, 81, 73, 66, 59], 531
    while len(left) < 36:
        left.append(round(there / 50))
        there -= left[-1]
    found = flattening(stays_of(np.arange(1, 37), left, [0] * 35 + [there]))
    assert (found.verdict, found.since) == ("flattens", 7)
    assert found.interval is not None
    assert found.interval.low <= 7 <= found.interval.high
    assert found.p is not None
    assert found.p < 1e-20
    assert [step.since for step in found.steps] == [1, 7]
    assert found.steps[0].hazard == pytest.approx(469 / (1000 + 900 + 810 + 729 + 656 + 590))


def test_what_is_constant_rises_or_is_too_little_has_no_time_to_habit() -> None:
    for chances, verdicts in (
        ([0.03] * 48, {"constant"}),
        ([0.01] * 10 + [0.05] * 30, {"rises"}),
        ([0.10] * 30 + [0.02] * 12, {"unsettled"}),  # flat for less long than it took
        ([0.7 / (1.9 + time) for time in range(48)], {"falls_on"}),  # halves whenever the time doubles
        ([0.2] * 4 + [0.06 * 0.985**time for time in range(44)], {"unsettled", "falls_on"}),
    ):
        found = Counter(one.verdict for one in looks(1, chances, 20_000, 60))
        assert sum(found[verdict] for verdict in verdicts) >= 50, (verdicts, found)
        assert set(found) >= verdicts
    nobody_left = flattening(stays_of([5, 9], [0, 0], [10, 10]))
    assert (nobody_left.verdict, nobody_left.since, nobody_left.interval) == ("too_few", None, None)
    assert [step.hazard for step in nobody_left.steps] == [0]
    assert flattening(TREATED).verdict == "too_few"
    assert flattening(stays_of([0], [9], [0])).verdict == "too_few"


def test_a_fall_comes_after_a_rise() -> None:
    """Nobody leaves at first, many after the trial, and few then."""
    chances = [0.0] * 2 + [0.02] * 2 + [0.15] * 3 + [0.02] * 36
    for found in looks(2, chances, 20_000, 20):
        assert (found.verdict, found.since) == ("flattens", 8)
        assert len(found.steps) >= 3
        assert found.steps[0].since == 3  # when the first leave


def test_what_rises_again_soon_is_not_flat_and_later_it_is_said_until_when() -> None:
    """As at the end of the contracts."""
    for found in looks(2, [0.15] * 3 + [0.02] * 7 + [0.1] * 20, 20_000, 20):
        assert (found.verdict, found.since, found.until) == ("rises_again", None, None)
    for found in looks(2, [0.15] * 3 + [0.02] * 30 + [0.1] * 6, 20_000, 20):
        assert (found.verdict, found.since) == ("flattens", 4)
        assert found.until is not None
        assert 30 <= found.until <= 34


def weibull(shape: float, scale: float) -> list[float]:
    return [1 - math.exp(-scale * ((month + 1) ** shape - month**shape)) for month in range(48)]


SEASONS = [0.05 * (1 + math.sin(2 * math.pi * month / 12) / 2) for month in range(48)]
WINTERS = [0.05 * (1 + math.cos(2 * math.pi * month / 12) / 2) for month in range(48)]


@pytest.mark.parametrize("size", [500, 3_000])
@pytest.mark.parametrize(
    "chances",
    [
        SEASONS,
        WINTERS,
        weibull(0.5, 0.3),
        weibull(0.7, 0.12),
        [0.12 * 0.96**month for month in range(48)],
        [0.7 / (1.9 + month) for month in range(48)],
    ],
    ids=["seasons", "winters", "Weibull ½", "Weibull 0.7", "Gompertz", "mixed"],
)
def test_seasons_and_a_hazard_that_falls_all_the_time_are_taken_for_habit_in_one_of_twenty_times(
    chances: list[float], size: int
) -> None:
    found = Counter(one.verdict for one in looks(7, chances, size, 100))
    assert found["flattens"] <= 5, found


def test_what_there_is_instead_is_said() -> None:
    assert Counter(one.verdict for one in looks(8, SEASONS, 5_000, 40))["seasonal"] >= 30
    assert Counter(one.verdict for one in looks(8, weibull(0.5, 0.3), 5_000, 40))["falls_on"] >= 36


def test_a_change_where_there_is_none_is_seen_one_in_twenty_times_at_most() -> None:
    for size in (200, 5_000):
        found = looks(3, [0.03] * 48, size, 400)
        error = math.sqrt(0.05 * 0.95 / 400)
        assert np.mean([one.verdict not in ("constant", "too_few") for one in found]) <= 0.05 + 3 * error


@pytest.mark.parametrize(
    ("chances", "truth", "size", "seen"),
    [
        ([0.10] * 6 + [0.03] * 42, 7, 500, 250),
        ([0.05] * 6 + [0.035] * 42, 7, 2_000, 150),  # hardly to be told from a fall that goes on
        ([0.2] + [0.08] * 5 + [0.03] * 42, 7, 2_000, 250),
        ([0.5] * 3 + [0.2] * 9, 4, 1_500, 250),
    ],
)
def test_the_interval_covers_what_it_promises(chances: list[float], truth: int, size: int, seen: int) -> None:
    found = [one for one in looks(4, chances, size, 300) if one.verdict == "flattens"]
    assert len(found) >= seen
    held = [one.interval is not None and one.interval.low <= truth <= one.interval.high for one in found]
    assert np.mean(held) >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / len(found))


def test_chance_is_no_smaller_than_it_is() -> None:
    """Three places to divide, whose normal scores hang together; against the integral over all of them."""
    shares = np.array([0.2, 0.5, 0.9])
    odds = shares / (1 - shares)
    alike = np.minimum.outer(odds, odds) / np.sqrt(np.outer(odds, odds))
    law = multivariate_normal(cov=alike, seed=1, abseps=1e-6, releps=1e-6)
    for most in (1.0, 2.0, 3.0, 4.0):
        within = law.cdf(np.full(3, most), lower_limit=np.full(3, -most))
        assert 1 - within <= _chance(most, shares) * (1 + 1e-3)
        # A bound that is hardly above: between two neighbours it is exact.
        assert _chance(most, shares) <= (1 - within) * 1.1
    assert _chance(40.0, shares) < 1e-300
    assert _chance(0.0, shares) == 1


def test_millions_do_not_make_steps_of_ripples() -> None:
    ripples = [0.1] * 6 + [0.03 * (1 + 0.05 * (-1) ** time) for time in range(42)]
    found = flattening(drawn(np.random.default_rng(5), ripples, 10_000_000))
    assert (found.since, len(found.steps)) == (7, 2)
