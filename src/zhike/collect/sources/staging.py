"""Conversion of a file batch by batch into uncommitted Parquet, each batch with a checkpoint."""

from __future__ import annotations

import json
import os
import queue
import shutil
import threading
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from zhike.collect.sources.conversion import Conversion, Surroundings
from zhike.collect.sources.mapping import Mapping
from zhike.collect.sources.readers import Batch, Batches, Broken, Reader
from zhike.collect.sources.readers.batches import ROW_NUMBER
from zhike.progress import Progress
from zhike.warehouse import catalog
from zhike.warehouse.engines.duckdb import embedded, literal, readable
from zhike.warehouse.entities import REJECTS
from zhike.warehouse.files import delete_files, filesystem, inner_path, make_folder

CHUNK = "zhike_chunk"
BAD = "zhike_bad"
PARQUET = "FORMAT parquet, COMPRESSION snappy"
IS_BAD = "is_correction IS NULL"  # how a conversion marks a row that must not stay
_NO_ROWS = pa.table({"row_number": pa.array([], pa.int64())})


@dataclass
class Staged:
    """What has been converted so far; `files` and `reject_files` are not committed yet."""

    read: int = 0
    good: int = 0
    rejected: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    reject_files: list[str] = field(default_factory=list)

    def add(self, other: Staged) -> None:
        """Adds another part's numbers and files."""
        self.read += other.read
        self.good += other.good
        self.rejected += other.rejected
        self.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        self.files += other.files
        self.reject_files += other.reject_files


class Staging:
    """The folder of checkpoints of one import: what a killed process finished is not done again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def load(self, name: str) -> dict[str, object] | None:
        """A checkpoint, or None if it was never reached."""
        path = self.folder / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def save(self, name: str, data: dict[str, object]) -> None:
        """Writes a checkpoint so that after a crash it is there whole or not at all."""
        path = self.folder / f"{name}.json"
        with path.with_suffix(".part").open("w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        path.with_suffix(".part").replace(path)

    def discard(self) -> None:
        """Removes all checkpoints."""
        shutil.rmtree(self.folder, ignore_errors=True)


def stage(reader: Reader, mapping: Mapping, around: Surroundings, staging: Staging, progress: Progress) -> Staged:
    """Converts everything the reader has; batches that an earlier process finished are skipped."""
    total = Staged()
    converter: _Converter | None = None
    progress.begin("reading", total=reader.size, unit=reader.unit)
    position = 0
    with closing(ahead(reader.batches())) as batches:
        for number, batch in enumerate(batches):
            name = f"part-{number:05}"
            done = staging.load(name)
            if done is None:
                converter = converter or _Converter(mapping, batch, reader.columns, around)
                done = asdict(converter.convert(batch, name))
                staging.save(name, done)
            total.add(Staged(**done))  # type: ignore[arg-type]
            progress.advance(batch.position - position)
            position = batch.position
    return total


def ahead(batches: Batches) -> Batches:
    """The same batches, the next one being read in a thread while one is worked on."""
    handover: queue.Queue[Batch | BaseException | None] = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def put(item: Batch | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                handover.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def read() -> None:
        try:
            with closing(batches):
                for batch in batches:
                    put(batch)
                    if stopped.is_set():
                        return
            put(None)
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits, which raises it
            put(error)

    thread = threading.Thread(target=read, name="zhike-reader", daemon=True)
    thread.start()
    try:
        while (item := handover.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


class _Converter:
    """Runs one compiled conversion over batch after batch."""

    def __init__(self, mapping: Mapping, first: Batch, columns: tuple[str, ...], around: Surroundings) -> None:
        self.contract = mapping.contract
        self.import_id = around.import_id
        self.engine = embedded()
        connection = self.engine.connection
        self._show(first.rows, _NO_ROWS)

        def layer(table: Table) -> Table:
            return connection.sql(connection.compile(table), schema=table.schema())

        def convert(rows: Table) -> Conversion:
            return Conversion(mapping, rows, columns, around, layer)

        raw, bad = connection.sql(f"SELECT * FROM {CHUNK}"), connection.sql(f"SELECT * FROM {BAD}")
        of_bad = layer(raw.semi_join(bad, raw[ROW_NUMBER] == bad.row_number))
        self.converted = self.engine.conforming(self.contract, convert(raw).converted)
        self.rejects = self.engine.conforming(REJECTS, convert(of_bad).rejects)
        self.folder = _data_folder(self.contract)
        self.reject_folder = _data_folder(REJECTS)

    def convert(self, batch: Batch, name: str) -> Staged:
        """The batch as files: good rows typed, rejects with their reasons."""
        self._show(batch.rows, _NO_ROWS)
        staged = Staged(read=batch.row_count)
        bad = self._write_good(f"{self.folder}/import-{self.import_id}-{name}", staged)
        staged.rejected = staged.read - staged.good
        if staged.rejected:
            self._show(batch.rows, bad)
            rejects = self._rejects(bad.num_rows, batch.broken)
            target = f"{self.reject_folder}/import-{self.import_id}-{name}.parquet"
            pq.write_table(rejects, inner_path(target), filesystem=filesystem(), compression="zstd")
            staged.reject_files.append(target)
            staged.reasons = _first_reasons(rejects)
        self.engine.connection.con.unregister(CHUNK)
        return staged

    def _write_good(self, target: str, staged: Staged) -> pa.Table:
        """Writes the good rows of the batch and returns the numbers of the bad ones.

        Values and verdicts come from one pass over the batch; only where the verdict on a row
        is bad is what was written copied again without it.
        """
        all_rows, good_rows = literal(readable(f"{target}-all.parquet")), f"{target}.parquet"
        self.engine.sql(f"COPY ({self.converted}) TO {all_rows} ({PARQUET})")
        bad = self.engine.sql(f"SELECT row_number FROM read_parquet({all_rows}) WHERE {IS_BAD}").to_arrow_table()
        staged.good = (
            pq.read_metadata(inner_path(f"{target}-all.parquet"), filesystem=filesystem()).num_rows - bad.num_rows
        )
        if not bad.num_rows and staged.good:
            staged.files.append(f"{target}-all.parquet")
            return bad
        if staged.good:
            kept = f"SELECT * FROM read_parquet({all_rows}) WHERE NOT ({IS_BAD})"
            self.engine.sql(f"COPY ({kept}) TO {literal(readable(good_rows))} ({PARQUET})")
            staged.files.append(good_rows)
        delete_files([f"{target}-all.parquet"])
        return bad

    def _show(self, rows: pa.Table, bad: pa.Table) -> None:
        """Puts a batch, and the numbers of its bad rows, where the compiled queries look for them."""
        self.engine.connection.con.register(CHUNK, rows)
        self.engine.connection.con.register(BAD, bad)

    def _rejects(self, bad_count: int, broken: Sequence[Broken]) -> pa.Table:
        schema = pa.schema(
            [("import_id", pa.int64()), ("row_number", pa.int64())]
            + [(name, pa.string()) for name in ("column", "value", "reason", "row")]
        )
        tables = [
            pa.table(
                [
                    [self.import_id] * len(broken),
                    [row.row_number for row in broken],
                    [None] * len(broken),
                    [None] * len(broken),
                    [row.reason for row in broken],
                    [json.dumps({"line": row.text}, ensure_ascii=False) for row in broken],
                ],
                schema=schema,
            )
        ]
        if bad_count:
            tables.append(self.engine.sql(self.rejects).to_arrow_table().cast(schema))
        return pa.concat_tables(tables).sort_by("row_number")


def _first_reasons(rejects: pa.Table) -> dict[str, int]:
    """How many rows under each first reason, so that the counts add up to the rows."""
    counts: Counter[str] = Counter()
    for group in rejects.group_by(["column", "reason"]).aggregate([([], "count_all")]).to_pylist():
        reason = group["reason"].split(" | ")[0]
        where = group["column"].split(" | ")[0] if group["column"] else ""
        counts[f"{where}: {reason}" if where else reason] += group["count_all"]
    return dict(counts)


def _data_folder(contract: object) -> str:
    folder = f"{catalog.table_of(contract).location()}/data"  # type: ignore[arg-type]
    make_folder(folder)
    return folder
