"""What the functions of facts take, and what they make."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from zhike.rules.checking.misfits import expect
from zhike.rules.checking.names import Scope, kind_of_column
from zhike.rules.places import Path, Unfit
from zhike.rules.tree import Aggregate, Function
from zhike.rules.vocabulary import ValueKind
from zhike.warehouse.attributes import FactTable

NUMBER, DAY = ValueKind.NUMBER, ValueKind.DAY
# The kinds of column that a function takes. Those that are not named take none.
TAKES: Mapping[Function, frozenset[ValueKind]] = {
    Function.SUM: frozenset({NUMBER}),
    Function.AVERAGE: frozenset({NUMBER}),
    Function.MIN: frozenset({NUMBER, DAY}),
    Function.MAX: frozenset({NUMBER, DAY}),
    Function.DISTINCT: frozenset(ValueKind),
    Function.FIRST: frozenset(ValueKind),
    Function.LAST: frozenset(ValueKind),
}
# What a function makes, where it is not what the column is.
MAKES: Mapping[Function, ValueKind] = {
    Function.SUM: NUMBER,
    Function.AVERAGE: NUMBER,
    Function.DISTINCT: NUMBER,
}
# What those make that need no column.
MAKES_WITHOUT_COLUMN: Mapping[Function, ValueKind] = {
    Function.COUNT: NUMBER,
    Function.STREAK: NUMBER,
    Function.FIRST: DAY,
    Function.LAST: DAY,
}


def kind_of_aggregate(node: Aggregate, facts: FactTable, path: Path, scope: Scope) -> ValueKind:
    """What an aggregate of facts is. Raises Unfit where its function does not take what it is given."""
    _check_unit(node, facts, path)
    function = node.function
    if node.column is None:
        if function in MAKES_WITHOUT_COLUMN:
            return MAKES_WITHOUT_COLUMN[function]
        example = f"{function}({facts.name}.{_column_for(function, facts, path)})"
        raise Unfit(
            _("“%(function)s” needs a column of the facts") % {"function": function},
            path=path,
            advice=_("Write one after a point: “%(example)s”.") % {"example": example},
        )
    place = (*path, "column")
    if function not in TAKES:
        raise Unfit(
            _("“%(function)s” takes no column") % {"function": function},
            path=place,
            advice=_("“count” counts facts, “distinct” the different values of a column, “streak” units in a row."),
        )
    kind = kind_of_column(scope.column_of(facts, node.column, place), place)
    expect(kind, TAKES[function], place, node.column, by=function)
    return MAKES.get(function, kind)


def _check_unit(node: Aggregate, facts: FactTable, path: Path) -> None:
    if node.function == Function.STREAK and node.by is None:
        raise Unfit(
            _("“streak” needs a unit of the calendar"),
            path=path,
            advice=_("Write “%(example)s”.") % {"example": f"streak({facts.name} by month)"},
        )
    if node.function != Function.STREAK and node.by is not None:
        raise Unfit(
            _("“%(function)s” takes no unit of the calendar") % {"function": node.function},
            path=(*path, "by"),
            advice=_("A window is written “in this month” or “in last 3 months”."),
        )


def _column_for(function: Function, facts: FactTable, path: Path) -> str:
    """A column that a function takes, as an example."""
    fitting = (name for name in facts.columns if kind_of_column(facts.contract[name], path) in TAKES[function])
    return next(fitting, "…")
