"""Which facts an aggregate speaks of: its condition and its window, as one yes/no column of the facts."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import ibis
from ibis.expr.types import Table, Value

from zhike.rules import tree
from zhike.rules.compiling.expressions import Reading, Term, balanced, term_of
from zhike.rules.needs import columns_in
from zhike.rules.windows import span_of

if TYPE_CHECKING:
    from zhike.rules.tree import Condition, Definition, Facts
    from zhike.warehouse.attributes import FactTable


@dataclass(frozen=True)
class Pick:
    """Facts for which a condition holds, from a day on, or from the one that an attribute names, to a day."""

    where: Condition | None
    first: date | None
    last: date | None  # None: the day of evaluation, beyond which facts never count
    since: str | None


EVERYTHING = Pick(None, None, None, None)


def pick_of(facts: Facts, as_of: date) -> Pick:
    """Which facts these are; equal for windows of the same days, however they are written."""
    if facts.window is None:
        return Pick(facts.where, None, None, None)
    if isinstance(facts.window, tree.Since):
        return Pick(facts.where, None, None, facts.window.attribute)
    first, last = span_of(facts.window, as_of)
    return Pick(facts.where, first, last if last < as_of else None, None)


def picks_of(facts: Iterable[Facts], as_of: date) -> dict[Pick, str]:
    """The different picks of these facts, and what their columns are called; everything needs none."""
    picks = dict.fromkeys(pick_of(one, as_of) for one in facts)
    return {pick: "" if pick == EVERYTHING else f"pick_{place}" for place, pick in enumerate(picks)}


@dataclass(frozen=True)
class FactRows:
    """One fact table, and the attributes of the customers whose facts they are."""

    about: FactTable
    facts: Table
    attributes: Table
    as_of: date

    def picked(self, picks: Mapping[Pick, str], more: Mapping[str, Callable[[Table], Value]]) -> Table:
        """customer_id, `more` columns, and for each pick that has a name a column which says whether it holds.

        Only facts that are of use to a pick. A pick that is missing does not hold.
        """
        rows = self._in_time(picks)
        wheres = list(dict.fromkeys(pick.where for pick in picks if pick.where is not None))
        columns = {name for where in wheres for name in columns_in(where)}
        since = {pick.since for pick in picks if pick.since}
        rows = rows.select(
            "customer_id",
            day=rows[self.about.day],
            **{_since(name): rows[_since(name)] for name in since},
            **{_value(name): term_of(rows[name]).value for name in columns},
            **{name: make(rows) for name, make in more.items()},
        )
        reading = Reading(rows, _column, as_of=self.as_of)
        reading.prepare(wheres)
        reading.add({f"where_{place}": reading.term(where).value for place, where in enumerate(wheres)})
        rows = reading.table
        found = {where: rows[f"where_{place}"] for place, where in enumerate(wheres)}
        holds = {
            name: balanced(operator.and_, [*([found[pick.where]] if pick.where else []), *_in_window(pick, rows)])
            for pick, name in picks.items()
            if name
        }
        return rows.select("customer_id", *more, **holds)

    def _in_time(self, picks: Collection[Pick]) -> Table:
        """The facts up to the last day of all picks, and from their first one on; with the days since which."""
        facts = self.facts
        lasts, firsts = [pick.last for pick in picks], [pick.first for pick in picks]
        last = self.as_of if None in lasts else max(filter(None, lasts))
        facts = facts.filter(facts[self.about.day] <= ibis.literal(last))
        if None not in firsts:
            facts = facts.filter(facts[self.about.day] >= ibis.literal(min(filter(None, firsts))))
        since = {pick.since for pick in picks if pick.since}
        if since:
            days = self.attributes.select(
                attributes_of="customer_id", **{_since(name): self.attributes[name] for name in since}
            )
            facts = facts.inner_join(days, facts.customer_id == days.attributes_of)
        return facts


def _column(node: Definition, rows: Table) -> Term:
    assert isinstance(node, tree.Attribute), "only columns of the facts are named inside facts"
    return Term(rows[_value(node.name)])


def _in_window(pick: Pick, rows: Table) -> list[Value]:
    conditions = []
    if pick.first is not None:
        conditions.append(rows.day >= ibis.literal(pick.first))
    if pick.last is not None:
        conditions.append(rows.day <= ibis.literal(pick.last))
    if pick.since is not None:
        conditions.append(rows.day >= rows[_since(pick.since)])
    return conditions


def _value(column: str) -> str:
    return f"value_{column}"


def _since(attribute: str) -> str:
    return f"since_{attribute}"
