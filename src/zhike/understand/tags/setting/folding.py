"""Set tags as a log of acts, and what they come to: who has which value after all of them."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyroaring import BitMap

from zhike.collect.identity.redirects import GONE, Redirects
from zhike.rules.vocabulary import TagKind

YES = "yes"
TAKEN_AWAY = ""  # in the place of a value
DAY_0 = date(1970, 1, 1)
FASTEST = 1  # bitmaps of random ids hardly shrink any further

Ids = npt.NDArray[np.uint32]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Act:
    """What one act says: each value with the customers who are given it, or who lose what they have.

    Values of numbers and days stand beside ascending `ids` instead, since hardly two may be the same.
    """

    given: Mapping[str, BitMap] = field(default_factory=dict)
    taken: BitMap = field(default_factory=BitMap)
    only: str = ""  # of the taken, those who have this value
    ids: Ids = field(default_factory=lambda: np.zeros(0, np.uint32))
    numbers: Numbers = field(default_factory=lambda: np.zeros(0, np.float64))

    @property
    def customers(self) -> BitMap:
        """Everybody it is about."""
        named = BitMap.union(BitMap(), self.taken, *self.given.values())
        return named | bitmap_of(self.ids) if len(self.ids) else named

    def moved(self, redirects: Redirects) -> Act:
        """The same act on the customers whom its ids lead to; if it gave two of one a value each, the lower id's."""
        if not self.customers.intersection_cardinality(redirects.gone):
            return self
        ids = redirects.moved(self.ids)
        every, firsts = np.unique(ids, return_index=True)
        kept = every != GONE
        return replace(
            self,
            given={value: redirects.current_of(customers) for value, customers in self.given.items()},
            taken=redirects.current_of(self.taken),
            ids=every[kept].astype(np.uint32),
            numbers=self.numbers[firsts[kept]],
        )


@dataclass(frozen=True)
class SetTag:
    """Who has which value. Bitmaps and arrays are shared and not to be changed.

    Of a number or date `ids` ascend, and `numbers` are their values, days counted from 1970.
    """

    kind: TagKind
    values: Mapping[str, BitMap] = field(default_factory=dict)
    ids: Ids = field(default_factory=lambda: np.zeros(0, np.uint32))
    numbers: Numbers = field(default_factory=lambda: np.zeros(0, np.float64))

    @property
    def everybody(self) -> BitMap:
        """All who have a value."""
        return bitmap_of(self.ids) if self.is_measured else BitMap.union(BitMap(), *self.values.values())

    @property
    def is_measured(self) -> bool:
        """Its values are numbers or days."""
        return self.kind in (TagKind.NUMBER, TagKind.DATE)

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        held = sum(bitmap.get_statistics()["n_bytes_array_containers"] for bitmap in self.values.values())
        held += sum(bitmap.get_statistics()["n_bytes_bitset_containers"] for bitmap in self.values.values())
        return 500 + held + self.ids.nbytes + self.numbers.nbytes

    def members(self, values: Sequence[str] = ()) -> BitMap:
        """All who have a value, or one of these."""
        if not values:
            return self.everybody
        if self.is_measured:
            wanted = [number for value in values if (number := number_of(self.kind, value)) is not None]
            return bitmap_of(self.ids[np.isin(self.numbers, wanted)])
        return BitMap.union(BitMap(), *(self.values[value] for value in values if value in self.values))

    def texts(self) -> dict[str, BitMap]:
        """Each value as text with those who have it."""
        if not self.is_measured:
            return dict(self.values)
        order = np.lexsort((self.ids, self.numbers))
        numbers, firsts = np.unique(self.numbers[order], return_index=True)
        parts = np.split(self.ids[order], firsts)[1:]
        texts = [text_of_number(self.kind, number) for number in numbers]
        return {text: bitmap_of(part) for text, part in zip(texts, parts, strict=True)}

    def table(self) -> pa.Table:
        """One row per customer who has a value, in order of customer_id: value, number, day, as computed tags have."""
        if self.is_measured:
            is_day = self.kind == TagKind.DATE
            empty = pa.nulls(len(self.ids))
            numbers = empty.cast(pa.float64()) if is_day else pa.array(self.numbers)
            days = pa.array(self.numbers.astype(np.int32)).cast(pa.date32()) if is_day else empty.cast(pa.date32())
            return _rows(self.ids, empty.cast(pa.string()), numbers, days)
        parts = [ids_of(bitmap) for bitmap in self.values.values()]
        ids = np.concatenate(parts) if parts else np.zeros(0, np.uint32)
        order = np.argsort(ids, kind="stable")
        codes = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])[order]
        names = pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(list(self.values), pa.string()))
        empty = pa.nulls(len(ids))
        return _rows(ids[order], names.cast(pa.string()), empty.cast(pa.float64()), empty.cast(pa.date32()))


def _rows(ids: Ids, values: pa.Array, numbers: pa.Array, days: pa.Array) -> pa.Table:
    columns = [pa.array(ids.astype(np.int64)), values, numbers, days]
    return pa.table(columns, names=["customer_id", "value", "number", "day"])


def folded(base: SetTag, acts: Iterable[Act]) -> SetTag:
    """What a tag comes to after more acts, which are given newest first."""
    return _folded_numbers(base, acts) if base.is_measured else _folded_values(base, acts)


def _folded_values(base: SetTag, acts: Iterable[Act]) -> SetTag:
    """Goes back in time: whoever was seen later is settled already."""
    seen = BitMap()
    found: dict[str, BitMap] = {}
    lost: dict[str, BitMap] = {}  # value → who lose it, if that is what an older act gives them

    def give(value: str, customers: BitMap) -> None:
        nonlocal seen
        fresh = customers - seen
        seen |= fresh
        if value in lost:
            fresh -= lost[value]
        if fresh:
            found.setdefault(value, BitMap()).update(fresh)

    for act in acts:
        if act.only:
            lost.setdefault(act.only, BitMap()).update(act.taken - seen)
        else:
            seen |= act.taken
        for value, customers in act.given.items():
            give(value, customers)
    for value, customers in base.values.items():
        give(value, customers)
    for bitmap in found.values():
        bitmap.run_optimize()
    return SetTag(base.kind, {value: found[value] for value in sorted(found) if found[value]})


def _folded_numbers(base: SetTag, acts: Iterable[Act]) -> SetTag:
    ids, numbers = [], []
    seen = BitMap()
    for act in (*acts, Act(ids=base.ids, numbers=base.numbers)):
        fresh = bitmap_of(act.ids) - seen
        keep = within(act.ids, fresh)
        ids.append(act.ids[keep])
        numbers.append(act.numbers[keep])
        seen |= fresh
        seen |= act.taken
    every, values = np.concatenate(ids), np.concatenate(numbers)
    order = np.argsort(every, kind="stable")
    return SetTag(base.kind, ids=every[order], numbers=values[order])


def within(ids: Ids, customers: BitMap) -> npt.NDArray[np.bool_]:
    """Which of the ids are among the customers."""
    members = ids_of(customers)
    if not len(members):
        return np.zeros(len(ids), bool)
    places = np.minimum(members.searchsorted(ids), len(members) - 1)
    found: npt.NDArray[np.bool_] = members[places] == ids
    return found


def bitmap_of(ids: Ids) -> BitMap:
    """The ids as a set."""
    # From a typed buffer pyroaring reads five times faster than from a NumPy array.
    return BitMap(array("I", ids.astype(np.uint32, copy=False).tobytes()))


def ids_of(customers: BitMap) -> Ids:
    """The set as ascending ids."""
    return np.frombuffer(customers.to_array(), np.uint32)


def number_of(kind: TagKind, value: str) -> float | None:
    """The number that a text is, or of a day its distance from 1970; None where it is none."""
    try:
        if kind == TagKind.DATE:
            return float((date.fromisoformat(value) - DAY_0).days)
        number = float(value)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def text_of_number(kind: TagKind, number: float) -> str:
    """How a number or a day is spelt."""
    if kind == TagKind.DATE:
        return (DAY_0 + timedelta(days=int(number))).isoformat()
    whole = int(number)
    return str(whole) if whole == number and abs(number) < 2**53 else repr(float(number))


def packed(customers: BitMap) -> bytes:
    """A set as it is stored."""
    small = customers.copy()
    small.run_optimize()
    return zlib.compress(small.serialize(), FASTEST)


def unpacked(stored: bytes | memoryview) -> BitMap:
    """A stored set; nobody where nothing is stored."""
    return BitMap.deserialize(zlib.decompress(bytes(stored))) if stored else BitMap()


def packed_cells(act: Act) -> bytes:
    """The values of an act, where they differ, as they are stored."""
    if len(act.ids):
        rows = pa.table({"customer_id": pa.array(act.ids, pa.uint32()), "number": pa.array(act.numbers)})
    else:
        sets = {**act.given, TAKEN_AWAY: act.taken}
        rows = pa.table({"value": list(sets), "customers": [packed(one) for one in sets.values()]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)
    stored: bytes = sink.getvalue().to_pybytes()
    return stored


def unpacked_cells(stored: bytes | memoryview) -> Act:
    """The act whose values are stored."""
    rows = pa.ipc.open_stream(bytes(stored)).read_all()
    if "number" in rows.column_names:
        return Act(ids=rows["customer_id"].to_numpy(), numbers=rows["number"].to_numpy())
    pairs = zip(rows["value"].to_pylist(), rows["customers"].to_pylist(), strict=True)
    given = {value: unpacked(customers) for value, customers in pairs}
    return Act(taken=given.pop(TAKEN_AWAY), given=given)
