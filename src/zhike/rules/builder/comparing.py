"""The comparison that a row of the builder says: a value, an operator, and what was typed beside them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.builder.choices import OPERATORS, Takes
from zhike.rules.builder.fields import FormError, RowPlace, literal_of, text_typed, unit_of, whole_of
from zhike.rules.builder.rows import Compared
from zhike.rules.places import Part, Path
from zhike.rules.vocabulary import ValueKind

Filled = Part[RowPlace]


def turned(part: Filled, negated: bool, place: RowPlace) -> Filled:
    """The part, or its opposite."""
    return Part(tree.Not(of=part.node), place, {("of",): part}) if negated else part


def compared(row: Compared, subject: Filled, place: RowPlace) -> Filled:
    """The comparison of a value with what the row says. Raises FormError."""
    if row.operator not in OPERATORS:
        raise FormError(
            _("there is no operator “%(name)s”") % {"name": row.operator},
            place.of("operator"),
            advice=_("Known here: %(names)s.") % {"names": ", ".join(OPERATORS)},
        )
    own = place.of("operator")
    match OPERATORS[row.operator].takes:
        case Takes.NOTHING:
            known = Part[RowPlace](tree.Known(value=subject.node), own, {("value",): subject})
            return turned(known, row.operator == "is unknown", own)
        case Takes.UNITS:
            return _within(row, subject, place)
        case Takes.TEXT:
            first = place.of("values.0")
            text = text_typed(_typed(row, 0), first)
            matches = tree.Matches(operator=row.operator, value=subject.node, text=text)
            return Part(matches, own, {("value",): subject, ("text",): Part(None, first)})
        case Takes.SEVERAL:
            return turned(_one_of(row, subject, place), row.operator == "not in", own)
        case Takes.TWO:
            low, high = _value(row, 0, place), _value(row, 1, place)
            between = tree.Between(value=subject.node, low=low.node, high=high.node)
            return Part(between, low.place, {("value",): subject, ("low",): low, ("high",): high})
    right = _value(row, 0, place)
    compare = tree.Compare(operator=row.operator, left=subject.node, right=right.node)
    return Part(compare, own, {("left",): subject, ("right",): right})


def _within(row: Compared, subject: Filled, place: RowPlace) -> Filled:
    first = place.of("values.0")
    node = tree.Within(
        day=subject.node,
        direction="next" if row.operator == "within next" else "last",
        number=whole_of(_typed(row, 0), first),
        unit=unit_of(row.unit, place.of("unit")),
    )
    return Part(node, first, {("day",): subject})


def _one_of(row: Compared, subject: Filled, place: RowPlace) -> Filled:
    places = [place.of(f"values.{at}") for at, typed in enumerate(row.values) if typed.strip()]
    typed = [typed for typed in row.values if typed.strip()]
    if not typed:
        raise FormError(_("this is not filled in yet"), place.of("values.0"))
    options = tuple(literal_of(row.value_kind, one, at) for one, at in zip(typed, places, strict=True))
    inside: dict[Path, Filled] = {("options", at): Part(None, field) for at, field in enumerate(places)}
    node = tree.OneOf(value=subject.node, options=options)
    return Part(node, place.of("operator"), {("value",): subject, **inside})


def _value(row: Compared, at: int, place: RowPlace) -> Filled:
    field = place.of(f"values.{at}")
    typed = _typed(row, at)
    if row.value_kind == ValueKind.DAY and typed.strip().lower() == "today":
        return Part(tree.Today(), field)
    return Part(literal_of(row.value_kind, typed, field), field)


def _typed(row: Compared, at: int) -> str:
    return row.values[at] if at < len(row.values) else ""
