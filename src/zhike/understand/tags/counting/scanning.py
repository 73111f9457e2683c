"""Conditions that no index answers, answered by the engine over the tables of a refresh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import ibis
import numpy as np
import pyarrow as pa
from ibis.expr.types import Table
from pyroaring import BitMap

from zhike.rules.measures import Tables, evaluated, holding
from zhike.rules.needs import needed
from zhike.rules.tree import Condition, Related
from zhike.rules.vocabulary import KnownTag, TagKind, Vocabulary
from zhike.understand.attributes.bitmaps import bitmap_of, ids_of
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import CUSTOMERS_PER_SHARD, Contract
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import Published

RANGES_AT_ONCE = 8  # few enough for memory, many enough that planning does not take longer than computing
# Of a tag what it says, and customer_id, value, number, day of who has it.
TagTable = Callable[[str, date | None], tuple[TagKind, Table]]


def scanned(
    now: Published, conditions: Sequence[Condition], *, tags: TagTable, audiences: Callable[[str], BitMap]
) -> tuple[BitMap, ...]:
    """For whom each of the conditions holds, in one pass over the tables that they need."""
    return _Scan(now, conditions, tags, audiences).members()


class _Scan:
    def __init__(
        self, now: Published, conditions: Sequence[Condition], tags: TagTable, audiences: Callable[[str], BitMap]
    ) -> None:
        self._now = now
        self._definitions = {f"c{number}": condition for number, condition in enumerate(conditions)}
        declared = Vocabulary.of(registry())
        self._needed = needed(self._definitions, vocabulary=declared)
        found = {asked: tags(*asked) for asked in self._needed.tags}
        known = {name: KnownTag(name, kind) for (name, _day), (kind, _table) in found.items()}
        self._vocabulary = replace(declared, tags=known)
        self._tags = {asked: table for asked, (_kind, table) in found.items()}
        self._audiences = {name: _members(audiences(name)) for name in self._needed.audiences}

    def members(self) -> tuple[BitMap, ...]:
        """For whom each condition holds."""
        found: dict[str, list[BitMap]] = {name: [] for name in self._definitions}
        related = tuple(self._needed.related)
        fitting = [self._holding(one) for one in related]
        with engine().sharing(*fitting) as once:
            of_relations = dict(zip(related, once, strict=True))
            for first, shards in self._ranges():
                tables = self._tables(shards, first, of_relations)
                rows = evaluated(self._definitions, tables, vocabulary=self._vocabulary, as_of=self._now.as_of)
                for name, bitmap in _bitmaps(rows, self._definitions):
                    found[name].append(bitmap)
        return tuple(BitMap.union(BitMap(), *parts) for parts in found.values())

    def _ranges(self) -> Iterator[tuple[int, frozenset[int]]]:
        step = CUSTOMERS_PER_SHARD * RANGES_AT_ONCE
        for first in range(0, max(1, self._now.next_customer_id), step):
            yield first, frozenset(range(first, first + step, CUSTOMERS_PER_SHARD))

    def _tables(self, shards: frozenset[int], first: int, related: Mapping[Related, Table]) -> Tables:
        def of_range(table: Table) -> Table:
            return table.filter(table.customer_id.between(first, max(shards) + CUSTOMERS_PER_SHARD - 1))

        facts = {name: registry().facts[name].contract for name in self._needed.facts}
        return Tables(
            attributes=self._open(ATTRIBUTES, shards),
            facts={name: self._open(contract, shards) for name, contract in facts.items()},
            tags={asked: of_range(table) for asked, table in self._tags.items()},
            audiences={name: of_range(table) for name, table in self._audiences.items()},
            related={one: of_range(table) for one, table in related.items()},
        )

    def _open(self, contract: Contract, shards: frozenset[int]) -> Table:
        files = self._now.files(contract)
        return engine().open(contract, [file.path for file in files if file.shard is None or file.shard in shards])

    def _holding(self, related: Related) -> Table:
        relation = registry().relations[related.relation]
        return holding(
            related,
            everybody=self._now.table(ATTRIBUTES),
            edges=relation.edges(self._now.table(relation.contract)),
            vocabulary=self._vocabulary,
            as_of=self._now.as_of,
        )


def _members(customers: BitMap) -> Table:
    return ibis.memtable(pa.table({"customer_id": pa.array(ids_of(customers), pa.int64())}))


def _bitmaps(rows: Table, names: Mapping[str, object]) -> Iterator[tuple[str, BitMap]]:
    if len(names) == 1:  # only those who fit have to come out of the engine
        [name] = names
        fitting = engine().arrow(rows.filter(rows[name]).select("customer_id"))
        yield name, bitmap_of(np.sort(fitting["customer_id"].to_numpy()))
        return
    judged = engine().arrow(rows.select("customer_id", *names).order_by("customer_id"))
    ids = judged["customer_id"].to_numpy()
    for name in names:
        yield name, bitmap_of(ids[judged[name].to_numpy()])
