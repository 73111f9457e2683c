"""How models do on a time that they have not seen: how much customers spend, and how many contracts are renewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.lifetime.gamma_gamma import GammaGamma
from zhike.stats.lifetime.shifted_beta_geometric import Contracts
from zhike.understand.value.lifetime.contracts import fit_contracts
from zhike.understand.value.lifetime.histories import LaterSpending

FEWEST_PERIODS = 2  # that a renewal model learns from
FEWEST_WEEKS = 8  # of a hold-out that says something
LONGEST_HOLDOUT = 52  # weeks


def weeks_to_hold_out(weeks: float) -> int:
    """How many of so many weeks a model is judged by: the last half, a year at most; 0 where that says nothing."""
    held = min(LONGEST_HOLDOUT, int(weeks / 2))
    return held if held >= FEWEST_WEEKS else 0


@dataclass(frozen=True)
class AmountsHoldout:
    """The mean amount of a purchase of those who came back and bought later too, expected and as it came."""

    customers: float
    predicted: float
    actual: float
    mae: float  # the mean absolute error of one customer
    mae_of_mean: float  # the same for a forecast that says of everybody the mean of the time before


@dataclass(frozen=True)
class PeriodHeldOut:
    """A period that the model has not seen: the share of all contracts still there after it."""

    period: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class ContractsHoldout:
    """Contracts still there after the last period held out, expected and as it came.

    Where contracts were not all seen for as long, by the share that Kaplan and Meier's estimate says is left.
    """

    periods: int
    predicted: float
    actual: float
    mae: float  # the mean absolute error over the periods, in contracts
    by_period: Sequence[PeriodHeldOut]


def held_out_amounts(model: GammaGamma, later: LaterSpending | None) -> AmountsHoldout | None:
    """How a model of amounts does on the time after; None where nobody who had come back bought then."""
    if later is None:
        return None
    expected = model.expected_mean(later.purchases, later.mean)
    return AmountsHoldout(
        customers=float(len(expected)),
        predicted=float(expected.mean()),
        actual=float(later.later.mean()),
        mae=float(np.abs(expected - later.later).mean()),
        mae_of_mean=float(np.abs(later.mean.mean() - later.later).mean()),
    )


def most_to_hold_out(contracts: Contracts) -> int:
    """How many periods can be held out: somebody was seen in each, and some ended in those before; 0 where none."""
    watched = len(contracts.kept()) - 1
    ended = np.flatnonzero(contracts.ended)
    fewest = max(FEWEST_PERIODS, int(ended[0]) + 1) if len(ended) else watched
    return max(watched - fewest, 0)


def held_out_contracts(contracts: Contracts, periods: int) -> ContractsHoldout:
    """How a renewal model, fitted to all periods but the last ones, does on these.

    Raises UserError where too few are left to learn from.
    """
    most = most_to_hold_out(contracts)
    if periods > most:
        raise UserError(
            _("%(periods)s periods cannot be held out") % {"periods": periods},
            where="--holdout-periods",
            advice=_("At most %(most)s: the model must see some contracts end before.") % {"most": most}
            if most
            else _("The contracts were seen for too few periods."),
        )
    kept = contracts.kept()
    learnt = len(kept) - 1 - periods
    model = fit_contracts(contracts.up_to(learnt)).model
    after = np.arange(learnt + 1, len(kept))
    predicted, actual = model.survival(after), kept[learnt + 1 :]
    customers = float(contracts.at_risk[0])
    return ContractsHoldout(
        periods=periods,
        predicted=customers * float(predicted[-1]),
        actual=customers * float(actual[-1]),
        mae=customers * float(np.abs(predicted - actual).mean()),
        by_period=[
            PeriodHeldOut(int(period), float(one), float(other))
            for period, one, other in zip(after, predicted, actual, strict=True)
        ],
    )
