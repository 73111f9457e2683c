"""The parts of a condition that the rows of the builder say, each with its row and field."""

from __future__ import annotations

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.builder.choices import EVER, FUNCTION_TITLES, HAS
from zhike.rules.builder.comparing import Filled, compared, turned
from zhike.rules.builder.fields import FormError, RowPlace, day_of, text_typed, unit_of, whole_of
from zhike.rules.builder.rows import (
    AttributeRow,
    AudienceRow,
    FactsRow,
    Form,
    Group,
    RelatedRow,
    Row,
    TagRow,
    TextRow,
    WindowFields,
)
from zhike.rules.errors import RuleError
from zhike.rules.places import Part, Path
from zhike.rules.text import condition_of, parse

DEEPEST_ROWS = 50


def filled(form: Form) -> Filled:
    """The condition that the rows say, with its parts. Raises FormError."""
    return _group(form, ())


def _group(group: Group, at: tuple[int, ...]) -> Filled:
    place = RowPlace(at)
    if not group.rows:
        raise FormError(_("there is no condition here yet"), place, advice=_("Add a row, or remove the group."))
    if len(at) > DEEPEST_ROWS:
        raise FormError(_("groups are nested too deep"), place)
    parts = [_row(row, (*at, index)) for index, row in enumerate(group.rows)]
    if len(parts) == 1:
        return turned(parts[0], group.negated, place)
    kind = tree.All if group.match == "all" else tree.Any
    inside: dict[Path, Filled] = {("of", index): part for index, part in enumerate(parts)}
    return turned(Part(kind(of=tuple(part.node for part in parts)), place, inside), group.negated, place)


def _row(row: Row, at: tuple[int, ...]) -> Filled:
    place = RowPlace(at)
    match row:
        case Group():
            return _group(row, at)
        case AttributeRow():
            name = place.of("name")
            part = compared(row, Part(tree.Attribute(name=text_typed(row.name, name)), name), place)
        case TagRow():
            part = _tag(row, place)
        case AudienceRow():
            field = place.of("audience")
            part = Part(tree.InAudience(audience=text_typed(row.audience, field)), field)
        case FactsRow():
            part = _facts_row(row, place)
        case RelatedRow():
            part = _related(row, place)
        case TextRow():
            part = _text(row, place)
    return turned(part, row.negated, place)


def _text(row: TextRow, place: RowPlace) -> Filled:
    try:
        parsed = parse(row.text)
        condition = condition_of(parsed)
    except RuleError as error:
        raise FormError(error.message, RowPlace(place.row, "text", error.span), advice=error.advice) from None
    inside: dict[Path, Filled] = {
        path: Part(None, RowPlace(place.row, "text", span)) for path, span in parsed.spans.items() if path
    }
    # The longest paths first, so that the smallest part is found.
    ordered = dict(sorted(inside.items(), key=lambda item: -len(item[0])))
    return Part(condition, RowPlace(place.row, "text", parsed.spans[()]), ordered)


def _tag(row: TagRow, place: RowPlace) -> Filled:
    tag = Part(None, place.of("tag"))
    name = text_typed(row.tag, tag.place)
    if row.operator != HAS:
        return compared(row, Part(tree.TagValue(tag=name), tag.place), place)
    values = [text_typed(value, place.of(f"values.{at}")) for at, value in enumerate(row.values) if value.strip()]
    as_of = day_of(row.as_of, place.of("as_of")) if row.as_of.strip() else None
    inside: dict[Path, Filled] = {("values", at): Part(None, place.of(f"values.{at}")) for at in range(len(values))}
    return Part(tree.HasTag(tag=name, values=tuple(values), as_of=as_of), place, {("tag",): tag, **inside})


def _related(row: RelatedRow, place: RowPlace) -> Filled:
    relation = place.of("relation")
    if row.quantifier not in ("any", "all"):
        raise FormError(_("this must be any or all"), place.of("quantifier"))
    where = _group(row.where, place.row)
    node = tree.Related(quantifier=row.quantifier, relation=text_typed(row.relation, relation), where=where.node)
    return Part(node, place, {("relation",): Part(None, relation), ("where",): where})


def _facts_row(row: FactsRow, place: RowPlace) -> Filled:
    if row.function not in FUNCTION_TITLES:
        raise FormError(_("there is no function “%(name)s”") % {"name": row.function}, place.of("function"))
    table, where = place.of("table"), None if row.where is None else _group(row.where, place.row)
    window = _window(row.window, place)
    facts = tree.Facts(
        table=text_typed(row.table, table),
        where=None if where is None else where.node,
        window=None if window is None else window.node,
    )
    inside: dict[Path, Filled] = {("table",): Part(None, table)}
    inside |= {("where",): where} if where else {}
    inside |= {("window",): window} if window else {}
    part = Part(facts, place, inside)
    if row.function == EVER:
        return Part(tree.Ever(facts=facts), place, {("facts",): part})
    subject = tree.Aggregate(
        function=tree.Function(row.function),
        facts=facts,
        column=row.column.strip() or None,
        by=unit_of(row.by, place.of("by")) if row.by else None,
    )
    steps: dict[Path, Filled] = {
        ("facts",): part,
        ("column",): Part(None, place.of("column")),
        ("by",): Part(None, place.of("by")),
    }
    return compared(row, Part(subject, place.of("function"), steps), place)


def _window(fields: WindowFields, place: RowPlace) -> Filled | None:
    node: tree.Window
    match fields.kind:
        case "":
            return None
        case "last":
            number = whole_of(fields.number, place.of("window.number"))
            node = tree.Last(number=number, unit=unit_of(fields.unit, place.of("window.unit")))
        case "this" | "previous":
            node = tree.Calendar(which=fields.kind, unit=unit_of(fields.unit, place.of("window.unit")))
        case "dates":
            start = day_of(fields.start, place.of("window.start")) if fields.start.strip() else None
            end = day_of(fields.end, place.of("window.end")) if fields.end.strip() else None
            node = tree.Dates(start=start, end=end)
        case "since":
            node = tree.Since(attribute=text_typed(fields.attribute, place.of("window.attribute")))
        case kind:
            raise FormError(_("there is no window “%(name)s”") % {"name": kind}, place.of("window.kind"))
    return Part(node, place.of("window.kind"), {("attribute",): Part(None, place.of("window.attribute"))})
