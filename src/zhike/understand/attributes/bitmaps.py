"""A column of customers as Roaring bitmaps: one for every value, or one for every band of numbers.

They are built range by range and kept in that order, so that neither building nor reading one customer needs more
than one range. Bands hold about the same number of customers each; a value that very many have is a band of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyroaring import BitMap

from zhike.warehouse.arrays import Floats, as_doubles, filled
from zhike.warehouse.contracts import Column, Contract, Kind
from zhike.warehouse.files import filesystem, inner_path
from zhike.warehouse.mapped import ARROW_TYPES

MOST_VALUES = 1_000  # of a text; one that has more is not indexed by value
# About so many customers to a band: fewer make the index slow to load, more make a border slow to check.
BAND_CUSTOMERS = 32_768
LEAST_BANDS, MOST_BANDS = 32, 256
SAMPLED = 262_144  # customers whose values the borders of bands are taken from
SPREAD = np.uint64(2_654_435_761)  # of Knuth: numbers that follow each other end up far apart

Ids = npt.NDArray[np.uint32]
Codes = npt.NDArray[np.uint16]
Piece = tuple[int, npt.NDArray[np.int64], pa.Array]  # first customer of a range, the customers, what is known of each
Pieces = Callable[[], Iterator[Piece]]  # all of a column, as often as it is asked for
Row = dict[str, Any]

COLUMNS = (
    Column("value", Kind.TEXT, "The value of a text; empty for a band of numbers."),
    Column("band", Kind.INTEGER, "Number of the band, from 0 for the smallest values; empty for a text."),
    Column("lower", Kind.NUMBER, "Smallest value in the band; days are counted from 1970, yes is 1."),
    Column("upper", Kind.NUMBER, "Largest value in the band."),
    Column("customer_id", Kind.INTEGER, "First customer of the range.", required=True),
    Column("customer_count", Kind.INTEGER, "Customers of the range who are in it.", unit="customers"),
    Column("bitmap", Kind.BINARY, "Their customer_ids as a Roaring bitmap, portable format."),
)


def bitmap_of(ids: npt.NDArray[np.integer]) -> BitMap:
    """Ascending ids as a set."""
    # From a typed buffer pyroaring reads five times faster than from a NumPy array.
    return BitMap(array("I", ids.astype(np.uint32, copy=False).tobytes()))


def ids_of(customers: BitMap) -> Ids:
    """A set as ascending ids."""
    return np.frombuffer(customers.to_array(), np.uint32)


def value_rows(pieces: Pieces, *, keep_missing: bool = True) -> Iterator[list[Row]]:
    """Of every range one row for each value of a text, and before them one for those without.

    Of a text with more than a thousand values only the rows of those without. Without `keep_missing` they are only
    counted where the values tell who they are.
    """
    by_value = len(_distinct(pieces())) <= MOST_VALUES
    for first, ids, values in pieces():
        rows = [_row(first, ids[~filled(values)], is_kept=keep_missing or not by_value)]
        if by_value:
            coded = values.dictionary_encode()
            names = coded.dictionary.to_pylist()
            parts = _parts(ids[filled(values)], coded.indices.drop_null().to_numpy())
            named = sorted((names[code], part) for code, part in parts)
            rows += [_row(first, part, value=value) for value, part in named]
        yield rows


def band_rows(pieces: Pieces, *, keep_missing: bool = True) -> Iterator[list[Row]]:
    """Of every range one row for each band of a column of numbers, and before them one for those without.

    Without `keep_missing` these are only counted.
    """
    borders = band_borders(pieces)
    for first, ids, values in pieces():
        numbers = as_doubles(values)
        known = ~np.isnan(numbers)
        rows = [_row(first, ids[~known], is_kept=keep_missing)]
        ids, numbers = ids[known], numbers[known]
        bands = np.minimum(borders.searchsorted(numbers), len(borders) - 1)
        for band, places in _parts(np.arange(len(ids)), bands):
            within = numbers[places]
            row = _row(first, ids[places], band=int(band), lower=float(within.min()), upper=float(within.max()))
            rows.append(row)
        yield rows


def known_rows(pieces: Pieces) -> Iterator[list[Row]]:
    """Of every range one row for those without a value."""
    for first, ids, values in pieces():
        yield [_row(first, ids[~filled(values)])]


def band_borders(pieces: Pieces) -> Floats:
    """The largest value of each band, ascending; empty where nobody has a value.

    What has no more values than there may be bands gets one band for each. The last band has all that is larger, too.
    """
    count, sampled = _sample(pieces)
    bands = min(max(count // BAND_CUSTOMERS, LEAST_BANDS), MOST_BANDS)
    distinct = np.unique(sampled)
    if len(distinct) <= bands:
        return distinct
    borders = np.quantile(sampled, np.linspace(0, 1, bands + 1)[1:], method="inverted_cdf")
    found, repeats = np.unique(borders, return_counts=True)
    alone = np.nextafter(found[repeats > 1], -np.inf)
    return np.union1d(found, alone)


def write_rows(contract: Contract, uri: str, ranges: Iterable[list[Row]], *, constant: Mapping[str, object]) -> bool:
    """Writes the rows of every range as a row group; False, and no file, if there are none."""
    schema = pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in contract])
    counted = [name for name in schema.names if name != "bitmap"]  # statistics of bitmaps would say nothing
    system, path = filesystem(), inner_path(uri)
    written = 0
    with pq.ParquetWriter(
        path,
        schema,
        filesystem=system,
        compression="zstd",
        use_dictionary=[name for name in counted if name != "customer_count"],
        write_statistics=counted,
    ) as writer:
        for rows in ranges:
            if rows:
                writer.write_table(pa.Table.from_pylist([{**constant, **row} for row in rows], schema))
                written += len(rows)
    if not written:
        system.delete_file(path)
    return bool(written)


def _distinct(pieces: Iterator[Piece]) -> set[str]:
    """All values, or of a text that has too many some of them, too many still."""
    found: set[str] = set()
    for _first, _ids, values in pieces:
        found.update(pc.unique(values.drop_null()).to_pylist())
        if len(found) > MOST_VALUES:
            break
    return found


def _sample(pieces: Pieces) -> tuple[int, Floats]:
    """How many have a value, and the values of some of them, the same ones every time."""
    count, kept = 0, [np.zeros(0, np.float64)]
    share = 1.0
    for _first, ids, values in pieces():
        numbers = as_doubles(values)
        known = ~np.isnan(numbers)
        count += int(known.sum())
        kept.append(numbers[known & (_spread(ids) < share)])
        # Thinned out as more arrive: what was kept so far was drawn at a larger share.
        while sum(map(len, kept)) > 2 * SAMPLED:
            share /= 2
            whole = np.concatenate(kept)
            kept = [whole[::2]]
    return count, np.concatenate(kept)


def _spread(ids: npt.NDArray[np.int64]) -> Floats:
    """A number from 0 to 1 for each customer that has nothing to do with who they are."""
    mixed = (ids.astype(np.uint64) * SPREAD) & np.uint64(0xFFFFFFFF)
    return mixed.astype(np.float64) / 2**32


def _parts(ids: npt.NDArray[Any], codes: npt.NDArray[np.integer]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Each code with its ids, in the order of the codes."""
    if not len(ids):
        return
    narrow = codes.astype(np.uint16) if codes.max() < 2**16 else codes  # the narrow ones are sorted by radix
    order = np.argsort(narrow, kind="stable")
    borders = np.flatnonzero(np.diff(narrow[order])) + 1
    for places in np.split(order, borders):
        yield int(codes[places[0]]), ids[places]


def _row(first: int, ids: npt.NDArray[np.integer], *, is_kept: bool = True, **more: object) -> Row:
    row = {"customer_id": first, "customer_count": len(ids), **more}
    if is_kept:
        bitmap = bitmap_of(ids)
        bitmap.run_optimize()
        row["bitmap"] = bitmap.serialize()
    return row
