"""Conditions and values of the tree as Ibis expressions over the columns of one table.

A condition that is missing counts as false. Its `NULL` may stay where it does no harm, under `and` and `or`, since
that is cheaper than to fill it in at each comparison; `not`, and whoever stores a condition, fills it in.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import Table, Value

from zhike.rules import tree
from zhike.rules.compiling.builtins import character
from zhike.rules.places import parts_of
from zhike.rules.tree import is_condition
from zhike.rules.windows import within_days

if TYPE_CHECKING:
    from zhike.rules.tree import Condition, Definition, Node

COMPARE: dict[str, Callable[[Value, Value], Value]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CALCULATE: dict[str, Callable[[Value, Value], Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda left, right: left / right.nullif(0),
}
MATCH: dict[str, Callable[[Value, Value], Value]] = {
    "contains": lambda value, text: value.contains(text),
    "starts with": lambda value, text: value.startswith(text),
    "ends with": lambda value, text: value.endswith(text),
}
I_DOT = frozenset("iIİ\u0307")  # what a small İ may be of
SIGMA = frozenset("Σσς")

COMPARISONS = (tree.Compare, tree.Between, tree.OneOf, tree.Matches, tree.Known, tree.Within)
# Parts that are said of other rows.
OF_OTHERS = (tree.Aggregate, tree.Ever, tree.Related)


class Term(NamedTuple):
    """A part of a rule as an expression, and whether it is there for everybody, never missing."""

    value: Value
    is_sure: bool = False

    def filled(self) -> Value:
        """Of a condition: true or false, where missing is false."""
        return self.value if self.is_sure else self.value.fill_null(False)


class Reading:
    """Reads conditions and values over a table; `leaf` gives what only whoever made the table knows.

    What is looked at more than once becomes a column of the table: comparisons that several rules have, and every
    calculation, of which it is asked again whether it is a number. Spelt out, that would double with every level of
    nesting.
    """

    def __init__(self, table: Table, leaf: Callable[[Definition, Table], Term], *, as_of: date) -> None:
        self.table = table
        self._leaf = leaf
        self._as_of = as_of
        self._columns: dict[Definition, str] = {}
        self._known: dict[Definition, Term] = {}

    def prepare(self, nodes: Iterable[Node]) -> None:
        """Makes columns of what is looked at more than once in these trees, so that `term` can be asked for them."""
        trees = list(nodes)
        for level in _by_depth(trees):
            self._keep(level, self._calculated)
        self._keep(_repeated(trees), lambda node: self.term(node).filled())

    def add(self, columns: Mapping[str, Value]) -> None:
        """Adds columns to the table."""
        if columns:
            self.table = self.table.mutate(**columns)
            self._known = {}

    def _keep(self, nodes: Iterable[Definition], make: Callable[[Definition], Value]) -> None:
        new = [node for node in nodes if node not in self._columns]
        named = {node: f"kept_{len(self._columns) + place}" for place, node in enumerate(new)}
        self.add({name: make(node) for node, name in named.items()})
        self._columns |= named

    def term(self, node: Definition) -> Term:
        """The term of a condition or a value; equal nodes share one."""
        if node not in self._known:
            self._known[node] = self._read(node)
        return self._known[node]

    def _read(self, node: Definition) -> Term:
        if node in self._columns:
            column = self.table[self._columns[node]]
            return Term(finite(column)) if isinstance(node, tree.Arithmetic) else Term(column, is_sure=True)
        return self._condition(node) if is_condition(node) else self._value(node)

    def _condition(self, node: Definition) -> Term:
        match node:
            case tree.All():
                return self._joined(operator.and_, node.of)
            case tree.Any():
                return self._joined(operator.or_, node.of)
            case tree.Not():
                return Term(~self.term(node.of).filled(), is_sure=True)
            case tree.Compare():
                one, other = self.term(node.left), self.term(node.right)
                return Term(COMPARE[node.operator](one.value, other.value), one.is_sure and other.is_sure)
            case tree.Between():
                value, low, high = (self.term(part) for part in (node.value, node.low, node.high))
                return Term(value.value.between(low.value, high.value), value.is_sure and low.is_sure and high.is_sure)
            case tree.OneOf():
                value = self.term(node.value)
                return Term(value.value.isin([literal(option) for option in node.options]), value.is_sure)
            case tree.Matches():
                value = self.term(node.value)
                one, other = (without_case(part, beside=node.text) for part in (value.value, text(node.text)))
                return Term(MATCH[node.operator](one, other), value.is_sure)
            case tree.Known():
                return Term(self.term(node.value).value.notnull(), is_sure=True)
            case tree.Within():
                return Term(self.term(node.day).value.between(*within_days(node, self._as_of)))
        return self._leaf(node, self.table)

    def _value(self, node: Definition) -> Term:
        match node:
            case tree.DaysBetween():
                return self._days_between(node)
            case tree.Choice():
                return self._chosen(node)
            case tree.Number() | tree.Text() | tree.Day() | tree.Flag():
                return Term(literal(node), is_sure=True)
            case tree.Today():
                return Term(ibis.literal(self._as_of), is_sure=True)
        return self._leaf(node, self.table)

    def _calculated(self, node: Definition) -> Value:
        assert isinstance(node, tree.Arithmetic)
        return CALCULATE[node.operator](self.term(node.left).value, self.term(node.right).value)

    def _joined(self, join: Callable[[Value, Value], Value], nodes: Sequence[Condition]) -> Term:
        terms = [self.term(node) for node in nodes]
        return Term(balanced(join, [term.value for term in terms]), all(term.is_sure for term in terms))

    def _days_between(self, node: tree.DaysBetween) -> Term:
        day, today = self.term(node.day), ibis.literal(self._as_of)
        days = today.delta(day.value, unit="day") if node.direction == "since" else day.value.delta(today, unit="day")
        return Term(days.cast("float64"), day.is_sure)

    def _chosen(self, node: tree.Choice) -> Term:
        cases = [(self.term(case.when).value, literal(case.then)) for case in node.cases]
        other = ibis.null(cases[0][1].type()) if node.otherwise is None else literal(node.otherwise)
        return Term(ibis.cases(*cases, else_=other), is_sure=node.otherwise is not None)


def _by_depth(nodes: Iterable[Node]) -> list[list[tree.Arithmetic]]:
    """The calculations in these trees, those first that have none in them."""
    depths: dict[tree.Arithmetic, int] = {}

    def depth(node: Node) -> int:
        inner = 0 if isinstance(node, OF_OTHERS) else max((depth(part) for _step, part in parts_of(node)), default=0)
        if isinstance(node, tree.Arithmetic):
            inner = depths[node] = inner + 1
        return inner

    deepest = max((depth(node) for node in nodes), default=0)
    return [[node for node, at in depths.items() if at == level] for level in range(1, deepest + 1)]


def _repeated(nodes: Iterable[Node]) -> list[Definition]:
    """The comparisons that stand in these trees more than once."""
    count: Counter[Definition] = Counter()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, COMPARISONS):
            count[node] += 1
        if not isinstance(node, OF_OTHERS):
            waiting += (part for _step, part in parts_of(node))
    return [node for node, times in count.items() if times > 1]


def literal(node: tree.Literal_) -> Value:
    """A literal of a rule; numbers as doubles."""
    match node:
        case tree.Number():
            return number(node.value)
        case tree.Text():
            return text(node.value)
    return ibis.literal(node.value)


def number(value: Decimal | float) -> Value:
    """The double next to a number. Spelt as a text, since engines read `0.1` as a decimal, and cast it on their own."""
    return ibis.literal(repr(float(value))).cast("float64")


LARGEST = number(sys.float_info.max)


def text(value: str) -> Value:
    """A text, whatever is in it. A character of number 0 would end the query that it stands in."""
    first, *others = (ibis.literal(part, "string") for part in value.split("\0"))
    return functools.reduce(lambda before, after: before + character(0) + after, others, first)


def without_case(value: Value, *, beside: str) -> Value:
    """A text in which letters match whatever their case, on every engine.

    Two letters do not go by themselves: for Spark a small İ is two characters, and the small letter of Σ is ς at the
    end of a word and σ elsewhere. They are seen to only where what they are looked `beside` for has such a letter,
    since each takes as long as the rest.
    """
    if not I_DOT.isdisjoint(beside):
        value = value.replace("İ", "i")
    value = value.lower()
    return value if SIGMA.isdisjoint(beside) else value.replace("ς", "σ")


def term_of(column: Value) -> Term:
    """A column as rules see it: numbers as doubles, of which those that are not finite are missing."""
    kind: dt.DataType = column.type()
    if kind.is_floating():
        return Term(finite(column))
    return Term(column.cast("float64") if kind.is_numeric() else column)


def finite(value: Value) -> Value:
    """A double that is a number: missing instead of NaN and the infinities.

    NaN is larger than any number, for every engine. Ibis's own `isinf` is never true on Spark.
    """
    return (value.abs() <= LARGEST).ifelse(value, ibis.null("float64"))


def balanced(join: Callable[[Value, Value], Value], values: Iterable[Value]) -> Value:
    """All of them joined two by two, so that many of them do not nest deeply."""
    waiting = list(values)
    while len(waiting) > 1:
        pairs = [waiting[place : place + 2] for place in range(0, len(waiting), 2)]
        waiting = [functools.reduce(join, pair) for pair in pairs]
    return waiting[0]
