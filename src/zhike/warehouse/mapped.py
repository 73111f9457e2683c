"""Tables sorted by customer as columns mapped into memory: any row, and any order of the rows, at once.

Parquet is read a thousand rows at a time, which is right for computing and wrong for fifty rows from all over
a table. So the first reader of a column of a snapshot writes it as Arrow to the scratch folder, where all processes
map it into memory: the system keeps in RAM what is read, and nobody's heap grows. An order of the rows is
found once, and kept beside them. Everything here can be deleted at any time; it is written again.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext as _
from numpy.lib.format import open_memmap

from zhike.warehouse.arrays import Floats, Mask, as_doubles, whole_numbers
from zhike.warehouse.catalog import DataFile, files_of
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract, Kind
from zhike.warehouse.files import open_file
from zhike.warehouse.locks import exclusive

REMEMBERED = 2  # snapshots of each table whose columns stay mapped in a process, and on the disk
REMEMBERED_FILES = 64  # of a table that is kept file by file
CUSTOMER_ID = "customer_id"
Places = npt.NDArray[np.uint32]

_mapped: dict[Path, MappedColumns] = {}
_lock = threading.RLock()


def mapped_columns(contract: Contract, snapshot: int | None) -> MappedColumns:
    """The columns of one snapshot of a table that has one row per customer and is sorted by customer_id."""
    return _remembered(contract, str(snapshot), lambda: files_of(contract, snapshot), REMEMBERED)


def mapped_file(contract: Contract, file: DataFile) -> MappedColumns:
    """The columns of one file, which has no customer twice and is sorted by customer_id."""
    name = file.path.rsplit("/", 1)[1].removesuffix(".parquet")
    return _remembered(contract, name, lambda: (file,), REMEMBERED_FILES)


class MappedColumns:
    """The rows of a table, each at its place from 0, in one Arrow batch for about as many as a range has customers."""

    def __init__(self, contract: Contract, files: Sequence[DataFile], folder: Path) -> None:
        self.contract = contract
        self._files = files
        self._folder = folder
        self._orders: dict[str, Places] = {}
        self._regrouped: dict[str, Floats] = {}
        self._arrays: dict[str, tuple[pa.Array, ...]] = {}
        sizes = [len(ids) for ids in self.arrays(CUSTOMER_ID)]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]) if sizes else np.zeros(1, np.int64)
        self.count = sum(sizes)
        self.batches = tuple(MappedBatch(self, number, size) for number, size in enumerate(sizes))
        ids = self._ids()
        # As they are wherever every number that was given is a customer: then a place is a number.
        self._is_dense = bool(ids) and ids[0][0] == 0 and int(ids[-1][-1]) == self.count - 1

    def rows(self, places: Iterable[int], columns: Sequence[str] | None = None) -> list[dict[str, object]]:
        """The rows at these places, in their order."""
        names = tuple(columns or self.contract.column_names)
        self.prepare(names)
        found: dict[int, pa.RecordBatch] = {}
        slices = []
        for place in places:
            number, within = self._find(place)
            if number not in found:
                found[number] = self.batches[number].select(names)
            slices.append(found[number].slice(within, 1))
        listed: list[dict[str, object]] = pa.Table.from_batches(slices).to_pylist() if slices else []
        return listed

    def taken(self, places: Places, columns: Sequence[str]) -> pa.Table:
        """The rows at many places, in their order."""
        self.prepare(columns)
        batch_of = self._starts.searchsorted(places, side="right") - 1
        parts, put = [], []
        for number in np.unique(batch_of):
            here = np.flatnonzero(batch_of == number)
            parts.append(self.batches[number].select(columns).take(pa.array(places[here] - self._starts[number])))
            put.append(here)
        if not parts:
            return pa.table({name: [] for name in columns})
        back = np.argsort(np.concatenate(put), kind="stable")
        return pa.Table.from_batches(parts).combine_chunks().take(pa.array(back))

    def value(self, name: str, place: int) -> Any:
        """One value."""
        number, within = self._find(place)
        value: Any = self.batches[number].column(name)[within].as_py()
        return value

    def place_of(self, customer_id: int) -> int | None:
        """Where the customer's row is; None without one."""
        for number, ids in enumerate(self._ids()):
            if len(ids) and ids[0] <= customer_id <= ids[-1]:
                within = int(ids.searchsorted(customer_id))
                return int(self._starts[number]) + within if ids[within] == customer_id else None
        return None

    def places_of(self, customer_ids: npt.NDArray[np.integer]) -> Places:
        """Where the rows of these customers are; all of them must have one."""
        if self._is_dense or not self.count:
            return customer_ids.astype(np.uint32)
        return self._every_id.searchsorted(customer_ids.astype(np.uint32)).astype(np.uint32)

    @cached_property
    def _every_id(self) -> Places:
        return np.concatenate([ids.astype(np.uint32) for ids in self._ids()])

    def doubles(self, name: str, customer_ids: npt.NDArray[np.integer]) -> Floats:
        """A column of numbers, days or yes and no for some customers in the order of their ids, as doubles.

        Days are counted from 1970; NaN where there is no value. All of the customers must have a row.
        """
        places = self.places_of(customer_ids)
        found = np.empty(len(places), np.float64)
        borders = places.searchsorted(self._starts)
        for number, array in enumerate(self.arrays(name)):
            here = slice(borders[number], borders[number + 1])
            if here.stop > here.start:
                found[here] = as_doubles(array, places[here] - int(self._starts[number]))
        return found

    def regrouped(self, name: str, groups_name: str, groups: Iterable[npt.NDArray[np.uint32]]) -> Floats:
        """The `doubles` of a column for groups of customers, one group after another.

        They are written once under the name of the groups, so that a group is read without the rest of the column.
        """
        key = f"{name}-of-{groups_name}.npy"
        if key not in self._regrouped:
            self.prepare([name])  # before, because one file at a time is written
            [path] = self._built({key}, lambda paths: self._write_regrouped(name, groups, *paths))
            self._regrouped[key] = np.load(path, mmap_mode="r")
        return self._regrouped[key]

    def order(self, name: str) -> Places:
        """The places of all rows from the smallest value of a column to the largest, then those without one.

        Rows of the same value stand by customer_id.
        """
        if name not in self._orders:
            with _lock:
                self.prepare([name])  # before, because one file at a time is written
                [path] = self._built({f"by-{name}.npy"}, lambda paths: self._write_order(name, *paths))
                self._orders[name] = np.load(path, mmap_mode="r")
        return self._orders[name]

    def filled(self, name: str) -> int:
        """How many rows have a value in a column: those that an order begins with."""
        return self.count - sum(array.null_count for array in self.arrays(name))

    def mask(self, judge: Callable[[MappedBatch], Mask]) -> Mask:
        """What is judged of the rows of each batch, for all rows."""
        judged = [judge(batch) for batch in self.batches]
        return np.concatenate(judged) if judged else np.zeros(0, bool)

    def total(self, name: str, mask: Mask | None) -> int:
        """The sum of a column of integers, or of ten-thousandths of a decimal, over the rows of a mask."""
        total = 0
        for number, batch in enumerate(self.batches):
            values = whole_numbers(batch.column(name))
            if mask is not None:
                values = values[mask[self._starts[number] : self._starts[number + 1]]]
            total += int(values.sum())
        return total

    def prepare(self, names: Iterable[str]) -> None:
        """Writes those columns that nobody has read so far, all in one go through the files."""
        missing = {name: f"{name}.arrow" for name in names if name not in self._arrays}
        if missing:
            self._built(set(missing.values()), self._write_columns)

    def arrays(self, name: str) -> tuple[pa.Array, ...]:
        """A column, cut into the batches."""
        if name not in self._arrays:
            [path] = self._built({f"{name}.arrow"}, self._write_columns)
            reader = pa.ipc.open_file(pa.memory_map(str(path)))
            self._arrays[name] = tuple(reader.get_batch(n).column(0) for n in range(reader.num_record_batches))
        return self._arrays[name]

    def _ids(self) -> list[npt.NDArray[np.int64]]:
        return [ids.to_numpy() for ids in self.arrays(CUSTOMER_ID)]

    def _find(self, place: int) -> tuple[int, int]:
        number = int(self._starts.searchsorted(place, side="right")) - 1
        return number, place - int(self._starts[number])

    def _write_order(self, name: str, path: Path) -> None:
        whole = pa.chunked_array(self.arrays(name), ARROW_TYPES[self.contract[name].kind])
        np.save(path, pc.sort_indices(whole).to_numpy().astype(np.uint32))  # stable, and empty values at the end

    def _write_regrouped(self, name: str, groups: Iterable[npt.NDArray[np.uint32]], path: Path) -> None:
        groups = list(groups)
        written = open_memmap(path, "w+", np.float64, (sum(map(len, groups)),))
        start = 0
        for ids in groups:
            written[start : start + len(ids)] = self.doubles(name, ids)
            start += len(ids)
        written.flush()

    def _write_columns(self, paths: Sequence[Path]) -> None:
        columns = [self.contract[path.name.split("-", 1)[1].removesuffix(".arrow")] for path in paths]
        fields = [pa.field(column.name, ARROW_TYPES[column.kind]) for column in columns]
        with contextlib.ExitStack() as stack:
            writers = [
                stack.enter_context(pa.ipc.new_file(str(path), pa.schema([field])))
                for path, field in zip(paths, fields, strict=True)
            ]
            for rows in _pieces(self._files, [field.name for field in fields]):
                for writer, field in zip(writers, fields, strict=True):
                    writer.write_batch(pa.record_batch([_column(rows, field)], schema=pa.schema([field])))

    def _built(self, names: set[str], write: Callable[[Sequence[Path]], None]) -> list[Path]:
        """The paths of files that are whole: written first by whoever needs them first."""
        paths = [self._folder / name for name in sorted(names)]
        if not all(path.exists() for path in paths):
            with exclusive(f"map-{self.contract.name}", what=_("reading the list"), wait=True):
                missing = [path for path in paths if not path.exists()]
                if missing:
                    with contextlib.ExitStack() as stack:
                        write([stack.enter_context(_half(path)) for path in missing])
        return paths


@dataclass(frozen=True)
class MappedBatch:
    """Rows of a table, whose columns are mapped when they are asked for."""

    table: MappedColumns
    number: int
    num_rows: int

    def column(self, name: str) -> pa.Array:
        """One column."""
        return self.table.arrays(name)[self.number]

    def select(self, names: Sequence[str]) -> pa.RecordBatch:
        """Some columns."""
        return pa.record_batch([self.column(name) for name in names], names=list(names))


ARROW_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.DECIMAL: pa.decimal128(18, 4),
    Kind.DATE: pa.date32(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.INSTANT: pa.timestamp("us"),
    Kind.JSON: pa.string(),
    Kind.BINARY: pa.binary(),
}


def _pieces(files: Sequence[DataFile], names: Sequence[str]) -> Iterator[pa.Table]:
    """Some columns of the files, as many row groups at once as a range has customers."""
    for file in files:
        with open_file(file.path) as source:
            opened = pq.ParquetFile(source)
            wanted = [name for name in names if name in opened.schema_arrow.names]
            groups: list[int] = []
            row_count = 0
            for group in range(opened.num_row_groups):
                groups.append(group)
                row_count += opened.metadata.row_group(group).num_rows
                if row_count >= CUSTOMERS_PER_SHARD or group == opened.num_row_groups - 1:
                    # A file may lack all of the columns, and still has rows.
                    read = opened.read_row_groups(groups, columns=wanted or [CUSTOMER_ID])
                    yield read
                    groups, row_count = [], 0


def _column(rows: pa.Table, field: pa.Field) -> pa.Array:
    if field.name not in rows.column_names:  # an old file that lacks it
        return pa.nulls(rows.num_rows, field.type)
    whole = rows[field.name].cast(field.type).combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


@contextlib.contextmanager
def _half(path: Path) -> Iterator[Path]:
    """A name to write under; what was written takes its own name at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f"{uuid.uuid4().hex}-{path.name}")  # NumPy insists on its ending
    try:
        yield half
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def _remembered(contract: Contract, name: str, files: Callable[[], Sequence[DataFile]], kept: int) -> MappedColumns:
    folder = settings.ZHIKE.scratch / "mapped" / contract.name / name
    found = _mapped.get(folder)
    if found is None:
        with _lock:
            if folder not in _mapped:
                _forget(folder.parent, kept)
                _mapped[folder] = MappedColumns(contract, files(), folder)
            found = _mapped[folder]
    return found


def _forget(parent: Path, kept: int) -> None:
    """Lets go of the oldest of a table; whoever still reads one keeps its files until done."""
    for folder in [folder for folder in _mapped if folder.parent == parent][: -kept + 1 or None]:
        _mapped.pop(folder)
    if parent.is_dir():
        newest_first = sorted(parent.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in newest_first[kept - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)
