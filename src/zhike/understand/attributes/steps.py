"""Steps of the refresh that bring all attributes together, and index them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.expr.types import Table

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.understand.attributes.bitmaps import Piece, Row, band_rows, known_rows, value_rows, write_rows
from zhike.understand.attributes.measures import attributes
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS, ATTRIBUTES
from zhike.warehouse.attributes import Attribute, registry
from zhike.warehouse.catalog import DataFile, files_of
from zhike.warehouse.contracts import Contract, Kind
from zhike.warehouse.files import open_file
from zhike.warehouse.mapped import ARROW_TYPES
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step


def _attributes(inputs: Inputs) -> Outputs:
    sets = [
        (one.compute(inputs), {attribute.name: attribute.missing for attribute in one.attributes})
        for one in registry().attribute_sets
    ]
    return {ATTRIBUTES: attributes(inputs[CUSTOMERS], sets)}


class AttributeIndex:
    """Reads the attributes column by column, whatever computed them, and writes the bitmaps of each to a file."""

    def __init__(self, refreshing: Refreshing) -> None:
        self._refreshing = refreshing
        self._files = files_of(ATTRIBUTES, refreshing.snapshots.get(ATTRIBUTES.table))

    def beforehand(self, _whole: Inputs) -> Mapping[str, Table]:
        """Nothing: the files are read as they are."""
        return {}

    def compute(self, _inputs: Inputs) -> None:
        """Nothing, for the same reason."""

    def write(self, _ranges: Iterator[tuple[int, pa.Table]]) -> Mapping[Contract, Sequence[str]]:
        """One file for each attribute."""
        written = []
        attributes = registry().attributes
        self._refreshing.progress.begin(ATTRIBUTE_BITMAPS.name, total=len(attributes))
        for attribute in attributes.values():
            uri = self._refreshing.new_file(ATTRIBUTE_BITMAPS, attribute.name)
            rows = rows_of(attribute, pieces_of(self._files, attribute))
            if write_rows(ATTRIBUTE_BITMAPS, uri, rows, constant={"attribute": attribute.name}):
                written.append(uri)
            self._refreshing.progress.advance()
        return {ATTRIBUTE_BITMAPS: written}


def rows_of(attribute: Attribute, pieces: Callable[[], Iterator[Piece]]) -> Iterator[list[Row]]:
    """The bitmaps of an attribute; of a text that tells who somebody is, only who has none."""
    if attribute.column.kind != Kind.TEXT:
        return band_rows(pieces)
    return known_rows(pieces) if attribute.identifies else value_rows(pieces)


def pieces_of(files: Sequence[DataFile], attribute: Attribute) -> Callable[[], Iterator[Piece]]:
    """A column of the attributes, file by file."""

    def pieces() -> Iterator[Piece]:
        for file in files:
            with open_file(file.path) as source:
                read = pq.ParquetFile(source).read(columns=["customer_id", attribute.name])
            whole = read[attribute.name].cast(ARROW_TYPES[attribute.column.kind]).combine_chunks()
            values = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
            yield file.shard or 0, read["customer_id"].to_numpy(), values

    return pieces


STEPS = (
    Step(
        name="attributes",
        reads=tuple(dict.fromkeys((CUSTOMERS, *(read for one in registry().attribute_sets for read in one.reads)))),
        writes=(ATTRIBUTES,),
        compute=_attributes,
    ),
    Step(name="attribute_bitmaps", reads=(ATTRIBUTES,), writes=(ATTRIBUTE_BITMAPS,), gathers=AttributeIndex),
)
