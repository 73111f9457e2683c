"""Rows as files to keep, CSV or XLSX; a text that a spreadsheet would run as a formula is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import xlsxwriter
from django.utils.translation import gettext as _

from zhike.errors import UserError

SHEET_ROWS = 1_048_576  # that a sheet of XLSX holds, with its head
FORMULA = r"^[=+\-@\t\r]"
PHONE = r"^\+[0-9 -]*[0-9][0-9 -]*$"
MARK = "\ufeff".encode()  # spreadsheets take a file for UTF-8 by this mark


def csv_chunks(batches: Iterable[pa.RecordBatch], names: Sequence[str], head: Sequence[str]) -> Iterator[bytes]:
    """The rows as CSV with a head, a piece for each batch; written column by column, so millions take seconds."""
    titles = pa.record_batch([pa.array([title]) for title in head], names=list(names))
    yield MARK + _lines(titles)
    for batch in batches:
        if batch.num_rows:
            yield _lines(_quoted(batch))


def sheet_rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Sequence[Any]]:
    """The rows of batches one by one. Raises UserError, before they are read, for more than a sheet holds."""
    count = 0
    for batch in batches:
        count += batch.num_rows
        check_sheet(count)
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def write_xlsx(file: IO[bytes], rows: Iterable[Sequence[Any]], head: Sequence[str]) -> int:
    """Writes the rows as one sheet with a head; how many. Raises UserError for more than a sheet holds."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        formats: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        sheet.freeze_panes(1, 0)
        place = 0
        for place, row in enumerate(rows, start=1):
            check_sheet(place)
            _write_row(sheet, place, row, formats)
    return place


def check_sheet(rows: int) -> None:
    """Raises UserError for more rows than a sheet holds, which would be left out without a word."""
    if rows >= SHEET_ROWS:
        raise UserError(
            _("an XLSX file holds up to %(most)s rows") % {"most": f"{SHEET_ROWS - 1:,}"},
            advice=_("Export them as CSV or Parquet, or choose fewer."),
        )


def _write_row(sheet: Any, place: int, row: Sequence[Any], formats: dict[type, Any]) -> None:
    for column, value in enumerate(row):
        match value:
            case None | "":
                pass
            case datetime():
                sheet.write_datetime(place, column, value.replace(tzinfo=None), formats[datetime])
            case date():
                sheet.write_datetime(place, column, datetime.combine(value, time.min), formats[date])
            case str():
                sheet.write_string(place, column, value)
            case _:
                sheet.write(place, column, value)


def runs(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula; telephone numbers are none."""
    return bool(re.match(FORMULA, text)) and not re.match(PHONE, text)


def _lines(batch: pa.RecordBatch) -> bytes:
    sink = pa.BufferOutputStream()
    options = pcsv.WriteOptions(include_header=False, quoting_style="needed")
    pcsv.write_csv(batch, sink, options)
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _quoted(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows with a quote before every text that a spreadsheet would run; telephone numbers stay as they are."""
    columns = []
    for column in batch.columns:
        if pa.types.is_string(column.type):
            runs = pc.and_not(
                pc.match_substring_regex(column, FORMULA), pc.match_substring_regex(column, PHONE)
            ).fill_null(False)
            if pc.any(runs).as_py():
                column = pc.if_else(runs, pc.binary_join_element_wise("'", column, ""), column)
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
