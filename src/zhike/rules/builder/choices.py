"""What the builder offers to choose from: operators by kind of value, functions, windows and units, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.rules.checking.functions import MAKES, MAKES_WITHOUT_COLUMN, TAKES
from zhike.rules.tree import Function, Unit
from zhike.rules.vocabulary import ValueKind

NUMBER, TEXT, DAY, FLAG = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.DAY, ValueKind.FLAG


class Takes(StrEnum):
    """What stands beside an operator in a row."""

    NOTHING = "nothing"
    ONE = "one"
    TWO = "two"
    SEVERAL = "several"
    TEXT = "text"  # which is sought in another, so that it is none of the values known beforehand
    UNITS = "units"  # a number of units of the calendar


@dataclass(frozen=True)
class Operator:
    """A way to compare a value: how it is spelt in a row, in words, and what it takes."""

    name: str
    title: Promise
    takes: Takes
    kinds: tuple[ValueKind, ...]


ORDERED = (NUMBER, DAY)
EVERY_KIND = (NUMBER, TEXT, DAY, FLAG)
# `has` is of tags only: it asks for the tag and not for its value.
HAS = "has"
OPERATORS: Mapping[str, Operator] = {
    operator.name: operator
    for operator in (
        Operator("=", _("is"), Takes.ONE, EVERY_KIND),
        Operator("!=", _("is another than"), Takes.ONE, EVERY_KIND),
        Operator("<", _("is less than"), Takes.ONE, ORDERED),
        Operator("<=", _("is at most"), Takes.ONE, ORDERED),
        Operator(">", _("is more than"), Takes.ONE, ORDERED),
        Operator(">=", _("is at least"), Takes.ONE, ORDERED),
        Operator("between", _("is between"), Takes.TWO, ORDERED),
        Operator("in", _("is one of"), Takes.SEVERAL, (NUMBER, TEXT, DAY)),
        Operator("not in", _("is none of"), Takes.SEVERAL, (NUMBER, TEXT, DAY)),
        Operator("contains", _("contains"), Takes.TEXT, (TEXT,)),
        Operator("starts with", _("starts with"), Takes.TEXT, (TEXT,)),
        Operator("ends with", _("ends with"), Takes.TEXT, (TEXT,)),
        Operator("within", _("is in the last"), Takes.UNITS, (DAY,)),
        Operator("within next", _("is in the next"), Takes.UNITS, (DAY,)),
        Operator("is known", _("is known"), Takes.NOTHING, EVERY_KIND),
        Operator("is unknown", _("is unknown"), Takes.NOTHING, EVERY_KIND),
    )
}
EVER = "ever"
FUNCTION_TITLES: Mapping[str, Promise] = {
    EVER: _("ever"),
    Function.COUNT: _("number of"),
    Function.SUM: _("sum of"),
    Function.AVERAGE: _("average of"),
    Function.MIN: _("least of"),
    Function.MAX: _("greatest of"),
    Function.DISTINCT: _("different values of"),
    Function.FIRST: _("first of"),
    Function.LAST: _("last of"),
    Function.STREAK: _("units in a row with"),
}
WINDOW_TITLES: Mapping[str, Promise | str] = {
    "": _("at any time"),
    "last": _("in the last"),
    "this": _("in this"),
    "previous": _("in the whole last"),
    "dates": _("between two days"),
    "since": _("since the day of"),
}
UNIT_TITLES: Mapping[Unit, Promise] = {
    Unit.DAY: _("days"),
    Unit.WEEK: _("weeks"),
    Unit.MONTH: _("months"),
    Unit.QUARTER: _("quarters"),
    Unit.YEAR: _("years"),
}


def operators_for(kind: ValueKind) -> tuple[Operator, ...]:
    """The operators that a value of a kind may be compared by, in the order in which they are offered."""
    return tuple(operator for operator in OPERATORS.values() if kind in operator.kinds)


def columns_for(function: str, columns: Mapping[str, ValueKind]) -> tuple[str, ...]:
    """The columns of facts that a function may be made of, given what they are; none for one that takes none."""
    takes = TAKES.get(Function(function), frozenset()) if function != EVER else frozenset()
    return tuple(name for name, kind in columns.items() if kind in takes)


def kind_made(function: str, column: ValueKind | None) -> ValueKind | None:
    """What a function makes of a column, or of no column; None where it cannot be made."""
    if function not in FUNCTION_TITLES or function == EVER:
        return None
    if column is None:
        return MAKES_WITHOUT_COLUMN.get(Function(function))
    return MAKES.get(Function(function), column)
