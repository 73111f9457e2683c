"""CSV, TSV and white-space tables, read in blocks with bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv
from django.utils.translation import gettext as _

from zhike.collect.sources.mapping import Format
from zhike.collect.sources.readers.batches import (
    BadFile,
    Batch,
    Batches,
    Broken,
    Limits,
    check_columns,
    gathered,
    numbered,
    reading,
)
from zhike.collect.sources.readers.inspection import Inspection, open_text

DELIMITERS = ",\t;|"
END = "\x04"


class TextStream(io.RawIOBase):
    """A file as UTF-8 that ends with a row of END marks, and knows how much was read of it.

    The marks tell, at the end, whether a quotation mark that was never closed swallowed rows.
    """

    def __init__(self, stream: BinaryIO, encoding: str, delimiter: str, width: int) -> None:
        self.position = 0
        self._at_start = True
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._blanks_to_tabs = delimiter == "whitespace"
        self._end = b"\n" + _separator(delimiter).join([END] * width).encode() + b"\n"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._stream.read(size)
        is_end = len(block) < size
        if self._blanks_to_tabs:
            block += self._stream.readline()  # a whole number of lines, so no run of blanks is cut
        self.position += len(block)
        text = self._decoder.decode(block, final=is_end)  # of UTF-8 too, or the parser would stumble in its own way
        block = block if self._encoding == "utf-8" else text.encode()
        if self._blanks_to_tabs:
            block = _with_tabs(block)
        if self._at_start:
            # The parser would take an empty line for the header.
            block, self._at_start = block.lstrip(b"\r\n"), False
        if is_end:
            # In one block with the last row: a block of a header alone is more than the parser can take.
            block, self._end = block + self._end, b""
        return block

    def close(self) -> None:
        self._stream.close()
        super().close()


class CsvReader:
    """Rows of a delimited text file; ragged ones are broken rows."""

    unit = "bytes"

    def __init__(
        self,
        path: Path,
        inspection: Inspection,
        encoding: str,
        delimiter: str,
        columns: tuple[str, ...],
        limits: Limits,
        *,
        has_header: bool,
    ) -> None:
        self.path = path
        self.columns = columns
        self.size = inspection.size
        self._inspection = inspection
        self._encoding = encoding
        self._delimiter = delimiter
        self._limits = limits
        self._skipped = 1 if has_header else 0

    def batches(self) -> Batches:
        return gathered(self._blocks())

    def _blocks(self) -> Batches:
        following = 1
        held: Batch | None = None
        with reading(self.path), closing(self._stream()) as stream:
            try:
                for rows, broken in self._parsed(stream):
                    if held is not None:
                        yield held
                    rows, following = numbered(rows, following, [row.row_number for row in broken])
                    held = Batch(rows, broken, stream.position)
            except pa.ArrowInvalid as error:
                raise self._explained(error, following) from error
            except UnicodeDecodeError as error:
                raise self._misread(error, stream.position) from error
        assert held is not None  # the marks, if nothing else
        last = held.rows.slice(max(0, held.rows.num_rows - 1))
        if last[self.columns[0]].to_pylist() != [END]:
            raise self._unclosed(following)
        yield replace(held, rows=held.rows.slice(0, held.rows.num_rows - 1))

    def _stream(self) -> TextStream:
        file = open_text(self.path, is_gzip=self._inspection.is_gzip)
        return TextStream(file, self._encoding, self._delimiter, len(self.columns))

    def _parsed(self, stream: TextStream) -> Iterator[tuple[pa.Table, tuple[Broken, ...]]]:
        """Rows, and the ragged ones among them."""
        ragged: list[Broken] = []

        def note(row: pacsv.InvalidRow) -> str:
            reason = f"ragged row: {row.actual_columns} fields where the header has {row.expected_columns}"
            ragged.append(Broken((row.number or 0) - self._skipped, row.text, reason))
            return "skip"

        following = 1
        with self._open(stream, note) as blocks:
            for block in blocks:
                # The parser is ahead: it has noted rows of the next blocks too.
                among = 0
                while among < len(ragged) and ragged[among].row_number < following + block.num_rows + among:
                    among += 1
                yield pa.Table.from_batches([block]), tuple(ragged[:among])
                following += block.num_rows + among
                del ragged[:among]
        if ragged:
            yield _no_rows(self.columns), tuple(ragged)

    def _open(self, stream: TextStream, note: object) -> pacsv.CSVStreamingReader:
        return pacsv.open_csv(
            pa.PythonFile(stream, mode="r"),
            # Threads would lose the numbers of ragged rows.
            read_options=pacsv.ReadOptions(
                use_threads=False,
                # A block holds its longest record; what the parser reads ahead are many blocks.
                block_size=max(1 << 20, min(2 * self._inspection.longest_record, self._limits.line)),
                column_names=list(self.columns),
                skip_rows_after_names=self._skipped,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=_separator(self._delimiter),
                newlines_in_values=self._inspection.has_quotes,
                quote_char='"' if self._inspection.has_quotes else False,
                invalid_row_handler=note,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in self.columns}, strings_can_be_null=False
            ),
        )

    def _explained(self, error: pa.ArrowInvalid, following: int) -> BadFile:
        text = str(error)
        if "straddling" in text or "out of sync" in text or "cut" in text:
            return self._unclosed(following)
        return BadFile(
            _("cannot be read after row %(following)s: %(text)s") % {"following": f"{following - 1:,}", "text": text},
            where=self.path.name,
        )

    def _unclosed(self, following: int) -> BadFile:
        return BadFile(
            _("a quoted field is never closed, or longer than %(line)s bytes, near row %(following)s")
            % {"line": f"{self._limits.line:,}", "following": f"{following - 1:,}"},
            where=self.path.name,
            advice=_('Look there and before for a lone quotation mark ("); inside a field it is written twice.'),
        )

    def _misread(self, error: UnicodeDecodeError, position: int) -> BadFile:
        byte = position - len(error.object) + error.start + 1
        return BadFile(
            _("is not %(encoding)s: byte %(byte)s is %(start)s")
            % {"encoding": self._encoding, "byte": f"{byte:,}", "start": f"{error.object[error.start]:#04x}"},
            where=self.path.name,
            advice=_("State the encoding in the mapping: `format: {encoding: …}`."),
        )


def open_csv(path: Path, inspection: Inspection, file_format: Format, limits: Limits) -> CsvReader:
    """A reader for a delimited text file; delimiter and encoding are detected unless given. Raises BadFile."""
    encoding = file_format.encoding or inspection.encoding
    if not encoding:
        raise BadFile(
            _("the encoding is neither UTF-8 nor GB18030, Big5 or Windows-1252"),
            where=path.name,
            advice=_("State it in the mapping: `format: {encoding: …}`."),
        )
    text = inspection.sample.decode(encoding, errors="ignore").lstrip("\ufeff")
    first = next(iter(_lines(text)), "")
    delimiter = file_format.delimiter or _delimiter(text)
    if file_format.header:
        columns = check_columns(_fields(first, delimiter), path.name)
    else:
        columns = check_columns(file_format.names, "format.names")
        found = len(_fields(first, delimiter))
        if found != len(columns):
            raise BadFile(
                _("the first row has %(found)s fields, `names` in the mapping %(count)s")
                % {"found": found, "count": len(columns)},
                where=path.name,
            )
    _check_delimiter(path, first, delimiter, columns)
    plain = "utf-8" if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig") else encoding
    return CsvReader(path, inspection, plain, delimiter, columns, limits, has_header=file_format.header)


def _fields(line: str, delimiter: str) -> list[str]:
    if delimiter == "whitespace":
        return line.split()
    return next(csv.reader([line], delimiter=_separator(delimiter)), [])


def _separator(delimiter: str) -> str:
    return "\t" if delimiter in ("whitespace", "tab") else delimiter


def _lines(text: str) -> list[str]:
    """The lines that are not empty; unlike `splitlines`, ended by line ends only."""
    return [line for line in re.split(r"[\r\n]+", text) if line]


def _delimiter(text: str) -> str:
    """The delimiter that splits the header, and most of the first lines into as many fields."""
    lines = _lines(text)[:20]

    def score(delimiter: str) -> tuple[bool, int, int]:
        counts = [len(_fields(line, delimiter)) for line in lines]
        return counts[0] > 1, counts.count(counts[0]), counts[0]

    return max(DELIMITERS, key=score) if lines else ","


def _check_delimiter(path: Path, first: str, delimiter: str, columns: tuple[str, ...]) -> None:
    other = next((d for d in DELIMITERS if d != delimiter and len(_fields(first, d)) > 1), None)
    if len(columns) == 1 and other and delimiter != "whitespace":
        raise BadFile(
            _("the header is a single field when split at %(delimiter)s; it seems to be separated by %(other)s")
            % {"delimiter": repr(delimiter), "other": repr(other)},
            where=path.name,
            advice=_("Say so in the mapping: `format: {delimiter: %(other)s}`.") % {"other": repr(other)},
        )


def _with_tabs(block: bytes) -> bytes:
    return re.sub(rb"[ \t]+", b"\t", re.sub(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)", b"", block))


def _no_rows(columns: tuple[str, ...]) -> pa.Table:
    empty = pa.table({name: pa.array([], pa.string()) for name in columns})
    return numbered(empty, 1)[0]
