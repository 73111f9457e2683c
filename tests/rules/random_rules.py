"""Random valid rules over a vocabulary: what the tests of all faces and evaluators of the language draw from.

`conditions(vocabulary)` and `values(vocabulary, kind)` are strategies of typed trees that pass `check.py`. Literals
come from `numbers`, `days` and `texts`, so that a test can draw those that stand in its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from zhike.rules import tree
from zhike.rules.vocabulary import VALUE_KINDS, TagKind, ValueKind, Vocabulary
from zhike.warehouse.contracts import Column, Kind

NUMBER, TEXT, DAY, FLAG = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.DAY, ValueKind.FLAG
OPERATORS = {
    NUMBER: ("=", "!=", "<", "<=", ">", ">="),
    DAY: ("=", "!=", "<", "<=", ">", ">="),
    TEXT: ("=", "!="),
    FLAG: ("=", "!="),
}
TAG_VALUES = {TagKind.CATEGORY: TEXT, TagKind.NUMBER: NUMBER, TagKind.DATE: DAY}

NUMBERS = st.one_of(
    st.integers(-20, 100).map(Decimal),
    st.decimals(-1000, 100_000, places=2, allow_nan=False, allow_infinity=False),
    st.sampled_from([Decimal("0.5"), Decimal("1E+3"), Decimal("-0.25"), Decimal("99999999999999.9999")]),
)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
TEXTS = st.one_of(
    st.sampled_from(
        ["a", "A", "b", "", " ", "100%", "a_b", 'say "yes"', "it’s", "“a”", "\\", "女", "上海", "\n", "and"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
)


@dataclass(frozen=True)
class Draws:
    """What random rules are made of. `snapshots` gives the day as of which a tag is asked for, or None for now."""

    numbers: SearchStrategy[Decimal] = NUMBERS
    days: SearchStrategy[date] = DAYS
    texts: SearchStrategy[str] = TEXTS
    snapshots: SearchStrategy[date | None] = field(default_factory=st.none)


@dataclass(frozen=True, eq=False, repr=False)
class Scope:
    """The names that a part of a rule may use; of the customer (with everything), or of facts or a relation only."""

    vocabulary: Vocabulary
    draws: Draws
    columns: Mapping[str, Column]
    of_customer: bool

    def named(self, kind: ValueKind) -> list[str]:
        return [name for name, column in self.columns.items() if VALUE_KINDS.get(column.kind) == kind]


def conditions(vocabulary: Vocabulary, *, depth: int = 3, draws: Draws | None = None) -> SearchStrategy[tree.Condition]:
    """Valid conditions, nested up to `depth`."""
    return _condition(_of_customer(vocabulary, draws or Draws()), depth)


def values(
    vocabulary: Vocabulary, kind: ValueKind, *, depth: int = 2, draws: Draws | None = None
) -> SearchStrategy[tree.Value]:
    """Valid values of one kind, nested up to `depth`."""
    return _value(_of_customer(vocabulary, draws or Draws()), kind, depth)


def definitions(
    vocabulary: Vocabulary, *, depth: int = 3, draws: Draws | None = None
) -> SearchStrategy[tree.Definition]:
    """Whatever may define a tag: a condition, or a number, text or day."""
    kinds = [values(vocabulary, kind, depth=depth, draws=draws) for kind in (NUMBER, TEXT, DAY)]
    return st.one_of(conditions(vocabulary, depth=depth, draws=draws), *kinds)


def _of_customer(vocabulary: Vocabulary, draws: Draws) -> Scope:
    columns = {
        name: attribute.column
        for name, attribute in vocabulary.attributes.items()
        if name not in vocabulary.refused and attribute.column.kind in VALUE_KINDS
    }
    return Scope(vocabulary, draws, columns, of_customer=True)


@lru_cache(maxsize=500)
def _of_facts(scope: Scope, table: str) -> Scope:
    facts = scope.vocabulary.facts[table]
    return Scope(
        scope.vocabulary, scope.draws, {name: facts.contract[name] for name in facts.columns}, of_customer=False
    )


@lru_cache(maxsize=500)
def _of_relation(scope: Scope, relation: str) -> Scope:
    related = scope.vocabulary.relations[relation]
    columns = dict(scope.columns) | {name: related.contract[name] for name in related.columns}
    return Scope(scope.vocabulary, scope.draws, columns, of_customer=False)


@lru_cache(maxsize=2000)
def _condition(scope: Scope, depth: int) -> SearchStrategy[tree.Condition]:
    plain = [_compare(scope, depth), _one_of(scope, depth), _matches(scope), _known(scope), _between(scope, depth)]
    plain += [_within(scope, depth)]
    if scope.of_customer:
        plain += _of_other_things(scope, depth)
    if depth <= 0:
        return st.one_of(plain)
    inner = st.deferred(lambda: _condition(scope, depth - 1))
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    joined = [
        several.map(lambda of: tree.All(of=of)),
        several.map(lambda of: tree.Any(of=of)),
        inner.map(lambda of: tree.Not(of=of)),
    ]
    return st.one_of(st.one_of(joined), st.one_of(plain))


def _of_other_things(scope: Scope, depth: int) -> list[SearchStrategy[tree.Condition]]:
    vocabulary, found = scope.vocabulary, []
    if vocabulary.facts:
        facts = st.sampled_from(sorted(vocabulary.facts)).flatmap(lambda table: _facts(scope, table, depth))
        found.append(facts.map(lambda facts: tree.Ever(facts=facts)))
    if vocabulary.tags:
        found.append(st.sampled_from(sorted(vocabulary.tags)).flatmap(lambda tag: _has_tag(scope, tag)))
    if vocabulary.audiences:
        names = st.sampled_from(sorted(vocabulary.audiences))
        found.append(names.map(lambda audience: tree.InAudience(audience=audience)))
    if vocabulary.relations:
        found.append(st.sampled_from(sorted(vocabulary.relations)).flatmap(lambda name: _related(scope, name, depth)))
    return found


def _related(scope: Scope, relation: str, depth: int) -> SearchStrategy[tree.Condition]:
    return st.builds(
        tree.Related,
        quantifier=st.sampled_from(["any", "all"]),
        relation=st.just(relation),
        where=_condition(_of_relation(scope, relation), min(depth - 1, 1)),
    )


def _has_tag(scope: Scope, name: str) -> SearchStrategy[tree.Condition]:
    tag = scope.vocabulary.tags[name]
    one = {TagKind.YES_NO: st.just("yes"), TagKind.CATEGORY: _texts(scope, tag.values)}.get(tag.kind)
    some = st.just(()) if one is None else st.lists(one, max_size=2).map(tuple)
    return st.builds(tree.HasTag, tag=st.just(name), values=some, as_of=scope.draws.snapshots)


@st.composite
def _compare(draw: st.DrawFn, scope: Scope, depth: int) -> tree.Condition:
    kind = draw(st.sampled_from([NUMBER, NUMBER, TEXT, TEXT, DAY, FLAG]))
    left = draw(_value(scope, kind, depth - 1))
    literal = _literal(scope, kind, known_values(scope, left))
    right = draw(st.one_of(literal, literal, _value(scope, kind, depth - 1)))
    left, right = _possible(draw, scope, left, right), _possible(draw, scope, right, left)
    return tree.Compare(operator=draw(st.sampled_from(OPERATORS[kind])), left=left, right=right)


def _possible(draw: st.DrawFn, scope: Scope, value: tree.Value, beside: tree.Value) -> tree.Value:
    """The value, or a text that what stands beside it can be: others are refused."""
    known = known_values(scope, beside)
    return tree.Text(value=draw(st.sampled_from(known))) if known and isinstance(value, tree.Text) else value


@st.composite
def _one_of(draw: st.DrawFn, scope: Scope, depth: int) -> tree.Condition:
    kind = draw(st.sampled_from([NUMBER, TEXT, TEXT, DAY]))
    value = draw(_value(scope, kind, depth - 1))
    options = draw(st.lists(_literal(scope, kind, known_values(scope, value)), min_size=1, max_size=3))
    return tree.OneOf(value=value, options=tuple(options))


@st.composite
def _between(draw: st.DrawFn, scope: Scope, depth: int) -> tree.Condition:
    kind = draw(st.sampled_from([NUMBER, DAY]))
    borders = [draw(_value(scope, kind, min(depth - 1, 0))) for _ in range(2)]
    if all(isinstance(border, tree.Number | tree.Day) for border in borders):
        borders.sort(key=lambda border: border.value)  # from more to less is refused
    return tree.Between(value=draw(_value(scope, kind, depth - 1)), low=borders[0], high=borders[1])


def _matches(scope: Scope) -> SearchStrategy[tree.Condition]:
    return st.builds(
        tree.Matches,
        operator=st.sampled_from(["contains", "starts with", "ends with"]),
        value=_value(scope, TEXT, 0),
        text=scope.draws.texts.filter(bool),
    )


def _known(scope: Scope) -> SearchStrategy[tree.Condition]:
    value = st.sampled_from(ValueKind).flatmap(lambda kind: _value(scope, kind, 1))
    return st.builds(tree.Known, value=value)


def _within(scope: Scope, depth: int) -> SearchStrategy[tree.Condition]:
    return st.builds(
        tree.Within,
        day=_value(scope, DAY, depth - 1),
        direction=st.sampled_from(["last", "next"]),
        number=st.integers(1, 40),
        unit=st.sampled_from(tree.Unit),
    )


@lru_cache(maxsize=2000)
def _value(scope: Scope, kind: ValueKind, depth: int) -> SearchStrategy[tree.Value]:
    plain: list[SearchStrategy[tree.Value]] = [_literal(scope, kind, ())]
    if names := scope.named(kind):
        named = st.sampled_from(names).map(lambda name: tree.Attribute(name=name))
        plain = [named, named, *plain]
    if kind == DAY:
        plain.append(st.just(tree.Today()))
    if scope.of_customer:
        tags = [name for name, tag in scope.vocabulary.tags.items() if TAG_VALUES.get(tag.kind) == kind]
        if tags:
            plain.append(st.sampled_from(tags).map(lambda tag: tree.TagValue(tag=tag)))
    if depth <= 0:
        return st.one_of(plain)
    made = [_choice(scope, kind, depth)]
    if scope.of_customer and scope.vocabulary.facts:
        made += [_aggregate(scope, kind, depth)] * 2
    if kind == NUMBER:
        made += [_arithmetic(scope, depth), _days(scope, depth)]
    return st.one_of(st.one_of(plain), st.one_of(made))


def _arithmetic(scope: Scope, depth: int) -> SearchStrategy[tree.Value]:
    inner = st.deferred(lambda: _value(scope, NUMBER, depth - 1))
    return st.builds(tree.Arithmetic, operator=st.sampled_from(["+", "-", "*", "/"]), left=inner, right=inner)


def _days(scope: Scope, depth: int) -> SearchStrategy[tree.Value]:
    inner = st.deferred(lambda: _value(scope, DAY, depth - 1))
    return st.builds(tree.DaysBetween, direction=st.sampled_from(["since", "until"]), day=inner)


def _choice(scope: Scope, kind: ValueKind, depth: int) -> SearchStrategy[tree.Value]:
    literal = _literal(scope, kind, ())
    when = st.deferred(lambda: _condition(scope, min(depth - 1, 1)))
    cases = st.lists(st.builds(tree.Case, when=when, then=literal), min_size=1, max_size=2).map(tuple)
    return st.builds(tree.Choice, cases=cases, otherwise=st.none() | literal)


@st.composite
def _aggregate(draw: st.DrawFn, scope: Scope, kind: ValueKind, depth: int) -> tree.Value:
    table = draw(st.sampled_from(sorted(scope.vocabulary.facts)))
    inside = _of_facts(scope, table)
    functions: list[tuple[str, list[str | None]]] = []
    columns = list(inside.named(kind))
    if kind == NUMBER:
        functions += [("count", [None]), ("streak", [None]), ("distinct", list(inside.columns))]
        functions += [("sum", columns), ("average", columns)]
    if kind in (NUMBER, DAY):
        functions += [("min", columns), ("max", columns)]
    functions += [("first", columns), ("last", columns)]
    if kind == DAY:
        functions += [("first", [None]), ("last", [None])]
    usable = [(function, names) for function, names in functions if names]
    if not usable:
        return draw(_value(scope, kind, 0))
    function, names = draw(st.sampled_from(usable))
    return tree.Aggregate(
        function=tree.Function(function),
        facts=draw(_facts(scope, table, depth)),
        column=draw(st.sampled_from(names)),
        by=draw(st.sampled_from(tree.Unit)) if function == "streak" else None,
    )


def _facts(scope: Scope, table: str, depth: int) -> SearchStrategy[tree.Facts]:
    where = st.none() if depth < 0 else st.none() | _condition(_of_facts(scope, table), min(depth - 1, 1))
    return st.builds(tree.Facts, table=st.just(table), where=where, window=st.none() | _window(scope))


def _window(scope: Scope) -> SearchStrategy[tree.Window]:
    days, units = scope.draws.days, st.sampled_from(tree.Unit)
    two = st.lists(days, min_size=2, max_size=2).map(sorted)
    kinds: list[SearchStrategy[tree.Window]] = [
        st.builds(tree.Last, number=st.integers(1, 40), unit=units),
        st.builds(tree.Calendar, which=st.sampled_from(["this", "previous"]), unit=units),
        two.map(lambda days: tree.Dates(start=days[0], end=days[1])),
        days.map(lambda day: tree.Dates(start=day)),
        days.map(lambda day: tree.Dates(end=day)),
    ]
    if names := scope.named(DAY):
        kinds.append(st.sampled_from(names).map(lambda name: tree.Since(attribute=name)))
    return st.one_of(kinds)


def _literal(scope: Scope, kind: ValueKind, known: tuple[str, ...]) -> SearchStrategy[tree.Literal_]:
    match kind:
        case ValueKind.NUMBER:
            return scope.draws.numbers.map(lambda value: tree.Number(value=value))
        case ValueKind.TEXT:
            return _texts(scope, known).map(lambda value: tree.Text(value=value))
        case ValueKind.DAY:
            return scope.draws.days.map(lambda value: tree.Day(value=value))
    return st.booleans().map(lambda value: tree.Flag(value=value))


def _texts(scope: Scope, known: tuple[str, ...]) -> SearchStrategy[str]:
    return st.sampled_from(known) if known else scope.draws.texts


def known_values(scope: Scope, value: tree.Value) -> tuple[str, ...]:
    """The texts that a value can have, where they are known beforehand; empty where any can be."""
    match value:
        case tree.Attribute(name=name):
            return scope.columns[name].one_of if scope.columns[name].kind == Kind.TEXT else ()
        case tree.TagValue(tag=tag):
            return scope.vocabulary.tags[tag].values
        case tree.Aggregate(facts=tree.Facts(table=table), column=str(column), function="first" | "last"):
            return scope.vocabulary.facts[table].contract[column].one_of
    return ()
