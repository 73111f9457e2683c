"""What an import would do, tried out on the first rows of a file that was handed in."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from zhike.collect.sources.delivery import Delivery, stamp_of
from zhike.collect.sources.drafts import mapping_of, opened
from zhike.collect.sources.importing import ImportResult, try_out
from zhike.collect.sources.mapping import FromColumn, Mapping, OccurrenceOf
from zhike.collect.sources.models import Import, Upload
from zhike.collect.sources.readers import Batch, Batches, Reader
from zhike.collect.sources.readers.batches import ROW_NUMBER
from zhike.collect.sources.staging import Staged
from zhike.collect.sources.words import in_words
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.progress import Silent
from zhike.ui.templatetags.formats import day, instant, number
from zhike.warehouse.files import disk_room, filesystem, inner_path

TRIED_ROWS = 2000
SHOWN_ROWS = 20
SHOWN_REJECTS = 10
LATER = "…"  # for what only the whole import can tell
BETWEEN = " | "  # what sets the faults of one row apart


@dataclass(frozen=True)
class Cell:
    """One value as it will land, or as it was received with why it will not."""

    text: str
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the file: its cells, or why it is no row at all."""

    number: int
    cells: tuple[Cell, ...]
    broken: str = ""
    line: str = ""


@dataclass(frozen=True)
class Preview:
    """The numbers of the rows that were tried, and some of these rows."""

    result: ImportResult
    is_whole: bool  # the file has no more rows than were tried
    columns: tuple[str, ...]
    first: tuple[Row, ...]
    rejected: tuple[Row, ...]  # some that are not among the first
    same_as: Import | None  # the import that brought the very same file before


class Beginning:
    """The first rows of a file, as a reader of their own."""

    unit = "rows"
    size = None

    def __init__(self, reader: Reader, limit: int) -> None:
        self.columns = reader.columns
        self.is_whole = True
        self._reader = reader
        self._limit = limit

    def batches(self) -> Batches:
        """At most one batch."""
        with closing(self._reader.batches()) as batches:
            batch = next(batches, None)
            if batch is None:
                return
            self.is_whole = batch.row_count <= self._limit and next(batches, None) is None
            rows = batch.rows.slice(0, self._limit)
            last = rows[ROW_NUMBER][-1].as_py() if rows.num_rows else self._limit
            broken = [one for one in batch.broken if self.is_whole or one.row_number <= last]
            yield Batch(rows, broken, rows.num_rows + len(broken))


def preview_import(upload: Upload) -> Preview:
    """What the import of an upload would do. Raises Denied, BadFile, MappingError."""
    require(Right.IMPORT)
    mapping = mapping_of(upload)
    reader = opened(upload)
    fingerprint = upload.found["form"]["fingerprint"]
    delivery = Delivery(upload.name, fingerprint, reader, mapping, upload.file, stamp_of(upload.file))
    delivery.check(upload.entity, upload.source)
    beginning = Beginning(reader, TRIED_ROWS)
    tried = Delivery(upload.name, fingerprint, beginning, mapping, upload.file, delivery.stamp)
    seen = _Look(mapping)
    with disk_room(_("trying an import out")):
        result = try_out(tried, upload.source, Silent(), time.perf_counter(), seen.look)
    earlier = Import.objects.filter(
        source__name=upload.source,
        entity=upload.entity,
        fingerprint=fingerprint,
        mapping_fingerprint=mapping.fingerprint,
        state=Import.State.FINISHED,
    )
    first = sorted([*seen.good, *seen.bad], key=lambda row: row.number)[:SHOWN_ROWS]
    last = first[-1].number if first else 0
    rejected = [row for row in seen.bad if row.number > last][:SHOWN_REJECTS]
    order = _faulty_first(seen.columns, [*first, *rejected])
    return Preview(
        result=result,
        is_whole=beginning.is_whole,
        columns=tuple(seen.columns[place] for place in order),
        first=tuple(_in_order(row, order) for row in first),
        rejected=tuple(_in_order(row, order) for row in rejected),
        same_as=earlier.first(),
    )


class _Look:
    """Reads rows out of the files of a try-out before they are removed."""

    def __init__(self, mapping: Mapping) -> None:
        self.columns = tuple(column.name for column in mapping.contract if column.name in mapping.columns)
        self.good: list[Row] = []
        self.bad: list[Row] = []
        self._mapping = mapping

    def look(self, staged: Staged) -> None:
        """Takes what is worth showing."""
        for row in _first(staged.files, SHOWN_ROWS):
            cells = tuple(Cell(self._landing(name, row)) for name in self.columns)
            self.good.append(Row(row["row_number"], cells))
        self.bad = [self._rejected(row) for row in _first(staged.reject_files, TRIED_ROWS)]

    def _rejected(self, row: dict[str, Any]) -> Row:
        received = json.loads(row["row"])
        if row["column"] is None:
            return Row(row["row_number"], (), in_words(row["reason"]), str(received.get("line", ""))[:200])
        faults: dict[str, list[str]] = {}
        for name, reason in zip(row["column"].split(BETWEEN), row["reason"].split(BETWEEN), strict=False):
            faults.setdefault(name, []).append(in_words(reason))
        cells = tuple(Cell(self._received(name, received), ", ".join(faults.pop(name, []))) for name in self.columns)
        # A rule of the firm may look at a column that is not taken over.
        others = ", ".join(f"{name}: {reason}" for name, reasons in faults.items() for reason in reasons)
        return Row(row["row_number"], cells, others)

    def _landing(self, name: str, row: dict[str, Any]) -> str:
        is_numbered = isinstance(self._mapping.columns[name], OccurrenceOf)
        return LATER if is_numbered else _shown(row[name])

    def _received(self, name: str, received: dict[str, Any]) -> str:
        expression = self._mapping.columns[name]
        return _shown(received.get(expression.column)) if isinstance(expression, FromColumn) else LATER


def _faulty_first(columns: Sequence[str], rows: Sequence[Row]) -> list[int]:
    """The places of the columns, those first in which something is wrong: wide tables are read from the left."""
    faulty = {place for row in rows for place, cell in enumerate(row.cells) if cell.reason}
    return sorted(range(len(columns)), key=lambda place: place not in faulty)


def _in_order(row: Row, order: Sequence[int]) -> Row:
    return replace(row, cells=tuple(row.cells[place] for place in order)) if row.cells else row


def _first(files: Sequence[str], count: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for file in files:
        table = pq.read_table(inner_path(file), filesystem=filesystem())
        rows += table.sort_by("row_number").slice(0, count).to_pylist()
    return rows[:count]


def _shown(value: object) -> str:
    match value:
        case datetime():
            return instant(value)
        case date():
            return day(value)
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return number(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return "" if value is None else str(value)
