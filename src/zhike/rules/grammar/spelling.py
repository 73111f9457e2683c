"""The one way in which a tree is written as text: what text.py reads back as the same tree."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from zhike.rules.grammar.expected import SPELT
from zhike.rules.limits import hold_limits
from zhike.rules.tree import (
    CONDITIONS,
    Aggregate,
    All,
    Any,
    Arithmetic,
    Attribute,
    Between,
    Calendar,
    Choice,
    Compare,
    Condition,
    Dates,
    Day,
    DaysBetween,
    Definition,
    Ever,
    Facts,
    Flag,
    HasTag,
    InAudience,
    Known,
    Last,
    Literal_,
    Matches,
    Not,
    Number,
    OneOf,
    Related,
    Since,
    TagValue,
    Text,
    Today,
    Unit,
    Value,
    Window,
    Within,
)

# Words of the language, which a name can only be in backquotes.
KEYWORDS = frozenset(word for words in SPELT.values() for phrase in words for word in phrase.split())
PLAIN_NAME = re.compile(r"[^\W\d]\w*")
ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\\": r"\\"}
# What binds how strongly; a part is put in parentheses where something stronger is needed.
CHOICE, OR, AND, NOT, COMPARISON, SUM, PRODUCT, ATOM = range(8)


def text_of(tree: Definition) -> str:
    """The text of a rule, with no more parentheses than it needs. Raises RuleError for one that is too large."""
    hold_limits(tree)
    return _written(tree)


def text_of_name(name: str) -> str:
    """A name as it stands in a rule: in backquotes if it might be taken for something else."""
    if PLAIN_NAME.fullmatch(name) and name.lower() not in KEYWORDS:
        return name
    return _in_quotes(name, "`")


def text_of_text(text: str) -> str:
    """A text as it stands in a rule."""
    return _in_quotes(text, '"')


def text_of_window(window: Window) -> str:
    """A window as it stands after the facts."""
    match window:
        case Last():
            return f"in last {_units(window.number, window.unit)}"
        case Calendar(which="this"):
            return f"in this {window.unit}"
        case Calendar():
            return f"in last calendar {window.unit}"
        case Since():
            return f"since {text_of_name(window.attribute)}"
        case Dates(start=date() as start, end=date() as end):
            return f"in {start.isoformat()} to {end.isoformat()}"
        case Dates(start=date() as start):
            return f"from {start.isoformat()}"
    assert window.end is not None  # a window without borders is refused by the limits
    return f"until {window.end.isoformat()}"


def _in_quotes(text: str, quote: str) -> str:
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + quote
    # What cannot be seen is spelt out: it would get lost in a form, or show a reader something else than stands there.
    if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp"):
        return ESCAPES.get(character, f"\\u{{{ord(character):x}}}")
    return ESCAPES.get(character, character)


def _written(node: Definition) -> str:
    return _condition(node) if isinstance(node, CONDITIONS) else _value(node)


def _at_least(strength: int, node: Definition) -> str:
    return _written(node) if _strength(node) >= strength else f"({_written(node)})"


def _strength(node: Definition) -> int:
    match node:
        case Choice():
            return CHOICE
        case Any():
            return OR
        case All():
            return AND
        case Not(of=OneOf() | Known()):
            return COMPARISON
        case Not():
            return NOT
        case Arithmetic(operator="+" | "-"):
            return SUM
        case Arithmetic():
            return PRODUCT
    return COMPARISON if isinstance(node, CONDITIONS) else ATOM


def _literal(node: Literal_) -> str:
    match node:
        case Number():
            return f"{node.value:f}"
        case Text():
            return text_of_text(node.value)
        case Day():
            return node.value.isoformat()
    return "yes" if node.value else "no"


def _value(node: Value) -> str:
    match node:
        case Number() | Text() | Day() | Flag():
            return _literal(node)
        case Today():
            return "today"
        case Attribute():
            return text_of_name(node.name)
        case TagValue():
            return f"tag {text_of_text(node.tag)}"
        case Arithmetic():
            own = _strength(node)
            return f"{_at_least(own, node.left)} {node.operator} {_at_least(own + 1, node.right)}"
        case DaysBetween():
            return f"days_{node.direction}({_written(node.day)})"
        case Aggregate():
            return f"{node.function}({_facts(node.facts, node.column, node.by)})"
    cases = [f"when {_written(case.when)} then {_literal(case.then)}" for case in node.cases]
    otherwise = [] if node.otherwise is None else [f"otherwise {_literal(node.otherwise)}"]
    return " ".join(cases + otherwise)


def _facts(facts: Facts, column: str | None = None, by: Unit | None = None) -> str:
    parts = [text_of_name(facts.table) + ("" if column is None else f".{text_of_name(column)}")]
    if by is not None:
        parts.append(f"by {by}")
    if facts.where is not None:
        parts.append(f"where {_condition(facts.where)}")
    if facts.window is not None:
        parts.append(text_of_window(facts.window))
    return " ".join(parts)


def _condition(node: Condition) -> str:
    match node:
        case All():
            return " and ".join(_at_least(NOT, part) for part in node.of)
        case Any():
            return " or ".join(_at_least(AND, part) for part in node.of)
        case Not(of=OneOf() as inner):
            return f"{_at_least(SUM, inner.value)} not in ({_listed(inner)})"
        case Not(of=Known() as inner):
            return f"{_at_least(SUM, inner.value)} is unknown"
        case Not():
            return f"not {_at_least(NOT, node.of)}"
        case HasTag():
            return _has_tag(node)
        case InAudience():
            return f"in audience {text_of_text(node.audience)}"
        case Ever():
            return f"ever({_facts(node.facts)})"
        case Related():
            return f"{node.quantifier} {text_of_name(node.relation)} ({_condition(node.where)})"
    return _comparison(node)


def _comparison(node: Compare | Between | OneOf | Matches | Known | Within) -> str:
    match node:
        case Compare():
            return f"{_at_least(SUM, node.left)} {node.operator} {_at_least(SUM, node.right)}"
        case Between():
            value, low, high = (_at_least(SUM, part) for part in (node.value, node.low, node.high))
            return f"{value} between {low} and {high}"
        case OneOf():
            return f"{_at_least(SUM, node.value)} in ({_listed(node)})"
        case Matches():
            return f"{_at_least(SUM, node.value)} {node.operator} {text_of_text(node.text)}"
        case Known():
            return f"{_at_least(SUM, node.value)} is known"
    following = "next " if node.direction == "next" else ""
    return f"{_at_least(SUM, node.day)} within {following}{_units(node.number, node.unit)}"


def _has_tag(node: HasTag) -> str:
    text = f"has tag {text_of_text(node.tag)}"
    if len(node.values) == 1:
        text += f" = {text_of_text(node.values[0])}"
    elif node.values:
        text += f" in ({', '.join(map(text_of_text, node.values))})"
    return text if node.as_of is None else f"{text} as of {node.as_of.isoformat()}"


def _listed(node: OneOf) -> str:
    return ", ".join(map(_literal, node.options))


def _units(number: int, unit: Unit) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
