"""A plain file to learn from: its columns as numbers and texts, and those that nothing can be learnt from."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.sources.conversion import FALSE, TRUE
from zhike.collect.sources.parsing import day, number
from zhike.collect.sources.plain_files import Wanted, check_column, open_plain, read_columns, rows_of
from zhike.errors import UserError
from zhike.understand.propensity.doubts import Doubt
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines import IBIS_TYPES
from zhike.warehouse.engines.duckdb import embedded

MISSING = ("", "nan", "na", "n/a", "null", "none", "-")  # in a column of numbers
MOSTLY = 0.95  # of the cells: with so many numbers, the others are taken for missing
MOST_VALUES = 1000  # of a text; with more of them, or one in every other row, it is a name and no group
LARGEST = 1e100  # squares of larger numbers have no double

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """What to learn, and from which columns of a file."""

    outcome: str
    positive: str | None = None  # the value of the outcome that counts; without it, the file says yes or no
    name: str | None = None  # column that names a row
    leave_out: Sequence[str] = ()
    time: str | None = None  # column of the day of a row
    until: date | None = None  # rows up to this day are learnt from, later ones judged by


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a file: what is known of each, and whether it came."""

    features: pd.DataFrame  # numbers as doubles, NaN where missing; texts, "" where missing
    numbers: tuple[str, ...]
    came: Flags
    names: list[str] | None
    days: npt.NDArray[np.datetime64] | None
    doubts: tuple[Doubt, ...]

    def __len__(self) -> int:
        return len(self.features)


def rows_of_file(path: Path, asked: Asked) -> Rows:
    """The rows of a CSV, XLSX, JSON Lines or Parquet file, gzip allowed, in its order.

    A column whose cells are numbers is one; others are texts. Columns that hold only one value, only dates or a
    different text in nearly every row are left out, and a doubt names them. Raises UserError for a file that cannot be
    read, a column that it lacks, and an outcome that is not yes or no in every row.
    """
    reader = open_plain(path)
    named: dict[str, Sequence[str | None]] = {
        "--outcome": [asked.outcome],
        "--id": [asked.name],
        "--time": [asked.time],
        "--leave-out": asked.leave_out,
    }
    for option, columns in named.items():
        for column in columns:
            if column is not None:
                check_column(reader, column, option)
    aside = {asked.outcome, asked.name, asked.time, *asked.leave_out}
    whole = rows_of(reader, path)
    features, doubts = features_of(whole.select([one for one in whole.column_names if one not in aside]))
    return Rows(
        features=features,
        numbers=tuple(name for name in features.columns if features[name].dtype == np.float64),
        came=outcome_of(path, whole, asked.outcome, asked.positive),
        names=None if asked.name is None else [str(one) for one in whole[asked.name].to_pylist()],
        days=None if asked.time is None else _days(path, asked.time),
        doubts=tuple(doubts),
    )


def rows_to_score(path: Path, like: Rows, name: str | None) -> tuple[pd.DataFrame, list[str]]:
    """The columns that a model was fitted to, of other rows; and what each row is called, by number without `name`.

    Raises UserError for a file that lacks one of them, and for a text where numbers were learnt from.
    """
    wanted = {
        f"c{place}": Wanted(str(column), Kind.NUMBER if column in like.numbers else Kind.TEXT, may_lack=True)
        for place, column in enumerate(like.features.columns)
    }
    if name is not None:
        wanted["id"] = Wanted(name, Kind.TEXT, option="--id")
    read = read_columns(path, wanted)
    columns = {}
    for place, column in enumerate(like.features.columns):
        found = read[f"c{place}"]
        columns[column] = _checked(str(column), _doubles(found)) if column in like.numbers else _texts(found)
    names = read["id"].to_pylist() if name is not None else [str(one) for one in range(1, len(read) + 1)]
    return pd.DataFrame(columns, index=range(len(read))), names


def outcome_of(path: Path, whole: pa.Table, column: str, positive: str | None, *, option: str = "--outcome") -> Flags:
    """Of each row whether it came: what the column says, yes or no, or whether it is the value that counts.

    Raises UserError for a cell that says neither, or is empty, and where no row has the value.
    """
    if positive is None:
        try:
            kind = {"came": Wanted(column, Kind.BOOLEAN, option=option)}
            return np.asarray(read_columns(path, kind)["came"].to_numpy(), np.bool_)
        except UserError as error:
            said = _("Name the value that counts with --positive VALUE; yes and no are known: %(words)s.")
            error.advice = error.advice or said % {"words": ", ".join((*TRUE, *FALSE))}
            raise
    texts = whole[column]
    if texts.null_count:
        row = pc.index(texts.is_null(), True).as_py() + 1
        where = _("%(file)s, row %(row)s, column %(column)s")
        raise UserError(_("is empty"), where=where % {"file": path.name, "row": f"{row:,}", "column": repr(column)})
    came = np.asarray(pc.equal(texts, positive).to_numpy(), np.bool_)
    if not came.any():
        values = ", ".join(sorted(pc.unique(texts).to_pylist())[:10])
        raise UserError(
            _("no row of column %(column)s is %(value)s") % {"column": repr(column), "value": repr(positive)},
            where="--positive",
            advice=_("It has: %(values)s.") % {"values": values},
        )
    return came


def _days(path: Path, column: str) -> npt.NDArray[np.datetime64]:
    found = read_columns(path, {"day": Wanted(column, Kind.DATE, option="--time")})["day"]
    return np.asarray(found.to_numpy(), "datetime64[D]")


def features_of(texts: pa.Table) -> tuple[pd.DataFrame, list[Doubt]]:
    """The columns, typed by what they hold, and what was left out or taken for missing.

    Numbers are doubles, NaN where missing; texts are "" there. Raises UserError where no column is left.
    """
    engine = embedded()
    name = f"propensity_{uuid.uuid4().hex}"
    ours = [f"c{place}" for place in range(texts.num_columns)]
    if not ours:
        raise UserError(_("there is no column left to learn from"), where="--leave-out")
    numbered = texts.rename_columns(ours).append_column("row_number", pa.array(range(len(texts)), pa.int64()))
    whole = engine.connection.create_table(name, numbered, temp=True)
    try:
        typed = whole.mutate(**{f"n{one}": number(whole[one], IBIS_TYPES[Kind.NUMBER]) for one in ours})
        read = engine.arrow(typed.order_by("row_number"))
        is_day = whole.agg(**{one: day(whole[one], ()).count() for one in ours})
        days = engine.arrow(is_day).to_pylist()[0]
    finally:
        engine.connection.drop_table(name)
    columns: dict[str, npt.NDArray[np.generic]] = {}
    doubts = []
    for one, column in zip(ours, texts.column_names, strict=True):
        found, doubt = _column(column, read[one], read[f"n{one}"], days[one])
        if found is not None:
            columns[column] = found
        if doubt is not None:
            doubts.append(doubt)
    if not columns:
        said = "\n".join(one.text for one in doubts)
        raise UserError(_("there is no column that anything could be learnt from"), advice=said)
    return pd.DataFrame(columns), doubts


def _column(
    column: str, texts: pa.ChunkedArray, values: pa.ChunkedArray, days: int
) -> tuple[npt.NDArray[np.generic] | None, Doubt | None]:
    """A column as it can be learnt from; None, with a doubt that says why, where it cannot."""
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    held = pc.and_(texts.is_valid(), pc.invert(pc.is_in(lower, pa.array(MISSING))))
    told = pc.sum(held).as_py() or 0
    read = len(values) - values.null_count
    if pc.count_distinct(texts, mode="all").as_py() < 2:
        return None, Doubt("constant", (column,))
    is_other = pc.and_(held, values.is_null())
    others = pc.sum(is_other).as_py() or 0
    if told and (not others or (read >= MOSTLY * told and pc.count_distinct(values).as_py() > 20)):
        doubles = _checked(column, _doubles(values))
        first = texts[pc.index(is_other, True).as_py()].as_py() if others else ""
        return doubles, Doubt("no_numbers", (column,), f"{others:,} ({first!r})") if others else None
    if told and days == len(texts) - texts.null_count:
        return None, Doubt("dates", (column,))
    different = pc.count_distinct(texts).as_py()
    if different > MOST_VALUES or (different > 20 and different > len(texts) / 2):
        return None, Doubt("names", (column,), f"{different:,}")
    return _texts(texts), None


def _doubles(values: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return np.asarray(values.to_numpy(), np.float64)


def _checked(column: str, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Raises UserError for a number that cannot be computed with."""
    if values.size and np.nanmax(np.abs(values), initial=0.0) > LARGEST:
        row = int(np.nanargmax(np.abs(values))) + 1
        raise UserError(
            _("%(number)s is too large a number") % {"number": f"{values[row - 1]:g}"},
            where=_("row %(row)s, column %(column)s") % {"row": f"{row:,}", "column": repr(column)},
            advice=_("Mend it, or leave the column out."),
        )
    return values


def _texts(values: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    return np.asarray(pc.fill_null(values, "").to_numpy(), np.object_)
