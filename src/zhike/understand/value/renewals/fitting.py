"""Renewal models fitted to counts, and what they say of each history of renewals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.shifted_beta_geometric import Contracts, ShiftedBetaGeometric
from zhike.understand.value.lifetime.contracts import FittedContracts, fit_contracts
from zhike.understand.value.renewals.measures import OPEN, YEAR

FEWEST_ENDED = 30  # below, a chance of renewal is not much more than a guess


@dataclass(frozen=True)
class Doubt:
    """What speaks against relying on a model: a kind, and the number or names by which it shows."""

    kind: Literal["few_ended", "untold", "none_ended", "all_ended", "no_model"]
    shown: str

    @property
    def text(self) -> str:
        """In words."""
        said = {
            "few_ended": _("only %(shown)s contracts were seen to end: nothing is said of single customers"),
            "untold": _("the data do not tell %(shown)s: customers hardly differ, or their contracts are too young"),
            "none_ended": _("no contract was seen to end: there is no chance of leaving to learn"),
            "all_ended": _("every contract ended in its first period: nothing can be learnt of later ones"),
            "no_model": _("no model can be fitted to these contracts"),
        }
        return said[self.kind] % {"shown": self.shown}


@dataclass(frozen=True)
class Later:
    """What came of the same contracts within a year: by row, as the counts are."""

    renewals_left: Numbers  # as agreed before; `OPEN` where no end was
    left: Numbers  # contracts that ended early
    premium: Numbers  # a year, of those in force before
    paid: Numbers  # of it, at renewals


@dataclass(frozen=True)
class RenewalCounts:
    """Contracts of one line and length of period: by renewals so far, those in force, ended and otherwise over."""

    renewed: Numbers
    contracts: Numbers
    has_ended: Numbers
    is_in_force: Numbers
    later: Later | None = None

    @property
    def contracts_seen(self) -> Contracts:
        """As the model wants them; a contract that came to no renewal yet tells nothing."""
        most = int(self.renewed.max(initial=0)) + 1
        place = self.renewed.astype(np.int64)
        ended = np.bincount(place, self.contracts * self.has_ended, most)
        went_on = np.bincount(place, self.contracts * (1 - self.has_ended), most + 1)[1:]
        return Contracts(ended.astype(np.float64), went_on[:most].astype(np.float64))


@dataclass(frozen=True)
class Holdout:
    """Within the last year, by the model and by one rate for all, both learnt before, and as it came.

    The ends, and the premium due at renewals, of contracts in force; not discounted.
    """

    until: str
    contracts: float
    predicted: float
    predicted_by_rate: float
    actual: float
    premium_predicted: float
    premium_by_rate: float
    premium_actual: float


@dataclass(frozen=True)
class FittedRenewals:
    """What was learnt of one line of business and length of period."""

    contracts: float
    ended: float
    fitted: FittedContracts | None
    doubts: Sequence[Doubt]

    @property
    def is_used(self) -> bool:
        """Whether it may speak of single customers."""
        return self.fitted is not None and self.ended >= FEWEST_ENDED


@dataclass(frozen=True)
class Expected:
    """Of contracts with some history: the chances, and the premium to come in years of premium, discounted."""

    renewal_probability: Numbers
    stay_probability: Numbers
    years_of_premium: Numbers
    years_ever: Numbers


def fit_renewals(counts: RenewalCounts) -> FittedRenewals:
    """A shifted-beta-geometric model of these contracts, or why there is none."""
    seen = counts.contracts_seen
    total, ended = float(seen.ended.sum() + seen.went_on.sum()), float(seen.ended.sum())
    if not ended:
        return FittedRenewals(total, ended, None, [Doubt("none_ended", "")])
    if not seen.ended[1:].any() and not seen.went_on.any():
        return FittedRenewals(total, ended, None, [Doubt("all_ended", "")])
    try:
        fitted = fit_contracts(seen)
    except UserError:
        return FittedRenewals(total, ended, None, [Doubt("no_model", "")])
    doubts = []
    if ended < FEWEST_ENDED:
        doubts.append(Doubt("few_ended", f"{ended:,.0f}"))
    if fitted.fit.untold:
        doubts.append(Doubt("untold", ", ".join(fitted.fit.untold)))
    return FittedRenewals(total, ended, fitted, doubts)


def survival_of(seen: Contracts, model: ShiftedBetaGeometric) -> list[tuple[float, float, float]]:
    """By number of renewals from 0: contracts that came to it, the share still there (Kaplan–Meier), and the model's.

    It ends where nobody was seen any more.
    """
    leaving = seen.ended + seen.went_on
    at_risk = leaving[::-1].cumsum()[::-1]
    watched = int((at_risk > 0).sum())
    kept = np.cumprod(1 - seen.ended[:watched] / at_risk[:watched])
    there = np.concatenate(([1.0], kept))
    came = np.concatenate((at_risk[:1], at_risk[:watched]))
    modelled = model.survival(np.arange(watched + 1))
    return [(float(a), float(b), float(c)) for a, b, c in zip(came, there, modelled, strict=True)]


def expected_of(
    model: ShiftedBetaGeometric, renewed: Numbers, left: Numbers, *, months: int, yearly_rate: float
) -> Expected:
    """What is expected of contracts that were renewed so often and may be `left` times more (-1: no end agreed).

    A payment is due at each renewal; the next is half a period away on average. `months` is the length of a period.
    """
    a_year = YEAR // months
    discount = (1 + yearly_rate) ** (1 / a_year) - 1
    still = np.where(left == OPEN, np.inf, left)
    soon = model.expected_renewals(renewed, discount=discount, at_most=np.minimum(still, a_year))
    ever = model.expected_renewals(renewed, discount=discount, at_most=still)
    until_next = (1 + discount) ** -0.5
    steps = np.minimum(still, a_year)
    stay = np.where(still < a_year, 0.0, model.survival(renewed + steps) / model.survival(renewed))
    return Expected(
        renewal_probability=np.where(still > 0, model.retention(renewed + 1), 0.0),
        stay_probability=stay,
        years_of_premium=soon * until_next / a_year,
        years_ever=ever * until_next / a_year,
    )


def held_out(before: RenewalCounts, *, months: int, until: str) -> Holdout | None:
    """How a model of what was known before does on the year after, beside one rate of ending for all.

    What runs out as agreed does not leave, as in the forecast. None where no model could be fitted then, or nobody was
    in force.
    """
    assert before.later is not None
    learnt = fit_renewals(before)
    in_force = before.contracts * before.is_in_force
    if learnt.fitted is None or not learnt.is_used or not in_force.any():
        return None
    model, a_year = learnt.fitted.model, YEAR // months
    left = before.later.renewals_left
    chances = np.minimum(np.where(left == OPEN, np.inf, left), a_year)
    stays = model.survival(before.renewed + chances) / model.survival(before.renewed)
    kept = 1 - learnt.ended / float((before.contracts * (before.renewed + before.has_ended)).sum())
    by_rate = np.cumsum(kept ** np.arange(a_year + 1)) - 1  # renewals, of so many chances
    return Holdout(
        until=until,
        contracts=float(in_force.sum()),
        predicted=float(in_force @ (1 - stays)),
        predicted_by_rate=float(in_force @ (1 - kept**chances)),
        actual=float(before.later.left.sum()),
        premium_predicted=float(before.later.premium @ model.expected_renewals(before.renewed, at_most=chances))
        / a_year,
        premium_by_rate=float(before.later.premium @ by_rate[chances.astype(np.intp)]) / a_year,
        premium_actual=float(before.later.paid.sum()),
    )
