"""What rules make of facts: all aggregates of one fact table from one grouped scan of it.

Rows that an aggregate does not speak of are not filtered out for it, since engines filter anew for each: they take
part with a value that changes nothing. Where the result can be missing, that is an end of the scale, beyond what any
value can be, and means missing afterwards. Numbers are added up exactly, and become doubles then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import ibis
from ibis.expr.types import Table, Value

from zhike.rules.compiling.builtins import bit_or, count_if, max_by, min_by
from zhike.rules.compiling.expressions import finite, term_of
from zhike.rules.compiling.picking import FactRows, pick_of, picks_of
from zhike.rules.compiling.streaks import bit_of_distance, units_in_a_row
from zhike.rules.tree import Aggregate, Ever, Function, Unit

Fact = Aggregate | Ever
Make = Callable[[Table], Value]
LOWEST = (Function.MIN, Function.FIRST)


@dataclass(frozen=True)
class Grouped:
    """One row per customer who has facts, and in which column the value of each aggregate is."""

    table: Table
    columns: Mapping[Fact, str]


@dataclass(frozen=True)
class Recipe:
    """How an aggregate is made: columns of the facts, cells of each group, and the value of these.

    Names say what is in them, so that recipes share what is equal.
    """

    cells: Mapping[str, Make]
    value: Make
    columns: Mapping[str, Make] = field(default_factory=dict)


def grouped(facts: Sequence[Fact], rows: FactRows) -> Grouped:
    """All aggregates that look at each fact on its own, from one scan."""
    picks = picks_of([fact.facts for fact in facts], rows.as_of)
    recipes = {fact: _recipe(fact, picks[pick_of(fact.facts, rows.as_of)], rows) for fact in facts}
    picked = rows.picked(picks, _all(recipe.columns for recipe in recipes.values()))
    cells = _all(recipe.cells for recipe in recipes.values())
    groups = picked.group_by("customer_id").agg(**{name: make(picked) for name, make in cells.items()})
    columns = {fact: f"{rows.about.name}_{place}" for place, fact in enumerate(facts)}
    values = {columns[fact]: recipe.value(groups) for fact, recipe in recipes.items()}
    return Grouped(groups.select("customer_id", **values), columns)


def _all(parts: Iterable[Mapping[str, Make]]) -> dict[str, Make]:
    return {name: make for part in parts for name, make in part.items()}


def _recipe(fact: Fact, pick: str, rows: FactRows) -> Recipe:
    if isinstance(fact, Ever):
        name = f"ever_{pick}"
        return Recipe({name: lambda t: t[pick].any() if pick else t.count() > 0}, lambda g: g[name])
    column = fact.column or ""
    match fact.function:
        case Function.COUNT:
            count = _count(pick)
            return Recipe(count, lambda g: g[next(iter(count))].cast("float64"))
        case Function.SUM:
            return _sum(column, pick)
        case Function.AVERAGE:
            return _average(column, pick)
        case Function.STREAK:
            assert fact.by is not None, "a streak is one of units"
            return _streak(fact.by, pick, rows)
        case Function.FIRST | Function.LAST if column:
            return _at_the_end(fact.function, column, pick, rows)
    return _extreme(fact.function, column or rows.about.day, pick, rows)


def _of(pick: str, value: Value, table: Table, otherwise: object) -> Value:
    """The value in rows that are picked."""
    return table[pick].ifelse(value, otherwise) if pick else value


def _count(pick: str) -> dict[str, Make]:
    return {f"count_{pick}": lambda t: count_if(t[pick]) if pick else t.count()}


def _sum(column: str, pick: str) -> Recipe:
    exact, total = f"exact_{column}", f"sum_{column}_{pick}"
    return Recipe(
        columns={exact: lambda t: _exact(t[column]).fill_null(0)},
        cells={total: lambda t: _of(pick, t[exact], t, 0).sum()},
        value=lambda g: term_of(g[total]).value,
    )


def _exact(column: Value) -> Value:
    return finite(column) if column.type().is_floating() else column


def _average(column: str, pick: str) -> Recipe:
    added, known = _sum(column, pick), f"known_{column}"
    number = f"number_{column}_{pick}"
    return Recipe(
        columns={**added.columns, known: lambda t: _exact(t[column]).notnull()},
        cells={**added.cells, number: lambda t: count_if(t[pick] & t[known] if pick else t[known])},
        value=lambda g: finite(added.value(g) / g[number].nullif(0)),
    )


def _extreme(function: Function, column: str, pick: str, rows: FactRows) -> Recipe:
    """The smallest or largest value of a column of numbers or days."""
    is_lowest = function in LOWEST
    end, cell = f"{'high' if is_lowest else 'low'}_{column}", f"{'lowest' if is_lowest else 'highest'}_{column}_{pick}"

    def beyond() -> Value:
        if rows.facts[column].type().is_date():
            return ibis.date(10_000, 1, 1) if is_lowest else ibis.date(0, 12, 31)
        return ibis.literal("inf" if is_lowest else "-inf").cast("float64")

    def of_group(t: Table) -> Value:
        value = _of(pick, t[end], t, beyond())
        return value.min() if is_lowest else value.max()

    return Recipe(
        columns={end: lambda t: term_of(t[column]).value.fill_null(beyond())},
        cells={cell: of_group},
        value=lambda g: g[cell].nullif(beyond()),
    )


def _at_the_end(function: Function, column: str, pick: str, rows: FactRows) -> Recipe:
    """The value of the first or last row that has one; of several at one instant the smallest, or largest."""
    choose = min_by if function in LOWEST else max_by
    value, key, cell = f"plain_{column}", f"at_{column}", f"{function}_{column}_{pick}"

    def of_group(t: Table) -> Value:
        is_known = t[value].notnull()
        return choose(t[value], t[key], where=t[pick] & is_known if pick else is_known)

    def in_order(t: Table) -> Value:
        return ibis.struct({"at": t[rows.about.at], "value": term_of(t[column]).value})

    return Recipe(
        columns={value: lambda t: term_of(t[column]).value, key: in_order},
        cells={cell: of_group},
        value=lambda g: g[cell],
    )


def _streak(by: Unit, pick: str, rows: FactRows) -> Recipe:
    bit, cell = f"bit_{by}", f"streak_{by}_{pick}"
    return Recipe(
        columns={bit: lambda t: bit_of_distance(t[rows.about.day], by, rows.as_of)},
        cells={cell: lambda t: bit_or(_of(pick, t[bit], t, 0))},
        value=lambda g: units_in_a_row(g[cell]),
    )
