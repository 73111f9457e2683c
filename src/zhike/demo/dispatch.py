"""Sends out files: opens them as feeds need, plants and counts bad rows, says when a file is complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zhike.demo.dirt import lines_with_bad_rows, plant, with_bad_rows
from zhike.demo.draws import Draws
from zhike.demo.feeds import Feed, Form, suffix
from zhike.demo.files import JsonLines, LinesFile, ParquetFile, Rows, Separated, Workbook


@dataclass(frozen=True)
class Delivery:
    """One file that a source system hands over, and the mapping that says how to read it."""

    path: Path
    entity: str
    source: str
    mapping: Path


@dataclass
class OpenFile:
    """A file in the making."""

    path: Path
    form: Form
    writer: LinesFile | ParquetFile | Workbook
    row_count: int = 0


class Dispatch:
    """The files in the making of one company, at most one of each feed."""

    def __init__(self, directory: Path, draws: Draws) -> None:
        self.directory = directory
        self.draws = draws
        self.open: dict[str, OpenFile] = {}
        self.planted: Counter[tuple[str, str, str, str]] = Counter()

    def write(self, feed: Feed, rows: Rows, part: int, *, as_workbook: bool) -> Iterator[Delivery]:
        """Adds rows to a feed's file; yields the one before where this needs another."""
        form = feed.form_in(as_workbook=as_workbook)
        path = self.directory / feed.source / f"{feed.name}_{part:04}.{suffix(form)}"
        if feed.name in self.open and self.open[feed.name].path != path:
            yield from self.finish((feed,))
        if feed.name not in self.open:
            path.parent.mkdir(exist_ok=True)
            self.open[feed.name] = OpenFile(path, form, feed.start(path, form))
        file = self.open[feed.name]
        file.row_count += len(rows)
        self._write_dirty(feed, rows, file)

    def _write_dirty(self, feed: Feed, rows: Rows, file: OpenFile) -> None:
        faults = feed.faults
        planted = plant(rows, faults, feed.key, self.draws.of(feed.name))
        name = file.path.relative_to(self.directory).as_posix()
        for fault in planted.fault.tolist():
            self.planted[name, feed.name, faults[fault].reason, faults[fault].target] += 1
        if isinstance(file.writer, LinesFile):
            assert isinstance(file.form, Separated | JsonLines)
            file.writer.begin(list(rows.columns))
            file.writer.write_lines(lines_with_bad_rows(rows, planted, faults, file.form))
        else:
            file.writer.write(with_bad_rows(rows, planted))

    def finish(self, feeds: Sequence[Feed]) -> Iterator[Delivery]:
        """Completes the open files of these feeds and yields those that have rows."""
        for feed in feeds:
            file = self.open.pop(feed.name, None)
            if file is None:
                continue
            file.writer.close()
            if file.row_count:
                yield Delivery(file.path, feed.entity, feed.source, feed.mapping)
            else:
                file.path.unlink()

    def close(self) -> None:
        """Closes what is still open when the company is given up half-way."""
        for file in self.open.values():
            file.writer.close()
        self.open.clear()
