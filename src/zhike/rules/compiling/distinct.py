"""What is counted once however many facts have it: orders of several lines, and different values of a column.

One more grouped scan for all counts of the same thing. Which counts a fact is for are the bits of one number, so
that the first grouping, by customer and thing, has a single cell however many counts there are.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import partial

from ibis.expr.types import Table, Value

from zhike.rules.compiling.aggregates import Fact, Grouped
from zhike.rules.compiling.builtins import bit_or, count_if, whole
from zhike.rules.compiling.expressions import balanced, term_of
from zhike.rules.compiling.picking import EVERYTHING, FactRows, pick_of, picks_of

BITS = 60  # of one number


def counted_once(facts: Sequence[Fact], things: tuple[str, ...], rows: FactRows) -> Grouped:
    """How many different things, which these columns name, each aggregate finds; facts that name none are left out."""
    picks = picks_of([fact.facts for fact in facts], rows.as_of)
    keys = {f"thing_{place}": partial(_thing, name=name) for place, name in enumerate(things)}
    picked = rows.picked(picks, keys)
    picked = picked.filter([picked[key].notnull() for key in keys])
    places = {name: divmod(place, BITS) for place, name in enumerate(name for name in picks.values() if name)}
    masked = picked.select("customer_id", *keys, **_masks(picked, places))
    masks = [name for name in masked.columns if name.startswith("mask_")]
    if EVERYTHING not in picks:
        masked = masked.filter(balanced(operator.or_, [masked[mask] != 0 for mask in masks]))
    each = masked.group_by(["customer_id", *keys]).agg(**{mask: bit_or(masked[mask]) for mask in masks})
    counts = {
        name or "everything": count_if((each[f"mask_{places[name][0]}"] & whole(1 << places[name][1])) != 0)
        if name
        else each.count()
        for name in picks.values()
    }
    groups = each.group_by("customer_id").agg(**counts)
    columns = {fact: f"{rows.about.name}_{'_'.join(things)}_{place}" for place, fact in enumerate(facts)}
    values = {
        column: groups[picks[pick_of(fact.facts, rows.as_of)] or "everything"].cast("float64")
        for fact, column in columns.items()
    }
    return Grouped(groups.select("customer_id", **values), columns)


def _masks(picked: Table, places: Mapping[str, tuple[int, int]]) -> dict[str, Value]:
    """Numbers whose bits say which picks a row is of."""
    masks: dict[str, list[Value]] = {}
    for name, (mask, bit) in places.items():
        masks.setdefault(f"mask_{mask}", []).append(picked[name].ifelse(whole(1 << bit), whole(0)))
    return {mask: balanced(operator.add, bits) for mask, bits in masks.items()}


def _thing(rows: Table, *, name: str) -> Value:
    return term_of(rows[name]).value
