"""Customers counted by where they belong, range by range: of whom each rule is asked, and who fulfil it.

Counted here and not in the engine: a group of a few customers has a sum for every rule, which a hash table of sums
takes four times as long for as arrays do that are indexed by the number of the group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]


class Groups:
    """Counts by group: one row for each, one column for all its customers and one for each mask."""

    def __init__(self, dimensions: Sequence[str], masks: Sequence[str]) -> None:
        self._dimensions = tuple(dimensions)
        self._masks = tuple(masks)
        self._known: list[dict[str, int]] = [{} for _dimension in dimensions]
        self._keys: Ints = np.zeros((0, len(self._dimensions)), np.int64)
        self._counts: Ints = np.zeros((0, len(self._masks) + 1), np.int64)

    def add(self, customers: pa.Table) -> None:
        """Counts further customers: their dimensions are texts, their masks yes or no."""
        codes = [self._coded(customers[name], place) for place, name in enumerate(self._dimensions)]
        keys, group = _grouped(np.stack(codes, axis=1))
        counts = np.empty((len(keys), self._counts.shape[1]), np.int64)
        counts[:, 0] = np.bincount(group, minlength=len(keys))
        for place, name in enumerate(self._masks, start=1):
            mask = customers[name].to_numpy()
            counts[:, place] = np.bincount(group[mask], minlength=len(keys))
        self._keys, merged = _grouped(np.concatenate([self._keys, keys]))
        before, self._counts = self._counts, np.zeros((len(self._keys), counts.shape[1]), np.int64)
        # Within each of the two, no group stands twice.
        self._counts[merged[: len(before)]] += before
        self._counts[merged[len(before) :]] += counts

    def table(self) -> pa.Table:
        """One row per group in the order of its dimensions: these, `customer_count`, and a count for each mask."""
        texts = [pa.array(known, pa.string()) for known in self._known]
        columns = {
            name: pa.DictionaryArray.from_arrays(pa.array(self._keys[:, place], pa.int32()), texts[place])
            for place, name in enumerate(self._dimensions)
        }
        columns |= {
            name: pa.array(np.ascontiguousarray(self._counts[:, place]))
            for place, name in enumerate(("customer_count", *self._masks))
        }
        # By rank, since dictionaries are in the order in which values were met.
        ranks = [np.argsort(np.argsort(np.array(list(known), object))) for known in self._known]
        order = np.lexsort([ranks[place][self._keys[:, place]] for place in reversed(range(len(self._dimensions)))])
        return pa.table(columns).take(pa.array(order)) if len(self._keys) else pa.table(columns)

    def _coded(self, column: pa.ChunkedArray, place: int) -> Ints:
        known = self._known[place]
        encoded = column.combine_chunks().fill_null("").dictionary_encode()
        encoded = encoded.chunk(0) if isinstance(encoded, pa.ChunkedArray) else encoded
        numbers = np.array([known.setdefault(value, len(known)) for value in encoded.dictionary.to_pylist()], np.int64)
        found: Ints = numbers[encoded.indices.to_numpy()]
        return found


def _grouped(keys: Ints) -> tuple[Ints, Ints]:
    """The rows that differ, and for each row the place of its like among them."""
    codes = np.zeros(len(keys), np.int64)
    for column in keys.T:
        # Numbered anew after each column, so that the product of all sizes does not overflow.
        codes = codes * (column.max(initial=0) + 1) + column
        _values, first, codes = np.unique(codes, return_index=True, return_inverse=True)
    return keys[first], codes
