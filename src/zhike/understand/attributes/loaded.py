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
    step: int = field(init=False, default=1)
    sums: Sequence[BitMap] = field(init=False, default=())  # the first `step` bands, twice as many, and so on
    starts: npt.NDArray[np.int64] = field(init=False)  # how many stand before each band, and at the end all

    def __post_init__(self) -> None:
        step = max(1, math.ceil(len(self.bands) / ADDED_UP))
        sums = [BitMap()]
        for first in range(0, len(self.bands), step):
            sums.append(BitMap.union(sums[-1], *self.bands[first : first + step]))
        object.__setattr__(self, "step", step)
        object.__setattr__(self, "sums", tuple(sums))
        object.__setattr__(self, "starts", np.cumsum([0, *map(len, self.bands)]))

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
        low, high = borders.low, borders.high
        if not low <= high:
            return BitMap()
        # Bands that lie inside as a whole, and those at the two ends that may reach beyond.
        first = int(self.lower.searchsorted(low, "left" if borders.with_low else "right"))
        last = int(self.upper.searchsorted(high, "right" if borders.with_high else "left"))
        parts = self._whole(first, last)
        for band in {first - 1, last}:
            is_at_an_end = 0 <= band < len(self.bands) and not first <= band < last
            if is_at_an_end and self.lower[band] <= high and self.upper[band] >= low:
                ids = ids_of(self.bands[band])
                values = exactly()[self.starts[band] : self.starts[band + 1]]
                parts.append(bitmap_of(ids[borders.hold(values)]))
        return parts[0] if len(parts) == 1 else BitMap.union(BitMap(), *parts)

    def _whole(self, first: int, last: int) -> list[BitMap]:
        """The bands from one up to another, which is not among them: what was added up, and the bands beside it."""
        low, high = -(-first // self.step), last // self.step
        if low >= high:
            return list(self.bands[first:last])
        added_up = self.sums[high] - self.sums[low] if low else self.sums[high]
        return [added_up, *self.bands[first : low * self.step], *self.bands[high * self.step : last]]


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
    return parts[0] if len(parts) == 1 else BitMap.union(*parts)


def _read(path: str, names: Sequence[str]) -> dict[str, list[Any]]:
    with open_file(path) as source:
        rows = pq.ParquetFile(source).read(columns=list(names))
    return {name: rows[name].to_pylist() for name in names}
