"""A first pass over a file: what it is, its fingerprint, encoding and size, with nothing kept in memory."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from zhike.collect.sources.readers.batches import BadFile, Limits, reading
from zhike.collect.sources.readers.encodings import likeliest_encoding

BLOCK = 1 << 20
SAMPLE = 1 << 18
GZIP = b"\x1f\x8b"
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# First bytes → what such a file is, and what to do with it.
UNPACK = gettext_noop("Unpack it first.")
FOREIGN = {
    b"%PDF": (gettext_noop("is a PDF document"), ""),
    b"\xd0\xcf\x11\xe0": (
        gettext_noop("is an old (.xls) or protected Excel workbook"),
        gettext_noop("Save it as .xlsx without a password."),
    ),
    b"\x89PNG": (gettext_noop("is a picture"), ""),
    b"\xff\xd8\xff": (gettext_noop("is a picture"), ""),
    b"SQLite format 3": (gettext_noop("is an SQLite database"), gettext_noop("Import from it with --sql.")),
    b"7z\xbc\xaf": (gettext_noop("is a 7-Zip archive"), UNPACK),
    b"Rar!": (gettext_noop("is a RAR archive"), UNPACK),
    b"BZh": (gettext_noop("is a bzip2 file"), UNPACK),
    b"\x28\xb5\x2f\xfd": (gettext_noop("is a Zstandard file"), UNPACK),
    b"\x7fELF": (gettext_noop("is a program"), ""),
}


@dataclass
class Inspection:
    """What a first pass found out."""

    kind: str  # csv, jsonl, xlsx or parquet
    fingerprint: str
    is_gzip: bool = False
    encoding: str = "utf-8"  # empty where none fits
    size: int = 0  # bytes, unpacked
    has_quotes: bool = False
    longest_line: int = 0  # bytes; a record may have several lines where fields are quoted
    longest_record: int = 0
    sample: bytes = field(default=b"", repr=False)  # the beginning, unpacked


def inspect(path: Path, limits: Limits, encoding: str | None = None) -> Inspection:
    """What the file is; `encoding` is known already where it is stated. Raises BadFile if it cannot be imported."""
    with reading(path):
        return _inspect(path, limits, encoding)


def _inspect(path: Path, limits: Limits, encoding: str | None) -> Inspection:
    where = path.name
    if path.is_dir():
        raise BadFile(_("is a directory"), where=where, advice=_("Name one file; import several one after the other."))
    if not path.exists():
        raise BadFile(_("there is no such file"), where=str(path))
    if not path.is_file():
        raise BadFile(
            _("is no regular file"), where=where, advice=_("Write it to a file first; an import reads it twice.")
        )
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise BadFile(_("the file is empty"), where=where)
    if start.startswith(b"PAR1"):
        return Inspection("parquet", _fingerprint(path), size=path.stat().st_size)
    if start.startswith(b"PK\x03\x04"):
        return Inspection("xlsx", _fingerprint(path), size=path.stat().st_size)
    for mark, (what, advice) in FOREIGN.items():
        if start.startswith(mark):
            raise BadFile(
                _(what),
                where=where,
                advice=_(advice) if advice else _("An import reads CSV, TSV, XLSX, JSON Lines and Parquet."),
            )
    return _inspect_text(path, limits, encoding, is_gzip=start.startswith(GZIP))


def open_text(path: Path, *, is_gzip: bool) -> BinaryIO:
    """The bytes of a text file, unpacked."""
    return cast(BinaryIO, gzip.open(path, "rb")) if is_gzip else path.open("rb")


def _fingerprint(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _inspect_text(path: Path, limits: Limits, encoding: str | None, *, is_gzip: bool) -> Inspection:
    found = Inspection("csv", "", is_gzip=is_gzip)
    scan = _TextScan(path.name, limits, encoding)
    digest = hashlib.sha256()
    try:
        with open_text(path, is_gzip=is_gzip) as file:
            while block := file.read(BLOCK):
                digest.update(block)
                scan.see(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BadFile(_("the gzip file is damaged: %(error)s") % {"error": error}, where=path.name) from error
    if not scan.size:
        raise BadFile(_("the file is empty"), where=path.name)
    found.fingerprint = digest.hexdigest()
    found.size, found.has_quotes, found.sample = scan.size, scan.has_quotes, scan.sample
    found.longest_line, found.longest_record = scan.lines.longest, scan.records.longest
    found.encoding = scan.encoding()
    text = found.sample.decode(found.encoding or "latin-1", errors="ignore").lstrip("\ufeff \t\r\n")
    found.kind = "jsonl" if text.startswith("{") else "csv"
    if text.startswith("["):
        raise BadFile(
            _("is one JSON array"),
            where=path.name,
            advice=_("Write one object per line (JSON Lines): `jq -c '.[]' FILE`."),
        )
    return found


class _Lengths:
    """The longest of the pieces that a text is cut into, as far as it was seen."""

    def __init__(self) -> None:
        self.longest = 0
        self._open = 0  # bytes since the last end

    def see(self, ends: np.ndarray, size: int) -> None:
        """A block of `size` bytes with pieces that end at these places."""
        if len(ends):
            self.longest = max(self.longest, self._open + int(ends[0]) + 1, int(np.diff(ends).max(initial=0)))
            self._open = size - int(ends[-1]) - 1
        else:
            self._open += size
        self.longest = max(self.longest, self._open)


class _TextScan:
    """Looks at the blocks of a text file in passing."""

    def __init__(self, where: str, limits: Limits, stated: str | None) -> None:
        self.stated = stated
        self.where = where
        self.limits = limits
        self.size = 0
        self.has_quotes = False
        self.sample = b""
        self.lines, self.records = _Lengths(), _Lengths()
        self._quotes = 0
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._is_utf8 = True
        self._characters = 0  # read as UTF-8 that are not ASCII
        self._foreign_sample = b""
        self._mark = ""

    def see(self, block: bytes) -> None:
        if not self.size:
            self._mark = next((name for mark, name in MARKS.items() if block.startswith(mark)), "")
        self.size += len(block)
        if len(self.sample) < SAMPLE:
            self.sample += block[: SAMPLE - len(self.sample)]
        self.has_quotes = self.has_quotes or b'"' in block
        self._check_limits(block)
        if self.stated:
            return
        if self._mark != "utf-16" and b"\0" in block:
            raise BadFile(
                _("byte %(place)s of the file is NUL: it is binary, or damaged")
                % {"place": f"{self.size - len(block) + block.index(0) + 1:,}"},
                where=self.where,
                advice=_(
                    "An import reads CSV, TSV, XLSX, JSON Lines and Parquet; UTF-16 without a byte order mark"
                    " has to be stated in the mapping: `format: {encoding: utf-16-le}`."
                ),
            )
        if self._is_utf8 and not (block.isascii() and not self._utf8.getstate()[0]):
            self._try_utf8(block)

    def _check_limits(self, block: bytes) -> None:
        if self.size > self.limits.file:
            raise BadFile(
                _("is larger than %(file)s bytes unpacked") % {"file": f"{self.limits.file:,}"},
                where=self.where,
                advice=_("Raise ZHIKE_IMPORT_LIMIT."),
            )
        codes = np.frombuffer(block, np.uint8)
        ends = np.flatnonzero(codes == ord("\n"))
        self.lines.see(ends, len(block))
        if self.lines.longest > self.limits.line:
            raise BadFile(
                _("has a line longer than %(line)s bytes") % {"line": f"{self.limits.line:,}"},
                where=self.where,
                advice=_("Is it a text table at all? Raise ZHIKE_LINE_LIMIT if such lines are meant."),
            )
        if self.has_quotes:
            quotes = np.flatnonzero(codes == ord('"'))
            is_quoted = (np.searchsorted(quotes, ends) + self._quotes) % 2 == 1
            ends = ends[~is_quoted]
            self._quotes += len(quotes)
        self.records.see(ends, len(block))

    def _try_utf8(self, block: bytes) -> None:
        try:
            self._characters += _foreign_characters(self._utf8.decode(block))
        except UnicodeDecodeError as error:
            self._is_utf8 = False
            self._characters += _foreign_characters(error.object[: error.start].decode())
            # From the line with the first foreign character on: what lies before tells nothing.
            self._foreign_sample = error.object[error.object.rfind(b"\n", 0, error.start) + 1 :]

    def encoding(self) -> str:
        """The encoding: by its mark, else UTF-8 where all of it is, else the likeliest; empty if none fits."""
        if self.stated or self._mark:
            return self.stated or self._mark
        if self._is_utf8 or self._is_damaged_utf8():
            return "utf-8"
        # Whole lines only: half a character at the end would rule its encoding out.
        sample = self._foreign_sample[: self._foreign_sample.rfind(b"\n") + 1] or self._foreign_sample
        return likeliest_encoding(sample)

    def _is_damaged_utf8(self) -> bool:
        """A few wrong bytes among many right ones: another encoding would read all of the text wrongly."""
        text = self._foreign_sample.decode(errors="replace")
        wrong = text.count("\ufffd")
        return self._characters + _foreign_characters(text) - wrong > 3 * wrong


def _foreign_characters(text: str) -> int:
    return len(text) - len(text.encode("ascii", errors="ignore"))
