"""A model of who leaves, learnt from what was known on a day and judged by what was known 90 days later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from zhike.understand.propensity.doubts import Doubt
from zhike.understand.propensity.judging import EVENTS_PER_NUMBER, Judged, doubts_of_result, judge
from zhike.understand.propensity.measures import FEWEST

FEWEST_TO_JUDGE = 20
FURTHEST = 0.995  # quantile of a feature, beyond which more counts no more
PLACES = 6

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Term:
    """A feature of a model: what one spread more adds to the log odds, and its distribution among those learnt from."""

    feature: str
    coefficient: float
    average: float
    spread: float
    cap: float


@dataclass(frozen=True)
class Churn:
    """Who leaves: the terms of a logistic regression, and how it did on the later time; nothing where too few left."""

    customers: int
    events: int
    judged_customers: int
    judged_events: int
    intercept: float = 0.0
    terms: tuple[Term, ...] = ()
    judged: Judged | None = None
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def is_used(self) -> bool:
        """Whether it says more than chance of a time that it has not seen."""
        return self.judged is not None and self.judged.auc_interval.low > 0.5


def learn_churn(train: pa.Table, test: pa.Table, features: Sequence[str]) -> Churn:
    """A model learnt from the rows of a day, judged by those of a later one; both have the features and `left`."""
    known, left = _rows(train, features)
    later, left_later = _rows(test, features)
    found = Churn(len(left), int(left.sum()), len(left_later), int(left_later.sum()))
    for came, fewest in ((left, FEWEST), (left_later, FEWEST_TO_JUDGE)):
        if min(came.sum(), (~came).sum()) < fewest:
            doubt = Doubt("too_few", (f"{len(came):,}",), f"{int(came.sum()):,}")
            return Churn(*_sizes(found), doubts=(doubt,))
    intercept, terms = _fitted(known, left, features)
    chances = expit(_log_odds(later, intercept, terms))
    judged = judge(chances, left_later)
    doubts = []
    each = min(left.sum(), (~left).sum()) / len(features)
    if each < EVENTS_PER_NUMBER["logistic"]:
        doubts.append(Doubt("few_events", (str(EVENTS_PER_NUMBER["logistic"]),), f"{each:.1f}"))
    doubts += doubts_of_result(judged, left, left_later)
    return Churn(*_sizes(found), intercept, terms, judged, tuple(doubts))


def _sizes(found: Churn) -> tuple[int, int, int, int]:
    return found.customers, found.events, found.judged_customers, found.judged_events


def _rows(table: pa.Table, features: Sequence[str]) -> tuple[Numbers, Flags]:
    # In one order, so that engines add up alike.
    table = table.sort_by("customer_id")
    columns = [table[name].to_numpy().astype(np.float64) for name in features]
    return np.column_stack(columns), np.asarray(table["left"].to_numpy(), np.bool_)


def _fitted(known: Numbers, left: Flags, features: Sequence[str]) -> tuple[float, tuple[Term, ...]]:
    caps = np.quantile(known, FURTHEST, axis=0)
    known = np.minimum(known, caps)
    averages, spreads = known.mean(axis=0), known.std(axis=0)
    spreads = np.where(spreads > 1e-9, spreads, 1.0)
    model = LogisticRegression(solver="newton-cholesky", max_iter=200).fit((known - averages) / spreads, left)
    rows = zip(features, model.coef_[0], averages, spreads, caps, strict=True)
    terms = tuple(Term(name, *(round(float(one), PLACES) for one in figures)) for name, *figures in rows)
    return round(float(model.intercept_[0]), PLACES), terms


def _log_odds(known: Numbers, intercept: float, terms: Sequence[Term]) -> Numbers:
    figures = {
        name: np.array([getattr(one, name) for one in terms]) for name in ("coefficient", "average", "spread", "cap")
    }
    scaled = (np.minimum(known, figures["cap"]) - figures["average"]) / figures["spread"]
    return np.asarray(intercept + scaled @ figures["coefficient"], np.float64)
