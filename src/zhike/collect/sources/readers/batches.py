"""What every reader yields: rows as text with their place in the file."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.errors import UserError

ROW_NUMBER = "zhike_row_number"
LINE = "zhike_line"  # the whole line, where the format has more than its columns say
BATCH_BYTES = 64_000_000
# What a file of exported rejects has beside the columns of the file they come from.
REJECT_COLUMNS = ("reject_row", "reject_column", "reject_value", "reject_reason")
RESERVED = "zhike_"  # what we call our own columns beside those of a file begins so


class BadFile(UserError):
    """A file that cannot be read as what it claims to be."""


@dataclass(frozen=True)
class Limits:
    """How much a reader may take in, in bytes."""

    file: int
    line: int


@dataclass(frozen=True)
class Broken:
    """A row that does not have the form of its file."""

    row_number: int
    text: str
    reason: str


@dataclass(frozen=True)
class Batch:
    """Consecutive rows: text columns and `zhike_row_number`; `broken` lie among them."""

    rows: pa.Table
    broken: Sequence[Broken]
    position: int  # in the reader's unit, after this batch

    @property
    def row_count(self) -> int:
        return self.rows.num_rows + len(self.broken)


Batches = Generator[Batch, None, None]


class Reader(Protocol):
    """An opened file: its columns and its rows as batches."""

    columns: tuple[str, ...]
    unit: str  # of the progress: bytes or rows

    @property
    def size(self) -> int | None:
        """How many units the whole has; None where nobody knows."""

    def batches(self) -> Batches:
        """All rows in order, in batches of bounded size. Raises BadFile."""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turns what the operating system says against reading a file into BadFile."""
    try:
        yield
    except OSError as error:
        raise BadFile(_("cannot be read: %(error)s") % {"error": error.strerror or error}, where=path.name) from error


def numbered(rows: pa.Table, first: int, broken: Sequence[int] = ()) -> tuple[pa.Table, int]:
    """The rows with their numbers, and the number after the last.

    `first` is the number of the first row, good or broken; `broken` the ascending numbers of those left out.
    """
    wanted = rows.num_rows
    numbers = np.arange(first, first + wanted + len(broken), dtype=np.int64)
    numbers = numbers[~np.isin(numbers, np.asarray(broken, dtype=np.int64))][:wanted]
    after = max([first, *(numbers[-1:] + 1).tolist(), *(number + 1 for number in broken)])
    return rows.append_column(ROW_NUMBER, pa.array(numbers)), int(after)


def trimmed(rows: pa.Table) -> pa.Table:
    """The rows with blanks around values removed (full-width ones too), and empty values as null."""
    for place, name in enumerate(rows.column_names):
        if name not in (ROW_NUMBER, LINE):
            text = pc.utf8_trim_whitespace(rows[name])
            rows = rows.set_column(place, name, pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text))
    return rows


def gathered(batches: Batches, size: int = BATCH_BYTES) -> Batches:
    """The same rows in batches of about `size` bytes, however finely the format is read."""
    rows: list[pa.Table] = []
    broken: list[Broken] = []
    held = 0
    for batch in batches:
        rows.append(batch.rows)
        broken += batch.broken
        held += batch.rows.nbytes + sum(len(row.text) for row in batch.broken)
        if held >= size:
            yield Batch(trimmed(pa.concat_tables(rows)), tuple(broken), batch.position)
            rows, broken, held = [], [], 0
        last = batch.position
    if rows:
        yield Batch(trimmed(pa.concat_tables(rows)), tuple(broken), last)


def check_columns(columns: Sequence[str], where: str) -> tuple[str, ...]:
    """The names of the columns. Raises BadFile where two cannot be told apart, or one cannot be used."""
    names = tuple(name.strip() for name in columns)
    advice = "Rename them in the header, or skip the header with `format: {header: false, names: […]}`."
    doubled = sorted({name for name in names if names.count(name) > 1 and name})
    if doubled:
        raise BadFile(
            _("several columns are called %(listed)s") % {"listed": _listed(doubled)}, where=where, advice=advice
        )
    if not any(names):
        raise BadFile(_("the header names no column"), where=where)
    names = tuple(name or f"column_{place}" for place, name in enumerate(names, start=1))
    folded = [name.lower() for name in names]
    alike = [name for name in names if folded.count(name.lower()) > 1]
    if alike:
        raise BadFile(
            _("columns differ only in case: %(listed)s") % {"listed": _listed(alike)}, where=where, advice=advice
        )
    ours = [name for name in names if name.lower().startswith(RESERVED)]
    if ours:
        raise BadFile(
            _("%(listed)s is a name that Zhike keeps for itself") % {"listed": _listed(ours)},
            where=where,
            advice=advice,
        )
    return names


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))
