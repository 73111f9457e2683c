"""Excel workbooks (.xlsx), after a look at what they unpack to."""

from __future__ import annotations

import functools
import zipfile
import zlib
from pathlib import Path

import fastexcel
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _

from zhike.collect.sources.mapping import Format
from zhike.collect.sources.readers.batches import (
    ROW_NUMBER,
    BadFile,
    Batch,
    Batches,
    Limits,
    check_columns,
    gathered,
    numbered,
)

UNPACKED_LIMIT = 2_000_000_000  # Excel's million rows of many columns stay below
BLOCK = 1 << 20
BATCH_ROWS = 50_000


class XlsxReader:
    """Rows of one sheet as text."""

    unit = "rows"

    def __init__(self, path: Path, rows: pa.Table) -> None:
        self.columns = tuple(rows.column_names)
        self.size = rows.num_rows
        self._rows = rows
        self._path = path

    def batches(self) -> Batches:
        return gathered(self._blocks())

    def _blocks(self) -> Batches:
        for start in range(0, self._rows.num_rows, BATCH_ROWS):
            rows, _ = numbered(self._rows.slice(start, BATCH_ROWS), start + 1)
            yield Batch(_without_blank(rows), (), start + rows.num_rows)


def open_xlsx(path: Path, file_format: Format, limits: Limits) -> XlsxReader:
    """A reader for one sheet of a workbook: the one the mapping names, else the first. Raises BadFile."""
    _check_unpacked_size(path, min(limits.file, UNPACKED_LIMIT))
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise BadFile(
            _("is no readable workbook: %(first_line)s") % {"first_line": _first_line(error)}, where=path.name
        ) from error
    sheet_name = file_format.sheet or workbook.sheet_names[0]
    if sheet_name not in workbook.sheet_names:
        raise BadFile(
            _("has no sheet called %(sheet_name)s") % {"sheet_name": repr(sheet_name)},
            where=path.name,
            advice=_("Its sheets: %(sheet_names)s.") % {"sheet_names": ", ".join(workbook.sheet_names)},
        )
    try:
        rows = _read(workbook, sheet_name, file_format)
    except fastexcel.FastExcelError as error:
        raise BadFile(
            _("sheet %(sheet_name)s cannot be read: %(first_line)s")
            % {"sheet_name": repr(sheet_name), "first_line": _first_line(error)},
            where=path.name,
        ) from error
    return XlsxReader(path, rows)


def _read(workbook: fastexcel.ExcelReader, sheet_name: str, file_format: Format) -> pa.Table:
    # Without a header row of its own doing, so that doubled names can be told to the user.
    sheet = workbook.load_sheet(sheet_name, header_row=None, dtypes="string")
    rows = pa.Table.from_batches([sheet.to_arrow()])
    if not rows.num_rows:
        raise BadFile(_("the sheet is empty"), where=sheet_name)
    if not file_format.header:
        names = check_columns(file_format.names, "format.names")
        if len(names) != rows.num_columns:
            raise BadFile(
                _("the sheet has %(num_columns)s columns, `names` in the mapping %(count)s")
                % {"num_columns": rows.num_columns, "count": len(names)},
                where=sheet_name,
            )
        return rows.rename_columns(names)
    header = [value or "" for value in (column[0].as_py() for column in rows.columns)]
    return rows.slice(1).rename_columns(list(check_columns(header, sheet_name)))


def _without_blank(rows: pa.Table) -> pa.Table:
    """The rows that have a value at all; sheets are full of others that were only coloured or left free."""
    values = [pc.fill_null(pc.not_equal(rows[name], ""), False) for name in rows.column_names if name != ROW_NUMBER]
    return rows.filter(functools.reduce(pc.or_, values))


def _check_unpacked_size(path: Path, limit: int) -> None:
    """Unpacks every part into nothing, and stops at the limit: what a zip file says of itself may be a lie."""
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            names = archive.namelist()
            if "xl/workbook.xml" not in names:
                raise BadFile(_("is a zip file but no Excel workbook"), where=path.name, advice=_("Unpack it first."))
            total = 0
            for part in archive.infolist():
                raw.seek(part.header_offset + 26)
                name_length, extra_length = (int.from_bytes(raw.read(2), "little") for _ in range(2))
                raw.seek(name_length + extra_length, 1)
                total += _unpacked_size(raw, part, limit - total)
                if total > limit:
                    raise BadFile(
                        _("unpacks to more than %(limit)s bytes (a zip bomb?)") % {"limit": f"{limit:,}"},
                        where=path.name,
                        advice=_("Export the sheet as CSV if it is meant to be that large."),
                    )
    except (zipfile.BadZipFile, zlib.error) as error:
        raise BadFile(_("is no readable workbook: %(error)s") % {"error": error}, where=path.name) from error


def _unpacked_size(raw: object, part: zipfile.ZipInfo, limit: int) -> int:
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise zipfile.BadZipFile(f"compression method {part.compress_type} of {part.filename}")
    unpack = zlib.decompressobj(-15)
    left, size = part.compress_size, 0
    pending = b""
    while (left or pending) and size <= limit and not unpack.eof:
        if not pending:
            pending = raw.read(min(BLOCK, left))  # type: ignore[attr-defined]
            left -= len(pending)
            if not pending:
                break
        size += len(unpack.decompress(pending, BLOCK))
        pending = unpack.unconsumed_tail
    return size


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
