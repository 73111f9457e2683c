"""Why a model says what it says: which columns matter at all, and which of them speak for or against one row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from zhike.understand.propensity.learning import Model

MOST_ROWS = 10_000  # looked at to say which columns matter
SHUFFLES = 3
REASONS = 3  # told of a row
NORMAL = 1.96  # standard errors to either side

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Importance:
    """A column of the file, and by how much the AUC falls where its cells are shuffled."""

    column: str
    auc_drop: float
    spread: float  # standard deviation between shuffles


@dataclass(frozen=True)
class Odds:
    """By how much the odds are multiplied: in a group of a text, or by one standard deviation more of a number."""

    column: str
    group: str | None
    odds_ratio: float
    low: float  # the interval that holds it 95 times of 100
    high: float


@dataclass(frozen=True)
class Reason:
    """What a column adds to the log odds of a row, compared with a typical customer."""

    column: str
    cell: str
    effect: float


def importances(model: Model, features: pd.DataFrame, came: Flags, *, seed: int) -> tuple[Importance, ...]:
    """The columns by permutation importance (Breiman 2001) on rows that the model did not see, most important first.

    Of columns that say the same, each seems to matter little: the other speaks for it.
    """
    drawn = np.random.default_rng(seed)
    if len(features) > MOST_ROWS:
        some = drawn.permutation(len(features))[:MOST_ROWS]
        if came[some].any() and not came[some].all():
            features, came = features.iloc[some], came[some]
    # Each column is turned into numbers of its own, so these are shuffled, and turned only once.
    rows, classifier = model.columns.transform(features), model.pipeline.named_steps["model"]
    whole = roc_auc_score(came, classifier.predict_proba(rows)[:, 1])
    found = []
    for name, _part, [column] in model.columns.transformers_:
        own = model.columns.output_indices_[name]
        drops = []
        for _shuffle in range(SHUFFLES):
            shuffled = rows.copy()
            shuffled[:, own] = rows[drawn.permutation(len(rows))][:, own]
            drops.append(whole - roc_auc_score(came, classifier.predict_proba(shuffled)[:, 1]))
        found.append(Importance(str(column), float(np.mean(drops)), float(np.std(drops))))
    return tuple(sorted(found, key=lambda one: -one.auc_drop))


def odds_of(model: Model, numbers: tuple[str, ...], learnt_from: pd.DataFrame) -> tuple[Odds, ...]:
    """Odds ratios of a logistic regression, the strongest first; of groups of a text, against their average.

    They are held back by the ridge penalty, and so are their intervals: by the curvature of the penalised likelihood.
    """
    classifier = model.pipeline.named_steps["model"]
    coefficients, covariance = classifier.coef_[0], _covariance(model, learnt_from)
    found = []
    for name, part, [column] in model.columns.transformers_:
        own = model.columns.output_indices_[name]
        values, spread = coefficients[own], covariance[own, own]
        if column in numbers:
            labels: list[str | None] = [None, *(["(missing)"] if len(values) > 1 else [])]
        else:
            labels = [str(one).removeprefix(f"{column}_") for one in part.get_feature_names_out()]
            centred = np.eye(len(values)) - 1 / len(values)
            values, spread = centred @ values, centred @ spread @ centred
        halves = NORMAL * np.sqrt(np.maximum(np.diag(spread), 0))
        found += [
            Odds(str(column), label, *map(float, np.exp([value, value - half, value + half])))
            for label, value, half in zip(labels, values, halves, strict=True)
        ]
    return tuple(sorted(found, key=lambda one: -abs(np.log(one.odds_ratio))))


def _covariance(model: Model, learnt_from: pd.DataFrame) -> Numbers:
    """Of the coefficients but the intercept, which the penalty leaves alone."""
    rows = np.asarray(model.columns.transform(learnt_from), np.float64)
    chances = model.pipeline.named_steps["model"].predict_proba(rows)[:, 1]
    weights = chances * (1 - chances)
    whole = np.column_stack([np.ones(len(rows)), rows])
    curvature = (whole * weights[:, None]).T @ whole + np.diag([0.0, *np.ones(rows.shape[1])])
    return np.asarray(np.linalg.pinv(curvature)[1:, 1:], np.float64)


def effects(model: Model, features: pd.DataFrame, learnt_from: pd.DataFrame) -> Numbers:
    """What each column adds to the log odds of each row: an array of rows by columns, in their order.

    Of a logistic regression exactly, against the average of the rows it was learnt from; together with what it says of
    their average they make the log odds. Of boosting: how much the log odds change if the cell had been the typical one
    (the median, the commonest text), all others as they are; these do not add up where columns work together.
    """
    if model.name == "logistic":
        return _terms(model, features, model.columns.transform(learnt_from).mean(axis=0))
    whole = model.raw(features)
    found = np.zeros(features.shape)
    for place, column in enumerate(features.columns):
        cells = learnt_from[column]
        typical = cells.median() if cells.dtype == np.float64 else cells.mode().iloc[0]
        found[:, place] = whole - model.raw(features.assign(**{column: typical}))
    return found


def _terms(model: Model, features: pd.DataFrame, average: Numbers) -> Numbers:
    terms = (model.columns.transform(features) - average) * model.pipeline.named_steps["model"].coef_[0]
    slices = (model.columns.output_indices_[name] for name, _part, _column in model.columns.transformers_)
    return np.column_stack([terms[:, one].sum(axis=1) for one in slices])


def reasons_of(features: pd.DataFrame, found: Numbers) -> list[list[Reason]]:
    """For each row its strongest reasons, for or against."""
    first = np.argsort(-np.abs(found), axis=1, kind="stable")[:, :REASONS]
    names = [str(column) for column in features.columns]
    cells = features.to_numpy(dtype=object)
    return [
        [
            Reason(names[place], said(cells[row, place]), float(found[row, place]))
            for place in places
            if found[row, place]
        ]
        for row, places in enumerate(first.tolist())
    ]


def said(cell: object) -> str:
    """A cell as people read it."""
    if isinstance(cell, float):
        return "" if np.isnan(cell) else f"{cell:.12g}"
    return str(cell)
