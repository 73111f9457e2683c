"""How a model did on rows that it had not seen, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.utils.translation import gettext as _
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from zhike.errors import UserError
from zhike.stats.chances import Caught, Gain, Tenth, brier, by_tenths, gains, lift_at
from zhike.stats.proportions import Interval, difference_p
from zhike.stats.separation import separation
from zhike.understand.propensity.doubts import Doubt
from zhike.understand.propensity.files import Asked, Rows
from zhike.understand.propensity.learning import FEWEST_IN_GROUP, Model, ModelName, learn
from zhike.understand.propensity.reasons import Importance, Odds, importances, odds_of

FEWEST_TO_LEARN, FEWEST_TO_JUDGE = 20, 10  # events, and as many others; below, nothing is said
LEAK, STRONG = 0.95, 0.8  # AUC of one column, above which it is likely the outcome by another name, or may be
EVENTS_PER_NUMBER = {"logistic": 10, "boosting": 200}  # Peduzzi et al. 1996; van der Ploeg et al. 2014
SHARES = tuple(place / 10 for place in range(1, 11))
BINS = 20  # of a number, to see what it tells alone
UNLIKELY, UNLUCKY = 0.001, 3.29  # probability, and standard errors, beyond which chance is no explanation

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Which rows were learnt from, and which judged by."""

    kind: str  # time, random
    seed: int
    until: date | None
    learnt_from: int
    events_learnt_from: int
    judged_by: int
    events_judged_by: int


@dataclass(frozen=True)
class Judged:
    """How good the chances are, by the rows that the model did not see."""

    auc: float
    auc_interval: Interval
    brier: float
    brier_of_share: float  # of a model that says the share of all of everybody
    expected: float  # events by the chances
    lift: Caught
    tenths: tuple[Tenth, ...]
    gains: tuple[Gain, ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model, how it did, what matters to it, and what speaks against it."""

    model: Model
    split: Split
    judged: Judged
    importances: tuple[Importance, ...]
    odds: tuple[Odds, ...]  # of logistic regression
    doubts: tuple[Doubt, ...]


def fit_rows(rows: Rows, asked: Asked, *, name: ModelName, seed: int, test_share: float) -> Fitted:
    """A model fitted to a part of the rows and judged by the others, which are later where a time was named.

    Raises UserError where a part has too few rows that did, or did not.
    """
    train, test = _parted(rows, asked, seed, test_share)
    features, came = rows.features, rows.came
    model = learn(features.iloc[train], rows.numbers, came[train], name=name, seed=seed)
    chances = model.chances(features.iloc[test])
    judged = judge(chances, came[test])
    matter = importances(model, features.iloc[test], came[test], seed=seed)
    found = [
        *rows.doubts,
        *_of_columns(rows, train, test),
        *_of_fit(rows, model, train),
        *doubts_of_result(judged, came[train], came[test]),
        *_of_split(rows, asked, train, test),
    ]
    split = Split(
        kind="random" if asked.until is None else "time",
        seed=seed,
        until=asked.until,
        learnt_from=len(train),
        events_learnt_from=int(came[train].sum()),
        judged_by=len(test),
        events_judged_by=int(came[test].sum()),
    )
    odds = odds_of(model, rows.numbers, features.iloc[train]) if name == "logistic" else ()
    return Fitted(model, split, judged, matter, odds, tuple(found))


def judge(chances: npt.NDArray[np.float64], came: Flags) -> Judged:
    """How good chances are of rows that they were not learnt from. Raises ValueError for fewer than two of a kind."""
    area = separation(chances[came], chances[~came])
    share = float(came.mean())
    return Judged(
        auc=area.area,
        auc_interval=area.interval,
        brier=brier(chances, came),
        brier_of_share=share * (1 - share),
        expected=float(chances.sum()),
        lift=lift_at(chances, came, 0.1),
        tenths=by_tenths(chances, came),
        gains=gains(chances, came, SHARES),
    )


def _parted(rows: Rows, asked: Asked, seed: int, test_share: float) -> tuple[np.ndarray, np.ndarray]:
    everybody = np.arange(len(rows))
    check_enough(rows.came, FEWEST_TO_LEARN + FEWEST_TO_JUDGE, "--outcome")
    if rows.days is None or asked.until is None:
        train, test = train_test_split(everybody, test_size=test_share, random_state=seed, stratify=rows.came)
    else:
        is_before = rows.days <= np.datetime64(asked.until)
        train, test = everybody[is_before], everybody[~is_before]
    check_enough(rows.came[train], FEWEST_TO_LEARN, _("rows to learn from"))
    check_enough(rows.came[test], FEWEST_TO_JUDGE, _("rows to judge by"))
    return np.sort(train), np.sort(test)


def check_enough(came: Flags, fewest: int, where: str) -> None:
    """Raises UserError where too few did it, or too few did not."""
    events = int(came.sum())
    if min(events, len(came) - events) < fewest:
        raise UserError(
            _("%(events)s of %(rows)s did: nothing can be learnt with fewer than %(fewest)s of either kind")
            % {"events": f"{events:,}", "rows": f"{len(came):,}", "fewest": fewest},
            where=where,
            advice=_("Take more rows, or a longer time for the outcome."),
        )


def _of_columns(rows: Rows, train: np.ndarray, test: np.ndarray) -> list[Doubt]:
    """Columns that tell the outcome alone, and groups of a text in which nobody or everybody did."""
    found, told = [], []
    for column in rows.features.columns:
        groups = _groups(rows.features[column], train, is_number=column in rows.numbers)
        customers = np.bincount(groups[train])
        events = np.bincount(groups[train], rows.came[train], len(customers))
        share = float(rows.came[train].mean())
        shrunk = (events + share) / (customers + 1)
        # Groups that only the rows to judge by have tell nothing.
        said = np.append(shrunk, share)[np.minimum(groups[test], len(shrunk))]
        alone = float(roc_auc_score(rows.came[test], said))
        if alone > STRONG:
            found.append(Doubt("leak" if alone > LEAK else "strong", (str(column),), f"{alone:.3f}"))
        if column not in rows.numbers:
            sure = (np.minimum(events, customers - events) == 0) & (customers >= FEWEST_IN_GROUP)
            sure &= customers * np.where(events == 0, share, 1 - share) >= 5
            names = rows.features[column].iloc[train].to_numpy()
            told += [f"{column} = {names[np.argmax(groups[train] == one)]}" for one in np.flatnonzero(sure)]
    if told:
        found.append(Doubt("separation", (), ", ".join(told[:5]) + (" …" if len(told) > 5 else "")))
    return found


def _groups(cells: pd.Series, train: np.ndarray, *, is_number: bool) -> npt.NDArray[np.int64]:
    """The group of each cell: a text itself, a number by the quantiles of those learnt from, missing apart."""
    if not is_number:
        order = pd.Index(pd.unique(cells.iloc[train])).append(pd.Index(pd.unique(cells))).unique()
        return np.asarray(order.get_indexer(pd.Index(cells)), np.int64)
    values = cells.to_numpy(np.float64)
    known = values[train][~np.isnan(values[train])]
    if not len(known):
        return np.zeros(len(values), np.int64)
    borders = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    # What occurs often has a group of its own: at a border and below it are two.
    place = borders.searchsorted(values, "left") + borders.searchsorted(values, "right") + 1
    return np.where(np.isnan(values), 0, place).astype(np.int64)


def _of_fit(rows: Rows, model: Model, train: np.ndarray) -> list[Doubt]:
    came = rows.came[train]
    found = []
    each = min(came.sum(), (~came).sum()) / max(model.estimated, 1)
    if each < EVENTS_PER_NUMBER[model.name]:
        found.append(Doubt("few_events", (str(EVENTS_PER_NUMBER[model.name]),), f"{each:.1f}"))
    if model.name == "logistic" and roc_auc_score(came, model.raw(rows.features.iloc[train])) == 1.0:
        found.append(Doubt("separates"))
    return found


def doubts_of_result(judged: Judged, learnt: Flags, later: Flags) -> list[Doubt]:
    """What speaks against chances by how they did; who did is said of those learnt from and of those judged by."""
    found = []
    if judged.auc_interval.low <= 0.5:
        found.append(Doubt("no_better"))
    counts = (int(learnt.sum()), len(learnt), int(later.sum()), len(later))
    if difference_p(*counts) < UNLIKELY:
        found.append(Doubt("drift", (f"{counts[0] / counts[1]:.1%}",), f"{counts[2] / counts[3]:.1%}"))
    variance = sum(one.customers * one.predicted * (1 - one.predicted) for one in judged.tenths)
    if variance and abs(counts[2] - judged.expected) > UNLUCKY * np.sqrt(variance):
        found.append(Doubt("uncalibrated", (f"{judged.expected:,.0f}",), f"{counts[2]:,}"))
    return found


def _of_split(rows: Rows, asked: Asked, train: np.ndarray, test: np.ndarray) -> list[Doubt]:
    found = []
    days = [column for doubt in rows.doubts if doubt.kind == "dates" for column in doubt.columns]
    if asked.until is None and days:
        found.append(Doubt("random_split", tuple(days)))
    if rows.names is not None:
        learnt = {rows.names[place] for place in train}
        again = sum(rows.names[place] in learnt for place in test)
        if again:
            found.append(Doubt("same_rows", (), f"{again:,}"))
    return found
