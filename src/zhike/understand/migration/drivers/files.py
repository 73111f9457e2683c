"""What drives a move, from a plain file: its columns, and who moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.sources.plain_files import Wanted, check_column, open_plain, read_columns, rows_of
from zhike.errors import UserError
from zhike.stats.drivers import Drivers, drivers
from zhike.stats.logistic import NothingVaries
from zhike.stats.logistic_limits import Separated
from zhike.understand.migration.drivers.study import FEW_EACH
from zhike.understand.propensity.files import features_of, outcome_of

MISSING = "(missing)"
MOST_ESTIMATED = 60  # numbers and groups: more than anybody reads, and profiles take their time
LARGEST = 1e15  # count that is still exact

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """Which column says who moved, and what else the command was told."""

    moved: str
    customers: str | None = None  # column with how many customers a row stands for; then `moved` is how many moved
    positive: str | None = None
    leave_out: Sequence[str] = ()
    groups: Sequence[str] = ()  # columns whose numbers name groups
    is_standardised: bool = False


@dataclass(frozen=True, eq=False)
class FileDrivers:
    """What drives a move, and what whoever reads it should know."""

    found: Drivers
    spreads: dict[str, float]  # of numbers that were standardised: how much one standard deviation is
    notes: tuple[str, ...]


def drivers_of_file(path: Path, asked: Asked) -> FileDrivers:
    """The odds ratios of the columns of a CSV, XLSX, JSON Lines or Parquet file, gzip allowed.

    Of texts, each group is compared with the largest; of a number it is one more, or one standard deviation. A row is a
    customer, or a cell of customers who are alike. Rows that lack a number are left out. Raises UserError for a file
    that cannot be read, a column that it lacks, counts that are none, and where nothing can be estimated.
    """
    reader = open_plain(path)
    for option, column in (("--moved", asked.moved), ("--customers", asked.customers)):
        if column is not None:
            check_column(reader, column, option)
    for option, columns in (("--leave-out", asked.leave_out), ("--group", asked.groups)):
        for column in columns:
            check_column(reader, column, option)
    whole = rows_of(reader, path)
    features, notes = _features(whole, asked)
    if asked.customers is None:
        moved = outcome_of(path, whole, asked.moved, asked.positive, option="--moved").astype(np.float64)
        customers = np.ones(len(moved))
    else:
        moved, customers = _counts(path, asked.moved, asked.customers)
    whole_rows = features.notna().all(axis=1).to_numpy()
    if not whole_rows.all():
        notes.append(_("%(rows)s rows lack a number, and are left out") % {"rows": f"{(~whole_rows).sum():,}"})
    found, spreads = _estimated(features[whole_rows], moved[whole_rows], customers[whole_rows], asked)
    if found.events_each < FEW_EACH:
        said = _(
            "%(each)s customers of the rarer outcome for each odds ratio; with fewer than %(fewest)s, little holds"
        )
        notes.append(said % {"each": f"{found.events_each:.1f}", "fewest": FEW_EACH})
    return FileDrivers(found, spreads, tuple(notes))


def _features(whole: pa.Table, asked: Asked) -> tuple[pd.DataFrame, list[str]]:
    """The columns that may drive it, in the order of the file, and what was left out."""
    aside = {asked.moved, asked.customers, *asked.leave_out}
    columns = [column for column in whole.column_names if column not in aside]
    if not columns:
        raise UserError(_("there is no column that could drive it"), where="--leave-out")
    typed = [column for column in columns if column not in asked.groups]
    found, doubts = features_of(whole.select(typed)) if typed else (pd.DataFrame(), [])
    given = {column: pc.fill_null(whole[column], "").to_numpy() for column in columns if column in asked.groups}
    every = {**{str(name): found[name] for name in found}, **given}
    return pd.DataFrame({name: every[name] for name in columns if name in every}), [one.text for one in doubts]


def _counts(path: Path, moved: str, customers: str) -> tuple[Numbers, Numbers]:
    wanted = {
        "moved": Wanted(moved, option="--moved", minimum=0),
        "customers": Wanted(customers, option="--customers", minimum=0),
    }
    read = read_columns(path, wanted)
    counts = [np.asarray(read[name].to_numpy(), np.float64) for name in wanted]
    for column, values in zip((moved, customers), counts, strict=True):
        wrong = (values % 1 != 0) | (values > LARGEST)
        if wrong.any():
            raise UserError(
                _("%(number)s is no number of customers") % {"number": f"{values[wrong.argmax()]:g}"},
                where=_row(path, int(wrong.argmax()), column),
            )
    more = counts[0] > counts[1]
    if more.any():
        raise UserError(_("more moved than there are customers"), where=_row(path, int(more.argmax()), moved))
    return counts[0], counts[1]


def _row(path: Path, place: int, column: str) -> str:
    return _("%(file)s, row %(row)s, column %(column)s") % {
        "file": path.name,
        "row": f"{place + 1:,}",
        "column": repr(column),
    }


def _estimated(
    features: pd.DataFrame, moved: Numbers, customers: Numbers, asked: Asked
) -> tuple[Drivers, dict[str, float]]:
    numbers = {str(name): features[name].to_numpy() for name in features if features[name].dtype == np.float64}
    groups = {str(name): [str(one) or MISSING for one in features[name]] for name in features if name not in numbers}
    estimated = len(numbers) + sum(len(set(values)) - 1 for values in groups.values())
    if estimated > MOST_ESTIMATED:
        raise UserError(
            _("there are %(count)s groups and numbers; %(most)s can be studied together")
            % {"count": f"{estimated:,}", "most": MOST_ESTIMATED},
            advice=_("Leave columns out with --leave-out, or put groups together that mean about the same."),
        )
    if not 0 < moved.sum() < customers.sum():
        raise UserError(_("nobody moved, or everybody did"), where="--moved")
    spreads = _spreads(numbers, customers) if asked.is_standardised else {}
    scaled = {name: values / spreads.get(name, 1.0) for name, values in numbers.items()}
    try:
        return drivers(groups, moved, customers, numbers=scaled), spreads
    except Separated as error:
        raise UserError(
            _("it is told perfectly who moved, by: %(columns)s") % {"columns": ", ".join(error.columns)},
            advice=_("Their odds ratios have no limit. Leave one out with --leave-out, or put its values together."),
        ) from error
    except NothingVaries as error:
        raise UserError(_("there is no column in which those who moved could differ from others")) from error
    except ArithmeticError as error:
        raise UserError(
            _("no odds ratios can be found: the likelihood has no highest point"),
            advice=_("Leave columns out with --leave-out."),
        ) from error


def _spreads(numbers: dict[str, Numbers], customers: Numbers) -> dict[str, float]:
    """The standard deviation of each number among the customers; 1 where all have the same."""
    found = {}
    for name, values in numbers.items():
        mean = np.average(values, weights=customers)
        spread = float(np.sqrt(np.average((values - mean) ** 2, weights=customers)))
        found[name] = spread if spread > 0 else 1.0
    return found
