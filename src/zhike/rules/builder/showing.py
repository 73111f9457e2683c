"""The rows in which the builder shows a condition."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from zhike.rules import tree
from zhike.rules.builder.choices import EVER, HAS
from zhike.rules.builder.rows import (
    AttributeRow,
    AudienceRow,
    Compared,
    FactsRow,
    Form,
    Group,
    RelatedRow,
    Row,
    TagRow,
    TextRow,
    WindowFields,
)
from zhike.rules.grammar.spelling import text_of
from zhike.rules.limits import hold_limits
from zhike.rules.vocabulary import ValueKind

KINDS: dict[type[tree.Node], ValueKind] = {
    tree.Number: ValueKind.NUMBER,
    tree.Text: ValueKind.TEXT,
    tree.Day: ValueKind.DAY,
    tree.Today: ValueKind.DAY,
    tree.Flag: ValueKind.FLAG,
}


def form_of(condition: tree.Condition) -> Form:
    """The rows that show a condition; what they cannot show stands in them as text. Raises RuleError if too large."""
    hold_limits(condition)
    return _group(condition)


def _group(condition: tree.Condition) -> Group:
    row = _row(condition)
    return row if isinstance(row, Group) else Group(rows=(row,))


def _row(condition: tree.Condition) -> Row:
    match condition:
        case tree.All(of=parts):
            return Group(match="all", rows=tuple(map(_row, parts)))
        case tree.Any(of=parts):
            return Group(match="any", rows=tuple(map(_row, parts)))
        case tree.Not(of=tree.OneOf() | tree.Known()):
            return _compared(condition) or TextRow(text=text_of(condition))
        case tree.Not(of=inner):
            return _negated(_row(inner))
        case tree.HasTag() if _can_be_typed(condition.tag, *condition.values):
            as_of = condition.as_of.isoformat() if condition.as_of else ""
            return TagRow(tag=condition.tag, operator=HAS, values=condition.values, as_of=as_of)
        case tree.InAudience(audience=audience) if _can_be_typed(audience):
            return AudienceRow(audience=audience)
        case tree.Ever(facts=facts):
            if row := _facts(FactsRow(function=EVER), facts):
                return row
        case tree.Related(relation=relation) if _can_be_typed(relation):
            return RelatedRow(quantifier=condition.quantifier, relation=relation, where=_group(condition.where))
    return _compared(condition) or TextRow(text=text_of(condition))


def _negated(row: Row) -> Row:
    """The opposite of a row. One that is turned round already is put into a group, so that both can be seen."""
    return Group(negated=True, rows=(row,)) if row.negated else row.model_copy(update={"negated": True})


def _compared(condition: tree.Condition) -> Row | None:
    """The row of a comparison of one value with literals; None for others."""
    match condition:
        case tree.Compare(left=subject, operator=operator, right=right):
            return _with_subject(subject, operator, [right])
        case tree.Between(value=subject, low=low, high=high):
            return _with_subject(subject, "between", [low, high])
        case tree.OneOf(value=subject, options=options):
            return _with_subject(subject, "in", options)
        case tree.Not(of=tree.OneOf(value=subject, options=options)):
            return _with_subject(subject, "not in", options)
        case tree.Matches(value=subject, operator=operator, text=text):
            return _with_subject(subject, operator, [tree.Text(value=text)])
        case tree.Known(value=subject):
            return _with_subject(subject, "is known", [])
        case tree.Not(of=tree.Known(value=subject)):
            return _with_subject(subject, "is unknown", [])
        case tree.Within(day=subject, direction=direction, number=number, unit=unit):
            fields = Compared(
                operator="within" if direction == "last" else "within next",
                value_kind=ValueKind.DAY,
                values=(str(number),),
                unit=unit,
            )
            return _row_of(subject, fields)
    return None


def _with_subject(subject: tree.Value, operator: str, values: Iterable[tree.Value]) -> Row | None:
    listed = list(values)
    kinds = {KINDS.get(type(value)) for value in listed} or {ValueKind.TEXT}
    kind = kinds.pop()
    texts = tuple(map(_typed, listed))
    if kind is None or kinds or not _can_be_typed(*texts):
        return None
    if operator in ("in", "not in") and tree.Today() in listed:  # which a list of literals cannot have
        return None
    return _row_of(subject, Compared(operator=operator, value_kind=kind, values=texts))


def _row_of(subject: tree.Value, compared: Compared) -> Row | None:
    fields = compared.model_dump()
    match subject:
        case tree.Attribute(name=name) if _can_be_typed(name):
            return AttributeRow(name=name, **fields)
        case tree.TagValue(tag=tag) if _can_be_typed(tag):
            return TagRow(tag=tag, **fields)
        case tree.Aggregate(column=None):
            return _facts(FactsRow(function=subject.function, by=subject.by or "", **fields), subject.facts)
        case tree.Aggregate(column=str() as column) if _can_be_typed(column):
            row = FactsRow(function=subject.function, column=column, by=subject.by or "", **fields)
            return _facts(row, subject.facts)
    return None


def _facts(row: FactsRow, facts: tree.Facts) -> Row | None:
    window = _window(facts.window)
    if window is None or not _can_be_typed(facts.table):
        return None
    where = _group(facts.where) if facts.where is not None else None
    return row.model_copy(update={"table": facts.table, "where": where, "window": window})


def _window(window: tree.Window | None) -> WindowFields | None:
    match window:
        case tree.Last(number=number, unit=unit):
            return WindowFields(kind="last", number=str(number), unit=unit)
        case tree.Calendar(which=which, unit=unit):
            return WindowFields(kind=which, unit=unit)
        case tree.Dates(start=start, end=end):
            first, last = (day.isoformat() if day else "" for day in (start, end))
            return WindowFields(kind="dates", start=first, end=last)
        case tree.Since(attribute=attribute):
            return WindowFields(kind="since", attribute=attribute) if _can_be_typed(attribute) else None
    return WindowFields()


def _typed(value: tree.Value) -> str:
    """A literal as somebody would type it into a field."""
    match value:
        case tree.Text(value=text):
            return text
        case tree.Number() | tree.Day() | tree.Flag() | tree.Today():
            return text_of(value)
    return ""


def _can_be_typed(*texts: str) -> bool:
    """Whether fields of a page give texts back as they are: not without blanks around them, or what cannot be seen."""
    return all(
        text
        and text == text.strip()
        and not any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") for sign in text)
        for text in texts
    )
