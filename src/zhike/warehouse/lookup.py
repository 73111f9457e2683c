"""The rows of one customer, read straight from the files: no query to plan, a millisecond or two a table.

Files are sorted by customer_id, so the row groups that may hold a customer are found by their
bounds, and the rows among them by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhike.warehouse.catalog import DataFile
from zhike.warehouse.contracts import Contract
from zhike.warehouse.files import open_file

REMEMBERED_FILES = 256  # footers; one of a full shard takes a megabyte or two


@dataclass(frozen=True)
class Footer:
    """What is remembered of a file: its metadata, and the first and last customer of every row group."""

    metadata: pq.FileMetaData
    names: tuple[str, ...]  # of the columns that hold any value
    first: tuple[int, ...]
    last: tuple[int, ...]


def rows_of(contract: Contract, files: Iterable[DataFile], customer_id: int, *, limit: int) -> list[dict[str, object]]:
    """The rows of one customer, newest first as the contract sorts them; at most `limit`.

    `files` are those of the contract that may hold the customer, each sorted by customer_id.
    """
    rows = arrow_rows_of(contract, files, customer_id)
    if rows is None:
        return []
    newest = [name for name in contract.sorted_by if name != "customer_id"]
    if newest and rows.num_rows > 1:
        rows = rows.take(pc.sort_indices(rows, sort_keys=newest_first(contract, newest, rows.column_names)))
    listed = rows.slice(0, limit).to_pylist()
    return [{name: row.get(name) for name in contract.column_names} for row in listed]


def newest_first(contract: Contract, newest: Sequence[str], columns: Collection[str]) -> list[tuple[str, str, str]]:
    """How to sort rows with these columns: by what says how new they are, and within one moment by their key."""
    ties = [name for name in contract.key if name in columns and name not in newest]
    return [(name, "descending", "at_end") for name in newest] + [(name, "ascending", "at_end") for name in ties]


def arrow_rows_of(
    contract: Contract, files: Iterable[DataFile], customer_id: int, *, columns: Sequence[str] | None = None
) -> pa.Table | None:
    """The rows of one customer in Arrow, in the order of the files; None without any.

    Columns that hold no value in a whole file may be missing.
    """
    wanted = columns or contract.column_names
    found = [rows for file in files if (rows := _rows_in(wanted, file.path, customer_id)) is not None]
    return pa.concat_tables(found, promote_options="default") if found else None


def _rows_in(wanted: Collection[str], path: str, customer_id: int) -> pa.Table | None:
    footer = _footer(path)
    groups = range(bisect_left(footer.last, customer_id), bisect_right(footer.first, customer_id))
    if not groups:
        return None
    with open_file(path) as source:
        file = pq.ParquetFile(source, metadata=footer.metadata)
        # First whether there is a row at all: most customers have none in most tables, and unpacking takes the time.
        ids = file.read_row_groups(list(groups), columns=["customer_id"], use_threads=False)["customer_id"].to_numpy()
        start, stop = ids.searchsorted(customer_id, "left"), ids.searchsorted(customer_id, "right")
        if stop <= start:
            return None
        columns = [name for name in footer.names if name in wanted]
        rows = file.read_row_groups(list(groups), columns=columns, use_threads=False)
    return rows.slice(start, stop - start)


@lru_cache(maxsize=REMEMBERED_FILES)
def _footer(path: str) -> Footer:
    with open_file(path) as source:
        metadata = pq.ParquetFile(source).metadata
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    names = metadata.schema.to_arrow_schema().names
    place = names.index("customer_id")
    return Footer(
        metadata,
        names=tuple(name for number, name in enumerate(names) if not all(_is_empty(group, number) for group in groups)),
        first=tuple(group.column(place).statistics.min for group in groups),
        last=tuple(group.column(place).statistics.max for group in groups),
    )


def _is_empty(group: pq.RowGroupMetaData, place: int) -> bool:
    statistics = group.column(place).statistics
    return statistics is not None and statistics.null_count == group.num_rows
