"""What each part of a rule is, and whether it may be used where it stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.checking.functions import kind_of_aggregate
from zhike.rules.checking.misfits import (
    KIND_TITLES,
    described,
    expect,
    expect_known,
    expect_same,
    refuse_inside_facts,
    refuse_inside_relation,
)
from zhike.rules.checking.names import Scope, kind_of_column
from zhike.rules.places import Path, Unfit
from zhike.rules.vocabulary import TagKind, ValueKind
from zhike.warehouse.attributes import FactTable

NUMBER, TEXT, DAY, FLAG = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.DAY, ValueKind.FLAG
TAG_VALUES: Mapping[TagKind, ValueKind] = {TagKind.CATEGORY: TEXT, TagKind.NUMBER: NUMBER, TagKind.DATE: DAY}
OF_THE_CUSTOMER = (tree.TagValue, tree.Aggregate, tree.HasTag, tree.InAudience, tree.Ever, tree.Related)


def check_condition(node: tree.Condition, path: Path, scope: Scope) -> None:
    """Raises Unfit where a condition, or a part of it, means nothing."""
    _refuse_where_it_stands(node, path, scope)
    match node:
        case tree.All() | tree.Any():
            for place, part in enumerate(node.of):
                check_condition(part, (*path, "of", place), scope)
        case tree.Not():
            check_condition(node.of, (*path, "of"), scope)
        case tree.HasTag():
            _check_tag(node, path, scope)
        case tree.InAudience():
            scope.audience(node.audience, (*path, "audience"))
        case tree.Ever():
            _check_facts(node.facts, (*path, "facts"), scope)
        case tree.Related():
            relation = scope.related(node.relation, (*path, "relation"))
            check_condition(node.where, (*path, "where"), scope.within(relation=relation))
        case _comparison:
            _check_comparison(node, path, scope)


def kind_of_value(node: tree.Value, path: Path, scope: Scope) -> ValueKind:
    """What a value is. Raises Unfit where it, or a part of it, means nothing."""
    _refuse_where_it_stands(node, path, scope)
    match node:
        case tree.Attribute():
            return kind_of_column(scope.column(node.name, path), path)
        case tree.TagValue():
            return _kind_of_tag(node, path, scope)
        case tree.Arithmetic():
            _one(node.left, (*path, "left"), scope, {NUMBER}, by=node.operator)
            return _one(node.right, (*path, "right"), scope, {NUMBER}, by=node.operator)
        case tree.DaysBetween():
            _one(node.day, (*path, "day"), scope, {DAY}, by=f"days_{node.direction}")
            return NUMBER
        case tree.Choice():
            return _kind_of_choice(node, path, scope)
        case tree.Aggregate():
            facts = _check_facts(node.facts, (*path, "facts"), scope)
            return kind_of_aggregate(node, facts, path, scope)
    return _kind_of_literal(node)


def _kind_of_literal(node: tree.Literal_ | tree.Today) -> ValueKind:
    match node:
        case tree.Number():
            return NUMBER
        case tree.Text():
            return TEXT
        case tree.Flag():
            return FLAG
    return DAY


def _kind_of_choice(node: tree.Choice, path: Path, scope: Scope) -> ValueKind:
    first = node.cases[0].then
    kind = _kind_of_literal(first)
    for place, case in enumerate(node.cases):
        check_condition(case.when, (*path, "cases", place, "when"), scope)
        expect_same(first, kind, case.then, _kind_of_literal(case.then), (*path, "cases", place, "then"))
    if node.otherwise is not None:
        expect_same(first, kind, node.otherwise, _kind_of_literal(node.otherwise), (*path, "otherwise"))
    return kind


def _kind_of_tag(node: tree.TagValue, path: Path, scope: Scope) -> ValueKind:
    tag = scope.tag(node.tag, (*path, "tag"))
    if tag.kind in TAG_VALUES:
        return TAG_VALUES[tag.kind]
    raise _without_value(tag.name, path)


def _without_value(tag: str, path: Path) -> Unfit:
    return Unfit(
        _("the tag “%(name)s” has no values: a customer has it, or has it not") % {"name": tag},
        path=path,
        advice=_("Write “%(text)s”, or “not …”.") % {"text": described(tree.HasTag(tag=tag))},
    )


def _check_facts(node: tree.Facts, path: Path, scope: Scope) -> FactTable:
    facts = scope.fact_table(node.table, (*path, "table"))
    if node.where is not None:
        check_condition(node.where, (*path, "where"), scope.within(facts=facts))
    if isinstance(node.window, tree.Since):
        place = (*path, "window", "attribute")
        kind = kind_of_column(scope.attribute(node.window.attribute, place), place)
        expect(kind, {DAY}, place, node.window.attribute, by="since")
    return facts


def _check_tag(node: tree.HasTag, path: Path, scope: Scope) -> None:
    tag = scope.tag(node.tag, (*path, "tag"))
    if tag.kind == TagKind.YES_NO and set(node.values) - {"yes"}:
        raise _without_value(tag.name, path)
    if node.values and tag.kind in (TagKind.NUMBER, TagKind.DATE):
        raise Unfit(
            _("the tag “%(name)s” is %(kind)s for each customer")
            % {"name": tag.name, "kind": KIND_TITLES[TAG_VALUES[tag.kind]]},
            path=path,
            advice=_("Compare its value: “%(text)s = …”.") % {"text": described(tree.TagValue(tag=tag.name))},
        )
    for place, value in enumerate(node.values):
        expect_known(value, tag.values, (*path, "values", place), tag.name)


def _check_comparison(
    node: tree.Compare | tree.Between | tree.OneOf | tree.Matches | tree.Known | tree.Within, path: Path, scope: Scope
) -> None:
    match node:
        case tree.Compare():
            _check_compare(node, path, scope)
        case tree.Between():
            _check_between(node, path, scope)
        case tree.OneOf():
            _check_one_of(node, path, scope)
        case tree.Matches():
            _one(node.value, (*path, "value"), scope, {TEXT}, by=node.operator)
            if not node.text:
                raise Unfit(_("there is no text to look for"), path=(*path, "text"))
        case tree.Known():
            kind_of_value(node.value, (*path, "value"), scope)
        case tree.Within():
            _one(node.day, (*path, "day"), scope, {DAY}, by="within")


def _check_compare(node: tree.Compare, path: Path, scope: Scope) -> None:
    kind = kind_of_value(node.left, (*path, "left"), scope)
    other = kind_of_value(node.right, (*path, "right"), scope)
    expect_same(node.left, kind, node.right, other, (*path, "right"))
    if kind not in (NUMBER, DAY) and node.operator not in ("=", "!="):
        raise Unfit(
            _("“%(operator)s” compares numbers and days") % {"operator": node.operator},
            path=path,
            advice=_("Use “=”, “!=” or “in”; of a text also “contains”, “starts with” or “ends with”."),
        )
    for side, value, beside in (("left", node.left, node.right), ("right", node.right, node.left)):
        if isinstance(value, tree.Text):
            expect_known(value.value, scope.known_values(beside), (*path, side), beside)


def _check_between(node: tree.Between, path: Path, scope: Scope) -> None:
    kind = _one(node.value, (*path, "value"), scope, {NUMBER, DAY}, by="between")
    for name, border in (("low", node.low), ("high", node.high)):
        expect_same(node.value, kind, border, kind_of_value(border, (*path, name), scope), (*path, name))
    match node.low, node.high:
        case (tree.Number(value=low), tree.Number(value=high)) if low > high:
            raise _turned_round(path)
        case (tree.Day(value=first), tree.Day(value=last)) if first > last:
            raise _turned_round(path)


def _turned_round(path: Path) -> Unfit:
    return Unfit(_("nothing lies between these"), path=path, advice=_("Write the smaller, or earlier, one first."))


def _check_one_of(node: tree.OneOf, path: Path, scope: Scope) -> None:
    kind = _one(node.value, (*path, "value"), scope, {NUMBER, TEXT, DAY}, by="in")
    known = scope.known_values(node.value)
    for at, option in enumerate(node.options):
        place = (*path, "options", at)
        expect_same(node.value, kind, option, _kind_of_literal(option), place)
        if isinstance(option, tree.Text):
            expect_known(option.value, known, place, node.value)


def _one(node: tree.Value, path: Path, scope: Scope, wanted: Collection[ValueKind], *, by: str) -> ValueKind:
    """What a value is, which must be one of these kinds."""
    kind = kind_of_value(node, path, scope)
    expect(kind, wanted, path, node, by=by)
    return kind


def _refuse_where_it_stands(node: tree.Definition, path: Path, scope: Scope) -> None:
    if not isinstance(node, OF_THE_CUSTOMER):
        return
    if scope.facts:
        raise refuse_inside_facts(node, path)
    if scope.relation:
        raise refuse_inside_relation(node, path)
