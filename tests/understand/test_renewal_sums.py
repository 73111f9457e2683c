"""Sums of what is expected of contracts have intervals that hold what comes as often as they say."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from tests.understand.test_renewal_models import ALPHA, BETA, drawn

from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric
from zhike.understand.value.renewals.fitting import RenewalCounts, fit_renewals
from zhike.understand.value.renewals.sums import Sums, sums_of, together


def of(counts: RenewalCounts, *, months: int = 12) -> Sums:
    """The sums over the contracts that were in force, of 100 a year each, without an agreed end."""
    fitted = fit_renewals(counts).fitted
    assert fitted is not None
    assert fitted.fit.covariance is not None
    kept = counts.contracts * counts.is_in_force
    cells = {
        "renewed_count": counts.renewed[kept > 0],
        "renewals_left": np.full(int((kept > 0).sum()), -1.0),
        "contract_count": kept[kept > 0],
        "annual_premium_amount": kept[kept > 0] * 100,
        "squared_premium": kept[kept > 0] * 10_000,
    }
    return sums_of(pa.table(cells), fitted.model, fitted.fit.covariance.tolist(), months=months)


def test_intervals_hold_what_the_next_year_brings_95_times_of_100() -> None:
    held, held_premium = 0, 0
    for seed in range(200):
        counts = drawn(1_500, 8, seed)
        assert counts.later is not None
        found = of(counts)
        stay, premium = found.stay.interval, found.premium.interval
        assert stay is not None
        assert premium is not None
        held += stay.low <= found.contracts - counts.later.left.sum() <= stay.high
        held_premium += premium.low <= counts.later.paid.sum() * 1.1**-0.5 <= premium.high
    assert 182 <= held <= 198
    assert 182 <= held_premium <= 198


def test_premium_of_all_time_is_less_sure_than_that_of_a_year() -> None:
    found = of(drawn(5_000, 8, 3))
    year, ever = found.premium.interval, found.ever.interval
    assert year is not None
    assert ever is not None
    assert (ever.high - ever.low) / found.ever.estimate > (year.high - year.low) / found.premium.estimate


def test_lines_are_summed_up_as_models_fitted_apart() -> None:
    one, other = of(drawn(5_000, 8, 3)).stay, of(drawn(5_000, 8, 4)).stay
    both = together([one, other])
    assert both is not None
    assert both.estimate == one.estimate + other.estimate
    widths = [found.interval.high - found.interval.low for found in (one, other, both) if found.interval]
    assert widths[2] == pytest.approx(np.hypot(widths[0], widths[1]))
    assert together([]) is None


def test_without_standard_errors_there_is_no_interval() -> None:
    cells = {
        "renewed_count": [1.0],
        "renewals_left": [0.0],
        "contract_count": [5.0],
        "annual_premium_amount": [50.0],
        "squared_premium": [500.0],
    }
    found = sums_of(pa.table(cells), ShiftedBetaGeometric(ALPHA, BETA), None, months=1)
    assert (found.stay.estimate, found.stay.interval) == (0, None)
