"""The fields of the builder's rows: what stands in them, what can be chosen, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.rules.builder.choices import (
    EVER,
    FUNCTION_TITLES,
    HAS,
    OPERATORS,
    UNIT_TITLES,
    WINDOW_TITLES,
    Operator,
    Takes,
    columns_for,
    operators_for,
)
from zhike.rules.builder.rows import AttributeRow, Compared, FactsRow, RelatedRow, TagRow, WindowFields
from zhike.rules.vocabulary import VALUE_KINDS, KnownTag, TagKind, ValueKind
from zhike.ui.navigation import Words
from zhike.understand.tags.builder.posted import TODAY
from zhike.understand.tags.builder.subjects import Names, unit_words
from zhike.understand.tags.builder.values import KnownValue, known_values
from zhike.understand.tags.wording.rule_names import column_title, fact_title, relation_title

QUANTIFIERS: tuple[tuple[str, Words], ...] = (("any", gettext_lazy("at least one of")), ("all", gettext_lazy("all of")))
# Days are not less than others.
DAY_OPERATORS: dict[str, Words] = {
    "<": gettext_lazy("is before"),
    "<=": gettext_lazy("is on or before"),
    ">": gettext_lazy("is after"),
    ">=": gettext_lazy("is on or after"),
}
TICKED_UP_TO = 24  # values that are ticked; of more, the most frequent
Fields = dict[str, Any]


@dataclass(frozen=True)
class Option:
    """One choice of a field."""

    value: str
    title: Words
    is_chosen: bool
    count: int | None = None


def options(titles: Iterable[tuple[str, Words]], chosen: str) -> list[Option]:
    """Choices of a field, one of them made."""
    return [Option(value, title, value == chosen) for value, title in titles]


def attribute_fields(row: AttributeRow, names: Names) -> Fields:
    """What a condition on an attribute shows."""
    column = names.column(row.name.strip())
    compared = _compared(row, of=_of_attribute(names, row.name), one_of=column.one_of if column else ())
    return (
        _about(names.title(row.name), row.name) | compared | {"unit_title": unit_words(column.unit) if column else ""}
    )


def tag_fields(row: TagRow, names: Names) -> Fields:
    """What a condition on a tag shows."""
    tag, titles = names.vocabulary.tags.get(row.tag), names.tag_title(row.tag)
    is_category = tag is not None and tag.kind == TagKind.CATEGORY
    values = tag.values if tag else ()
    has = _("is one of") if is_category else _("applies")
    compared = _compared(row, of=("tag", row.tag), one_of=values, operators=(), title=titles.value)
    fields = (
        _about(titles.title, row.tag)
        | compared
        | {
            "operators": [Option(HAS, has, row.operator == HAS), *_others(row, tag)],
            "more": False,
            "as_of": row.as_of,
            "as_of_day": _day(row.as_of),
            "is_has": row.operator == HAS,
        }
    )
    if row.operator == HAS:
        known = known_values(("tag", row.tag), values, title=titles.value) if is_category else []
        fields["ticks"] = _ticks(known, _filled(row.values), title=titles.value)
    return fields


def _others(row: TagRow, tag: KnownTag | None) -> list[Option]:
    """Comparisons of the value of a tag that has one."""
    if tag is None or tag.kind == TagKind.YES_NO:
        return []
    return [_operator(one, row) for one in operators_for(row.value_kind)]


def facts_fields(row: FactsRow, names: Names) -> Fields:
    """What a condition on facts shows, but for what they are narrowed by."""
    table = names.vocabulary.facts.get(row.table)
    found = {name: VALUE_KINDS.get(table.contract[name].kind) for name in table.columns} if table else {}
    kinds = {name: kind for name, kind in found.items() if kind is not None}
    columns = columns_for(row.function, kinds) if row.function in FUNCTION_TITLES else ()
    is_day = row.function in ("first", "last")
    column = table.contract[row.column] if table and row.column in kinds else None
    of = ("facts", row.table, row.column) if column is not None else ()
    offered = [(name, column_title(name)) for name in columns]
    return (
        _about(fact_title(row.table), row.table)
        | _compared(row, of=of, one_of=column.one_of if column and is_day else ())
        | {
            "functions": options(FUNCTION_TITLES.items(), row.function),
            "is_ever": row.function == EVER,
            "columns": options([("", _("the day")), *offered] if is_day else offered, row.column),
            "column_is_free": is_day,
            "unit_title": unit_words(column.unit) if column and row.function != "distinct" else "",
            "is_streak": row.function == "streak",
            "by": options(UNIT_TITLES.items(), row.by),
            "window": _window(row.window, names),
        }
    )


def related_fields(row: RelatedRow) -> Fields:
    """What a condition on a relation shows, but for what is asked of those related."""
    return _about(relation_title(row.relation), row.relation) | {"quantifiers": options(QUANTIFIERS, row.quantifier)}


def about_audience(name: str) -> Fields:
    """What a condition on an audience shows."""
    return _about(name, name)


def _about(title: str, name: str) -> Fields:
    return {"title": title, "subject": name}


def _compared(
    row: Compared,
    *,
    of: tuple[str, ...],
    one_of: Sequence[str] = (),
    operators: Iterable[Operator] | None = None,
    title: Callable[[str], str] | None = None,
) -> Fields:
    """The operator and what stands beside it."""
    known = OPERATORS.get(row.operator)
    takes = known.takes if known else Takes.NOTHING
    values: list[KnownValue] = []
    if row.value_kind == ValueKind.TEXT and takes in (Takes.ONE, Takes.SEVERAL):
        values = known_values(of, one_of, title=title)
    chosen = _filled(row.values) if takes == Takes.SEVERAL else list(row.values)
    offered = operators_for(row.value_kind) if operators is None else operators
    return {
        "operators": [_operator(one, row) for one in offered],
        "takes": takes.value,
        "value_kind": row.value_kind.value,
        "ticks": _ticks(values, chosen) if takes == Takes.SEVERAL else [],
        "more": takes == Takes.SEVERAL and not one_of,
        "choices": [Option(one.value, one.title, one.value in chosen, one.count) for one in values],
        "is_closed": bool(one_of),
        "values": _typed(chosen, 2 if takes == Takes.TWO else 1),
        "units": options(UNIT_TITLES.items(), row.unit),
    }


def _window(window: WindowFields, names: Names) -> Fields:
    days = [
        (name, attribute.title)
        for name, attribute in names.vocabulary.attributes.items()
        if VALUE_KINDS.get(attribute.column.kind) == ValueKind.DAY
    ]
    return {
        "kind": window.kind,
        "kinds": options(WINDOW_TITLES.items(), window.kind),
        "number": window.number,
        "units": options(UNIT_TITLES.items(), window.unit),
        "start": window.start,
        "end": window.end,
        "days": options(days, window.attribute),
    }


def _of_attribute(names: Names, name: str) -> tuple[str, ...]:
    if names.facts:
        return ("facts", names.facts, name)
    known = names.vocabulary.attributes.get(name)
    return () if known is None or known.identifies or names.relation else ("attribute", name)


def _operator(operator: Operator, row: Compared) -> Option:
    titles = DAY_OPERATORS if row.value_kind == ValueKind.DAY else {}
    return Option(operator.name, titles.get(operator.name, operator.title), operator.name == row.operator)


def _filled(values: Iterable[str]) -> list[str]:
    return [value for value in values if value.strip()]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _ticks(known: Sequence[KnownValue], chosen: Sequence[str], *, title: Callable[[str], str] = str) -> list[Option]:
    """Values to tick: those known, and whatever else is chosen."""
    listed = list(known[:TICKED_UP_TO])
    names = {one.value for one in listed}
    by_value = {one.value: one for one in known}
    others = [by_value.get(value, KnownValue(value, title(value))) for value in chosen if value not in names]
    return [Option(one.value, one.title, one.value in chosen, one.count) for one in (*listed, *others)]


def _typed(values: Sequence[str], count: int) -> list[Fields]:
    filled = [*values, *[""] * (count - len(values))]
    return [{"text": value, "is_today": value == TODAY, "place": place} for place, value in enumerate(filled)]
