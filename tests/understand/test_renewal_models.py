"""Renewal models: what they learn from contracts of any age, what they expect, and how that turns out."""

from __future__ import annotations

import numpy as np
import pytest
from django.utils import translation

from zhike.stats.lifetime.shifted_beta_geometric import Contracts, ShiftedBetaGeometric
from zhike.understand.value.renewals.fitting import (
    FEWEST_ENDED,
    Later,
    RenewalCounts,
    expected_of,
    fit_renewals,
    held_out,
    survival_of,
)

ALPHA, BETA = 0.8, 4.0


def drawn(contracts: int, years: int, seed: int, *, term: int = 600) -> RenewalCounts:
    """Contracts of so many years at most that began in any of the last; `later` says what the year after brings."""
    draw = np.random.default_rng(seed)
    watched = draw.integers(0, years + 1, contracts)  # renewals that lie behind
    ends_at = draw.geometric(draw.beta(ALPHA, BETA, contracts)) - 1  # renewals before the one that does not come
    has_ended = ends_at < watched
    renewed = np.minimum(ends_at, watched)
    runs_out = watched >= term - 1  # without another renewal
    begun = watched < term
    draw_of = [has_ended, renewed, ends_at, watched, runs_out]
    has_ended, renewed, ends_at, watched, runs_out = (one[begun] for one in draw_of)
    rows, place = np.unique(np.stack([renewed, has_ended]), axis=1, return_inverse=True)
    left = np.bincount(place, ~has_ended & ~runs_out & (ends_at == watched))
    paid = np.bincount(place, ~has_ended & ~runs_out & (ends_at > watched))
    return RenewalCounts(
        renewed=rows[0].astype(float),
        contracts=np.bincount(place).astype(float),
        has_ended=rows[1].astype(float),
        is_in_force=1.0 - rows[1],
        later=Later(
            renewals_left=np.maximum(term - 1 - rows[0], 0) if term < 600 else np.full(len(rows[0]), -1.0),
            left=left.astype(float),
            premium=100.0 * np.bincount(place) * (1 - rows[1]),
            paid=100.0 * paid,
        ),
    )


def test_contracts_of_any_age_tell_how_customers_differ() -> None:
    found = fit_renewals(drawn(40_000, 8, 1))
    assert found.is_used
    assert found.fitted is not None
    assert (found.fitted.model.alpha, found.fitted.model.beta) == pytest.approx((ALPHA, BETA), rel=0.08)
    assert found.doubts == []


def test_intervals_cover_the_parameters_in_95_of_100_draws() -> None:
    covered = 0
    for seed in range(200):
        fitted = fit_renewals(drawn(1_500, 8, seed)).fitted
        assert fitted is not None
        of = fitted.fit.intervals["alpha"]
        covered += of.low <= ALPHA <= of.high
    assert 182 <= covered <= 198


def test_the_model_expects_the_ends_of_the_next_year_better_than_one_rate_does() -> None:
    off, off_by_rate = [], []
    for seed in range(20):
        judged = held_out(drawn(5_000, 8, seed), months=12, until="2025-06-30")
        assert judged is not None
        off.append(judged.predicted / judged.actual - 1)
        off_by_rate.append(judged.predicted_by_rate / judged.actual - 1)
    assert np.mean(off) == pytest.approx(0, abs=0.02)
    assert np.mean(off_by_rate) > 0.15  # those who are left are the more faithful


def test_what_runs_out_as_agreed_is_not_expected_to_leave_and_brings_no_premium() -> None:
    off, off_premium = [], []
    for seed in range(10):
        judged = held_out(drawn(60_000, 8, seed, term=3), months=12, until="2025-06-30")
        assert judged is not None
        off.append(judged.predicted / judged.actual - 1)
        off_premium.append(judged.premium_predicted / judged.premium_actual - 1)
    assert np.mean(off) == pytest.approx(0, abs=0.03)
    assert np.mean(off_premium) == pytest.approx(0, abs=0.01)


def test_the_premium_of_the_next_year_is_expected_better_than_by_one_rate() -> None:
    found = [held_out(drawn(5_000, 8, seed), months=12, until="2025-06-30") for seed in range(20)]
    judged = [one for one in found if one is not None]
    assert np.mean([one.premium_predicted / one.premium_actual - 1 for one in judged]) == pytest.approx(0, abs=0.01)
    assert np.mean([one.premium_by_rate / one.premium_actual - 1 for one in judged]) < -0.015


def test_premium_to_come_is_the_sum_of_the_renewals_discounted() -> None:
    model = ShiftedBetaGeometric(ALPHA, BETA)
    renewed, left = np.array([0.0, 3.0, 3.0, 3.0]), np.array([-1.0, -1.0, 2.0, 0.0])
    said = expected_of(model, renewed, left, months=12, yearly_rate=0.1)
    by_hand = [
        sum(model.survival(n + t) / model.survival(n) * 1.1 ** (0.5 - t) for t in range(1, int(most) + 1))
        for n, most in zip(renewed, (600, 600, 2, 0), strict=True)
    ]
    assert said.years_ever == pytest.approx(by_hand)
    assert said.years_of_premium == pytest.approx(
        [model.retention(1) * 1.1**-0.5, *[model.retention(4) * 1.1**-0.5] * 2, 0]
    )
    assert said.renewal_probability == pytest.approx([BETA / (ALPHA + BETA), *[(BETA + 3) / (ALPHA + BETA + 3)] * 2, 0])
    assert said.stay_probability == pytest.approx(said.renewal_probability)


def test_of_monthly_contracts_a_year_has_twelve_renewals() -> None:
    model = ShiftedBetaGeometric(ALPHA, BETA)
    said = expected_of(model, np.array([5.0, 5.0]), np.array([-1.0, 11.0]), months=1, yearly_rate=0.0)
    stays = model.survival(5 + np.arange(1, 13)) / model.survival(5)
    assert said.years_of_premium == pytest.approx([stays.sum() / 12, stays[:-1].sum() / 12])
    assert said.stay_probability == pytest.approx([stays[-1], 0])
    assert said.years_ever[0] == np.inf  # alpha is below 1: nobody knows where that ends
    assert said.years_ever[1] == pytest.approx(stays[:-1].sum() / 12)


def test_survival_is_that_of_kaplan_and_meier() -> None:
    seen = Contracts(ended=np.array([10.0, 5.0, 0.0]), went_on=np.array([20.0, 15.0, 0.0]))
    found = survival_of(seen, ShiftedBetaGeometric(1.0, 4.0))
    assert [(came, round(share, 6)) for came, share, _model in found] == [(50, 1.0), (50, 0.8), (20, 0.6)]
    assert [model for _came, _share, model in found] == pytest.approx([1.0, 0.8, 4 / 6])


@pytest.mark.parametrize(
    ("ended", "kind"), [(0, "none_ended"), (FEWEST_ENDED - 1, "few_ended")], ids=["nobody left", "a few left"]
)
def test_of_too_few_ends_nothing_is_said(ended: int, kind: str) -> None:
    counts = RenewalCounts(
        renewed=np.array([1.0, 2.0, 5.0]),
        contracts=np.array([ended, 0.0, 900.0]),
        has_ended=np.array([1.0, 1.0, 0.0]),
        is_in_force=np.array([0.0, 0.0, 1.0]),
        later=Later(np.full(3, -1.0), np.zeros(3), np.zeros(3), np.zeros(3)),
    )
    found = fit_renewals(counts)
    assert not found.is_used
    assert kind in [doubt.kind for doubt in found.doubts]
    assert all(doubt.text for doubt in found.doubts)
    assert held_out(counts, months=12, until="2025-06-30") is None


def test_what_speaks_against_a_model_is_worded_in_the_language_of_who_asks() -> None:
    nothing = RenewalCounts(np.array([3.0]), np.array([50.0]), np.array([0.0]), np.array([1.0]))
    at_once = RenewalCounts(np.array([0.0]), np.array([50.0]), np.array([1.0]), np.array([0.0]))
    for counts, kind in ((nothing, "none_ended"), (at_once, "all_ended")):
        [doubt] = fit_renewals(counts).doubts
        assert (doubt.kind, doubt.shown) == (kind, "")
        english = doubt.text
        with translation.override("zh-hans"):
            assert doubt.text != english
            assert doubt.text.isascii() is False
