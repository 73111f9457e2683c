"""What makes something more or less likely: logistic regression, with odds ratios and their intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve
from scipy.special import chdtrc, expit, ndtri

from zhike.stats.logistic_limits import Collinear, Separated, dependent_columns, separation_of
from zhike.stats.proportions import LEVEL, Interval
from zhike.stats.threads import one_thread

INTERCEPT = "intercept"
MOST_STEPS = 60
CONVERGED = 1e-9  # of the largest step of a coefficient, on the scale of standardised columns
CLOSE = 1e-7  # to the border of a profile interval, in standard errors

Numbers = npt.NDArray[np.float64]


class NothingVaries(ValueError):
    """It happened to all, or to none: nothing can be said of what makes it likely."""


@dataclass(frozen=True)
class Effect:
    """What one unit more of a column does to the odds, all other columns being equal."""

    coefficient: float  # natural logarithm of the odds ratio
    standard_error: float
    odds_ratio: float
    wald: Interval  # of the odds ratio
    profile: Interval  # of the odds ratio, by the likelihood: better where few moved, and never symmetric
    p: float  # two-sided, by the likelihood ratio


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted logistic regression; the intercept is an effect like others, under its name."""

    effects: Mapping[str, Effect]
    covariance: Numbers  # of the coefficients, in the order of the effects
    log_likelihood: float
    null_log_likelihood: float  # of the intercept alone
    customers: float
    moved: float

    @property
    def p(self) -> float:
        """How probable such a fit is if no column matters: by the likelihood ratio of all together."""
        gained = max(0.0, 2 * (self.log_likelihood - self.null_log_likelihood))
        return float(chdtrc(max(1, len(self.effects) - 1), gained))

    def probability(self, columns: Mapping[str, npt.ArrayLike]) -> Numbers:
        """How probable it is for each row of these columns, which are those that were fitted."""
        parts = [
            effect.coefficient * (1.0 if name == INTERCEPT else np.asarray(columns[name], np.float64))
            for name, effect in self.effects.items()
        ]
        return np.asarray(expit(sum(parts)), np.float64)


def logistic(
    columns: Mapping[str, npt.ArrayLike],
    moved: npt.ArrayLike,
    customers: npt.ArrayLike | None = None,
    *,
    level: float = LEVEL,
) -> Regression:
    """The regression of whether customers moved on columns of numbers, by maximum likelihood.

    Each row is a cell of customers who are alike: how many there are, and how many of them moved; without `customers`
    each is one. Newton's method, which for this model is iteratively reweighted least squares (McCullagh & Nelder
    1989, Generalized Linear Models, section 4.4). Profile intervals: Venzon & Moolgavkar (1988), Applied Statistics
    37, 87–94. Raises NothingVaries, Collinear, Separated, and ValueError for what is no number or no count.
    """
    with one_thread():
        data = _data(columns, moved, customers)
        best, height, curvature = _fitted(data, np.zeros(len(data.names)), np.ones(len(data.names), bool))
        covariance = cho_solve(cho_factor(curvature), np.eye(len(data.names)))
        profiles = (_Profile(data, best, height, covariance, place) for place in range(len(best)))
        effects = {name: _effect(profile, level) for name, profile in zip(data.names, profiles, strict=True)}
    share = data.moved.sum() / data.customers.sum()
    return Regression(
        effects=effects,
        covariance=covariance * np.outer(1 / data.scales, 1 / data.scales),
        log_likelihood=height,
        null_log_likelihood=float(data.customers.sum() * (share * np.log(share) + (1 - share) * np.log1p(-share))),
        customers=float(data.customers.sum()),
        moved=float(data.moved.sum()),
    )


@dataclass(frozen=True, eq=False)
class _Data:
    """Cells with columns of a common scale, so that one step is as large as another."""

    names: tuple[str, ...]
    rows: Numbers
    scales: Numbers
    moved: Numbers
    customers: Numbers


def _data(columns: Mapping[str, npt.ArrayLike], moved: npt.ArrayLike, customers: npt.ArrayLike | None) -> _Data:
    events = np.asarray(moved, np.float64)
    totals = np.ones_like(events) if customers is None else np.asarray(customers, np.float64)
    given = [np.asarray(one, np.float64) for one in columns.values()]
    if INTERCEPT in columns or any(one.shape != events.shape for one in (*given, totals)) or events.ndim != 1:
        raise ValueError(f"columns are of one length, and none is called {INTERCEPT}")
    if not all(np.isfinite(one).all() for one in (*given, events, totals)):
        raise ValueError("columns and counts are numbers")
    if (events < 0).any() or (events > totals).any():
        raise ValueError("of some customers at least 0, and at most all of them, moved")
    held = totals > 0
    if not 0 < events.sum() < totals.sum():
        raise NothingVaries("it happened to all, or to none")
    rows = np.column_stack([np.ones(int(held.sum())), *(one[held] for one in given)])
    names = (INTERCEPT, *columns)
    if extra := dependent_columns(rows):
        raise Collinear([names[place] for place in extra])
    # Only scaled and not centred: the intercept keeps its meaning, and so do all intervals.
    scales = np.abs(rows).max(axis=0)
    return _Data(names, rows / scales, scales, events[held], totals[held])


def _at(data: _Data, coefficients: Numbers) -> tuple[float, Numbers]:
    """The logarithm of the likelihood, and the share that each cell is expected to move."""
    linear = data.rows @ coefficients
    small = np.exp(-np.abs(linear))
    grown = np.maximum(linear, 0) + np.log1p(small)
    return float(data.moved @ linear - data.customers @ grown), np.where(linear >= 0, 1.0, small) / (1 + small)


def _fitted(data: _Data, start: Numbers, free: npt.NDArray[np.bool_]) -> tuple[Numbers, float, Numbers]:
    """The coefficients at which the likelihood is highest, those that are not free kept as they start.

    With the logarithm of the likelihood there, and its curvature. Raises Separated where it has no highest point.
    """
    found = start
    height, share = _at(data, found)
    rows = data.rows if free.all() else data.rows[:, free]
    for _step in range(MOST_STEPS):
        curvature = (rows * (data.customers * share * (1 - share))[:, None]).T @ rows
        slope = rows.T @ (data.moved - data.customers * share)
        step = np.zeros(len(free))
        try:
            step[free] = cho_solve(cho_factor(curvature), slope)
        except np.linalg.LinAlgError:  # flat as far as doubles can tell
            break
        # Where nothing limits it, a coefficient goes on by about 1 with every step.
        if np.abs(step).max() <= CONVERGED * max(1.0, float(np.abs(found).max())):
            return found, height, curvature
        found, height, share = _stepped(data, found, height, step)
    raise _unlimited(data)


def _unlimited(data: _Data) -> Exception:
    """Why the likelihood has no highest point."""
    found = separation_of(data.rows, data.moved, data.customers)
    if found is None:
        return ArithmeticError("the likelihood has no maximum that can be found")
    return Separated([data.names[place] for place in found.places], is_complete=found.is_complete)


def _stepped(data: _Data, found: Numbers, height: float, step: Numbers) -> tuple[Numbers, float, Numbers]:
    """One step up, halved until it does not lead down."""
    for _half in range(MOST_STEPS):
        reached, share = _at(data, found + step)
        if reached >= height - 1e-12 * abs(height):
            break
        step = step / 2
    return found + step, reached, share


@dataclass
class _Profile:
    """How far the likelihood falls as one coefficient leaves its best value and all others follow."""

    data: _Data
    best: Numbers
    height: float
    covariance: Numbers
    place: int

    def __post_init__(self) -> None:
        self.last = self.best

    def fallen(self, value: float) -> float:
        """The square root of twice the fall in log-likelihood: nearly a straight line on either side."""
        direction = self.covariance[:, self.place] / self.covariance[self.place, self.place]
        start = self.last + (value - self.last[self.place]) * direction  # as the others would follow on a parabola
        free = np.arange(len(self.best)) != self.place
        self.last, reached, _curvature = _fitted(self.data, start, free)
        return float(np.sqrt(max(0.0, 2 * (self.height - reached))))

    def border(self, step: float, limit: float) -> float:
        """Where it has fallen to a limit, on the side of the step, which leads about there: by secants."""
        at, self.last = float(self.best[self.place]), self.best
        before, fallen_before = 0.0, 0.0
        for _turn in range(MOST_STEPS):
            fallen = self.fallen(at + step)
            if abs(fallen - limit) < CLOSE:
                break
            further = (limit - fallen) * (step - before) / (fallen - fallen_before)
            before, fallen_before = step, fallen
            step += float(np.clip(further, -abs(step) / 2, abs(step)))
        return at + step


def _effect(profile: _Profile, level: float) -> Effect:
    """One coefficient with its intervals, brought back to the units of its column."""
    at, scale = float(profile.best[profile.place]), float(profile.data.scales[profile.place])
    error = float(np.sqrt(profile.covariance[profile.place, profile.place]))
    z = float(ndtri((1 + level) / 2))

    def ratio(coefficient: float) -> float:
        with np.errstate(over="ignore"):
            return float(np.exp(coefficient / scale))

    return Effect(
        coefficient=at / scale,
        standard_error=error / scale,
        odds_ratio=ratio(at),
        wald=Interval(ratio(at - z * error), ratio(at + z * error)),
        profile=Interval(ratio(profile.border(-z * error, z)), ratio(profile.border(z * error, z))),
        p=float(chdtrc(1, profile.fallen(0.0) ** 2)),
    )
