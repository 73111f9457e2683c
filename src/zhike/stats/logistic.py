"""What makes something more or less likely: logistic regression, with odds ratios and their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve, null_space
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
    centres: Mapping[str, float]  # of the columns
    level: float  # the logarithm of the odds where all columns are at their centres

    @property
    def p(self) -> float:
        """How probable such a fit is if no column matters: by the likelihood ratio of all together."""
        gained = max(0.0, 2 * (self.log_likelihood - self.null_log_likelihood))
        return float(chdtrc(max(1, len(self.effects) - 1), gained))

    def probability(self, columns: Mapping[str, npt.ArrayLike]) -> Numbers:
        """How probable it is for each row of these columns, which are those that were fitted."""
        parts = [
            self.effects[name].coefficient * (np.asarray(columns[name], np.float64) - centre)
            for name, centre in self.centres.items()
        ]
        return np.asarray(expit(sum(parts, self.level)), np.float64)


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
        everything = np.eye(len(data.names))
        best, height, curvature = _fitted(data, np.zeros(len(data.names)), everything)
        covariance = cho_solve(cho_factor(curvature), everything)
        profiles = (_Profile(data, best, height, covariance, sums) for sums in data.as_given)
        effects = {name: _effect(profile, level) for name, profile in zip(data.names, profiles, strict=True)}
    share = data.moved.sum() / data.customers.sum()
    return Regression(
        effects=effects,
        covariance=data.as_given @ covariance @ data.as_given.T,
        log_likelihood=height,
        null_log_likelihood=float(data.customers.sum() * (share * np.log(share) + (1 - share) * np.log1p(-share))),
        customers=float(data.customers.sum()),
        moved=float(data.moved.sum()),
        centres=dict(zip(data.names[1:], map(float, data.centres), strict=True)),
        level=float(best[0]),
    )


@dataclass(frozen=True, eq=False)
class _Data:
    """Cells with columns around 0 and of a common scale, so that one step is as large as another."""

    names: tuple[str, ...]
    rows: Numbers
    centres: Numbers  # of the columns but for the intercept
    as_given: Numbers  # for each coefficient of the columns as given, the sum of the others that it is
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
    names = (INTERCEPT, *columns)
    rows, centres, scales, lost = _centred([one[held] for one in given], totals[held])
    if extra := dependent_columns(rows, lost):
        raise Collinear([names[place] for place in extra])
    as_given = np.diag(np.concatenate(([1.0], 1 / scales)))
    as_given[0, 1:] = -centres / scales
    return _Data(names, rows, centres, as_given, events[held], totals[held])


def _centred(given: Sequence[Numbers], customers: Numbers) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """A column of ones and these around 0, none beyond 1; their centres, scales, and what rounding may have taken.

    A column of large numbers that hardly differ, as times in seconds, says all that its differences say: what is taken
    off is near enough to every number that nothing is rounded away.
    """
    rows, centres, scales, lost = [np.ones(len(customers))], [], [], [0.0]
    for one in given:
        largest = float(np.abs(one).max())
        unit = 2.0 ** np.floor(np.log2(largest)) if largest else 1.0  # no digit is lost by it
        column = one / unit
        centre = float(np.clip(np.average(column, weights=customers), column.min(), column.max()))
        column = column - centre
        spread = float(np.abs(column).max())
        if spread <= 2 * np.finfo(float).eps * largest / unit:  # the same, as far as doubles can tell
            column, spread = np.zeros_like(column), 1.0
        rows.append(column / spread)
        centres.append(centre * unit)
        scales.append(spread * unit)
        lost.append(np.finfo(float).eps * largest / (spread * unit))
    return np.column_stack(rows), np.array(centres), np.array(scales), np.array(lost)


def _at(data: _Data, coefficients: Numbers) -> tuple[float, Numbers]:
    """The logarithm of the likelihood, and the share that each cell is expected to move."""
    linear = data.rows @ coefficients
    small = np.exp(-np.abs(linear))
    grown = np.maximum(linear, 0) + np.log1p(small)
    return float(data.moved @ linear - data.customers @ grown), np.where(linear >= 0, 1.0, small) / (1 + small)


def _fitted(data: _Data, start: Numbers, ways: Numbers) -> tuple[Numbers, float, Numbers]:
    """The coefficients at which the likelihood is highest, of those that lead from the start along some `ways`.

    With the logarithm of the likelihood there, and its curvature. Raises Separated where it has no highest point.
    """
    found = start
    height, share = _at(data, found)
    rows = data.rows @ ways
    for _step in range(MOST_STEPS):
        curvature = (rows * (data.customers * share * (1 - share))[:, None]).T @ rows
        slope = rows.T @ (data.moved - data.customers * share)
        try:
            step = ways @ cho_solve(cho_factor(curvature), slope)
        except np.linalg.LinAlgError:  # flat as far as doubles can tell
            break
        # Where nothing limits it, a coefficient goes on by about 1 with every step.
        if np.abs(step).max(initial=0.0) <= CONVERGED * max(1.0, float(np.abs(found).max())):
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
    """How far the likelihood falls as a sum of coefficients leaves its best value and all others follow."""

    data: _Data
    best: Numbers
    height: float
    covariance: Numbers
    sums: Numbers

    def __post_init__(self) -> None:
        self.last = self.best
        self.at = float(self.sums @ self.best)
        self.error = float(np.sqrt(self.sums @ self.covariance @ self.sums))
        # All ways that leave the sum as it is.
        self.ways = null_space(self.sums[None] / np.abs(self.sums).max())

    def fallen(self, value: float) -> float:
        """The square root of twice the fall in log-likelihood: nearly a straight line on either side."""
        direction = self.covariance @ self.sums / self.error**2
        start = self.last + (value - float(self.sums @ self.last)) * direction  # as if it were a parabola
        self.last, reached, _curvature = _fitted(self.data, start, self.ways)
        return float(np.sqrt(max(0.0, 2 * (self.height - reached))))

    def border(self, step: float, limit: float) -> float:
        """Where it has fallen to a limit, on the side of the step, which leads about there: by secants."""
        self.last = self.best
        before, fallen_before = 0.0, 0.0
        for _turn in range(MOST_STEPS):
            fallen = self.fallen(self.at + step)
            if abs(fallen - limit) < CLOSE:
                break
            further = (limit - fallen) * (step - before) / (fallen - fallen_before)
            before, fallen_before = step, fallen
            step += float(np.clip(further, -abs(step) / 2, abs(step)))
        return self.at + step


def _effect(profile: _Profile, level: float) -> Effect:
    """One coefficient with its intervals, in the units of its column."""
    at, error = profile.at, profile.error
    z = float(ndtri((1 + level) / 2))

    def ratio(coefficient: float) -> float:
        with np.errstate(over="ignore"):
            return float(np.exp(coefficient))

    return Effect(
        coefficient=at,
        standard_error=error,
        odds_ratio=ratio(at),
        wald=Interval(ratio(at - z * error), ratio(at + z * error)),
        profile=Interval(ratio(profile.border(-z * error, z)), ratio(profile.border(z * error, z))),
        p=float(chdtrc(1, profile.fallen(0.0) ** 2)),
    )
