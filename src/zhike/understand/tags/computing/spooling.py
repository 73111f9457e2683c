"""What was computed of all tags range by range, read tag by tag: it waits on the disk, so that memory stays bounded."""

from __future__ import annotations

import contextlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from zhike.understand.attributes.bitmaps import Piece, Pieces
from zhike.understand.tags.computing.writing import YES
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD


@contextlib.contextmanager
def columns_of(ranges: Iterator[tuple[int, pa.Table]]) -> Iterator[Callable[[str], Pieces]]:
    """Takes in all ranges; then gives the pieces of any column, a yes as text and a no as nothing."""
    folder = settings.ZHIKE.scratch / f"tags-{uuid.uuid4().hex}"
    folder.mkdir(parents=True)
    try:
        kept: list[tuple[int, pa.RecordBatch]] = []
        for first, rows in ranges:
            path = folder / f"{first}.arrow"
            batch = _batch(rows)
            with pa.ipc.new_file(str(path), batch.schema) as writer:
                writer.write_batch(batch)
            if batch.num_rows:
                kept.append((first, pa.ipc.open_file(pa.memory_map(str(path))).get_batch(0)))

        def pieces_of(name: str) -> Pieces:
            def pieces() -> Iterator[Piece]:
                for first, batch in kept:
                    yield first, batch.column("customer_id").to_numpy(), _said(batch.column(name))

            return pieces

        yield pieces_of
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pieces_of_rows(rows: pa.Table, column: str, shards: Sequence[int], next_customer_id: int) -> Pieces:
    """The pieces of a column of customers who have a value; whoever is not among the rows has none."""
    ids = rows["customer_id"].to_numpy()
    values = rows[column].combine_chunks()

    def pieces() -> Iterator[Piece]:
        for first in shards:
            everybody = np.arange(first, min(first + CUSTOMERS_PER_SHARD, next_customer_id), dtype=np.int64)
            start, stop = ids.searchsorted([first, first + len(everybody)])
            # Where each of them stands among the rows, or nowhere.
            places = np.full(len(everybody), -1, np.int64)
            places[ids[start:stop] - first] = np.arange(start, stop)
            yield first, everybody, values.take(pa.array(places, mask=places < 0))

    return pieces


def _batch(rows: pa.Table) -> pa.RecordBatch:
    """The rows as one batch, texts by their number, which takes a fraction of the room."""
    columns = []
    for column in rows.columns:
        whole = column.combine_chunks()
        whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) and whole.num_chunks else whole
        columns.append(whole.dictionary_encode() if pa.types.is_string(whole.type) else whole)
    return pa.record_batch(columns, names=rows.column_names)


def _said(values: pa.Array) -> pa.Array:
    if not pa.types.is_boolean(values.type):
        return values
    yes = pa.scalar(YES)
    return pc.if_else(pc.fill_null(values, False), yes, pa.scalar(None, pa.string()))
