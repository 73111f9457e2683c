"""Writes the rows of a feed, block by block, in the format of its source."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from zhike.demo.draws import Ints
from zhike.demo.text import join

CREATED = datetime(2026, 1, 1, tzinfo=UTC)  # written into workbooks, so that equal content gives equal bytes


@dataclass(frozen=True)
class Rows:
    """Rows of one feed in the order of their keys; a key names a row whatever block it is made in."""

    keys: Ints
    columns: Mapping[str, pa.Array]

    def __len__(self) -> int:
        return len(self.keys)

    def take(self, places: Ints) -> Rows:
        """The rows at these places."""
        picked = pa.array(places)
        return Rows(self.keys[places], {name: column.take(picked) for name, column in self.columns.items()})


def merged(*parts: Rows) -> Rows:
    """All rows of the parts in the order of their keys."""
    keys = np.concatenate([part.keys for part in parts])
    columns = {name: pa.concat_arrays([part.columns[name] for part in parts]) for name in parts[0].columns}
    return Rows(keys, columns).take(np.argsort(keys, kind="stable"))


class Writer(Protocol):
    """Receives the rows of one file."""

    def write(self, rows: Rows) -> None:
        """Adds rows."""

    def close(self) -> None:
        """Completes the file."""


def quoted(column: pa.Array) -> pa.Array:
    """The text between quotation marks, those within it doubled."""
    return join('"', pa.compute.replace_substring(column, '"', '""'), '"')


@dataclass(frozen=True)
class Separated:
    """CSV or TSV: how its lines look."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quoted: tuple[str, ...] = ()  # columns whose text may hold the delimiter
    line_end: str = "\n"

    def header(self, names: list[str]) -> str:
        return self.delimiter.join(names) + self.line_end

    def lines(self, rows: Rows) -> pa.Array:
        """One text per row, with its line end."""
        columns = [quoted(column) if name in self.quoted else column for name, column in rows.columns.items()]
        between: list[pa.Array | str] = []
        for place, column in enumerate(columns):
            between += [column, self.delimiter if place < len(columns) - 1 else self.line_end]
        return join(*between)


@dataclass(frozen=True)
class JsonLines:
    """JSON Lines: `raw` columns hold numbers or objects that are JSON already."""

    raw: tuple[str, ...] = ()
    encoding: str = "utf-8"

    def header(self, _names: list[str]) -> str:
        return ""

    def lines(self, rows: Rows) -> pa.Array:
        """One JSON object per row, with its line end; missing values are null."""
        parts: list[pa.Array | str] = []
        for place, (name, column) in enumerate(rows.columns.items()):
            text = column if name in self.raw else pa.compute.binary_join_element_wise('"', column, '"', "")
            parts += [
                f'{"," if place else "{"}"{name}":',
                pa.compute.fill_null(text, "null") if text.null_count else text,
            ]
        return join(*parts, "}\n")


class Workbook:
    """XLSX: a cover sheet where asked and one of rows; `dates` are Excel's day numbers, shown as dates."""

    def __init__(self, path: Path, sheet: str, dates: tuple[str, ...] = (), cover: str = "") -> None:
        options = {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False}
        self.book = xlsxwriter.Workbook(str(path), options)
        self.book.set_properties({"created": CREATED})
        if cover:
            self.book.add_worksheet("说明").write_string(0, 0, cover)
        self.sheet = self.book.add_worksheet(sheet)
        self.date_format = self.book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.dates = dates
        self.next_row = 0

    def write(self, rows: Rows) -> None:
        """Adds rows, and the header before the first."""
        if self.next_row == 0:
            self.sheet.write_row(0, 0, list(rows.columns))
            self.next_row = 1
        values = zip(*(column.to_pylist() for column in rows.columns.values()), strict=True)
        formats = [self.date_format if name in self.dates else None for name in rows.columns]
        for record in values:
            for place, value in enumerate(record):
                if value is None:
                    continue
                if isinstance(value, str) and formats[place] and value.replace(".", "", 1).isdigit():
                    self.sheet.write_number(self.next_row, place, float(value), formats[place])
                elif isinstance(value, str):
                    self.sheet.write_string(self.next_row, place, value)
                else:
                    self.sheet.write_number(self.next_row, place, value)
            self.next_row += 1

    def close(self) -> None:
        """Completes the workbook."""
        self.book.close()


class ParquetFile:
    """Parquet, with the types that the columns have."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer: pq.ParquetWriter | None = None

    def write(self, rows: Rows) -> None:
        """Adds rows as one row group."""
        self.write_table(pa.table(dict(rows.columns)))

    def write_table(self, table: pa.Table) -> None:
        """Adds a table as one row group."""
        if self.writer is None:
            self.writer = pq.ParquetWriter(self.path, table.schema, compression="zstd")
        if len(table):
            self.writer.write_table(table)

    def close(self) -> None:
        """Completes the file."""
        if self.writer is not None:
            self.writer.close()


class LinesFile:
    """Text lines in some encoding."""

    def __init__(self, path: Path, form: Separated | JsonLines) -> None:
        self.form = form
        # utf-8-sig would put its mark before every block.
        self.encoding = "utf-8" if form.encoding == "utf-8-sig" else form.encoding
        self.file = io.BufferedWriter(io.FileIO(path, "w"), 1 << 20)
        if form.encoding == "utf-8-sig":
            self.file.write(b"\xef\xbb\xbf")
        self.begun = False

    def begin(self, names: list[str]) -> None:
        """Writes the header before the first lines."""
        if not self.begun:
            self.file.write(self.form.header(names).encode(self.encoding))
            self.begun = True

    def write_lines(self, lines: pa.Array) -> None:
        """Adds lines, which carry their own line ends."""
        if not len(lines):
            return
        # The buffer of a text column without gaps is its lines one after another.
        offsets = np.frombuffer(lines.buffers()[1], np.int32)[lines.offset : lines.offset + len(lines) + 1]
        content = memoryview(lines.buffers()[2])[offsets[0] : offsets[-1]]
        self.file.write(content if self.encoding == "utf-8" else str(content, "utf-8").encode(self.encoding))

    def close(self) -> None:
        """Completes the file."""
        self.file.close()
