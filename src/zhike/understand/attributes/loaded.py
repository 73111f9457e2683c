"""Bitmaps of a column as they are asked: read from their file, the ranges put together, bands added up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from pyroaring import BitMap

from zhike.understand.attributes.bitmaps import bitmap_of, ids_of
from zhike.understand.attributes.memory import OVERHEAD, bytes_of
from zhike.warehouse.arrays import Floats, Mask
from zhike.warehouse.files import open_file

FEW = 0.1  # share of a band that is looked up one by one sooner than the band is read as a whole
ADDED_UP = 32  # sums of bands that are kept: a range of values is one sum less another, and a few bands
Exactly = Callable[[], Floats]  # the values of all who have one, band by band, within a band by customer_id


@dataclass(frozen=True)
class Borders:
    """Numbers from one to another; of a day its distance from 1970, yes is 1."""

    low: float = -math.inf
    high: float = math.inf
    with_low: bool = True
    with_high: bool = True

    def hold(self, numbers: Floats) -> Mask:
        """Which of the numbers lie within; NaN never does."""
        fits: Mask = (numbers >= self.low) if self.with_low else (numbers > self.low)
        return fits & ((numbers <= self.high) if self.with_high else (numbers < self.high))


@dataclass(frozen=True)
class ByValue:
    """A text: who has which value, and who has none where that is kept."""

    values: Mapping[str, BitMap]
    missing: BitMap | None = None

    @cached_property
    def known(self) -> BitMap:
        """All who have a value."""
        return BitMap.union(BitMap(), *self.values.values())

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        kept = [*self.values.values(), *([self.missing] if self.missing is not None else [])]
        return OVERHEAD + sum(map(bytes_of, kept)) + sum(OVERHEAD for _value in self.values)

    def having(self, values: Iterable[str]) -> BitMap:
        """All who have one of these values. Not to be changed."""
        found = [self.values[value] for value in values if value in self.values]
        return found[0] if len(found) == 1 else BitMap.union(BitMap(), *found)


@dataclass(frozen=True)
class ByBand:
    """Numbers: the customers of each band, bands ascending and none overlapping the next."""

    lower: Floats
    upper: Floats
    bands: Sequence[BitMap]
    missing: BitMap | None = None
    starts: npt.NDArray[np.int64] = field(init=False)  # how many stand before each band, and at the end all
    marks: npt.NDArray[np.int64] = field(init=False)  # numbers of bands, about as many customers from one to the next
    sums: Sequence[BitMap] = field(init=False)  # all bands before each mark

    def __post_init__(self) -> None:
        starts = np.cumsum([0, *map(len, self.bands)])
        marks, sums = [0], [BitMap()]
        for band in range(1, len(starts)):
            if starts[band] - starts[marks[-1]] >= starts[-1] / ADDED_UP or band == len(self.bands):
                sums.append(BitMap.union(sums[-1], *self.bands[marks[-1] : band]))
                marks.append(band)
        object.__setattr__(self, "starts", starts)
        object.__setattr__(self, "marks", np.array(marks))
        object.__setattr__(self, "sums", tuple(sums))

    @property
    def known(self) -> BitMap:
        """All who have a value."""
        return self.sums[-1]

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        kept = [*self.bands, *self.sums, *([self.missing] if self.missing is not None else [])]
        return OVERHEAD + sum(map(bytes_of, kept))

    def between(self, borders: Borders, exactly: Exactly) -> BitMap:
        """All whose value lies within the borders. May be shared, and is not to be changed."""
        reached = self._reached(borders)
        parts = [*reached.bands]
        if reached.added_up:
            less, most = reached.added_up
            parts.append(most - less if less else most)
        parts += [self._end(band, borders, exactly) for band in reached.ends]
        return _together(parts)

    def among(self, customers: BitMap, borders: Borders, exactly: Exactly) -> BitMap:
        """Those of some customers whose value lies within the borders: of few, sooner than `between`."""
        reached = self._reached(borders)
        parts = [customers & band for band in reached.bands]
        if reached.added_up:
            less, most = reached.added_up
            parts.append((customers & most) - less)
        for band in reached.ends:
            left = customers & self.bands[band]
            if len(left) > FEW * len(self.bands[band]):
                parts.append(left & self._end(band, borders, exactly))
            else:
                ids = ids_of(left)
                places = ids_of(self.bands[band]).searchsorted(ids) + self.starts[band]
                parts.append(bitmap_of(ids[borders.hold(exactly()[places])]))
        return _together(parts)

    def _end(self, band: int, borders: Borders, exactly: Exactly) -> BitMap:
        """Those of one band whose value lies within the borders."""
        ids = ids_of(self.bands[band])
        return bitmap_of(ids[borders.hold(exactly()[self.starts[band] : self.starts[band + 1]])])

    def _reached(self, borders: Borders) -> _Reached:
        low, high = borders.low, borders.high
        if not low <= high:
            return _Reached((), None, ())
        first = int(self.lower.searchsorted(low, "left" if borders.with_low else "right"))
        last = int(self.upper.searchsorted(high, "right" if borders.with_high else "left"))
        ends = tuple(
            band
            for band in {first - 1, last}
            if 0 <= band < len(self.bands)
            and not first <= band < last
            and self.lower[band] <= high
            and self.upper[band] >= low
        )
        low_mark, high_mark = int(self.marks.searchsorted(first)), int(self.marks.searchsorted(last, "right")) - 1
        if low_mark >= high_mark:
            return _Reached(self.bands[first:last], None, ends)
        beside = (*self.bands[first : self.marks[low_mark]], *self.bands[self.marks[high_mark] : last])
        return _Reached(beside, (self.sums[low_mark], self.sums[high_mark]), ends)


@dataclass(frozen=True)
class _Reached:
    """What lies within two borders: bands as a whole, one sum less another, and what of the bands at the ends does."""

    bands: Sequence[BitMap]
    added_up: tuple[BitMap, BitMap] | None
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Within:
    """The customers of a column of numbers whose value lies within borders."""

    bands: ByBand
    borders: Borders
    exactly: Exactly

    def members(self) -> BitMap:
        """All of them. Not to be changed."""
        return self.bands.between(self.borders, self.exactly)

    def among(self, customers: BitMap) -> BitMap:
        """Those of them who are among these customers."""
        return self.bands.among(customers, self.borders, self.exactly)


def by_value(path: str) -> ByValue:
    """The values of a text, from the file of its bitmaps."""
    columns = _read(path, ("value", "customer_count", "bitmap"))
    found: dict[str | None, list[BitMap]] = {}
    for value, bitmap in zip(columns["value"], columns["bitmap"], strict=True):
        if bitmap is not None:
            found.setdefault(value, []).append(BitMap.deserialize(bitmap))
    together = {value: _together(parts) for value, parts in found.items()}
    missing = together.pop(None, None)
    return ByValue({str(value): bitmap for value, bitmap in sorted(together.items(), key=str)}, missing)


def by_band(path: str) -> ByBand:
    """The bands of a column of numbers, from the file of its bitmaps."""
    columns = _read(path, ("band", "lower", "upper", "bitmap"))
    found: dict[int | None, list[BitMap]] = {}
    bounds: dict[int, tuple[float, float]] = {}
    for band, lower, upper, bitmap in zip(*columns.values(), strict=True):
        if bitmap is not None:
            found.setdefault(band, []).append(BitMap.deserialize(bitmap))
        if band is not None:
            low, high = bounds.get(band, (lower, upper))
            bounds[band] = (min(low, lower), max(high, upper))
    numbers = sorted(bounds)
    return ByBand(
        np.array([bounds[band][0] for band in numbers], np.float64),
        np.array([bounds[band][1] for band in numbers], np.float64),
        tuple(_together(found[band]) for band in numbers),
        _together(found[None]) if None in found else None,
    )


def _together(parts: Sequence[BitMap]) -> BitMap:
    return parts[0] if len(parts) == 1 else BitMap.union(BitMap(), *parts)


def _read(path: str, names: Sequence[str]) -> dict[str, list[Any]]:
    with open_file(path) as source:
        rows = pq.ParquetFile(source).read(columns=list(names))
    return {name: rows[name].to_pylist() for name in names}
