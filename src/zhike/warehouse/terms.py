"""Rows of a table that is sorted by a text, found by it: one or two row groups are read, however many there are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from zhike.warehouse.catalog import DataFile
from zhike.warehouse.contracts import Contract
from zhike.warehouse.files import open_file

REMEMBERED_FILES = 64
LAST = "\U0010ffff"  # no text is behind one that ends with it


@dataclass(frozen=True)
class _Footer:
    """What is remembered of a file: its metadata, the first and the last text of every row group."""

    metadata: pq.FileMetaData
    first: tuple[str, ...]
    last: tuple[str, ...]


def rows_between(
    contract: Contract, files: Iterable[DataFile], first: str, last: str, *, most_groups: int
) -> Iterator[pa.Table]:
    """Rows whose text lies between two, both included, in its order; of each file no more than the first row groups.

    The text is the first column that the contract sorts by.
    """
    column = contract.sorted_by[0]
    for file in files:
        footer = _footer(file.path, column)
        groups = range(bisect_left(footer.last, first), bisect_right(footer.first, last))
        for group in groups[:most_groups]:
            with open_file(file.path) as source:
                opened = pq.ParquetFile(source, metadata=footer.metadata)
                read = opened.read_row_group(group, columns=list(contract.column_names), use_threads=False)
            texts = read[column].combine_chunks()
            places = range(len(texts))
            start = bisect_left(places, first, key=lambda place: texts[place].as_py())
            end = bisect_right(places, last, key=lambda place: texts[place].as_py())
            yield read.slice(start, end - start)


@lru_cache(maxsize=REMEMBERED_FILES)
def _footer(path: str, column: str) -> _Footer:
    with open_file(path) as source:
        metadata = pq.ParquetFile(source).metadata
    place = metadata.schema.to_arrow_schema().names.index(column)
    texts = [metadata.row_group(number).column(place).statistics for number in range(metadata.num_row_groups)]
    return _Footer(metadata, tuple(found.min for found in texts), tuple(found.max for found in texts))
