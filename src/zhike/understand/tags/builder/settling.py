"""Rows after something in them was chosen anew: what does not fit it any more is put right."""

from __future__ import annotations

from typing import Any

from zhike.rules.builder.choices import EVER, FUNCTION_TITLES, HAS, OPERATORS, Takes, columns_for, operators_for
from zhike.rules.builder.rowkinds import with_kinds
from zhike.rules.builder.rows import Compared, FactsRow, Form, Group, Row, TagRow
from zhike.rules.tree import Unit
from zhike.rules.vocabulary import VALUE_KINDS, TagKind, Vocabulary
from zhike.understand.tags.builder.edits import inner
from zhike.understand.tags.builder.subjects import BEGINNINGS

MOST_VALUES = {Takes.NOTHING: 0, Takes.ONE: 1, Takes.TWO: 2, Takes.TEXT: 1, Takes.UNITS: 1}


def settled(form: Form, vocabulary: Vocabulary) -> Form:
    """The rows with an operator, a unit and a column that fit what they are about, as far as that is known."""
    return _group(with_kinds(_group(form, vocabulary), vocabulary), vocabulary)


def _group(group: Group, vocabulary: Vocabulary) -> Group:
    return group.model_copy(update={"rows": tuple(_row(row, vocabulary) for row in group.rows)})


def _row(row: Row, vocabulary: Vocabulary) -> Row:
    if isinstance(row, Group):
        return _group(row, vocabulary)
    changes: dict[str, Any] = {}
    where = inner(row)
    if where is not None:
        changes["where"] = _group(where, vocabulary)
    if isinstance(row, FactsRow):
        changes |= _facts(row, vocabulary)
    if isinstance(row, Compared):
        changes |= _compared(row, vocabulary)
    return row.model_copy(update=changes)


def _compared(row: Compared, vocabulary: Vocabulary) -> dict[str, Any]:
    names = [operator.name for operator in operators_for(row.value_kind)]
    if isinstance(row, TagRow):
        tag = vocabulary.tags.get(row.tag)
        names = [HAS] if tag is not None and tag.kind == TagKind.YES_NO else [HAS, *names]
    operator = row.operator if row.operator in names else str(BEGINNINGS[row.value_kind]["operator"])
    if operator == HAS:
        return {"operator": HAS}
    if names == [HAS]:
        return {"operator": HAS, "values": ()}
    takes = OPERATORS[operator].takes
    values = tuple(value for value in row.values if takes != Takes.SEVERAL or value.strip())
    unit = row.unit or (Unit.DAY if takes == Takes.UNITS else "")
    return {"operator": operator, "values": values[: MOST_VALUES.get(takes, len(values))], "unit": unit}


def _facts(row: FactsRow, vocabulary: Vocabulary) -> dict[str, Any]:
    window = row.window
    if window.kind in ("last", "this", "previous") and not window.unit:
        window = window.model_copy(update={"unit": Unit.DAY if window.kind == "last" else Unit.MONTH})
    changes: dict[str, Any] = {"window": window, "by": (row.by or Unit.MONTH) if row.function == "streak" else ""}
    table = vocabulary.facts.get(row.table)
    if table is None or row.function not in FUNCTION_TITLES:
        return changes
    kinds = {
        name: VALUE_KINDS[table.contract[name].kind]
        for name in table.columns
        if table.contract[name].kind in VALUE_KINDS
    }
    fitting = columns_for(row.function, kinds) if row.function != EVER else ()
    return changes | {"column": row.column if row.column in fitting else ""}
