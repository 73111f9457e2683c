"""The tree made of the words of a rule: one method for each rule of grammar.lark.

Each is given all tokens and parts that the grammar's rule is made of. What the grammar lets pass, because it can be
said better here, is refused here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, cast
from typing import Any as Anything

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.errors import RuleError, Span
from zhike.rules.grammar.tokens import day, number, operator, place_in_text, unit, unquoted, whole
from zhike.rules.places import Part, Path

if TYPE_CHECKING:
    from lark import Token

Read = Part[Span]
Children: TypeAlias = "Sequence[Token | Read]"


@dataclass(frozen=True)
class Selected:
    """What stands in the parentheses of an aggregate: facts, and what of them."""

    facts: tree.Facts
    column: str | None
    by: tree.Unit | None


class Reader:
    """Makes parts of tokens and of smaller parts."""

    def start(self, children: Children) -> Read:
        return _parts(children)[0]

    def choice(self, children: Children) -> Read:
        parts = _parts(children)
        cases = [part for part in parts if isinstance(part.node, tree.Case)]
        inside: dict[Path, Read] = {("cases", place): case for place, case in enumerate(cases)}
        if otherwise := parts[len(cases) :]:
            inside["otherwise",] = otherwise[0]
        node = tree.Choice(cases=tuple(case.node for case in cases), otherwise=otherwise[0].node if otherwise else None)
        return _made(node, children, inside)

    def case(self, children: Children) -> Read:
        when, then = _parts(children)
        node = tree.Case(when=_condition(when), then=then.node)
        return _made(node, children, {("when",): when, ("then",): then})

    def any_of(self, children: Children) -> Read:
        return _several(tree.Any, children)

    def all_of(self, children: Children) -> Read:
        return _several(tree.All, children)

    def negated(self, children: Children) -> Read:
        (part,) = _parts(children)
        return _made(tree.Not(of=_condition(part)), children, {("of",): part})

    def compare(self, children: Children) -> Read:
        left, right = _parts(children)
        sign = operator(_tokens(children)[0])
        node = tree.Compare(operator=sign, left=_value(left), right=_value(right))
        return _made(node, children, {("left",): left, ("right",): right})

    def between(self, children: Children) -> Read:
        value, low, high = _parts(children)
        node = tree.Between(value=_value(value), low=_value(low), high=_value(high))
        return _turned(node, children, {("value",): value, ("low",): low, ("high",): high})

    def one_of(self, children: Children) -> Read:
        value, *options = _parts(children)
        node = tree.OneOf(value=_value(value), options=tuple(option.node for option in options))
        inside: dict[Path, Read] = {("options", place): option for place, option in enumerate(options)}
        return _turned(node, children, {("value",): value, **inside})

    def matches(self, children: Children) -> Read:
        (value,) = _parts(children)
        found = _by_kind(children)
        how = " ".join(found["MATCHES"].lower().split())
        node = tree.Matches(operator=how, value=_value(value), text=unquoted(found["STRING"]))
        return _turned(node, children, {("value",): value, ("text",): _leaf(found["STRING"])})

    def within(self, children: Children) -> Read:
        (day,) = _parts(children)
        found = _by_kind(children)
        node = tree.Within(
            day=_value(day),
            direction="next" if "NEXT" in found else "last",
            number=whole(found["NUMBER"]),
            unit=unit(found["UNIT"]),
        )
        return _turned(node, children, {("day",): day, ("number",): _leaf(found["NUMBER"])})

    def known(self, children: Children) -> Read:
        (value,) = _parts(children)
        return _turned(tree.Known(value=_value(value)), children, {("value",): value})

    def unknown(self, children: Children) -> Read:
        known = _made(tree.Known(value=_value(_parts(children)[0])), children, {("value",): _parts(children)[0]})
        return _made(tree.Not(of=known.node), children, {("of",): known})

    def has_tag(self, children: Children) -> Read:
        tag, *values = [token for token in _tokens(children) if token.type in ("STRING", "WORD")]
        found = _by_kind(children)
        node = tree.HasTag(
            tag=unquoted(tag),
            values=tuple(map(unquoted, values)),
            as_of=day(found["DAY"]) if "DAY" in found else None,
        )
        inside: dict[Path, Read] = {("values", place): _leaf(value) for place, value in enumerate(values)}
        return _made(node, children, {("tag",): _leaf(tag), **inside})

    def in_audience(self, children: Children) -> Read:
        name = _tokens(children)[-1]
        return _made(tree.InAudience(audience=unquoted(name)), children, {("audience",): _leaf(name)})

    def ever(self, children: Children) -> Read:
        (selected,) = _parts(children)
        for step in ("column", "by"):
            if getattr(selected.node, step) is not None:
                raise RuleError(
                    _("“ever” looks for facts, and not for a column or a unit of them"),
                    span=selected.inside[step,].place,
                    advice=_("Write the table only, such as “ever(orders)”, with “where” and a window if you like."),
                )
        return _made(tree.Ever(facts=selected.node.facts), children, selected.inside)

    def related(self, children: Children) -> Read:
        (where,) = _parts(children)
        quantifier, name = _tokens(children)[:2]
        node = tree.Related(
            quantifier=quantifier.lower(),
            relation=unquoted(name),
            where=_condition(where),
        )
        return _made(node, children, {("relation",): _leaf(name), ("where",): where})

    def arithmetic(self, children: Children) -> Read:
        left, right = _parts(children)
        sign = operator(_tokens(children)[0])
        node = tree.Arithmetic(operator=sign, left=_value(left), right=_value(right))
        return _made(node, children, {("left",): left, ("right",): right})

    def negative(self, children: Children) -> Read:
        return _made(tree.Number(value=number(_tokens(children)[1]).copy_negate()), children)

    def number(self, children: Children) -> Read:
        return _made(tree.Number(value=number(_tokens(children)[0])), children)

    def day(self, children: Children) -> Read:
        return _made(tree.Day(value=day(_tokens(children)[0])), children)

    def text(self, children: Children) -> Read:
        return _made(tree.Text(value=unquoted(_tokens(children)[0])), children)

    def flag(self, children: Children) -> Read:
        return _made(tree.Flag(value=_tokens(children)[0].type == "YES"), children)

    def today(self, children: Children) -> Read:
        return _made(tree.Today(), children)

    def attribute(self, children: Children) -> Read:
        return _made(tree.Attribute(name=unquoted(_tokens(children)[0])), children)

    def tag_value(self, children: Children) -> Read:
        name = _tokens(children)[-1]
        return _made(tree.TagValue(tag=unquoted(name)), children, {("tag",): _leaf(name)})

    def days(self, children: Children) -> Read:
        (day,) = _parts(children)
        direction = _tokens(children)[0].lower().removeprefix("days_")
        return _made(tree.DaysBetween(direction=direction, day=_value(day)), children, {("day",): day})

    def aggregate(self, children: Children) -> Read:
        (selected,) = _parts(children)
        of: Selected = selected.node
        function = tree.Function(_tokens(children)[0].lower())
        node = tree.Aggregate(function=function, facts=of.facts, column=of.column, by=of.by)
        return _made(node, children, selected.inside)

    def grouped(self, children: Children) -> Read:
        (part,) = _parts(children)
        return _made(part.node, children, part.inside)

    def facts(self, children: Children) -> Read:
        found = _by_kind(children)
        names = [token for token in _tokens(children) if token.type == "NAME"]
        parts = {"window" if isinstance(part.node, WINDOWS) else "where": part for part in _parts(children)}
        where, window = parts.get("where"), parts.get("window")
        if where and window and isinstance(where.node, tree.Attribute):
            raise no_condition(where, _("Of a day, write “%(name)s within 30 days”.") % {"name": where.node.name})
        facts = tree.Facts(
            table=unquoted(names[0]),
            where=None if where is None else _condition(where),
            window=None if window is None else window.node,
        )
        column = unquoted(names[1]) if "DOT" in found else None
        by = unit(found["UNIT"]) if "BY" in found else None
        within: dict[Path, Read] = {(step,): part for step, part in parts.items()}
        inside: dict[Path, Read] = {("facts",): _made(facts, children, {("table",): _leaf(names[0]), **within})}
        inside |= {("column",): _leaf(names[1])} if "DOT" in found else {}
        inside |= {("by",): _leaf(found["UNIT"])} if "BY" in found else {}
        return _made(Selected(facts, column, by), children, inside)

    def last(self, children: Children) -> Read:
        found = _by_kind(children)
        return _made(tree.Last(number=whole(found["NUMBER"]), unit=unit(found["UNIT"])), children)

    def previous(self, children: Children) -> Read:
        return _made(tree.Calendar(which="previous", unit=unit(_by_kind(children)["UNIT"])), children)

    def this(self, children: Children) -> Read:
        return _made(tree.Calendar(which="this", unit=unit(_by_kind(children)["UNIT"])), children)

    def dates(self, children: Children) -> Read:
        days = [day(token) for token in _tokens(children) if token.type == "DAY"]
        if _tokens(children)[0].type == "UNTIL":
            return _made(tree.Dates(end=days[0]), children)
        return _made(tree.Dates(start=days[0], end=days[1] if len(days) > 1 else None), children)

    def since(self, children: Children) -> Read:
        name = _tokens(children)[-1]
        return _made(tree.Since(attribute=unquoted(name)), children, {("attribute",): _leaf(name)})


WINDOWS = (tree.Last, tree.Dates, tree.Calendar, tree.Since)


def span_of(child: Token | Read) -> Span:
    """The place of a token or part."""
    return child.place if isinstance(child, Part) else place_in_text(child)


def _parts(children: Children) -> list[Read]:
    return [child for child in children if isinstance(child, Part)]


def _tokens(children: Children) -> list[Token]:
    return [child for child in children if not isinstance(child, Part)]


def _by_kind(children: Children) -> dict[str, Token]:
    return {token.type: token for token in _tokens(children)}


def _made(node: Anything, children: Children, inside: Mapping[Path, Read] | None = None) -> Read:
    place = Span(span_of(children[0]).start, span_of(children[-1]).end)
    return Part(node, place, inside or {})


def _turned(node: tree.Condition, children: Children, inside: dict[Path, Read]) -> Read:
    """The condition, or its opposite where a “not” stands in its middle."""
    made = _made(node, children, inside)
    return _made(tree.Not(of=node), children, {("of",): made}) if "NOT" in _by_kind(children) else made


def _leaf(token: Token) -> Read:
    return Part(None, span_of(token))


def _several(kind: type[tree.All] | type[tree.Any], children: Children) -> Read:
    parts = _parts(children)
    return _made(kind(of=tuple(map(_condition, parts))), children, {("of", at): part for at, part in enumerate(parts)})


def no_condition(part: Read, advice: str = "") -> RuleError:
    """What is wrong with a value that stands where a condition should."""
    name = part.node.name if isinstance(part.node, tree.Attribute) else "age"
    said = _("Say what it should be: “%(name)s = …”, “%(name)s is known” and the like.") % {"name": name}
    return RuleError(_("this is a value, and no condition"), span=part.place, advice=advice or said)


def _condition(part: Read) -> tree.Condition:
    if not tree.is_condition(part.node):
        raise no_condition(part)
    return cast("tree.Condition", part.node)


def _value(part: Read) -> tree.Value:
    if not tree.is_condition(part.node):
        return cast("tree.Value", part.node)
    raise RuleError(
        _("this is a condition, and no value"),
        span=part.place,
        advice=_(
            "Conditions are joined by “and” and “or”; a value is an attribute, a number, a text, a day and the like."
        ),
    )
