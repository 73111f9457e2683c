"""The values that something has among the customers, the most frequent first, and how many have one at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import ibis
from pyroaring import BitMap

from zhike.rules.vocabulary import TagKind
from zhike.understand.attributes.tables import ATTRIBUTE_BITMAPS
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.counting.columns import bands_at, values_at
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.proving.figures import counts_of
from zhike.understand.tags.wording.rule_names import value_title
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import Kind
from zhike.warehouse.engines import engine
from zhike.warehouse.queries import NothingPublished, Published, published

MOST_VALUES = 30
ROWS_LOOKED_AT = 200_000  # facts of which the frequent values are taken; which is near enough to choose from


@dataclass(frozen=True)
class Found:
    """How many customers have a value, and how many have which: of facts, how many of those looked at."""

    known: int | None = None
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class KnownValue:
    """A value with what it is called, and how many have it, where that is known."""

    value: str
    title: str
    count: int | None = None


def known_values(
    of: tuple[str, ...], one_of: Sequence[str] = (), *, title: Callable[[str], str] | None = None
) -> list[KnownValue]:
    """The values that something can have: those it is bound to, in their order, else those there are."""
    found = found_of(of)
    say = title or (lambda value: value_title(of[-1] if of else "", value))
    are_customers = of[:1] != ("facts",)
    names = one_of or tuple(found.values)
    return [KnownValue(name, say(name), found.values.get(name) if are_customers else None) for name in names]


def found_of(of: tuple[str, ...]) -> Found:
    """What is known of the values of something; nothing before the first refresh, or where it may not be told."""
    try:
        now = published()
    except NothingPublished:
        return Found()
    match of:
        case ("attribute", name) if not registry().attributes[name].identifies:
            return _of_attribute(now, name)
        case ("tag", name) if name not in hidden().tags:
            return _of_tag(now, name)
        case ("facts", table, column):
            return _of_facts(now, table, column)
    return Found()


def coverage(of: tuple[str, ...]) -> float | None:
    """The share of all customers who have a value; None where it is not known."""
    try:
        customers = published().customer_count
    except NothingPublished:
        return None
    known = found_of(of).known
    return known / customers if known is not None and customers else None


@lru_cache(maxsize=512)
def _of_attribute(now: Published, name: str) -> Found:
    paths = {str(file.partition["attribute"]): file.path for file in now.files(ATTRIBUTE_BITMAPS)}
    if name not in paths:
        return Found()
    if registry().attributes[name].column.kind != Kind.TEXT:
        return Found(now.customer_count - len(bands_at(paths[name]).missing or ()))
    loaded = values_at(paths[name])
    return Found(now.customer_count - len(loaded.missing or ()), _most(loaded.values))


def _of_tag(now: Published, name: str) -> Found:
    tag = next((tag for tag in published_tags() if tag.name == name), None)
    counts = counts_of(now, tag) if tag is not None else None
    if tag is None or counts is None:
        return Found()
    listed = {value: counts.values.get(value, 0) for value in tag.values}
    others = sorted(set(counts.values) - set(listed), key=lambda value: -counts.values[value])
    values = listed | {value: counts.values[value] for value in others[:MOST_VALUES]}
    return Found(counts.customers, values if tag.kind == TagKind.CATEGORY else {})


@lru_cache(maxsize=128)
def _of_facts(now: Published, table: str, column: str) -> Found:
    facts = registry().facts.get(table)
    if facts is None or column not in facts.columns or facts.contract[column].kind != Kind.TEXT:
        return Found()
    rows = now.table(facts.contract).select(column).limit(ROWS_LOOKED_AT)
    counted = rows.filter(rows[column].notnull()).group_by(column).agg(facts=ibis._.count())
    answer = engine().arrow(counted.order_by(counted.facts.desc()).limit(MOST_VALUES))
    return Found(values=dict(zip(answer[column].to_pylist(), answer["facts"].to_pylist(), strict=True)))


def _most(sets: Mapping[str, BitMap]) -> dict[str, int]:
    frequent = sorted(sets, key=lambda value: (-len(sets[value]), value))[:MOST_VALUES]
    return {value: len(sets[value]) for value in frequent}
