"""Models of who will do something, fitted with scikit-learn, their chances calibrated on rows they did not see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

ModelName = Literal["logistic", "boosting"]
Calibration = Literal["none", "sigmoid", "isotonic"]
MOST_GROUPS = 50  # of a text; the rarest are taken together
FEWEST_IN_GROUP = 20
FOLDS = 3
FEWEST_TO_CALIBRATE = 100  # events
SURELY = 2.0  # standard errors by which a calibration must be better to be taken
FURTHEST = 1e-6  # from 0 and 1, before log odds are taken

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted pipeline of scikit-learn, and what its chances are turned into."""

    name: ModelName
    pipeline: Pipeline
    calibration: Calibration
    calibrate: Callable[[Numbers], Numbers]

    def raw(self, features: pd.DataFrame) -> Numbers:
        """The log odds of each row before calibration."""
        return log_odds(self.pipeline.predict_proba(features)[:, 1])

    def chances(self, features: pd.DataFrame) -> Numbers:
        """How probable it is of each row."""
        return self.calibrate(np.asarray(self.pipeline.predict_proba(features)[:, 1], np.float64))

    @property
    def columns(self) -> ColumnTransformer:
        """What turns the columns of a file into numbers."""
        return self.pipeline.named_steps["columns"]

    @property
    def estimated(self) -> int:
        """How many numbers are estimated: coefficients; of boosting, columns, each of which wants far more events."""
        if self.name == "boosting":
            return len(self.columns.transformers_)
        return int(self.pipeline.named_steps["model"].coef_.size)


def log_odds(chances: npt.ArrayLike) -> Numbers:
    """Natural logarithms of the odds, kept finite."""
    return np.asarray(logit(np.clip(np.asarray(chances, np.float64), FURTHEST, 1 - FURTHEST)), np.float64)


def learn(features: pd.DataFrame, numbers: tuple[str, ...], came: Flags, *, name: ModelName, seed: int) -> Model:
    """A model fitted to all rows.

    Logistic regression has standardised numbers, a flag where one is missing and a coefficient for each group of a text
    (ridge penalty 1). Boosting is scikit-learn's on histograms. Chances are calibrated (Platt 1999; Zadrozny & Elkan
    2002) by what models fitted to two thirds of the rows said of the last, if that is surely better there.
    """
    pipeline = _pipeline(features, numbers, name, seed)
    calibration, calibrate = _calibration(pipeline, features, came, seed)
    return Model(name, pipeline.fit(features, came), calibration, calibrate)


def _pipeline(features: pd.DataFrame, numbers: tuple[str, ...], name: ModelName, seed: int) -> Pipeline:
    by_column = _for_logistic if name == "logistic" else _for_boosting
    parts = [(f"c{place}", by_column(column in numbers), [column]) for place, column in enumerate(features.columns)]
    if name == "logistic":
        model: Any = LogisticRegression(solver="newton-cholesky", max_iter=200)
    else:
        texts = [place for place, column in enumerate(features.columns) if column not in numbers]
        model = HistGradientBoostingClassifier(categorical_features=texts or None, random_state=seed)
    return Pipeline([("columns", ColumnTransformer(parts, sparse_threshold=0)), ("model", model)])


def _for_logistic(is_number: bool) -> Any:
    if is_number:
        filled = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
        return Pipeline([("filled", filled), ("scaled", StandardScaler())])
    return OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=FEWEST_IN_GROUP,
        max_categories=MOST_GROUPS,
        sparse_output=False,
    )


def _for_boosting(is_number: bool) -> Any:
    if is_number:
        return "passthrough"
    return OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=np.nan,
        min_frequency=FEWEST_IN_GROUP,
        max_categories=MOST_GROUPS,
    )


def _same(chances: Numbers) -> Numbers:
    return chances


def _calibration(
    pipeline: Pipeline, features: pd.DataFrame, came: Flags, seed: int
) -> tuple[Calibration, Callable[[Numbers], Numbers]]:
    """The calibration that is surely better on rows that neither it nor the model saw, fitted to all of these."""
    if min(came.sum(), (~came).sum()) < FEWEST_TO_CALIBRATE:
        return "none", _same
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    unseen = cross_val_predict(clone(pipeline), features, came, cv=folds, method="predict_proba")[:, 1]
    half = np.random.default_rng(seed).permutation(len(came)) % 2 == 0
    plain = (unseen - came) ** 2
    best: Calibration = "none"
    surest = SURELY
    for kind in ("sigmoid", "isotonic"):
        said = np.empty(len(came))
        for part in (half, ~half):
            said[part] = _fitted(kind, unseen[~part], came[~part])(unseen[part])
        better = plain - (said - came) ** 2
        error = float(better.std(ddof=1)) / np.sqrt(len(better))
        if error > 0 and better.mean() / error > surest:
            best, surest = kind, float(better.mean()) / error
    return best, (_fitted(best, unseen, came) if best != "none" else _same)


def _fitted(kind: Calibration, chances: Numbers, came: Flags) -> Callable[[Numbers], Numbers]:
    if kind == "isotonic":
        steps = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(chances, came)
        return lambda one: np.asarray(steps.predict(one), np.float64)
    line = LogisticRegression(C=np.inf).fit(log_odds(chances)[:, None], came)
    slope, start = float(line.coef_[0, 0]), float(line.intercept_[0])
    return lambda one: np.asarray(expit(start + slope * log_odds(one)), np.float64)
