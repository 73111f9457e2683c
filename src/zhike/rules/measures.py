"""Definitions of tags and audiences, computed for all customers together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import ibis
from ibis.expr.types import Table, Value

from zhike.rules.compiling.expressions import Reading, Term, term_of, text
from zhike.rules.compiling.gathering import Gathered, Tables, gathered
from zhike.rules.needs import NOTHING, Key, attributes_of_related, in_levels, is_read_tag, reached, read_parts
from zhike.rules.tree import (
    Aggregate,
    Attribute,
    Definition,
    Ever,
    HasTag,
    InAudience,
    Node,
    Related,
    TagValue,
    is_condition,
)
from zhike.rules.vocabulary import Vocabulary

__all__ = ["Tables", "evaluated", "holding"]


def evaluated(
    definitions: Mapping[str, Definition],
    tables: Tables,
    *,
    vocabulary: Vocabulary,
    as_of: date,
    audiences: Mapping[str, Definition] = NOTHING,
) -> Table:
    """One row per customer: customer_id, and a column for each definition under its name.

    A condition is true or false, a value a double, text or day, or missing. Definitions may name one another as tags,
    and `audiences`, which are live; whatever else they name is in `tables`. However many they are, each fact table is
    scanned once, and once more for each thing of which one is counted (`count` of orders, `distinct`). Raises
    RuleError where they refer to one another in a circle.
    """
    trees = reached(definitions, audiences)
    levels = in_levels(trees)
    columns = {key: f"defined_{place}" for place, key in enumerate(trees)}
    parts = _read_from_tables(trees)
    known = gathered(parts, tables, vocabulary=vocabulary, as_of=as_of)
    reading = Reading(known.table, partial(_leaf, known=known, columns=columns), as_of=as_of)
    for level in levels:
        reading.prepare(trees[key] for key in level)
        reading.add({columns[key]: _defined(reading.term(trees[key]), trees[key]) for key in level})
    table = reading.table
    return table.select("customer_id", **{name: table[columns["tag", name]] for name in definitions})


def _read_from_tables(trees: Mapping[Key, Definition]) -> Iterator[Node]:
    """The parts that are not computed from other definitions, or from other parts."""
    defined = {name: tree for (what, name), tree in trees.items() if what == "tag"}
    for part in read_parts(trees.values()):
        match part:
            case Attribute() | Aggregate() | Ever() | Related():
                yield part
            case TagValue() | HasTag() if is_read_tag(part, defined):
                yield part
            case InAudience(audience=name) if ("audience", name) not in trees:
                yield part


def _leaf(part: Node, table: Table, *, known: Gathered, columns: Mapping[Key, str]) -> Term:
    """A part that is a column: of the tables, or of another definition."""
    if part in known.columns:
        return known.term(part, table)
    match part:
        case InAudience(audience=name):
            return Term(table[columns["audience", name]], is_sure=True)
        case TagValue(tag=name):
            return Term(table[columns["tag", name]])
    assert isinstance(part, HasTag)
    return _has_defined(part, table[columns["tag", part.tag]])


def _has_defined(part: HasTag, value: Value) -> Term:
    """Whether a customer has a tag that is computed at the same time."""
    if value.type().is_boolean():
        return Term(value if not part.values or "yes" in part.values else ibis.literal(False), is_sure=True)
    if not part.values:
        return Term(value.notnull(), is_sure=True)
    return Term(value.isin([text(one) for one in part.values]) if value.type().is_string() else ibis.literal(False))


def _defined(term: Term, tree: Definition) -> Value:
    """What a definition stores: of conditions, and of other yes or no, true or false."""
    is_yes_no = is_condition(tree) or term.value.type().is_boolean()
    return term.filled() if is_yes_no else term.value


def holding(related: Related, *, everybody: Table, edges: Table, vocabulary: Vocabulary, as_of: date) -> Table:
    """The customer_id of each customer for whom a condition on a relation holds.

    `edges` are the relation's own, `everybody` has the attributes of all customers: those who are related may be
    anywhere among them.
    """
    attributes = attributes_of_related(related, vocabulary)
    own = [name for name in vocabulary.relations[related.relation].columns if name in edges.columns]
    rows = edges.select("customer_id", "related_id", **{f"value_{name}": term_of(edges[name]).value for name in own})
    if attributes:
        others = everybody.select(
            other_id="customer_id", **{f"value_{name}": term_of(everybody[name]).value for name in attributes}
        )
        rows = rows.inner_join(others, rows.related_id == others.other_id)
    reading = Reading(rows, _of_related, as_of=as_of)
    reading.prepare([related.where])
    holds = reading.term(related.where).filled()
    if related.quantifier == "any":
        return reading.table.filter(holds).select("customer_id").distinct()
    each = reading.table.select("customer_id", holds=holds)
    of_customer = each.group_by("customer_id").agg(all_hold=each.holds.all())
    return of_customer.filter(of_customer.all_hold).select("customer_id")


def _of_related(part: Node, table: Table) -> Term:
    assert isinstance(part, Attribute)
    return Term(table[f"value_{part.name}"])
