"""A table with one row per customer as columns mapped into memory: any row, and any order of the rows, at once.

Parquet is read a thousand rows at a time, which is right for computing and wrong for fifty rows from all over
a table. So the first reader of a snapshot writes its columns as Arrow to the scratch folder, where all processes
map them into memory: the system keeps in RAM what is read, and nobody's heap grows. An order of the rows is
found once, by DuckDB, and kept beside them. Everything here can be deleted at any time; it is written again.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.utils.translation import gettext as _

from zhike.warehouse.catalog import DataFile, files_of
from zhike.warehouse.contracts import Contract, Kind
from zhike.warehouse.engines import engine
from zhike.warehouse.files import open_file
from zhike.warehouse.locks import exclusive

REMEMBERED = 4  # snapshots whose columns stay mapped in a process, and on the disk
Places = npt.NDArray[np.uint32]
Mask = npt.NDArray[np.bool_]

_mapped: dict[Path, MappedColumns] = {}
_lock = threading.RLock()


def mapped_columns(contract: Contract, snapshot: int | None) -> MappedColumns:
    """The columns of one snapshot of a table that has one row per customer and is sorted by customer_id."""
    folder = settings.ZHIKE.scratch / "mapped" / f"{contract.name}-{snapshot}"
    found = _mapped.get(folder)
    if found is None:
        with _lock:
            if folder not in _mapped:
                _forget(folder.parent)
                _mapped[folder] = MappedColumns(contract, files_of(contract, snapshot), folder)
            found = _mapped[folder]
    return found


class MappedColumns:
    """The rows of a table, each at its place from 0; one Arrow batch for each of its files."""

    def __init__(self, contract: Contract, files: Sequence[DataFile], folder: Path) -> None:
        self.contract = contract
        self._files = files
        self._folder = folder
        self._orders: dict[str, Places] = {}
        path = self._built("columns.arrow", lambda path: _write_columns(contract, files, path))
        reader = pa.ipc.open_file(pa.memory_map(str(path)))
        self.batches = tuple(reader.get_batch(number) for number in range(reader.num_record_batches))
        sizes = [batch.num_rows for batch in self.batches]
        self._starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]) if sizes else np.zeros(1, np.int64)
        self.count = sum(sizes)

    def rows(self, places: Iterable[int], columns: Sequence[str] | None = None) -> list[dict[str, object]]:
        """The rows at these places, in their order."""
        slices = []
        for place in places:
            number, within = self._find(place)
            batch = self.batches[number]
            slices.append((batch.select(columns) if columns else batch).slice(within, 1))
        listed: list[dict[str, object]] = pa.Table.from_batches(slices).to_pylist() if slices else []
        return listed

    def taken(self, places: Places, columns: Sequence[str]) -> pa.Table:
        """The rows at many places, in their order."""
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
        for number, batch in enumerate(self.batches):
            ids = batch.column("customer_id").to_numpy()
            if len(ids) and ids[0] <= customer_id <= ids[-1]:
                within = int(ids.searchsorted(customer_id))
                return int(self._starts[number]) + within if ids[within] == customer_id else None
        return None

    def places_of(self, customer_ids: npt.NDArray[np.integer]) -> Places:
        """Where the rows of these customers are; all of them must have one."""
        every = [batch.column("customer_id").to_numpy() for batch in self.batches]
        ids = np.concatenate(every) if every else np.zeros(0, np.int64)
        is_dense = len(ids) > 0 and ids[0] == 0 and ids[-1] == len(ids) - 1
        return (customer_ids if is_dense else ids.searchsorted(customer_ids)).astype(np.uint32)

    def order(self, name: str) -> Places:
        """The places of all rows from the smallest value of a column to the largest, then those without one.

        Rows of the same value stand by customer_id.
        """
        if name not in self._orders:
            with _lock:
                path = self._built(f"by-{name}.npy", lambda path: self._write_order(name, path))
                self._orders[name] = np.load(path, mmap_mode="r")
        return self._orders[name]

    def filled(self, name: str) -> int:
        """How many rows have a value in a column: those that an order begins with."""
        return self.count - sum(batch.column(name).null_count for batch in self.batches)

    def mask(self, judge: Callable[[pa.RecordBatch], Mask]) -> Mask:
        """What is judged of the rows of each batch, for all rows."""
        judged = [judge(batch) for batch in self.batches]
        return np.concatenate(judged) if judged else np.zeros(0, bool)

    def total(self, name: str, mask: Mask | None) -> int:
        """The sum of a column of integers, or of ten-thousandths of a decimal, over the rows of a mask."""
        total = 0
        for number, batch in enumerate(self.batches):
            values = numbers(batch, name)
            if mask is not None:
                values = values[mask[self._starts[number] : self._starts[number + 1]]]
            total += int(values.sum())
        return total

    def _find(self, place: int) -> tuple[int, int]:
        number = int(self._starts.searchsorted(place, side="right")) - 1
        return number, place - int(self._starts[number])

    def _write_order(self, name: str, path: Path) -> None:
        table = engine().open(self.contract, [file.path for file in self._files])
        by = [] if name == "customer_id" else [ibis.asc(name, nulls_first=False)]
        ordered = engine().arrow(table.order_by([*by, "customer_id"]).select("customer_id"))
        np.save(path, self.places_of(ordered["customer_id"].to_numpy()))

    def _built(self, name: str, write: Callable[[Path], None]) -> Path:
        """The path of a file that is whole: written first by whoever needs it first."""
        path = self._folder / name
        if not path.exists():
            with exclusive(f"map-{self._folder.name}", what=_("reading the list"), wait=True):
                if not path.exists():
                    with _half(path) as half:
                        write(half)
        return path


def numbers(batch: pa.RecordBatch, name: str) -> npt.NDArray[np.int64]:
    """A column as integers, without a copy: decimals in ten-thousandths, dates in days since 1970; 0 where empty."""
    column = batch.column(name)
    kept = np.int32 if pa.types.is_date32(column.type) else np.int64
    # Of the 16 bytes of a decimal the lower 8 say it all: no amount has more than 18 digits.
    step = 2 if pa.types.is_decimal128(column.type) else 1
    values: npt.NDArray[Any] = np.frombuffer(column.buffers()[1] or b"", kept)[::step][
        column.offset : column.offset + len(column)
    ]
    return np.where(filled(column), values, 0) if column.null_count else values


def filled(column: pa.Array) -> Mask:
    """Which rows have a value."""
    mask: Mask = column.is_valid().to_numpy(zero_copy_only=False)
    return mask


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


def _write_columns(contract: Contract, files: Sequence[DataFile], path: Path) -> None:
    schema = pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in contract])
    with pa.ipc.new_file(str(path), schema) as writer:
        for file in files:
            with open_file(file.path) as source:
                rows = pq.ParquetFile(source).read(columns=list(schema.names))
            missing = [name for name in schema.names if name not in rows.column_names]
            for name in missing:  # an old file that lacks a column
                rows = rows.append_column(name, pa.nulls(rows.num_rows, schema.field(name).type))
            whole = rows.select(schema.names).cast(schema).combine_chunks()
            for batch in whole.to_batches():
                writer.write_batch(batch)


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


def _forget(parent: Path) -> None:
    """Lets go of the oldest snapshots; whoever still reads one keeps its files until done."""
    while len(_mapped) >= REMEMBERED:
        _mapped.pop(next(iter(_mapped)))
    if parent.is_dir():
        newest_first = sorted(parent.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
        for folder in newest_first[REMEMBERED - 1 :]:
            shutil.rmtree(folder, ignore_errors=True)
