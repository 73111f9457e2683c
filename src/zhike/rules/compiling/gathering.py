"""One row per customer with all that definitions read of it: attributes, aggregates of facts, tags, memberships."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from ibis.expr.types import Table, Value

from zhike.rules.compiling.aggregates import Fact, Grouped, grouped
from zhike.rules.compiling.builtins import bit_or, whole
from zhike.rules.compiling.distinct import BITS, counted_once
from zhike.rules.compiling.expressions import Term, balanced, term_of, text
from zhike.rules.compiling.picking import FactRows
from zhike.rules.tree import Aggregate, Attribute, Ever, Function, HasTag, InAudience, Node, Related, TagValue
from zhike.rules.vocabulary import TagKind, Vocabulary

Membership = HasTag | InAudience | Related
TAG_COLUMNS = {TagKind.CATEGORY: "value", TagKind.NUMBER: "number", TagKind.DATE: "day"}
# What is 0 of a customer without facts; what is not named here is missing then.
ZERO = (Function.COUNT, Function.SUM, Function.DISTINCT, Function.STREAK)


@dataclass(frozen=True)
class Tables:
    """What definitions are computed from; tables that none of them reads may be left out.

    `attributes` has a row for each customer, and these customers are in the result. `tags` have customer_id, value,
    number and day, `audiences` and `related` customer_id: some customers may not be in them, and others may. `related`
    is what `holding` computes.
    """

    attributes: Table
    facts: Mapping[str, Table] = field(default_factory=dict)
    tags: Mapping[tuple[str, date | None], Table] = field(default_factory=dict)
    audiences: Mapping[str, Table] = field(default_factory=dict)
    related: Mapping[Related, Table] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """A table with at most one row per customer, and what each part of the definitions is once it is joined."""

    table: Table
    values: Mapping[Node, Callable[[Table], Value]]


@dataclass(frozen=True)
class Gathered:
    """One row per customer, and the column of each part that was asked for."""

    table: Table
    columns: Mapping[Node, str]

    def term(self, part: Node, table: Table) -> Term:
        """The part as a term over a table that has these columns."""
        is_zero = isinstance(part, Aggregate) and part.function in ZERO
        return Term(table[self.columns[part]], is_zero or isinstance(part, Ever | Membership))


def gathered(parts: Iterable[Node], tables: Tables, *, vocabulary: Vocabulary, as_of: date) -> Gathered:
    """All that these parts are of each customer. Each fact table is scanned once, and once more for each thing that is
    counted once."""
    asked = list(dict.fromkeys(parts))
    pieces = [
        *_of_facts([part for part in asked if isinstance(part, Fact)], tables, vocabulary, as_of),
        *_of_tags([part for part in asked if isinstance(part, TagValue)], tables, vocabulary),
        *_of_memberships([part for part in asked if isinstance(part, Membership)], tables),
    ]
    attributes = {part: part.name for part in asked if isinstance(part, Attribute)}
    values = {part: term_of(tables.attributes[name]).value for part, name in attributes.items()}
    columns = {part: f"part_{place}" for place, part in enumerate(asked)}
    joined = tables.attributes.select("customer_id", **{columns[part]: value for part, value in values.items()})
    for place, piece in enumerate(pieces):
        other = piece.table.rename({f"customer_{place}": "customer_id"})
        joined = joined.left_join(other, joined.customer_id == other[f"customer_{place}"])
    made = {columns[part]: make(joined) for piece in pieces for part, make in piece.values.items()}
    return Gathered(joined.select("customer_id", *(columns[part] for part in attributes), **made), columns)


def _of_facts(facts: Sequence[Fact], tables: Tables, vocabulary: Vocabulary, as_of: date) -> Iterator[Piece]:
    for name in dict.fromkeys(fact.facts.table for fact in facts):
        rows = FactRows(vocabulary.facts[name], tables.facts[name], tables.attributes, as_of)
        scans: dict[tuple[str, ...], list[Fact]] = {}
        for fact in facts:
            if fact.facts.table == name:
                scans.setdefault(_counted_once(fact, rows), []).append(fact)
        for things, those in scans.items():
            yield _filled(counted_once(those, things, rows) if things else grouped(those, rows))


def _counted_once(fact: Fact, rows: FactRows) -> tuple[str, ...]:
    """The columns that say what an aggregate counts once; none where it looks at each fact on its own."""
    if isinstance(fact, Aggregate) and fact.function is Function.DISTINCT and fact.column:
        return (fact.column,)
    return rows.about.counted_by if isinstance(fact, Aggregate) and fact.function is Function.COUNT else ()


def _filled(grouped: Grouped) -> Piece:
    """What each aggregate is of those who have facts, and of the others."""

    def of_customer(table: Table, *, fact: Fact, column: str) -> Value:
        if isinstance(fact, Ever):
            return table[column].fill_null(False)
        return table[column].fill_null(0.0) if fact.function in ZERO else table[column]

    return Piece(
        grouped.table, {fact: partial(of_customer, fact=fact, column=name) for fact, name in grouped.columns.items()}
    )


def _of_tags(parts: Sequence[TagValue], tables: Tables, vocabulary: Vocabulary) -> Iterator[Piece]:
    for place, part in enumerate(parts):
        tag = tables.tags[part.tag, None]
        value = tag[TAG_COLUMNS[vocabulary.tags[part.tag].kind]]
        # Grouped, although a customer has one value of a tag: a second row would make a second customer.
        rows = tag.group_by("customer_id").agg(**{f"tag_{place}": value.max()})
        yield Piece(rows, {part: partial(_value_of_tag, column=f"tag_{place}")})


def _value_of_tag(table: Table, *, column: str) -> Value:
    return term_of(table[column]).value


def _of_memberships(parts: Sequence[Membership], tables: Tables) -> Iterator[Piece]:
    """One table for all memberships, each of which is a bit of a number, so that there is one thing to join."""
    if not parts:
        return
    places = {part: divmod(place, BITS) for place, part in enumerate(parts)}
    masks = [f"mask_{mask}" for mask in range((len(parts) - 1) // BITS + 1)]
    members = [
        _members(part, tables).select(
            "customer_id", **{name: whole(1 << bit) if name == masks[mask] else whole(0) for name in masks}
        )
        for part, (mask, bit) in places.items()
    ]
    rows = balanced(lambda one, other: one.union(other), members)
    bits = rows.group_by("customer_id").agg(**{name: bit_or(rows[name]) for name in masks})
    yield Piece(bits, {part: partial(_is_member, mask=masks[mask], bit=bit) for part, (mask, bit) in places.items()})


def _members(part: Membership, tables: Tables) -> Table:
    match part:
        case HasTag():
            tag = tables.tags[part.tag, part.as_of]
            return tag.filter(tag.value.isin([text(value) for value in part.values])) if part.values else tag
        case InAudience():
            return tables.audiences[part.audience]
    return tables.related[part]


def _is_member(table: Table, *, mask: str, bit: int) -> Value:
    return (table[mask].fill_null(0) & whole(1 << bit)) != 0
