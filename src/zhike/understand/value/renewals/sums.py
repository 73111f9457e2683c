"""Sums of what is expected of contracts in force, with the intervals that hold them if the model is right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric
from zhike.stats.lifetime.uncertainty import around, moved, squared_renewals
from zhike.stats.proportions import Interval
from zhike.understand.value.renewals.fitting import expected_of
from zhike.understand.value.renewals.measures import OPEN, YEAR

YEARLY_RATE = 0.1  # by which money of next year is worth less


@dataclass(frozen=True)
class Sum:
    """A sum over contracts, what it moves by along each direction of the parameters, and its variance by chance."""

    estimate: float
    spreads: tuple[float, ...]
    variance: float | None  # None where nobody knows how sure the parameters are

    @property
    def interval(self) -> Interval | None:
        """What holds it 95 times of 100."""
        return None if self.variance is None else around(self.estimate, self.spreads, self.variance)


@dataclass(frozen=True)
class Sums:
    """Of contracts in force: how many are there in a year, and premium of the year and of all time, discounted."""

    contracts: int
    stay: Sum
    premium: Sum
    ever: Sum


def sums_of(
    cells: pa.Table, model: ShiftedBetaGeometric, covariance: Sequence[Sequence[float]] | None, *, months: int
) -> Sums:
    """The sums over rows of `contracts_in_force`, of one line and length of period, each contract for itself."""
    renewed, left, count, premium, squared = (
        _numbers(cells, name)
        for name in ("renewed_count", "renewals_left", "contract_count", "annual_premium_amount", "squared_premium")
    )

    def said(values: Numbers) -> Numbers:
        of = ShiftedBetaGeometric(*map(float, values))
        found = expected_of(of, renewed, left, months=months, yearly_rate=YEARLY_RATE)
        return np.stack([found.stay_probability, found.years_of_premium, found.years_ever])

    parameters = np.array([model.alpha, model.beta])
    stay, soon, ever = said(parameters)
    along = [] if covariance is None else moved(said, parameters, covariance)
    a_year = YEAR // months
    discount = (1 + YEARLY_RATE) ** (1 / a_year) - 1
    still = np.where(left == OPEN, np.inf, left)
    worth = (1 + discount) ** -0.5 / a_year
    agreed = still[np.isfinite(still)]
    longest = int(np.ceil(40 / np.log1p(discount))) if len(agreed) < len(still) else int(agreed.max(initial=0))

    def by_chance(mean: Numbers, at_most: Numbers, most: int) -> float:
        square = squared_renewals(model, renewed, discount=discount, at_most=at_most, most=most) * worth**2
        return float(squared @ np.maximum(square - mean**2, 0))

    def known(variance: float) -> float | None:
        return None if covariance is None else variance

    def total(place: int, weights: Numbers, mean: Numbers, variance: float) -> Sum:
        return Sum(float(weights @ mean), tuple(float(weights @ one[place]) for one in along), known(variance))

    return Sums(
        contracts=int(count.sum()),
        stay=total(0, count, stay, float(count @ (stay * (1 - stay)))),
        premium=total(1, premium, soon, by_chance(soon, np.minimum(still, a_year), a_year)),
        ever=total(2, premium, ever, by_chance(ever, still, longest)),
    )


def together(several: Iterable[Sum]) -> Sum | None:
    """The sum of sums of lines, whose models are fitted apart; None of none."""
    found = list(several)
    if not found:
        return None
    variances = [one.variance for one in found if one.variance is not None]
    return Sum(
        sum(one.estimate for one in found),
        tuple(move for one in found for move in one.spreads),
        sum(variances) if len(variances) == len(found) else None,
    )


def _numbers(table: pa.Table, name: str) -> Numbers:
    return table[name].to_numpy().astype(np.float64)
