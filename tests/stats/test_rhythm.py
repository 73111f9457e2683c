"""Regularity of buying: what is found of what was put in, and how often a silence is called one wrongly."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import betainc

from zhike.stats.rhythm import Rhythm, fit_rhythm

Numbers = npt.NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, int]], Numbers]

SHAPES: dict[str, Draw] = {  # of gaps with a mean of about 1
    "poisson": lambda drawn, size: drawn.exponential(1, size),
    "erlang": lambda drawn, size: drawn.gamma(3, 1 / 3, size),
    "very regular": lambda drawn, size: drawn.gamma(30, 1 / 30, size),
    "lognormal": lambda drawn, size: np.exp(drawn.normal(-0.5, 1.2, size)),
    "mild lognormal": lambda drawn, size: np.exp(drawn.normal(-0.3, 0.8, size)),
    "bursts": lambda drawn, size: drawn.gamma(0.5, 2, size),
    "weibull": lambda drawn, size: drawn.weibull(0.7, size),
    "pareto": lambda drawn, size: drawn.pareto(2.2, size),
    "now and then regular": lambda drawn, size: np.where(
        drawn.random(size) < 0.5, drawn.gamma(8, 1 / 8, size), drawn.exponential(1, size)
    ),
}


def watched(draw: Draw, means: Numbers, *, days: int = 730, seed: int = 5) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Gaps, their sum, the silence and the squared shares of customers who buy on and on, in whole days."""
    drawn = np.random.default_rng(seed)
    gaps = draw(drawn, (len(means), 400)) * np.maximum(means, 4)[:, None]
    begun = drawn.random(len(means)) * 0.7 * days
    bought = np.concatenate([begun[:, None], begun[:, None] + gaps.cumsum(axis=1)], axis=1)
    found = []
    for one in bought:
        on = np.unique(one[one < days].astype(int))
        if len(on) > 2:
            apart = np.diff(on)
            found.append((len(apart), apart.sum(), days - on[-1], (apart**2).sum() / apart.sum() ** 2))
    gaps_, total, silence, squares = np.array(found, float).T
    return gaps_, total, silence, squares


def means_of(a: float, b: float, customers: int = 3000) -> Numbers:
    return np.random.default_rng(6).gamma(a, b, customers)


def test_the_chance_of_a_silence_is_an_incomplete_beta_function() -> None:
    gaps, total, silence = np.array([2.0, 5.0, 40.0]), np.array([60.0, 10.0, 900.0]), np.array([90.0, 1.0, 20.0])
    share = total / (total + silence)
    for shape in (1, 2, 3, 4):
        found = Rhythm(shape, 1.0).silence_chance(gaps, total, silence)
        assert found == pytest.approx(betainc(shape * gaps, shape, share))
    assert Rhythm(1, 0.5).silence_chance(gaps, total, silence) == pytest.approx(share ** (gaps / 2))


@pytest.mark.parametrize(("name", "shape"), [("poisson", 1), ("erlang", 3), ("very regular", 4)])
def test_the_regularity_that_was_put_in_is_found(name: str, shape: int) -> None:
    gaps, _total, _silence, squares = watched(SHAPES[name], means_of(1.2, 40))
    assert fit_rhythm(gaps, squares, np.ones_like(gaps)) == Rhythm(shape, 1.0)


def test_uneven_gaps_make_the_tail_heavier() -> None:
    gaps, _total, _silence, squares = watched(SHAPES["bursts"], means_of(1.2, 40))
    found = fit_rhythm(gaps, squares, np.ones_like(gaps))
    assert found.shape == 1
    assert 0.35 < found.tail < 0.65


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("days", "a", "b"), [(730, 1.2, 30), (365, 1, 120)])
def test_customers_who_never_stop_are_hardly_called_quiet(name: str, days: int, a: float, b: float) -> None:
    gaps, total, silence, squares = watched(SHAPES[name], means_of(a, b), days=days)
    found = fit_rhythm(gaps, squares, np.ones_like(gaps))
    called = found.silence_chance(gaps, total, silence) < 0.05
    assert called.mean() < 0.065  # 6 %, and what 3 000 customers differ by
    few = gaps <= 4
    assert called[few].mean() < 0.08


@pytest.mark.parametrize("every", [20, 60, 150])
def test_who_buys_on_any_day_with_the_same_chance_is_hardly_called_quiet(every: int) -> None:
    drawn = np.random.default_rng(7)
    found = []
    for begun in drawn.integers(0, 438, 4000):
        on = np.flatnonzero(drawn.random(730 - begun) < 1 / every) + begun
        if len(on) > 2:
            apart = np.diff(on)
            found.append((len(apart), apart.sum(), 729 - on[-1], (apart**2).sum() / apart.sum() ** 2))
    gaps, total, silence, squares = np.array(found, float).T
    called = fit_rhythm(gaps, squares, np.ones_like(gaps)).silence_chance(gaps, total, silence) < 0.05
    assert called.mean() < 0.06


def test_of_those_who_stopped_half_a_year_ago_most_are_quiet() -> None:
    for name in ("poisson", "erlang"):
        gaps, total, silence, squares = watched(SHAPES[name], means_of(1.2, 30))
        often = (gaps >= 5) & (total / gaps < 30)
        chance = fit_rhythm(gaps, squares, np.ones_like(gaps)).silence_chance(gaps, total, silence + 180)
        assert (chance[often] < 0.05).mean() > 0.9


def test_without_gaps_there_is_no_rhythm() -> None:
    nothing = np.array([])
    with pytest.raises(ValueError, match="two gaps"):
        fit_rhythm(nothing, nothing, nothing)


def test_gaps_that_are_all_alike_are_as_regular_as_it_gets() -> None:
    assert fit_rhythm(np.array([3.0]), np.array([20 / 3]), np.array([20.0])).shape == 4
