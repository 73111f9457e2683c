"""Value models fitted to histories: what was found, how far it can be trusted, and how it did on what came later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.lifetime.cells import Numbers
from zhike.stats.lifetime.fitting import Fit
from zhike.stats.lifetime.gamma_gamma import GammaGamma, Spending, fit_gamma_gamma
from zhike.stats.lifetime.models import FITTED, BuyingModel
from zhike.understand.value.lifetime.histories import Histories

FEWEST_REPEATERS = 100  # below, the intervals of the parameters are too wide to tell customers apart
HIGHEST_CORRELATION = 0.2  # of how often and how much, above which Gamma-Gamma's independence is doubtful
NOISE = 2.0  # of the log-likelihood, within which two models with as many parameters say as much
CLASSES = 7  # purchases in the calibration; more of them are one class


@dataclass(frozen=True)
class Doubt:
    """What speaks against relying on a model: a kind, and the number or the names by which it shows."""

    kind: Literal["few_repeaters", "untold", "related", "heavy_amounts", "no_amounts", "sure_of_one_time"]
    shown: str

    @property
    def text(self) -> str:
        """In words."""
        said = {
            "few_repeaters": _("only %(shown)s of the customers came back: with so few little can be learnt"),
            "untold": _("the data do not tell %(shown)s: a model with fewer parameters says as much"),
            "related": _(
                "how often and how much customers buy are related (r = %(shown)s), which Gamma-Gamma rules out"
            ),
            "heavy_amounts": _(
                "nothing is said of amounts: q is %(shown)s, not above 1, so that their average is infinite"
            ),
            "sure_of_one_time": _(
                "%(shown)s of the buyers bought once, and this model holds all of them to be sure to still buy"
            ),
            "no_amounts": _("nothing is said of amounts: no model can be fitted to them"),
        }
        return said[self.kind] % {"shown": self.shown}


class HeavyAmounts(UserError):
    """Amounts differ so much that their average is infinite."""

    def __init__(self, q: float) -> None:
        self.q = f"{q:.3g}"
        super().__init__(
            _("q is %(q)s, not above 1: amounts differ so much that their average is infinite") % {"q": self.q},
            where="gammagamma",
            advice=_("Look for purchases that do not belong here (returns, tests, firms), or fit groups apart."),
        )


@dataclass(frozen=True)
class FrequencyClass:
    """Customers with so many repeat purchases before: what they bought later, and what was expected, on average."""

    frequency: int  # `CLASSES` stands for as many or more
    customers: float
    predicted: float
    actual: float


@dataclass(frozen=True)
class Holdout:
    """What a model expected of the time after, beside what happened: purchases of all customers together."""

    predicted: float
    actual: float
    mae: float  # the mean absolute error of one customer
    mae_of_mean: float  # the same for a forecast that says the mean of all of everybody
    span: float
    by_frequency: Sequence[FrequencyClass]


@dataclass(frozen=True)
class FittedBuying:
    """A model of how often customers buy, fitted; with one of how much where the histories tell amounts."""

    name: str
    model: BuyingModel
    fit: Fit
    amounts: FittedAmounts | None = None
    doubts: Sequence[Doubt] = ()
    doubts_of_amounts: Sequence[Doubt] = ()
    holdout: Holdout | None = None


@dataclass(frozen=True)
class FittedAmounts:
    """A model of how much customers spend at a purchase, fitted alone."""

    model: GammaGamma
    fit: Fit
    correlation: float | None
    doubts: Sequence[Doubt]


def fit_buying(histories: Histories, name: str) -> FittedBuying:
    """A model of buying, fitted to histories by maximum likelihood; its hold-out where they tell what came later.

    Where they tell amounts too, and the model of them holds, it is fitted beside. Raises UserError where nothing can be
    learnt.
    """
    cells = histories.grouped.cells
    try:
        model, fit = FITTED[name](cells)
    except (ValueError, ArithmeticError) as error:
        raise UserError(str(error), where=name) from error
    doubts = _doubts(fit, float(cells.customers[cells.frequency > 0].sum()))
    amounts, of_amounts = None, list[Doubt]()
    if histories.spending is not None:
        try:
            amounts = fit_amounts(histories.spending)
            of_amounts += amounts.doubts
        except HeavyAmounts as error:
            of_amounts.append(Doubt("heavy_amounts", error.q))
        except UserError:
            of_amounts.append(Doubt("no_amounts", ""))
    holdout = _held_out(histories, model) if histories.later is not None and histories.span else None
    return FittedBuying(name, model, fit, amounts, doubts, of_amounts, holdout)


def chosen(fitted: Sequence[FittedBuying]) -> FittedBuying:
    """The model that makes the histories likeliest; of two that do as well, the one that doubts one-time buyers.

    BG/NBD holds whoever bought once to be sure to still buy, by construction and not by the data; MBG/NBD does not.
    """
    best = max(fitted, key=lambda one: one.fit.log_likelihood)
    doubting = next((one for one in fitted if one.name == "mbgnbd"), best)
    return doubting if doubting.fit.log_likelihood > best.fit.log_likelihood - NOISE else best


def fit_amounts(spending: Spending) -> FittedAmounts:
    """The Gamma-Gamma model, fitted to what customers who came back spent.

    Raises UserError where too little is known, and where q is no more than 1: the average of all customers would be
    infinite, and what is expected of one would hang on the largest purchase ever seen.
    """
    try:
        model, fit = fit_gamma_gamma(spending)
    except (ValueError, ArithmeticError) as error:
        raise UserError(str(error), where="gammagamma") from error
    if model.q <= 1:
        raise HeavyAmounts(model.q)
    related = correlation_of(spending)
    doubts = _doubts(fit, float(spending.customers.sum()))
    if related is not None and abs(related) >= HIGHEST_CORRELATION:
        doubts.append(Doubt("related", f"{related:.2f}"))
    return FittedAmounts(model, fit, related, doubts)


def correlation_of(spending: Spending) -> float | None:
    """Pearson's correlation of the number of repeat purchases and their mean amount; None where one does not vary."""
    x, z, w = spending.purchases, spending.mean, spending.customers
    x, z = x - np.average(x, weights=w), z - np.average(z, weights=w)
    spread = float(np.sqrt((w @ x**2) * (w @ z**2)))
    return float(w @ (x * z)) / spread if spread > 0 else None


def _doubts(fit: Fit, repeaters: float) -> list[Doubt]:
    found = []
    if repeaters < FEWEST_REPEATERS:
        found.append(Doubt("few_repeaters", f"{repeaters:,.0f}"))
    if fit.untold:
        found.append(Doubt("untold", ", ".join(fit.untold)))
    return found


def _held_out(histories: Histories, model: BuyingModel) -> Holdout:
    assert histories.later is not None
    assert histories.span is not None
    place, weights, actual = histories.grouped.place, histories.weights, histories.later
    predicted = model.expected_purchases(histories.grouped.cells, histories.span)[place]
    frequency = np.minimum(histories.grouped.cells.frequency[place], CLASSES).astype(int)
    customers = np.bincount(frequency, weights=weights, minlength=CLASSES + 1)

    def mean(values: Numbers) -> Numbers:
        sums = np.bincount(frequency, weights=weights * values, minlength=CLASSES + 1)
        return sums / np.where(customers > 0, customers, 1)

    both = zip(customers, mean(predicted), mean(actual), strict=True)
    everybody = float(weights.sum())
    return Holdout(
        predicted=float(weights @ predicted),
        actual=float(weights @ actual),
        mae=float(weights @ np.abs(predicted - actual)) / everybody,
        mae_of_mean=float(weights @ np.abs(np.average(actual, weights=weights) - actual)) / everybody,
        span=histories.span,
        by_frequency=[FrequencyClass(number, *map(float, one)) for number, one in enumerate(both) if one[0] > 0],
    )


def intervals_of(fit: Fit) -> Mapping[str, tuple[float | None, float | None]]:
    """The interval of each parameter; None where it has no end."""

    def end(value: float) -> float | None:
        return value if np.isfinite(value) else None

    return {name: (end(one.low), end(one.high)) for name, one in fit.intervals.items()}
