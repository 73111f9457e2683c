"""Who will do it, of a plain file: a model learnt from one file, its chances and reasons for the rows of another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.understand.propensity.files import Asked, rows_of_file, rows_to_score
from zhike.understand.propensity.judging import Fitted, fit_rows
from zhike.understand.propensity.learning import ModelName, learn
from zhike.understand.propensity.reasons import REASONS, Reason, effects, reasons_of


@dataclass(frozen=True)
class Recipe:
    """How to learn: the kind of model, and how rows are parted to judge it."""

    model: ModelName = "logistic"
    seed: int = 0
    test_share: float = 1 / 3


@dataclass(frozen=True, eq=False)
class Scored:
    """The rows of another file: what each is called, how probable it is of it, and why."""

    fitted: Fitted
    names: list[str]
    chances: npt.NDArray[np.float64]
    reasons: list[list[Reason]]


def fit_file(path: Path, asked: Asked, recipe: Recipe) -> Fitted:
    """A model of who will do it, fitted to a part of a file and judged by the rest of it.

    With `asked.until` the rest is what came later, without it a part drawn at random. Raises UserError where the file
    cannot be read, where an option does not fit, and where too few did it.
    """
    _check(asked, recipe)
    rows = rows_of_file(path, asked)
    return fit_rows(rows, asked, name=recipe.model, seed=recipe.seed, test_share=recipe.test_share)


def score_file(path: Path, new: Path, asked: Asked, recipe: Recipe) -> Scored:
    """What a model learnt from one file says of the rows of another, which need no outcome.

    It is judged as by `fit_file`, then learnt again from all rows of the first file. Nothing is stored that would have
    to be trusted later. Raises UserError as `fit_file`, and for a second file that lacks a column of the first.
    """
    _check(asked, recipe)
    rows = rows_of_file(path, asked)
    features, names = rows_to_score(new, rows, asked.name)
    fitted = fit_rows(rows, asked, name=recipe.model, seed=recipe.seed, test_share=recipe.test_share)
    model = learn(rows.features, rows.numbers, rows.came, name=recipe.model, seed=recipe.seed)
    reasons = reasons_of(features, effects(model, features, rows.features))
    return Scored(fitted, names, model.chances(features), reasons)


def table_of(scored: Scored) -> pa.Table:
    """One row per row of the scored file: `id`, `probability`, and up to three reasons, each with its effect."""
    columns: dict[str, object] = {"id": scored.names, "probability": scored.chances}
    for place in range(REASONS):
        own = [reasons[place] if place < len(reasons) else None for reasons in scored.reasons]
        columns[f"reason_{place + 1}"] = pa.array(
            [f"{one.column} = {one.cell}" if one else None for one in own], pa.string()
        )
        columns[f"effect_{place + 1}"] = pa.array([one.effect if one else None for one in own], pa.float64())
    return pa.table(columns)


def write_scores(table: pa.Table, path: Path) -> None:
    """Writes it as CSV. Raises UserError where the file cannot be written."""
    try:
        pyarrow.csv.write_csv(table, path)
    except OSError as error:
        raise UserError(_("cannot be written: %(error)s") % {"error": error.strerror}, where=str(path)) from error


def _check(asked: Asked, recipe: Recipe) -> None:
    if not 0.05 <= recipe.test_share <= 0.95:
        raise UserError(
            _("%(share)s is not between 0.05 and 0.95") % {"share": f"{recipe.test_share:g}"}, where="--test-share"
        )
    if asked.until is not None and asked.time is None:
        raise UserError(_("a day needs a column of days"), where="--until", advice=_("Name it with --time COL."))
    if asked.time is not None and asked.until is None:
        raise UserError(
            _("a column of days needs the last day to learn from"),
            where="--time",
            advice=_("Add --until DATE; later rows are what the model is judged by."),
        )
