"""Survival curves against published numbers, lifelines, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter, NelsonAalenFitter
from lifelines.utils import median_survival_times, restricted_mean_survival_time

from zhike.stats.survival.curves import kaplan_meier, nelson_aalen
from zhike.stats.survival.stays import Stays, pooled, stays_of

# Freireich et al. (1963), remission of leukaemia in weeks; the table that every textbook takes.
TREATED = stays_of(
    [6, 7, 9, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 34, 35],
    [3, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0],
    [1, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 2, 1, 1],
)
PLACEBO = stays_of([1, 2, 3, 4, 5, 8, 11, 12, 15, 17, 22, 23], [2, 2, 1, 2, 2, 4, 2, 2, 1, 1, 1, 1], [0] * 12)
Z = 1.959963984540054

COUNTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=15).filter(
    lambda rows: any(left + stayed for _time, left, stayed in rows)
)


def one_by_one(stays: Stays) -> tuple[np.ndarray, np.ndarray]:
    """Duration and event of every customer, as other libraries want them."""
    times = np.concatenate([np.repeat(stays.durations, n.astype(int)) for n in (stays.events, stays.censored)])
    return times, np.arange(len(times)) < stays.events.sum()


def test_the_curve_of_the_textbooks() -> None:
    """Klein & Moeschberger (2003), table 4.1A; the band as SAS prints it (PROC LIFETEST, log–log)."""
    curve = kaplan_meier(TREATED)
    has_event = TREATED.events > 0
    assert TREATED.durations[has_event].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival[has_event].round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert curve.lower[has_event].round(4)[:3].tolist() == [0.6197, 0.5631, 0.5032]
    assert curve.upper[has_event].round(4)[:3].tolist() == [0.9516, 0.9228, 0.8894]
    errors = np.log(np.log(curve.lower) / np.log(curve.survival)) / Z * -np.log(curve.survival) * curve.survival
    assert errors[has_event].round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]


def test_the_medians_of_the_textbooks() -> None:
    """As SAS prints them with the interval of Brookmeyer & Crowley on the log–log scale."""
    treated, placebo = (kaplan_meier(one).quantile() for one in (TREATED, PLACEBO))
    assert (treated.duration, treated.low, treated.high) == (23, 13, None)
    assert (placebo.duration, placebo.low, placebo.high) == (8, 4, 11)


def test_the_cumulative_hazard_of_the_textbooks() -> None:
    """Klein & Moeschberger (2003), table 4.2."""
    found = nelson_aalen(TREATED)
    has_event = TREATED.events > 0
    assert found.hazard[has_event].round(4).tolist() == [0.1429, 0.2017, 0.2683, 0.3517, 0.4426, 0.5854, 0.7521]
    variances = (np.log(found.upper / found.hazard) / Z * found.hazard) ** 2
    assert variances[has_event].round(4).tolist() == [0.0068, 0.0103, 0.0147, 0.0217, 0.0299, 0.0503, 0.0781]


def test_lifelines_says_the_same() -> None:
    draw = np.random.default_rng(7)
    for _look in range(30):
        rows = int(draw.integers(1, 15))
        stays = stays_of(draw.integers(0, 12, rows), draw.integers(0, 5, rows), draw.integers(0, 4, rows) + 0.0)
        curve, hazard = kaplan_meier(stays), nelson_aalen(stays)
        other = KaplanMeierFitter().fit(*one_by_one(stays))
        added = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(*one_by_one(stays))
        at = stays.durations
        assert curve.survival == pytest.approx(other.survival_function_at_times(at).to_numpy())
        assert hazard.hazard == pytest.approx(added.cumulative_hazard_at_times(at).to_numpy())
        is_between = (curve.survival > 0) & (curve.survival < 1)
        band = other.confidence_interval_.loc[at].to_numpy()[is_between]
        assert np.column_stack([curve.lower, curve.upper])[is_between] == pytest.approx(band)
        if not np.isclose(curve.survival, 0.5).any():  # where lifelines goes by how it rounds
            median = curve.quantile().duration
            assert (math.inf if median is None else median) == other.median_survival_time_
        if at[-1] > 0:
            assert curve.restricted_mean().value == pytest.approx(restricted_mean_survival_time(other, t=at[-1]))


@settings(max_examples=200, deadline=None)
@given(COUNTS)
def test_any_counts_give_a_curve_within_its_band(rows: list[tuple[int, int, int]]) -> None:
    stays = stays_of(*zip(*rows, strict=True))
    curve, hazard = kaplan_meier(stays), nelson_aalen(stays)
    assert stays.customers == sum(left + stayed for _time, left, stayed in rows)
    assert (np.diff(curve.survival) <= 0).all()
    assert ((curve.lower <= curve.survival + 1e-12) & (curve.survival <= curve.upper + 1e-12)).all()
    assert ((hazard.lower <= hazard.hazard) & (hazard.hazard <= hazard.upper)).all()
    assert ((curve.lower >= 0) & (curve.upper <= 1)).all()
    median = curve.quantile()
    ends = [math.inf if one is None else one for one in (median.low, median.duration, median.high)]
    assert ends == sorted(ends)
    twice = kaplan_meier(stays_of(2 * stays.durations, stays.events, stays.censored))
    assert twice.lower.tolist() == curve.lower.tolist()


def test_the_interval_of_the_median_is_that_of_lifelines() -> None:
    draw = np.random.default_rng(11)
    for size in (30, 200, 3000):
        time, until = draw.geometric(0.08, size), draw.integers(1, 40, size)
        stays = stays_of(np.minimum(time, until), time <= until, time > until)
        other = KaplanMeierFitter().fit(*one_by_one(stays))
        expected = median_survival_times(other.confidence_interval_).to_numpy()[0]
        found = kaplan_meier(stays).quantile()
        assert [found.low, found.high] == [one if math.isfinite(one) else None for one in expected]


def test_counts_say_what_customers_say_one_by_one() -> None:
    times, left = one_by_one(TREATED)
    assert kaplan_meier(stays_of(times, left, ~left)).lower.tolist() == kaplan_meier(TREATED).lower.tolist()
    both = pooled([TREATED, PLACEBO])
    assert (both.customers, both.at_risk[0], both.events.sum()) == (42, 42, 30)


def test_half_is_half_however_it_is_rounded() -> None:
    """Of customers who all left, half have left after the middle one; the product of shares is not quite a half."""
    for count in range(2, 60, 2):
        stays = stays_of(np.arange(1, count + 1), np.ones(count), np.zeros(count))
        assert kaplan_meier(stays).quantile().duration == count / 2


def test_the_curve_is_read_off_between_and_beyond_its_durations() -> None:
    curve = kaplan_meier(TREATED)
    between, at_end, beyond = (curve.after(duration) for duration in (8.5, 35, 35.01))
    assert between is not None
    assert at_end is not None
    assert (between.survival, between.at_risk, between.events) == (pytest.approx(0.8067, abs=5e-5), 16, 4)
    assert (at_end.at_risk, beyond) == (1, None)
    gone = kaplan_meier(PLACEBO).after(100)  # all had left before
    assert gone is not None
    assert (gone.survival, gone.at_risk, gone.events) == (0, 0, 21)
    before = curve.after(0)
    assert before is not None
    assert (before.survival, before.at_risk, before.events, before.interval.high) == (1, 21, 0, 1)


def test_at_its_ends_the_band_is_that_of_the_likelihood_ratio() -> None:
    """Of n of whom none or all left, twice the logarithm of the ratio is −2n log S, or −2n log(1 − S)."""
    for count in (1, 7, 5000):
        stayed, left = stays_of([3], [0], [count]), stays_of([3], [count], [0])
        border = math.exp(-Z * Z / (2 * count))
        assert kaplan_meier(stayed).lower[0] == pytest.approx(border)
        assert kaplan_meier(left).upper[0] == pytest.approx(1 - border)
        assert (kaplan_meier(stayed).upper[0], kaplan_meier(left).lower[0]) == (1, 0)
        assert nelson_aalen(stayed).upper[0] == pytest.approx(Z * Z / (2 * count))
    placebo = kaplan_meier(PLACEBO)
    assert 0 < placebo.upper[-1] < placebo.upper[-2]


def test_the_mean_within_a_horizon_is_the_area_under_the_curve() -> None:
    """Of the placebo group everybody left, so it is the mean of 182 weeks, with the error of a mean."""
    times, _left = one_by_one(PLACEBO)
    found = kaplan_meier(PLACEBO).restricted_mean()
    assert found.value == pytest.approx(182 / 21)
    assert found.interval.high - found.value == pytest.approx(Z * times.std() / math.sqrt(21))
    assert kaplan_meier(PLACEBO).restricted_mean(1000).value == pytest.approx(182 / 21)
    nobody_left = kaplan_meier(stays_of([10, 20], [0, 0], [5, 50])).restricted_mean()
    assert (nobody_left.value, nobody_left.interval.high) == (20, 20)
    assert 18 < nobody_left.interval.low < 20
    huge = kaplan_meier(stays_of([1e300, 1e308], [1, 1], [0, 1])).restricted_mean()
    assert math.isfinite(huge.interval.high)


def test_intervals_cover_what_they_promise() -> None:
    """Customers who leave with one chance in twenty a period, watched for one to forty periods."""
    draw = np.random.default_rng(3)
    looks, chance, size = 1500, 0.05, 120
    times = np.arange(1, 41)
    truth = (1 - chance) ** times
    held = {"curve": np.zeros(3), "hazard": np.zeros(3), "median": 0, "mean": 0}
    for _look in range(looks):
        stay, until = draw.geometric(chance, size), draw.integers(1, 41, size)
        stays = stays_of(np.minimum(stay, until), stay <= until, stay > until)
        curve, hazard = kaplan_meier(stays), nelson_aalen(stays)
        places = np.searchsorted(stays.durations, [2, 10, 25], side="right") - 1
        at = stays.durations[places].astype(int)
        held["curve"] += (curve.lower[places] <= truth[at - 1]) & (truth[at - 1] <= curve.upper[places])
        held["hazard"] += (hazard.lower[places] <= chance * at) & (chance * at <= hazard.upper[places])
        median, mean = curve.quantile(), curve.restricted_mean(30.0)
        held["median"] += (median.low or math.inf) <= 14 <= (median.high or math.inf)
        held["mean"] += mean.interval.low <= 1 + truth[:29].sum() <= mean.interval.high
    for what, count in held.items():
        share = np.asarray(count) / looks
        assert (share >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / looks)).all(), (what, share)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (([], [], []), "no customers"),
        (([1, 2], [0, 0], [0, 0]), "no customers"),
        (([1], [1, 2], [0]), "different lengths"),
        (([-1], [1], [0]), "durations"),
        (([math.nan], [1], [0]), "durations"),
        (([math.inf], [1], [0]), "durations"),
        (([1], [-1], [3]), "events"),
        (([1], [1], [math.nan]), "censored"),
    ],
)
def test_counts_that_cannot_be_are_refused(counts: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stays_of(*counts)


def test_questions_that_have_no_answer_are_refused() -> None:
    with pytest.raises(ValueError, match="no level"):
        kaplan_meier(TREATED, level=1.0)
    with pytest.raises(ValueError, match="no share"):
        kaplan_meier(TREATED).quantile(1.5)
    for horizon in (0, -1, 36, math.nan, math.inf):
        with pytest.raises(ValueError, match="nobody was watched"):
            kaplan_meier(TREATED).restricted_mean(horizon)


def test_ten_million_customers_cost_as_much_as_their_durations() -> None:
    times = np.arange(1, 73)
    curve = kaplan_meier(stays_of(times, np.full(72, 50_000), np.full(72, 90_000)))
    assert curve.stays.customers == 10_080_000
    assert (np.diff(curve.survival) < 0).all()
    assert (curve.upper - curve.lower).max() < 0.002
