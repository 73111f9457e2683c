"""A definition judged of one customer: every part of it, and the facts that counted.

Judged by the code that judges rules in a refresh, over the rows of the one customer, so that the two can't disagree.
To find the facts that count, each of them stands for a customer of its own, who has only this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import Table

from zhike.govern.access.masking import masked
from zhike.rules.explain import Part, definitions_of, facts_of, taken_apart
from zhike.rules.measures import Tables, evaluated, holding
from zhike.rules.needs import needed
from zhike.rules.tree import Aggregate, Definition, Ever, Function, HasTag, Node, Related
from zhike.rules.vocabulary import Vocabulary
from zhike.understand.attributes.tables import ATTRIBUTES
from zhike.understand.tags.circles import found_seen, value_seen
from zhike.understand.tags.counting.held import values_of
from zhike.understand.tags.counting.index import index_of
from zhike.warehouse.attributes import FactTable, registry
from zhike.warehouse.contracts import Contract
from zhike.warehouse.engines import engine
from zhike.warehouse.lookup import arrow_rows_of, newest_first
from zhike.warehouse.mapped import ARROW_TYPES
from zhike.warehouse.queries import Published

FACTS_SHOWN = 10
FACTS_JUDGED = 2000  # of one table, the newest
THE_CUSTOMER = 0  # who is asked about; everybody else stands for one fact, or one related customer
TAG_SCHEMA = pa.schema(
    [("customer_id", pa.int64()), ("value", pa.string()), ("number", pa.float64()), ("day", pa.date32())]
)


@dataclass(frozen=True)
class FactFound:
    """One fact that counted."""

    table: str
    on: date | None
    row: Mapping[str, Any]  # as whoever asks may see it


@dataclass(frozen=True)
class Finding:
    """What a part of a definition comes to for the customer."""

    node: Node
    holds: bool | None  # of a condition
    value: Any = None  # of a value; None where it is missing
    parts: tuple[Finding, ...] = ()
    facts: tuple[FactFound, ...] = ()  # those that counted, the newest first
    fact_count: int = 0
    related: tuple[int, ...] = ()  # who stands in the relation and fits


@dataclass(frozen=True)
class Judged:
    """What a definition comes to for a customer, and what is known of them, as whoever asks may see it."""

    finding: Finding
    known: Mapping[str, Any]


def judged(tree: Definition, *, customer_id: int, now: Published, vocabulary: Vocabulary, as_of: date) -> Judged:
    """What a definition and all its parts come to for one customer of a refresh, as of a day."""
    judge = _Judge(tree, customer_id, now, vocabulary, as_of)
    return Judged(judge.finding(), judge.known)


class _Judge:
    def __init__(self, tree: Definition, customer_id: int, now: Published, vocabulary: Vocabulary, as_of: date) -> None:
        self.whole = taken_apart(tree)
        self.customer_id = customer_id
        self.now = now
        self.vocabulary = vocabulary
        self.as_of = as_of
        self.single_facts = {name: Ever(facts=facts) for name, facts in facts_of(self.whole).items()}
        self.definitions = dict(definitions_of(self.whole)) | self.single_facts
        self.stands_for: list[
            tuple[str, dict[str, Any]]
        ] = []  # table and row of the fact that customer n + 1 stands for
        self.fitting: dict[Related, tuple[int, ...]] = {}
        self.held: dict[tuple[str, date | None], dict[str, Any]] = {}
        self.known: Mapping[str, Any] = {}

    def finding(self) -> Finding:
        """What everything comes to."""
        result = evaluated(self.definitions, self._tables(), vocabulary=self.vocabulary, as_of=self.as_of)
        rows = engine().arrow(result).sort_by("customer_id")
        own = rows.slice(0, 1).to_pylist()[0]
        counted = {name: np.flatnonzero(rows[name].to_numpy(zero_copy_only=False)) for name in self.single_facts}
        return self._found(self.whole, own, counted)

    def _found(self, part: Part, own: Mapping[str, Any], counted: Mapping[str, Any]) -> Finding:
        facts, count = self._facts_found(part, counted)
        value = own[part.name]
        return Finding(
            part.node,
            holds=bool(value) if part.is_condition else None,
            value=self._value(part.node, value),
            parts=tuple(self._found(below, own, counted) for below in part.parts),
            facts=facts,
            fact_count=count,
            related=self.fitting.get(part.node, ()) if isinstance(part.node, Related) else (),
        )

    def _value(self, node: Node, value: Any) -> Any:
        """A value as whoever asks may see it; of a condition on a tag, what the customer has of it."""
        if isinstance(node, HasTag):
            row = self.held.get((node.tag, node.as_of), {})
            held = next((row[name] for name in ("value", "number", "day") if row.get(name) is not None), None)
            return value_seen(node.tag, held)
        return found_seen(node, value)

    def _facts_found(self, part: Part, counted: Mapping[str, Any]) -> tuple[tuple[FactFound, ...], int]:
        if not part.facts:
            return (), 0
        stood = [int(place) - 1 for place in counted[part.facts] if place]
        if isinstance(part.node, Aggregate) and part.node.function == Function.FIRST:
            stood.reverse()  # the one it is made of is the oldest
        shown = [self.stands_for[place] for place in stood[:FACTS_SHOWN]]
        return tuple(_fact_found(registry().facts[table], row) for table, row in shown), len(stood)

    # The tables of one customer

    def _tables(self) -> Tables:
        wanted = needed(self.definitions, vocabulary=self.vocabulary)
        facts = {name: self._facts(registry().facts[name], columns) for name, columns in wanted.facts.items()}
        return Tables(
            attributes=ibis.memtable(self._attributes()),
            facts=facts,
            tags={asked: self._tag(*asked) for asked in wanted.tags},
            audiences={name: self._audience(name) for name in wanted.audiences},
            related={related: self._related(related) for related in wanted.related},
        )

    def _attributes(self) -> pa.Table:
        """The customer's row, and the same again for everybody who stands for one of their facts."""
        own = _complete(ATTRIBUTES, self._rows(ATTRIBUTES), ATTRIBUTES.column_names)
        self.known = masked(ATTRIBUTES, own.to_pylist()[0])
        return _with_ids(own.take([0] * (len(self.stands_for) + 1)), range(len(self.stands_for) + 1))

    def _facts(self, facts: FactTable, _columns: object) -> Table:
        contract = facts.contract
        rows = _complete(contract, self._rows(contract), contract.column_names)
        rows = rows.take(pc.sort_indices(rows, sort_keys=newest_first(contract, [facts.at], rows.column_names)))
        single = rows.slice(0, FACTS_JUDGED)
        first = len(self.stands_for) + 1
        self.stands_for += [(facts.name, row) for row in single.to_pylist()]
        return ibis.memtable(
            pa.concat_tables(
                [
                    _with_ids(rows, [THE_CUSTOMER] * rows.num_rows),
                    _with_ids(single, range(first, first + single.num_rows)),
                ]
            )
        )

    def _rows(self, contract: Contract) -> pa.Table | None:
        return arrow_rows_of(contract, self.now.files(contract, self.customer_id), self.customer_id)

    def _tag(self, name: str, as_of: date | None) -> Table:
        row = values_of(self.now, name, [self.customer_id], as_of=as_of).get(self.customer_id)
        self.held[(name, as_of)] = row or {}
        return ibis.memtable(pa.Table.from_pylist([{**row, "customer_id": THE_CUSTOMER}] if row else [], TAG_SCHEMA))

    def _audience(self, name: str) -> Table:
        return _members(self.customer_id in index_of(self.now).audience(name))

    def _related(self, related: Related) -> Table:
        relation = registry().relations[related.relation]
        edges = relation.edges(self.now.table(relation.contract))
        found = engine().arrow(edges.filter(edges.customer_id == self.customer_id))
        ids = found["related_id"].to_pylist()
        everybody = self.now.table(ATTRIBUTES)
        known = engine().arrow(everybody.filter(everybody.customer_id.isin(ids or [-1])))
        twice = pa.concat_tables(
            [
                _with_ids(found, [THE_CUSTOMER] * len(ids)),
                _with_ids(found, range(1, len(ids) + 1)),
            ]
        )
        fitting = holding(
            related,
            everybody=ibis.memtable(known),
            edges=ibis.memtable(twice),
            vocabulary=self.vocabulary,
            as_of=self.as_of,
        )
        places = set(engine().arrow(fitting.select("customer_id"))["customer_id"].to_pylist())
        self.fitting[related] = tuple(dict.fromkeys(ids[place - 1] for place in sorted(places) if place))
        return _members(THE_CUSTOMER in places)


def _members(is_in: bool) -> Table:
    return ibis.memtable(pa.table({"customer_id": pa.array([THE_CUSTOMER] if is_in else [], pa.int64())}))


def _complete(contract: Contract, rows: pa.Table | None, columns: Sequence[str]) -> pa.Table:
    """The rows with all these columns; a file leaves out those that hold nothing."""
    schema = pa.schema([(name, ARROW_TYPES[contract[name].kind]) for name in columns])
    if rows is None:
        return schema.empty_table()
    for name in columns:
        if name not in rows.column_names:
            rows = rows.append_column(name, pa.nulls(rows.num_rows, schema.field(name).type))
    return rows.select(columns).cast(schema)


def _with_ids(rows: pa.Table, ids: Sequence[int]) -> pa.Table:
    place = rows.column_names.index("customer_id")
    return rows.set_column(place, "customer_id", pa.array(ids, pa.int64()))


def _fact_found(facts: FactTable, row: Mapping[str, Any]) -> FactFound:
    return FactFound(facts.name, row[facts.day], masked(facts.contract, row))
