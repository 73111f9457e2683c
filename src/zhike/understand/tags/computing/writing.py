"""The files of one tag: who has it with which value, and the bitmaps of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from zhike.rules.vocabulary import TagKind
from zhike.understand.attributes.bitmaps import Piece, Pieces, band_rows, value_rows, write_rows
from zhike.understand.tags.definitions import TagDefinition
from zhike.understand.tags.tables import TAG_BITMAPS, TAGS
from zhike.warehouse.contracts import Contract
from zhike.warehouse.files import filesystem, inner_path
from zhike.warehouse.mapped import ARROW_TYPES

YES = "yes"
COLUMN_OF = {TagKind.NUMBER: "number", TagKind.DATE: "day"}  # of TAGS; `value` for all others
# Rows of one customer are found in a group of rows, so groups are smaller than ranges.
GROUP_ROWS = 32_768
SCHEMA = pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in TAGS])


@dataclass(frozen=True)
class TagFiles:
    """Where a tag is kept; no file of a table that has no row of it."""

    members: str | None
    bitmaps: str | None


def write_tag(tag: TagDefinition, pieces: Pieces, new_file: Callable[[Contract], str], *, as_of: date) -> TagFiles:
    """The two files of a tag. `pieces` give the text, number or day of every customer; none for who lacks it."""
    members, bitmaps = new_file(TAGS), new_file(TAG_BITMAPS)
    constant = {
        "tag": tag.name,
        "kind": str(tag.kind),
        "is_set": tag.is_set,
        "version": tag.version,
        "as_of": as_of,
    }
    rows = band_rows(pieces, keep_missing=False) if tag.kind in COLUMN_OF else value_rows(pieces, keep_missing=False)
    has_bitmaps = write_rows(TAG_BITMAPS, bitmaps, rows, constant=constant)
    has_members = _write_members(tag, pieces(), members)
    return TagFiles(members if has_members else None, bitmaps if has_bitmaps else None)


def column_of(kind: TagKind) -> str:
    """The column of TAGS that has the values of a kind of tag."""
    return COLUMN_OF.get(kind, "value")


def _write_members(tag: TagDefinition, pieces: Iterator[Piece], uri: str) -> bool:
    system, path = filesystem(), inner_path(uri)
    place = column_of(tag.kind)
    written = 0
    with pq.ParquetWriter(
        path,
        SCHEMA,
        filesystem=system,
        compression="zstd",
        use_dictionary=["tag", "value"],
        column_encoding={"customer_id": "DELTA_BINARY_PACKED"},
    ) as writer:
        for _first, ids, values in pieces:
            has = np.flatnonzero(_has(values))
            if len(has):
                columns = {field.name: pa.nulls(len(has), field.type) for field in SCHEMA}
                columns["tag"] = pa.array([tag.name]).take(pa.array(np.zeros(len(has), np.int8)))
                columns["customer_id"] = pa.array(ids[has])
                columns[place] = values.take(pa.array(has)).cast(SCHEMA.field(place).type)
                writer.write_table(pa.table(columns, schema=SCHEMA), row_group_size=GROUP_ROWS)
                written += len(has)
    if not written:
        system.delete_file(path)
    return bool(written)


def _has(values: pa.Array) -> np.ndarray:
    has = values.is_valid()
    if pa.types.is_floating(values.type):
        has = pc.and_(has, pc.invert(pc.fill_null(pc.is_nan(values), True)))
    return has.to_numpy(zero_copy_only=False)
