"""Rules in words: what a condition asks and what a value is, as a reader of the page says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.rules import tree as rule
from zhike.rules.tree import Function, Node, Unit
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import NOTHING, day, money, number
from zhike.understand.tags.wording.column_words import COLUMNS
from zhike.understand.tags.wording.rule_names import (
    column_title,
    fact_title,
    in_a_sentence,
    relation_title,
    value_title,
)
from zhike.understand.tags.wording.titles import TagTitle, titles
from zhike.understand.tags.wording.window_words import last_in_words, next_in_words, window_in_words
from zhike.warehouse.attributes import registry
from zhike.warehouse.contracts import Column, Kind

EQUALS = {"=": "=", "!=": "≠"}
SIGNS = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
DAYS: dict[str, Words] = {
    "<": gettext_lazy("%(left)s before %(right)s"),
    "<=": gettext_lazy("%(left)s on or before %(right)s"),
    ">": gettext_lazy("%(left)s after %(right)s"),
    ">=": gettext_lazy("%(left)s on or after %(right)s"),
}
OPERATIONS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
MATCHES: dict[str, Words] = {
    "contains": gettext_lazy("%(value)s contains “%(text)s”"),
    "starts with": gettext_lazy("%(value)s begins with “%(text)s”"),
    "ends with": gettext_lazy("%(value)s ends with “%(text)s”"),
}
FUNCTIONS: dict[str, Words] = {
    Function.COUNT: gettext_lazy("number of %(facts)s"),
    Function.SUM: gettext_lazy("total %(column)s of %(facts)s"),
    Function.AVERAGE: gettext_lazy("mean %(column)s of %(facts)s"),
    Function.MIN: gettext_lazy("smallest %(column)s of %(facts)s"),
    Function.MAX: gettext_lazy("largest %(column)s of %(facts)s"),
    Function.DISTINCT: gettext_lazy("different values of %(column)s of %(facts)s"),
    Function.FIRST: gettext_lazy("first %(column)s of %(facts)s"),
    Function.LAST: gettext_lazy("last %(column)s of %(facts)s"),
}
STREAKS: dict[str, Words] = {
    Unit.DAY: gettext_lazy("days in a row with %(facts)s"),
    Unit.WEEK: gettext_lazy("weeks in a row with %(facts)s"),
    Unit.MONTH: gettext_lazy("months in a row with %(facts)s"),
    Unit.QUARTER: gettext_lazy("quarters in a row with %(facts)s"),
    Unit.YEAR: gettext_lazy("years in a row with %(facts)s"),
}


@dataclass(frozen=True)
class Phrases:
    """Words for the parts of rules, with what names mean where they stand."""

    columns: Mapping[str, Column]
    titles: Mapping[str, Words]
    tags: Mapping[str, TagTitle]

    @classmethod
    def of_customers(cls, tags: Mapping[str, TagTitle] | None = None) -> Phrases:
        """Names are attributes of the customer; the titles of tags are looked up unless they are given."""
        attributes = registry().attributes
        return cls(
            {name: one.column for name, one in attributes.items()},
            {name: one.title for name, one in attributes.items()},
            titles() if tags is None else tags,
        )

    def of_facts(self, table: str) -> Phrases:
        """Names are columns of a fact table."""
        facts = registry().facts.get(table)
        columns = {name: facts.contract[name] for name in facts.columns} if facts else {}
        return Phrases(columns, COLUMNS, self.tags)

    def of_related(self, relation: str) -> Phrases:
        """Names are columns of a relation, then attributes of whoever is related."""
        found = registry().relations.get(relation)
        own = {name: found.contract[name] for name in found.columns} if found else {}
        return Phrases(
            {**self.columns, **own}, {**self.titles, **{name: COLUMNS.get(name, name) for name in own}}, self.tags
        )

    # Conditions

    def condition(self, node: Node) -> str:
        """What a condition asks of the customer."""
        match node:
            case rule.All():
                return _joined(_("%(one)s and %(other)s"), [self.inner(one, rule.Any) for one in node.of])
            case rule.Any():
                return _joined(_("%(one)s or %(other)s"), [self.inner(one, rule.All) for one in node.of])
            case rule.Not():
                return self._not(node.of)
            case rule.Compare():
                return self._compare(node)
            case rule.HasTag():
                return self._has_tag(node)
            case rule.InAudience():
                return _("in audience “%(audience)s”") % {"audience": node.audience}
            case rule.Ever():
                return _("has %(facts)s") % {"facts": self.facts(node.facts)}
            case rule.Related():
                return self._related(node)
        return self._asks(node)

    def _asks(self, node: Node) -> str:
        """A condition on one value."""
        match node:
            case rule.Between():
                words = {"low": self._beside(node.value, node.low), "high": self._beside(node.value, node.high)}
                return _("%(value)s from %(low)s to %(high)s") % {"value": self.value(node.value), **words}
            case rule.OneOf():
                options = _(", ").join(self._beside(node.value, option) for option in node.options)
                return _("%(value)s is one of %(options)s") % {"value": self.value(node.value), "options": options}
            case rule.Matches():
                return str(MATCHES[node.operator]) % {"value": self.value(node.value), "text": node.text}
            case rule.Known():
                return _("%(value)s is known") % {"value": self.value(node.value)}
            case rule.Within():
                span = next_in_words(node) if node.direction == "next" else last_in_words(node)
                return _("%(value)s lies in %(window)s") % {"value": self.value(node.day), "window": span}
        return self.value(node)

    def inner(self, node: Node, bracketed: type[Node]) -> str:
        """A condition inside another, in brackets if it is of this kind."""
        words = self.condition(node)
        return _("(%(condition)s)") % {"condition": words} if isinstance(node, bracketed) else words

    def _not(self, node: Node) -> str:
        match node:
            case rule.Known():
                return _("%(value)s is unknown") % {"value": self.value(node.value)}
            case rule.HasTag():
                return self._has_tag(node, is_negated=True)
            case rule.InAudience():
                return _("not in audience “%(audience)s”") % {"audience": node.audience}
            case rule.Ever():
                return _("has no %(facts)s") % {"facts": self.facts(node.facts)}
        return _("not: %(condition)s") % {"condition": self.condition(node)}

    def _has_tag(self, node: rule.HasTag, *, is_negated: bool = False) -> str:
        tag = self._tag(node.tag)
        if node.values:
            words = _("%(tag)s is not %(value)s") if is_negated else _("%(tag)s is %(value)s")
            said = words % {"tag": tag.title, "value": " / ".join(map(tag.value, node.values))}
        else:
            words = _("lacks the tag %(tag)s") if is_negated else _("has the tag %(tag)s")
            said = words % {"tag": tag.title}
        if node.as_of is None:
            return said
        return _("%(condition)s (as of %(day)s)") % {"condition": said, "day": day(node.as_of)}

    def _tag(self, name: str) -> TagTitle:
        return self.tags.get(name) or TagTitle(name)

    def _compare(self, node: rule.Compare) -> str:
        column = self.column_of(node.left) or self.column_of(node.right)
        sides = {"left": self._beside(node.right, node.left), "right": self._beside(node.left, node.right)}
        if isinstance(node.right, rule.Number) and node.operator in EQUALS:
            return f"{sides['left']} {EQUALS[node.operator]} {sides['right']}"
        if node.operator == "=":
            return _("%(left)s is %(right)s") % sides
        if node.operator == "!=":
            return _("%(left)s is not %(right)s") % sides
        is_day = isinstance(node.right, rule.Day | rule.Today) or (column is not None and column.kind == Kind.DATE)
        if is_day:
            return str(DAYS[node.operator]) % sides
        return f"{sides['left']} {SIGNS[node.operator]} {sides['right']}"

    def _related(self, node: rule.Related) -> str:
        words = _("all of “%(relation)s”: %(condition)s")
        if node.quantifier == "any":
            words = _("any of “%(relation)s”: %(condition)s")
        inner = self.of_related(node.relation).condition(node.where)
        return words % {"relation": relation_title(node.relation), "condition": inner}

    # Values

    def value(self, node: Node) -> str:
        """What a value is called."""
        match node:
            case rule.Number() | rule.Text() | rule.Day() | rule.Flag():
                return shown(node.value)
            case rule.Today():
                return _("today")
            case rule.Attribute():
                return str(self.titles.get(node.name, node.name))
            case rule.TagValue():
                return self._tag(node.tag).title
            case rule.Arithmetic():
                return f"({self.value(node.left)} {OPERATIONS[node.operator]} {self.value(node.right)})"
            case rule.DaysBetween():
                words = _("days since %(day)s") if node.direction == "since" else _("days until %(day)s")
                return words % {"day": self.value(node.day)}
            case rule.Choice():
                return "; ".join(f"{self.condition(case.when)} → {shown(case.then.value)}" for case in node.cases)
            case rule.Aggregate():
                return self._aggregate(node)
        return self.condition(node)

    def _aggregate(self, node: rule.Aggregate) -> str:
        facts = self.facts(node.facts)
        if node.function == Function.STREAK:
            return str(STREAKS[node.by or Unit.MONTH]) % {"facts": facts}
        if node.column is None and node.function == Function.FIRST:
            return _("first day with %(facts)s") % {"facts": facts}
        if node.column is None and node.function == Function.LAST:
            return _("last day with %(facts)s") % {"facts": facts}
        column = in_a_sentence(column_title(node.column or ""))
        return str(FUNCTIONS[node.function]) % {"column": column, "facts": facts}

    def facts(self, facts: rule.Facts) -> str:
        """Which facts are meant: “Orders (Category is skincare) in the last 90 days”."""
        words = in_a_sentence(fact_title(facts.table))
        if facts.where is not None:
            where = self.of_facts(facts.table).condition(facts.where)
            words = _("%(facts)s (%(condition)s)") % {"facts": words, "condition": where}
        if facts.window is not None:
            words = _("%(facts)s in %(window)s") % {"facts": words, "window": self.window(facts.window)}
        return words

    def window(self, window: Node) -> str:
        """The days that are meant: “the last 90 days”."""
        since = (
            Phrases.of_customers(self.tags).value(rule.Attribute(name=window.attribute))
            if isinstance(window, rule.Since)
            else ""
        )
        return window_in_words(window, since=since)

    def column_of(self, node: Node) -> Column | None:
        """The column whose values a value has, by which it is shown; None where it is not that of a column."""
        match node:
            case rule.Attribute():
                return self.columns.get(node.name)
            case rule.Aggregate(column=str(name)) if node.function != Function.DISTINCT:
                return self.of_facts(node.facts.table).columns.get(name)
            case rule.Arithmetic(operator="+" | "-"):
                return self.column_of(node.left) or self.column_of(node.right)
        return None

    def _beside(self, other: Node, node: Node) -> str:
        """A literal as the value that stands beside it is shown; anything else as itself."""
        if not isinstance(node, rule.Number | rule.Text | rule.Day | rule.Flag):
            return self.value(node)
        if isinstance(other, rule.TagValue):
            tag = self._tag(other.tag)
            if isinstance(node, rule.Number) and tag.unit == "currency":
                return amount(node.value)
            return tag.value(node.value)
        return shown(node.value, self.column_of(other))


def _joined(words: str, said: list[str]) -> str:
    return reduce(lambda one, other: words % {"one": one, "other": other}, said)


def value_in_words(node: Node) -> str:
    """What a value of the customer is called."""
    return Phrases.of_customers().value(node)


def condition_in_words(node: Node) -> str:
    """What a condition asks of the customer."""
    return Phrases.of_customers().condition(node)


def shown(value: object, column: Column | None = None) -> str:
    """A value as its column shows it: money, a number, a day, yes or no, or the words for it."""
    match value:
        case None:
            return NOTHING
        case bool():
            return _("yes") if value else _("no")
        case date():
            return day(value)
        case int() | float() | Decimal():
            is_money = column is not None and column.unit.startswith("currency")
            return amount(value) if is_money else number(_plain(value))
    return value_title(column.name if column else "", value)


def amount(value: int | float | Decimal) -> str:
    """Money, without cents where there are none."""
    return money(value).removesuffix(".00")


def _plain(value: int | float | Decimal) -> int | float | Decimal:
    return int(value) if value == int(value) else value
