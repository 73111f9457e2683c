"""What a renewal model says of the periods to come, and of customers by how often they renewed already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa

from zhike.stats.lifetime.shifted_beta_geometric import ShiftedBetaGeometric
from zhike.understand.value.lifetime.contracts import FittedContracts

MOST_ROWS = 100  # of numbers of renewals; the chances of those beyond hardly differ


@dataclass(frozen=True)
class Period:
    """After a period: the share still there, seen and by the model, and of those before it the share that renews."""

    period: int
    seen: float | None
    survival: float
    retention: float | None  # none of the start


@dataclass(frozen=True)
class Residual:
    """What is left of somebody who renewed so often and is about to renew again: renewals, the next one first."""

    renewed: int
    renewal_probability: float
    expected_renewals: float  # within the periods that were asked for
    expected_renewals_ever: float | None  # None where it is infinite
    discounted_residual_lifetime: float | None  # None where it is infinite


def periods_of(fitted: FittedContracts, ahead: int) -> list[Period]:
    """The periods that were seen, and so many ahead."""
    seen = [] if fitted.seen is None else list(map(float, fitted.seen))
    count = len(fitted.modelled) + ahead
    survival = fitted.model.survival(np.arange(count))
    retention = fitted.model.retention(np.arange(1, count))
    return [
        Period(
            period=period,
            seen=seen[period] if period < len(seen) else None,
            survival=float(survival[period]),
            retention=float(retention[period - 1]) if period else None,
        )
        for period in range(count)
    ]


def residuals_of(model: ShiftedBetaGeometric, most: int, *, ahead: int, discount: float) -> list[Residual]:
    """By the number of renewals so far, up to `most`: what is to come, and what it is worth today.

    The last is discounted expected residual lifetime (Fader & Hardie 2010, Marketing Science 29, 85–93, equation 6),
    in renewals that each are worth 1: the next one is due now, one a period later is worth 1 / (1 + `discount`).
    """
    renewed = np.arange(min(most, MOST_ROWS) + 1, dtype=np.float64)
    within = model.expected_renewals(renewed, at_most=float(ahead))
    ever = model.expected_renewals(renewed)
    worth = model.expected_renewals(renewed, discount=discount)
    return [
        Residual(
            renewed=int(number),
            renewal_probability=float(model.retention(number + 1)),
            expected_renewals=float(within[place]),
            expected_renewals_ever=_finite(ever[place]),
            discounted_residual_lifetime=_finite(worth[place]),
        )
        for place, number in enumerate(renewed)
    ]


def table_of_residuals(rows: Sequence[Residual]) -> pa.Table:
    """As a table, to be written."""
    return pa.Table.from_pylist([asdict(row) for row in rows])


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
