"""Files that cannot be imported: each is refused with what is wrong, where and what to do, and leaves nothing."""

from __future__ import annotations

import gzip
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from deliveries import HEADER, ROW, Content, Desk

from zhike.collect.sources.models import Import
from zhike.collect.sources.services import import_file
from zhike.errors import UserError

GOOD = f"{HEADER}\n{ROW}\n"
A_GIGABYTE_IN_BLOCKS = range(1000)


def packed_line(path: Path) -> None:
    """One line of 1 GB, without a line end, that takes 1 MB on disk."""
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in A_GIGABYTE_IN_BLOCKS:
            file.write(b"x" * 1_000_000)


def sparse_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(GOOD.encode() + b"y" * 17_000_000)
        file.truncate(1_000_000_000)


def bomb(path: Path) -> None:
    """A quoted field that never ends, of short lines."""
    path.write_text(GOOD + '2,"' + "ann\n" * 5_000_000)


BAD_FILES: dict[str, tuple[Content, str, str]] = {
    "empty": ("", "file.csv", "the file is empty"),
    "empty when unpacked": (gzip.compress(b""), "file.csv.gz", "the file is empty"),
    "directory": (Path.mkdir, "folder", "is a directory"),
    "missing": (lambda path: None, "gone.csv", "there is no such file"),
    "pipe": (os.mkfifo, "pipe", "is no regular file"),
    "device": (Path("/dev/zero"), "", "is no regular file"),
    "unreadable": (Path("/proc/self/mem"), "", "cannot be read: Input/output error"),
    "name too long": (lambda path: None, "x" * 300, "cannot be read: File name too long"),
    "dangling link": (lambda path: path.symlink_to("nowhere"), "link.csv", "there is no such file"),
    "binary": (bytes(range(256)) * 50, "file.csv", "byte 1 of the file is NUL: it is binary, or damaged"),
    "one NUL": (GOOD.encode() + b"2,b\0b,2026-01-31,1\n", "file.csv", "byte 40 of the file is NUL"),
    "picture": (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "file.csv", "is a picture"),
    "PDF": (b"%PDF-1.7\n", "file.csv", "is a PDF document"),
    "old Excel": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 50,
        "file.xls",
        "is an old (.xls) or protected Excel workbook",
    ),
    "database": (b"SQLite format 3\0", "file.db", "is an SQLite database"),
    "7-Zip": (b"7z\xbc\xaf\x27\x1c", "file.7z", "is a 7-Zip archive"),
    "half a gzip": (gzip.compress(os.urandom(5000))[:2000], "file.csv.gz", "the gzip file is damaged"),
    "garbled gzip": (b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"x" * 99, "file.csv.gz", "the gzip file is damaged"),
    "JSON array": ('[{"no": 1}]', "file.json", "is one JSON array"),
    "no JSON objects": ("{broken\n{worse\n", "file.jsonl", "no line at its beginning is a JSON object"),
    "1 GB line": (packed_line, "file.csv.gz", "has a line longer than 16,000,000 bytes"),
    "1 GB line after good rows": (sparse_line, "file.csv", "has a line longer than 16,000,000 bytes"),
    "quote never closed": (bomb, "file.csv", "a quoted field is never closed, or longer than 16,000,000 bytes"),
    "quote never closed, short": (GOOD + '2,bob,2026-01-31,"10\n3,c,2026-01-31,1\n', "file.csv", "never closed"),
    "doubled header": ("no,who,no,day\n1,2,3,4\n", "file.csv", "several columns are called 'no'"),
    "header doubled but for case": ("no,who,No,day\n1,2,3,4\n", "file.csv", "differ only in case: 'no', 'No'"),
    "our own names": (f"{HEADER},zhike_row_number\n{ROW},1\n", "file.csv", "'zhike_row_number' is a name that Zhike"),
    "header without names": (",,\n1,2,3\n", "file.csv", "the header names no column"),
    "missing column": ("no,who,day\n1,ann,2026-01-31\n", "file.csv", "has no column 'paid'"),
    "truncated Parquet": (b"PAR1" + b"x" * 500, "file.parquet", "is no readable Parquet file"),
    "only starts like Parquet": (b"PAR1", "file.parquet", "is no readable Parquet file"),
    "not the encoding": (b"\x81\xff\xfe\x80\n" * 9, "file.csv", "the encoding is neither UTF-8 nor GB18030"),
    "UTF-8 broken late": (
        f"{HEADER}\n".encode() + b"1,\xe9\x81\x93,2026-01-31,1\n" * 9 + b"\xff\n",
        "f.csv",
        "is not utf-8",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_with_a_clear_message(desk: Desk, case: str) -> None:
    content, name, says = BAD_FILES[case]
    began = time.monotonic()
    with pytest.raises(UserError) as refused:
        desk.bring(content, name)
    assert says in refused.value.message
    assert refused.value.where
    assert time.monotonic() - began < 20
    assert not Import.objects.filter(state=Import.State.RUNNING).exists()


STATED: dict[str, tuple[Content, dict[str, object], str]] = {
    "wrong delimiter": (GOOD, {"delimiter": ";"}, "the header is a single field when split at ';'"),
    "unknown encoding": (GOOD, {"encoding": "klingon"}, "no encoding is called 'klingon'"),
    "no text encoding": (GOOD, {"encoding": "rot13"}, "no encoding is called 'rot13'"),
    "wrong encoding": ("no,who,day,paid\n1,道,2026-01-31,1\n", {"encoding": "ascii"}, "is not ascii: byte 19 is 0xe9"),
    "wrong encoding, big5": (b"no,who,day,paid\n1,\xff\xff,2026-01-31,1\n", {"encoding": "big5"}, "is not big5"),
    "wrong number of names": ("1,2\n", {"header": False, "names": ["a", "b", "c"]}, "the first row has 2 fields"),
}


@pytest.mark.parametrize("case", STATED)
def test_a_wrongly_described_file_is_refused_with_a_clear_message(desk: Desk, case: str) -> None:
    content, form, says = STATED[case]
    columns = {"order_id": "a", "customer_key": "b", "ordered_at": "c", "amount": "c"}
    parts = {"columns": columns} if "names" in form else {}
    with pytest.raises(UserError) as refused:
        desk.bring(content, format=form, **parts)
    assert says in refused.value.message
    assert refused.value.where


def test_a_line_of_a_gigabyte_needs_no_gigabyte(desk: Desk) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UserError, match="a line longer"):
        desk.bring(packed_line, "file.csv.gz")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KB


def test_a_file_that_vanishes_while_it_is_read_is_refused(desk: Desk) -> None:
    path = desk.file(GOOD)
    with pytest.raises(UserError, match=r"cannot be read: No such file"):
        desk.bring(path, progress=Saboteur(path.unlink))


def test_a_file_that_grows_while_it_is_read_is_refused(desk: Desk) -> None:
    path = desk.file(GOOD)

    def grow() -> None:
        with path.open("a") as file:
            file.write("2,bob,2026-01-31,20\n")

    with pytest.raises(UserError, match="changed while it was read"):
        desk.bring(path, progress=Saboteur(grow))
    assert desk.rows("order_id") == []
    desk.bring(path)
    assert desk.rows("order_id") == ["1", "2"]


class Saboteur:
    """Does something to the file when the import begins to read it."""

    def __init__(self, act: Callable[[], object]) -> None:
        self.act = act

    def begin(self, activity: str, *, total: int | None = None, unit: str = "") -> None:
        if activity == "reading":
            self.act()

    def advance(self, amount: int = 1) -> None:
        pass


def test_a_file_of_which_every_row_is_bad_is_read_to_its_end(desk: Desk) -> None:
    result = desk.bring(HEADER + "\n" + "".join(f"{n},,never,-1\n" for n in range(5000)))
    assert (result.read, result.rejected) == (5000, 5000)
    assert result.reasons == {"customer_key: is required and empty": 5000}


def test_a_file_of_which_every_row_is_ragged_is_read_to_its_end(desk: Desk) -> None:
    result = desk.bring(HEADER + "\n" + "".join(f"{n},x\n" for n in range(5000)))
    assert (result.read, result.rejected) == (5000, 5000)
    assert result.reasons == {"ragged row: 2 fields where the header has 4": 5000}
    assert desk.rejects("row_number") == list(range(1, 5001))


@pytest.mark.parametrize("content", [HEADER, HEADER + "\n", HEADER + "\r\n\r\n\n"])
def test_a_file_with_nothing_but_a_header_brings_nothing(desk: Desk, content: str) -> None:
    result = desk.bring(content)
    assert (result.read, result.accepted) == (0, 0)


def test_a_link_to_a_file_is_as_good_as_the_file(desk: Desk) -> None:
    link = desk.folder / "link.csv"
    link.symlink_to(desk.file(GOOD, "real.csv"))
    assert desk.bring(link).accepted == 1


def test_the_limit_on_files_holds_for_what_they_unpack_to(desk: Desk, settings: object) -> None:
    from dataclasses import replace

    settings.ZHIKE = replace(settings.ZHIKE, import_limit=1_000_000)  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="is larger than 1,000,000 bytes unpacked"):
        desk.bring(gzip.compress((GOOD + "9,z,2026-01-31,1\n" * 100_000).encode()), "file.csv.gz")


def test_a_mended_file_is_imported_after_a_bad_one(desk: Desk) -> None:
    with pytest.raises(UserError):
        desk.bring(GOOD + '2,bob,2026-01-31,"10\n')
    assert import_file is not None
    assert desk.bring(GOOD).accepted == 1
