"""Attributes and tags as an index answers for them: who has one of some texts, or a number between two borders."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyroaring import BitMap

from zhike.rules.bitmaps import Numbers
from zhike.rules.vocabulary import TagKind
from zhike.understand.attributes.bitmaps import bitmap_of, ids_of
from zhike.understand.attributes.loaded import Borders, ByBand, ByValue, Within, by_band, by_value
from zhike.understand.attributes.memory import MEMORY
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.tags.computing.states import TagState
from zhike.understand.tags.computing.writing import column_of
from zhike.understand.tags.counting.asked import Texts
from zhike.understand.tags.setting.folding import SetTag
from zhike.understand.tags.tables import TAGS
from zhike.warehouse.arrays import Floats
from zhike.warehouse.attributes import Attribute, registry
from zhike.warehouse.contracts import Kind
from zhike.warehouse.mapped import MappedColumns, mapped_columns, mapped_file
from zhike.warehouse.queries import Published


class Column(Protocol):
    """What an index knows of one attribute or tag. Its sets are shared, and not to be changed."""

    @property
    def key(self) -> Hashable | None:
        """What answers are remembered under; None where they may change."""

    def known(self) -> BitMap:
        """Who has a value."""

    def with_texts(self, texts: Texts) -> BitMap | None:
        """Who has a text that fits; None where no index says so."""

    def between(self, borders: Borders) -> Numbers | None:
        """Who has a number within the borders; None where no index says so."""


@dataclass(frozen=True)
class Listed:
    """Customers who are known one by one."""

    customers: BitMap

    def members(self) -> BitMap:
        """All of them. Not to be changed."""
        return self.customers

    def among(self, customers: BitMap) -> BitMap:
        """Those of them who are among these customers."""
        return self.customers & customers


@dataclass(frozen=True)
class AttributeColumn:
    """An attribute of customers in one refresh; `path` is the file of its bitmaps."""

    now: Published
    name: str
    path: str

    @property
    def key(self) -> Hashable | None:
        """Its file."""
        return self.path

    def known(self) -> BitMap:
        """Everybody but those without a value, who are kept of every attribute."""
        loaded = values_at(self.path) if self._is_text else bands_at(self.path)
        return everybody(self.now) - (loaded.missing or BitMap())

    def with_texts(self, texts: Texts) -> BitMap | None:
        """Who has a text that fits, of an attribute with few enough texts to have a bitmap each."""
        if not self._is_text or self._attribute.identifies:
            return None
        values = values_at(self.path)
        return values.having(texts(list(values.values))) if values.values or not self.known() else None

    def between(self, borders: Borders) -> Numbers | None:
        """Who has a number within the borders."""
        if self._is_text:
            return None
        snapshot = self.now.snapshots.get(ATTRIBUTES.table)
        return within(self.path, borders, lambda: mapped_columns(ATTRIBUTES, snapshot), self.name)

    @property
    def _attribute(self) -> Attribute:
        return registry().attributes[self.name]

    @property
    def _is_text(self) -> bool:
        return self._attribute.column.kind == Kind.TEXT


@dataclass(frozen=True)
class TagColumn:
    """A tag as one refresh computed it."""

    state: TagState

    @property
    def key(self) -> Hashable | None:
        """Its file."""
        return self.state.bitmaps

    @property
    def kind(self) -> TagKind:
        """What it says."""
        return self.state.kind

    @property
    def is_measured(self) -> bool:
        """Its values are numbers or days."""
        return self.state.is_measured

    def values(self) -> frozenset[str]:
        """The texts that somebody has, unless there are very many."""
        return frozenset(values_at(self.state.bitmaps).values)

    def known(self) -> BitMap:
        """Who has the tag."""
        if self.state.is_measured:
            return bands_at(self.state.bitmaps).known
        values = values_at(self.state.bitmaps)
        return values.known if values.values else self._fitting(list)

    def with_texts(self, texts: Texts) -> BitMap | None:
        """Who has a value that fits; with very many values that is looked up in the table."""
        if self.state.is_measured:
            return None
        values = values_at(self.state.bitmaps)
        return values.having(texts(list(values.values))) if values.values else self._fitting(texts)

    def between(self, borders: Borders) -> Numbers | None:
        """Who has a number or day within the borders."""
        file = self.state.members
        if not self.state.is_measured:
            return None
        if file is None:
            return Listed(BitMap())
        return within(self.state.bitmaps, borders, lambda: mapped_file(TAGS, file), column_of(self.state.kind))

    def _fitting(self, texts: Texts) -> BitMap:
        if self.state.members is None:
            return BitMap()
        table = mapped_file(TAGS, self.state.members)
        found = [np.zeros(0, np.int64)]
        for batch in table.batches:
            coded = batch.column("value").dictionary_encode()
            fitting = pa.array(texts(coded.dictionary.to_pylist()), pa.string())
            codes = np.flatnonzero(pc.is_in(coded.dictionary, value_set=fitting).to_numpy(zero_copy_only=False))
            chosen = np.isin(coded.indices.to_numpy(), codes)
            found.append(batch.column("customer_id").to_numpy()[chosen])
        return bitmap_of(np.concatenate(found))


@dataclass(frozen=True)
class SetColumn:
    """A tag that is set by hand, as it stands at this moment."""

    tag: SetTag

    @property
    def key(self) -> Hashable | None:
        """None: the next act changes it."""
        return None

    @property
    def kind(self) -> TagKind:
        """What it says."""
        return self.tag.kind

    @property
    def is_measured(self) -> bool:
        """Its values are numbers or days."""
        return self.tag.is_measured

    def values(self) -> frozenset[str]:
        """The texts that somebody has."""
        return frozenset(self.tag.values)

    def known(self) -> BitMap:
        """Who has the tag."""
        return self.tag.everybody

    def with_texts(self, texts: Texts) -> BitMap | None:
        """Who has a value that fits."""
        return None if self.tag.is_measured else self.tag.members(tuple(texts(list(self.tag.values))) or ("",))

    def between(self, borders: Borders) -> Numbers | None:
        """Who has a number or day within the borders."""
        return Listed(bitmap_of(self.tag.ids[borders.hold(self.tag.numbers)])) if self.tag.is_measured else None


def everybody(now: Published) -> BitMap:
    """All customers of a refresh. Not to be changed."""
    snapshot = now.snapshots.get(ATTRIBUTES.table)

    def load() -> BitMap:
        # Numbers are given from 0: where there are as many rows as numbers, all are there.
        if sum(file.rows for file in now.files(ATTRIBUTES)) == now.next_customer_id:
            return BitMap(range(now.next_customer_id))
        table = mapped_columns(ATTRIBUTES, snapshot)
        return bitmap_of(np.concatenate([ids.to_numpy() for ids in table.arrays("customer_id")] or [np.zeros(0)]))

    return MEMORY.bitmap(("everybody", snapshot), load)


def values_at(path: str) -> ByValue:
    """The bitmaps of a text, from their file."""
    return MEMORY.sized(("values", path), lambda: by_value(path))


def bands_at(path: str) -> ByBand:
    """The bitmaps of numbers, from their file."""
    return MEMORY.sized(("bands", path), lambda: by_band(path))


def within(path: str, borders: Borders, table: Callable[[], MappedColumns], column: str) -> Within:
    """Whole bands, and of those at the borders the customers whose value in the table is within."""

    def exactly() -> Floats:
        return table().regrouped(column, path.rsplit("/", 1)[1], map(ids_of, bands.bands))

    bands = bands_at(path)
    return Within(bands, borders, exactly)
