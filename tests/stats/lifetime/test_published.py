"""Buy-till-you-die models on the data they were published with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.special import hyp2f1

from zhike.stats.lifetime.bg_bb import fit_bg_bb
from zhike.stats.lifetime.bg_nbd import fit_bg_nbd
from zhike.stats.lifetime.cells import Cells, grouped
from zhike.stats.lifetime.gamma_gamma import fit_gamma_gamma, spending_of
from zhike.stats.lifetime.pareto_nbd import ParetoNbd, fit_pareto_nbd
from zhike.stats.lifetime.shifted_beta_geometric import contracts_of, fit_shifted_beta_geometric


@pytest.fixture(scope="module")
def buyers(request: pytest.FixtureRequest) -> np.ndarray:
    """The 2,357 customers of the CDNOW sample, in weeks, watched to 1997-09-30."""
    from tests.conftest import SHARED_DATA

    file = Path(SHARED_DATA) / "cdnow/cbs_sample_cal39w_hold39w.csv"
    if not file.is_file():
        pytest.skip(f"real data is not at {SHARED_DATA}; SHARED_DATA names another folder")
    return np.genfromtxt(file, delimiter=",", names=True)


@pytest.fixture(scope="module")
def sample(buyers: np.ndarray) -> Cells:
    return grouped(buyers["frequency"], buyers["recency"], buyers["T"]).cells


def one(frequency: float, recency: float, age: float) -> Cells:
    return grouped([frequency], [recency], [age]).cells


def test_bg_nbd_as_fader_hardie_and_lee_published_it(sample: Cells) -> None:
    model, fit = fit_bg_nbd(sample)
    assert fit.log_likelihood == pytest.approx(-9582.429, abs=0.001)
    assert model.parameters == pytest.approx([0.2426, 4.4137, 0.7930, 2.4262], abs=0.0006)
    assert fit.untold == []
    assert model.expected_purchases_of_new(52) == pytest.approx(1.444, abs=0.0005)
    loyal = one(26, 30.857, 31)
    assert model.expected_purchases(loyal, 52) == pytest.approx(25.757, abs=0.002)
    assert model.probability_alive(loyal) == pytest.approx(0.96885, abs=1e-5)
    assert model.expected_purchases(one(2, 30.43, 38.86), 39) == pytest.approx(1.226, abs=0.0005)
    assert model.probability_alive(one(0, 0, 38.86)) == 1


def test_mbg_nbd_finds_what_another_implementation_reports(sample: Cells) -> None:
    """Parameters as the R package BTYDplus has them in its documentation."""
    model, fit = fit_bg_nbd(sample, leaves_at_once=True)
    assert model.parameters == pytest.approx([0.525, 6.183, 0.891, 1.614], abs=0.001)
    assert fit.log_likelihood == pytest.approx(-9582.136, abs=0.001)
    assert model.probability_alive(one(0, 0, 38.86)) < 0.7


def test_pareto_nbd_as_published(sample: Cells) -> None:
    model, fit = fit_pareto_nbd(sample)
    assert fit.log_likelihood == pytest.approx(-9594.976, abs=0.001)
    assert model.parameters == pytest.approx([0.553, 10.58, 0.606, 11.656], rel=0.002)
    published = ParetoNbd(0.553, 10.58, 0.606, 11.656)
    assert published.log_likelihood(sample) == pytest.approx(-9594.976, abs=0.001)


def test_gamma_gamma_as_fader_and_hardie_published_it(buyers: np.ndarray) -> None:
    spending = spending_of(buyers["frequency"], buyers["monetary_value"])
    assert spending.customers.sum() == 946
    model, fit = fit_gamma_gamma(spending)
    assert fit.log_likelihood == pytest.approx(-4055.918, abs=0.001)
    assert model.parameters == pytest.approx([6.25, 3.74, 15.44], abs=0.006)
    # The example of the note: 2 purchases at 22.35 on average, and one customer who bought nothing.
    assert model.expected_mean([2, 0], [22.35, 0]) == pytest.approx([24.66, 35.17], abs=0.01)


def test_bg_bb_as_fader_hardie_and_shang_published_it(shared_data: Path) -> None:
    gifts = np.genfromtxt(shared_data / "cdnow/bgbb_donations.csv", delimiter=",", names=True)
    cells = grouped(gifts["frequency"], gifts["recency"], gifts["periods"], gifts["weights"]).cells
    assert cells.customers.sum() == 11_104
    model, fit = fit_bg_bb(cells)
    assert fit.log_likelihood == pytest.approx(-33225.6, abs=0.05)
    assert model.parameters == pytest.approx([1.204, 0.750, 0.657, 2.783], abs=0.001)
    # Table 5 of the paper: gifts expected in the five years to come.
    expected = {(0, 0): 0.07, (1, 6): 1.15, (2, 4): 1.06, (4, 6): 2.71, (5, 5): 1.81, (6, 6): 3.75}
    for (frequency, recency), gifts_to_come in expected.items():
        assert model.expected_purchases(one(frequency, recency, 6), 5) == pytest.approx(gifts_to_come, abs=0.006)
    assert model.probability_alive(one(0, 0, 6)) == pytest.approx(0.11, abs=0.005)
    assert model.probability_alive(one(6, 6, 6)) == pytest.approx(0.93, abs=0.005)


@pytest.mark.parametrize(
    ("survivors", "parameters", "log_likelihood"),
    [
        ([1000, 869, 743, 653, 593, 551, 517, 491], (0.668, 3.806), -1611.2),
        ([1000, 631, 468, 382, 326, 289, 262, 241], (0.704, 1.182), -1680.3),
    ],
    ids=["high end", "regular"],
)
def test_shifted_beta_geometric_as_fader_and_hardie_published_it(
    survivors: list[int], parameters: tuple[float, float], log_likelihood: float
) -> None:
    model, fit = fit_shifted_beta_geometric(contracts_of(survivors))
    assert (model.alpha, model.beta) == pytest.approx(parameters, abs=0.001)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=0.05)
    later = {1: [0.468, 0.445, 0.427, 0.409, 0.394], 0: [0.223, 0.207, 0.194, 0.183, 0.173]}
    observed = later[survivors[1] > 700]  # of the years that the fit did not see
    assert model.survival([8, 9, 10, 11, 12]) == pytest.approx(observed, abs=0.018)
    discount, renewed = 0.1, 3
    closed = model.retention(renewed + 1) * hyp2f1(
        1, model.beta + renewed + 1, model.alpha + model.beta + renewed + 1, 1 / (1 + discount)
    )
    assert model.expected_renewals(renewed, discount=discount) == pytest.approx(closed, rel=1e-9)
