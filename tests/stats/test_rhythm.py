"""Regularity of buying: what is found of what was put in, and how often a silence is called one wrongly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import betaprime

from zhike.stats.rhythm import Rhythm, fit_rhythm

Numbers = npt.NDArray[np.float64]


def watched(
    shape: int, *, customers: int = 4000, days: float = 900, seed: int = 5
) -> tuple[Numbers, Numbers, Numbers, float]:
    """Gaps, their sum and the silence of customers who buy on and on, watched for some days; and the sum of logs."""
    drawn = np.random.default_rng(seed)
    rates = drawn.gamma(1.5, 1 / 40, customers)
    gaps = drawn.gamma(shape, 1 / (shape * np.maximum(rates, 1e-3))[:, None], (customers, 600))
    at = gaps.cumsum(axis=1) - gaps[:, :1] * drawn.random(
        (customers, 1)
    )  # nobody is first seen on the day of a purchase
    seen = at <= days
    number = seen.sum(axis=1) - 1
    known = number >= 1
    last = np.where(seen, at, 0).max(axis=1)
    logs = np.where(seen, np.log(gaps), 0)[:, 1:].sum()
    return number[known].astype(float), (last - at[:, 0])[known], days - last[known], float(logs)


def test_the_chance_of_a_silence_is_that_of_an_inverted_beta() -> None:
    gaps, total, silence = np.array([2.0, 5.0, 40.0]), np.array([60.0, 10.0, 900.0]), np.array([90.0, 1.0, 20.0])
    for shape in (1, 2, 3, 4):
        found = Rhythm(shape, 1.7, 33.0, 0.0).silence_chance(gaps, total, silence)
        assert found == pytest.approx(betaprime(shape, 1.7 + shape * gaps, scale=33 + total).sf(silence))


@pytest.mark.parametrize("shape", [1, 2, 4])
def test_the_regularity_that_was_put_in_is_found(shape: int) -> None:
    gaps, total, _silence, logs = watched(shape)
    found = fit_rhythm(gaps, total, np.ones_like(gaps), logs)
    assert found.shape == shape


@pytest.mark.parametrize("shape", [1, 2, 4])
def test_customers_who_still_buy_are_hardly_called_quiet(shape: int) -> None:
    """Simulated, with a limit of 5 %: 6.2 % where buying is pure chance, 3.6 and 1.9 % where it is more regular.

    More than 5 % since only gaps that have ended are known, which are the shorter ones; fewer, since a silence is
    looked at somewhere within a gap.
    """
    gaps, total, silence, logs = watched(shape, customers=20_000, seed=6)
    found = fit_rhythm(gaps, total, np.ones_like(gaps), logs)
    own = gaps >= 2
    called = found.silence_chance(gaps, total, silence)[own] < 0.05
    assert called.mean() == pytest.approx({1: 0.0625, 2: 0.0357, 4: 0.0194}[shape], abs=0.004)
    # Of those who stopped half a year ago, who had bought every month or so, nearly all are.
    often = own & (total / gaps < 30)
    gone = found.silence_chance(gaps, total, silence + 180)[often] < 0.05
    assert gone.mean() > 0.9


def test_without_gaps_there_is_no_rhythm() -> None:
    nothing = np.array([])
    with pytest.raises(ValueError, match="at least one"):
        fit_rhythm(nothing, nothing, nothing, 0.0)
