"""Parquet files, one row group's batches at a time."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from zhike.collect.sources.readers.batches import BadFile, Batch, Batches, check_columns, gathered, numbered

BATCH_ROWS = 65_536


class ParquetReader:
    """Rows of a Parquet file as text."""

    unit = "rows"

    def __init__(self, path: Path, file: pq.ParquetFile) -> None:
        self.columns = check_columns(file.schema_arrow.names, path.name)
        self.size = file.metadata.num_rows
        self._path = path
        self._file = file

    def batches(self) -> Batches:
        return gathered(self._blocks())

    def _blocks(self) -> Batches:
        following = 1
        try:
            for block in self._file.iter_batches(BATCH_ROWS):
                columns = [as_text(column) for column in block.columns]
                rows, following = numbered(pa.table(columns, names=list(self.columns)), following)
                yield Batch(rows, (), following - 1)
        except (pa.ArrowInvalid, OSError) as error:
            raise BadFile(
                _("is damaged after row %(following)s: %(error)s")
                % {"following": f"{following - 1:,}", "error": error},
                where=self._path.name,
            ) from error


def open_parquet(path: Path) -> ParquetReader:
    """A reader for a Parquet file. Raises BadFile."""
    try:
        return ParquetReader(path, pq.ParquetFile(path))
    except (pa.ArrowInvalid, OSError) as error:
        raise BadFile(_("is no readable Parquet file: %(error)s") % {"error": error}, where=path.name) from error


def as_text(column: pa.Array) -> pa.Array:
    """The values as text that an import reads back to the same values; whole floats lose their `.0`."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_floating(column.type):
        return _floats_as_text(column.cast(pa.float64()))
    if pa.types.is_nested(column.type):
        return pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in column.to_pylist()],
            pa.string(),
        )
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return pa.array([None if v is None else bytes_as_text(v) for v in column.to_pylist()], pa.string())
    return column.cast(pa.string())


def bytes_as_text(value: bytes) -> str:
    """The text that bytes hold, or where they hold none their digits."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()


def _floats_as_text(column: pa.Array) -> pa.Array:
    """Whole numbers without a point, others with; what is not a number is no value."""
    # Programs without a missing integer store keys such as 17850 as 17850.0, and none as NaN.
    is_whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 2.0**53))
    whole = pc.if_else(is_whole, column, None).cast(pa.int64()).cast(pa.string())
    other = pc.if_else(pc.is_nan(column), None, column).cast(pa.string())
    return pc.if_else(pc.fill_null(is_whole, False), whole, other)
