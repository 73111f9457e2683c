"""Buy-till-you-die models against simulated customers, numeric integration and themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import comb

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta as beta_law

from zhike.stats.lifetime import bg_bb, bg_nbd, gamma_gamma, pareto_nbd, shifted_beta_geometric
from zhike.stats.lifetime.bg_bb import BgBb
from zhike.stats.lifetime.bg_nbd import BgNbd, fit_bg_nbd
from zhike.stats.lifetime.cells import Cells, grouped
from zhike.stats.lifetime.gamma_gamma import GammaGamma, fit_gamma_gamma, spending_of
from zhike.stats.lifetime.pareto_nbd import ParetoNbd, fit_pareto_nbd
from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric, contracts_of

CELLS = grouped([0, 1, 2, 7, 40, 3], [0, 5, 20, 30, 38, 39], [39, 30, 39, 39, 39, 39], [50, 9, 5, 4, 1, 2]).cells
PERIODS = grouped([0, 1, 2, 6, 3], [0, 1, 6, 6, 4], [6, 6, 6, 6, 4], [50, 9, 5, 4, 2]).cells
SPENDING = spending_of([1, 2, 7, 40], [10.0, 25.5, 3.25, 80.0], [4, 3, 2, 1])
CONTRACTS = contracts_of([100, 70, 55, 50])


@pytest.mark.parametrize(
    ("likelihood", "parameters"),
    [
        (lambda at: bg_nbd._likelihood(CELLS, at, leaves_at_once=False), [0.3, 5.0, 0.9, 2.0]),
        (lambda at: bg_nbd._likelihood(CELLS, at, leaves_at_once=True), [0.3, 5.0, 1.4, 0.5]),
        (lambda at: pareto_nbd._likelihood(CELLS, at), [0.6, 9.0, 0.7, 12.0]),
        (lambda at: pareto_nbd._likelihood(CELLS, at), [0.6, 12.0, 0.7, 9.0]),
        (lambda at: bg_bb._likelihood(PERIODS, at), [1.1, 0.8, 0.6, 2.5]),
        (lambda at: gamma_gamma._likelihood(SPENDING, at), [6.0, 4.0, 15.0]),
        (lambda at: shifted_beta_geometric._likelihood(CONTRACTS, at), [0.7, 1.2]),
    ],
)
def test_gradients_are_what_differences_say(
    likelihood: Callable[[np.ndarray], tuple[float, np.ndarray]], parameters: list[float]
) -> None:
    at = np.array(parameters)
    steps = np.diag(at * 1e-5)
    differences = [(likelihood(at + step)[0] - likelihood(at - step)[0]) / (2 * step.max()) for step in steps]
    assert likelihood(at)[1] == pytest.approx(differences, rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("a", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_expected_purchases_are_the_integral_over_all_customers(a: float, *, leaves_at_once: bool) -> None:
    model = BgNbd(0.8, 6.0, a, 2.5, leaves_at_once=leaves_at_once)

    def bought(p: float, time: float, r: float, alpha: float) -> float:
        return (1 - (alpha / (alpha + p * time)) ** r) / p

    def stays(p: float) -> float:
        return 1 - p if leaves_at_once else 1.0

    whole = quad(lambda p: bought(p, 20, 0.8, 6.0) * stays(p) * beta_law.pdf(p, a, 2.5), 0, 1)[0]
    assert model.expected_purchases_of_new(20) == pytest.approx(whole, rel=1e-5)
    # What a history tells: of each chance to leave how likely it is, and of who stayed how often they buy.
    x, t_x, age = 3, 20.0, 39.0
    chances = x + leaves_at_once
    stayed = quad(lambda p: beta_law.pdf(p, a, 2.5) * (1 - p) ** chances, 0, 1)[0] * (6.0 + age) ** -(0.8 + x)
    left = quad(lambda p: beta_law.pdf(p, a, 2.5) * p * (1 - p) ** (chances - 1), 0, 1)[0] * (6.0 + t_x) ** -(0.8 + x)
    alive = stayed / (stayed + left)
    later = quad(lambda p: bought(p, 13, 0.8 + x, 6.0 + age) * beta_law.pdf(p, a, 2.5 + chances), 0, 1)[0]
    cell = grouped([x], [t_x], [age]).cells
    assert model.probability_alive(cell) == pytest.approx(alive, rel=1e-6)
    assert model.expected_purchases(cell, 13) == pytest.approx(alive * later, rel=1e-5)


@pytest.mark.parametrize("alpha", [3.0, 30.0])
def test_pareto_nbd_is_the_integral_over_rates(alpha: float) -> None:
    """Both forms of the hypergeometric function, by integrating over the moment of leaving."""
    r, s, beta, x, t_x, age = 0.7, 0.9, 12.0, 4, 25.0, 39.0
    cell = grouped([x], [t_x], [age]).cells
    stay = (alpha + age) ** -(r + x) * (beta + age) ** -s
    leave = quad(lambda t: s * (alpha + t) ** -(r + x) * (beta + t) ** -(s + 1), t_x, age)[0]
    model = ParetoNbd(r, alpha, s, beta)
    assert model.probability_alive(cell) == pytest.approx(stay / (stay + leave), rel=1e-9)
    at_the_end = grouped([x], [age], [age]).cells
    assert model.probability_alive(at_the_end) == 1


@pytest.mark.parametrize(
    "parameters",
    [(0.01, 25.0, 110.0, 1.0), (0.7, 2000.0, 300.0, 100.0), (0.7, 0.5, 4000.0, 1e6), (5.0, 25.0, 1000.0, 1e4)],
)
def test_pareto_nbd_of_customers_who_leave_alike_is_a_number(parameters: tuple[float, float, float, float]) -> None:
    """Where rates of leaving hardly differ, the published form overflows; by integrating on the scale of the peak."""
    r, alpha, s, beta = parameters
    model = ParetoNbd(*parameters)
    for x, t_x, age in ((0, 0.0, 100.0), (1, 5.0, 80.0), (10, 60.0, 100.0)):
        falls = (r + x) / (alpha + t_x) + (s + 1) / (beta + t_x)

        def left(tau: float, x: int = x, t_x: float = t_x) -> float:
            return float(np.exp(-(r + x) * np.log1p(tau / (alpha + t_x)) - (s + 1) * np.log1p(tau / (beta + t_x))))

        points = [one for one in (1 / falls, 10 / falls, 100 / falls) if one < age - t_x]
        leave = s / (beta + t_x) * quad(left, 0, age - t_x, points=points or None, limit=500)[0]
        stay = np.exp(-(r + x) * np.log((alpha + age) / (alpha + t_x)) - s * np.log((beta + age) / (beta + t_x)))
        cell = grouped([x], [t_x], [age]).cells
        assert model.probability_alive(cell) == pytest.approx(stay / (stay + leave), rel=1e-6)
        assert np.isfinite(model.log_likelihood(cell))


def test_thousands_of_purchases_do_not_overflow() -> None:
    cells = grouped([5000, 5000], [365, 100], [365, 365]).cells
    for model in (BgNbd(0.8, 6.0, 0.7, 2.5), ParetoNbd(0.7, 3.0, 0.9, 12.0), ParetoNbd(0.7, 12.0, 0.9, 3.0)):
        alive = model.probability_alive(cells)
        assert alive[0] < 1e-9  # cells are in rising order: this one stopped after 100 days
        assert alive[1] > 0.99
        assert np.isfinite(model.log_likelihood(cells))
        assert 0.9 < model.expected_purchases(cells, 36.5)[1] / 500 < 1.01


@pytest.mark.parametrize(
    "model",
    [BgNbd(4000.0, 77_000.0, 8103.0, 2e-4), BgNbd(4000.0, 77_000.0, 1e-4, 8000.0), BgNbd(1e-4, 5.0, 8103.0, 8103.0)],
)
@pytest.mark.parametrize("leaves_at_once", [False, True])
def test_parameters_that_ran_away_still_give_numbers(model: BgNbd, *, leaves_at_once: bool) -> None:
    model = replace(model, leaves_at_once=leaves_at_once)
    cells = grouped([0, 1, 40], [0, 5, 39], [39, 39, 39]).cells
    for found in (model.probability_alive(cells), model.expected_purchases(cells, 52)):
        assert np.isfinite(found).all()
        assert (found >= 0).all()


@pytest.mark.parametrize(
    ("model", "history", "horizon", "expected"),
    [
        (BgNbd(0.5, 10.0, 200.0, 800.0), None, 5000, 4.51884643012),
        (BgNbd(2.0, 10.0, 200.0, 800.0), None, 5000, 5.0195985252),
        (BgNbd(0.3, 0.01, 1.5, 2800.0), None, 5000, 3349.81964705),
        (BgNbd(0.5, 10.0, 200.0, 800.0), (3, 30.0, 30.0), 5000, 5.03511663205),
        (BgNbd(3.0, 0.5, 12.0, 0.2), (300, 310.0, 310.0), 5000, 28.2909090909),
        (BgNbd(3.0, 0.5, 12.0, 0.2), (300, 310.0, 310.0), 52, 22.9196424757),
    ],
)
def test_purchases_far_ahead_are_those_of_exact_arithmetic(
    model: BgNbd, history: tuple[int, float, float] | None, horizon: float, expected: float
) -> None:
    """As the published form says with 40 digits (mpmath), of whoever is alive."""
    if history is None:
        assert model.expected_purchases_of_new(horizon) == pytest.approx(expected, rel=1e-7)
        return
    cell = grouped(*([one] for one in history)).cells
    found = model.expected_purchases(cell, horizon) / model.probability_alive(cell)
    assert found == pytest.approx(expected, rel=1e-7)


def test_a_moment_ahead_brings_next_to_nothing() -> None:
    model = BgNbd(0.001, 1e4, 0.8, 302.0)
    assert model.expected_purchases_of_new(0.1) == pytest.approx(0.001 * 0.1 / 1e4, rel=1e-4)
    assert model.expected_purchases_of_new(0) == 0


@pytest.mark.parametrize(
    ("gamma", "delta", "since", "horizon", "expected"),
    [
        (1.00000005, 200.0, 0, 1, 0.995024875374),
        (1.0, 200.0, 0, 1, 200 / 201),
        (0.9999998, 50.0, 600, 600, 32.6778878698),
        (0.66, 1e8, 6, 5, 4.999999703),
        (0.6567, 2.7834, 6, 5, 1.89640747876),
        (1e-4, 1e-3, 0, 600, 545.128830901),
        (16_000.0, 1e-4, 0, 5, 6.25039064942e-9),
        (16_000.0, 2.0, 10, 5, 2.7119420556e-38),
        (0.6567, 2.7834, 6, 1.5, 0.625431088098),
    ],
)
def test_periods_still_there_are_those_of_exact_arithmetic(
    gamma: float, delta: float, since: int, horizon: int, expected: float
) -> None:
    found = bg_bb._periods_alive(gamma, delta, np.array([since, since], float), horizon)
    assert found == pytest.approx([expected] * 2, rel=1e-9)


def simulated(model: BgNbd | ParetoNbd, count: int, seed: int) -> Cells:
    """Customers who do as the model says, watched for between 20 and 52 weeks; none buys more than 200 times."""
    dice = np.random.default_rng(seed)
    ages = dice.uniform(20, 52, count)
    rates = np.maximum(dice.gamma(model.r, 1 / model.alpha, count), 1e-12)
    times = np.cumsum(dice.exponential(1 / rates[:, None], (count, 200)), axis=1)
    if isinstance(model, BgNbd):
        leaving = dice.random((count, 200)) < dice.beta(model.a, model.b, (count, 1))
        is_there = np.cumsum(leaving, axis=1) - leaving == 0
    else:
        is_there = times < dice.exponential(1 / dice.gamma(model.s, 1 / model.beta, (count, 1)))
    bought = is_there & (times < ages[:, None])
    return grouped(bought.sum(axis=1), np.where(bought, times, 0).max(axis=1), ages).cells


@pytest.mark.parametrize(
    ("true", "fit"), [(BgNbd(0.8, 6.0, 0.7, 2.5), fit_bg_nbd), (ParetoNbd(0.8, 6.0, 0.6, 9.0), fit_pareto_nbd)]
)
def test_intervals_cover_the_parameters_of_simulated_customers(
    true: BgNbd | ParetoNbd, fit: Callable[[Cells], tuple[object, object]]
) -> None:
    covered = []
    for seed in range(8):
        found = fit(simulated(true, 1000, seed))[1]
        intervals = found.intervals  # type: ignore[attr-defined]
        covered += [
            intervals[name].low <= value <= intervals[name].high
            for name, value in zip(intervals, true.parameters, strict=True)
        ]
    assert np.mean(covered) > 0.84  # of 32, which are related; with fewer customers they cover less


def test_gamma_gamma_expects_what_simulated_customers_spend() -> None:
    dice = np.random.default_rng(3)
    true = GammaGamma(6.0, 4.0, 15.0)
    counts = dice.integers(1, 9, 4000)
    rates = dice.gamma(true.q, 1 / true.gamma, 4000)
    means = dice.gamma(true.p * counts, 1 / rates) / counts
    later = dice.gamma(true.p * 20, 1 / rates) / 20
    model, fit = fit_gamma_gamma(spending_of(counts, means))
    for name, value in (("p", 6.0), ("q", 4.0), ("gamma", 15.0)):
        assert fit.intervals[name].low < value < fit.intervals[name].high
    assert model.expected_mean(counts, means).mean() == pytest.approx(later.mean(), rel=0.02)
    assert model.mean == pytest.approx(30, rel=0.05)
    with pytest.raises(ValueError, match="not above 1"):
        GammaGamma(6.0, 0.9, 15.0).expected_mean(1, 20)


def test_bg_bb_adds_up_over_all_histories() -> None:
    """The chances of every history of four periods are one, weighed by how many orders of purchases look alike."""
    model = BgBb(1.2, 0.75, 0.66, 2.8)
    total = bought = bought_later = 0.0
    for last in range(5):
        for x in range(last and 1, last + 1):
            cell = grouped([x], [last], [4]).cells
            ways = comb(last - 1, x - 1) if last else 1
            chance = ways * float(np.exp(model.log_likelihood(cell)))
            total, bought = total + chance, bought + chance * x
            bought_later += chance * float(model.expected_purchases(cell, 3)[0])
    assert total == pytest.approx(1)
    assert bought == pytest.approx(float(model.expected_purchases_of_new(4)[0]))
    assert bought + bought_later == pytest.approx(float(model.expected_purchases_of_new(7)[0]))


def test_customers_counted_are_customers_repeated() -> None:
    one_by_one = grouped([1] * 3 + [0] * 5 + [4], [2] * 3 + [0] * 5 + [9], [10] * 9)
    counted = grouped([4, 1, 0], [9, 2, 0], [10, 10, 10], [1, 3, 5])
    assert len(one_by_one.cells) == 3
    assert fit_bg_nbd(one_by_one.cells)[1].log_likelihood == fit_bg_nbd(counted.cells)[1].log_likelihood
    assert list(one_by_one.cells.frequency[one_by_one.place]) == [1, 1, 1, 0, 0, 0, 0, 0, 4]


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (([1, np.nan], [1, 0], [5, 5]), "missing .customer 2"),
        (([1, -1], [1, 0], [5, 5]), "negative .customer 2"),
        (([1.5], [1], [5]), "no whole number"),
        (([1], [6], [5]), "after the end"),
        (([0], [1], [5]), "bought once has a recency"),
        (([2], [0], [5]), "purchases of one day are one"),
        (([], [], []), "no customers"),
        (([1], [1, 2], [5, 5]), "different lengths"),
    ],
)
def test_histories_that_cannot_be_are_refused(history: tuple[list[float], ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        grouped(*history)


def test_where_nothing_can_be_learnt_it_is_said() -> None:
    with pytest.raises(ValueError, match="nobody came back"):
        fit_bg_nbd(grouped([0, 0], [0, 0], [5, 6]).cells)
    with pytest.raises(ValueError, match="nobody came back"):
        spending_of([0, 1], [0, 0])
    with pytest.raises(ValueError, match="no contract ended"):
        shifted_beta_geometric.fit_shifted_beta_geometric(contracts_of([100, 100]))
    # Nobody ever leaves: the chances to leave run to zero, and that is told.
    steady = grouped([10, 9, 11, 10, 12] * 20, [38.0, 37, 39, 36, 38] * 20, [39.0] * 100).cells
    assert fit_bg_nbd(steady)[1].untold != []


def test_retention_of_a_cohort_rises_though_nobody_changes() -> None:
    model = ShiftedBetaGeometric(0.7, 1.2)
    retention = model.retention(np.arange(1, 20))
    assert (np.diff(retention) > 0).all()
    assert np.cumprod(retention) == pytest.approx(model.survival(np.arange(1, 20)))
    assert model.expected_renewals(2) == np.inf
    assert ShiftedBetaGeometric(1.7, 1.2).expected_renewals(2) == pytest.approx(3.2 / 0.7)


def test_those_who_are_left_are_counted_though_not_all_were_seen_for_as_long() -> None:
    survivors = np.array([100, 70, 55, 50])
    assert CONTRACTS.kept() == pytest.approx(survivors / 100)
    assert CONTRACTS.up_to(2).kept() == pytest.approx(survivors[:3] / 100)
    assert CONTRACTS.up_to(2).went_on.sum() == 55
    # Ten of the seventy were seen for one period only: of sixty, fifteen left at the next.
    some = shifted_beta_geometric.Contracts(np.array([30.0, 15]), np.array([10.0, 45]))
    assert some.kept() == pytest.approx([1, 0.7, 0.7 * 45 / 60])


@pytest.mark.parametrize(
    ("alpha", "beta", "renewed", "discount", "expected"),
    [
        (0.668, 3.806, 3, 1e-5, 415.185006116),
        (1.7, 1.2, 0, 1e-6, 1.71376162184),
        (0.01, 500.0, 50, 1e-4, 9753.31907283),
        (0.668, 3.806, 3, 1e-8, 4296.08149559),
    ],
)
def test_renewals_hardly_discounted_are_those_of_exact_arithmetic(
    alpha: float, beta: float, renewed: int, discount: float, expected: float
) -> None:
    """The closed form with 30 digits (mpmath), where millions of terms count."""
    found = ShiftedBetaGeometric(alpha, beta).expected_renewals(renewed, discount=discount)
    assert found == pytest.approx(expected, rel=1e-9)


def test_too_many_periods_are_refused_before_they_fill_the_memory() -> None:
    with pytest.raises(ValueError, match="count in longer ones"):
        bg_bb.fit_bg_bb(grouped([1, 0], [1, 0], [99_999_999, 5]).cells)
    with pytest.raises(ValueError, match="nobody was there at the start"):
        contracts_of([0, 0, 0])
