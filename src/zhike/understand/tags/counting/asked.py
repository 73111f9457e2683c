"""Conditions on one attribute or tag, as an index is asked them: one of some texts, or a number between two borders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from zhike.rules.tree import (
    Attribute,
    Between,
    Compare,
    Condition,
    Day,
    DaysBetween,
    Flag,
    Known,
    Matches,
    Node,
    Number,
    OneOf,
    TagValue,
    Text,
    Today,
    Within,
)
from zhike.rules.windows import within_days
from zhike.understand.attributes.loaded import Borders

DAY_0 = date(1970, 1, 1)
FLIPPED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
Texts = Callable[[list[str]], Iterable[str]]  # of some texts those that fit


@dataclass(frozen=True)
class Asked:
    """What a condition asks of whom it is about: `texts`, or `borders` of which one must hold; neither: to be known."""

    of: Attribute | TagValue
    texts: Texts | None = None
    borders: tuple[Borders, ...] | None = None
    is_negated: bool = False  # all others whose value is known


def asked_by(condition: Condition, as_of: date) -> Asked | None:
    """What an index is to be asked; None where the condition is about anything but one attribute or tag."""
    match condition:
        case Known(value=value):
            subject = _subject(value, as_of)
            return Asked(subject.of) if subject else None
        case Compare(operator=operator, left=left, right=right):
            return _compared(left, operator, right, as_of) or _compared(right, FLIPPED[operator], left, as_of)
        case Between(value=value, low=low, high=high):
            return _between(value, _number(low, as_of), _number(high, as_of), as_of)
        case OneOf(value=value, options=options):
            return _one_of(value, options, as_of)
        case Matches(operator=operator, value=value, text=text):
            subject = _subject(value, as_of)
            return Asked(subject.of, texts=_matching(operator, text)) if subject else None
        case Within(day=day):
            first, last = within_days(condition, as_of)
            return _between(day, _distance(first), _distance(last), as_of)
    return None


@dataclass(frozen=True)
class _Subject:
    """An attribute or tag, or the days between it and today: a number that rises or falls with its day."""

    of: Attribute | TagValue
    falls_from: float | None = None
    rises_from: float = 0.0

    def of_value(self, borders: Borders) -> Borders:
        """The borders of the attribute that these of the number come to."""
        if self.falls_from is None:
            return replace(borders, low=borders.low + self.rises_from, high=borders.high + self.rises_from)
        low, high = self.falls_from - borders.high, self.falls_from - borders.low
        return Borders(low, high, borders.with_high, borders.with_low)


def _subject(value: Node, as_of: date) -> _Subject | None:
    match value:
        case Attribute() | TagValue():
            return _Subject(value)
        case DaysBetween(direction=direction, day=Attribute() | TagValue() as day):
            today = _distance(as_of)
            return _Subject(day, falls_from=today) if direction == "since" else _Subject(day, rises_from=today)
    return None


def _compared(value: Node, operator: str, other: Node, as_of: date) -> Asked | None:
    subject = _subject(value, as_of)
    if subject is None:
        return None
    is_negated = operator == "!="
    if isinstance(other, Text):
        if operator not in ("=", "!="):
            return None
        return Asked(subject.of, texts=_equal({other.value}), is_negated=is_negated)
    number = _number(other, as_of)
    if number is None:
        return None
    borders = {
        "<": Borders(high=number, with_high=False),
        "<=": Borders(high=number),
        ">": Borders(low=number, with_low=False),
        ">=": Borders(low=number),
    }.get(operator, Borders(number, number))
    return Asked(subject.of, borders=(subject.of_value(borders),), is_negated=is_negated)


def _between(value: Node, low: float | None, high: float | None, as_of: date) -> Asked | None:
    subject = _subject(value, as_of)
    if subject is None or low is None or high is None:
        return None
    return Asked(subject.of, borders=(subject.of_value(Borders(low, high)),))


def _one_of(value: Node, options: Iterable[Node], as_of: date) -> Asked | None:
    subject = _subject(value, as_of)
    if subject is None:
        return None
    texts = {option.value for option in options if isinstance(option, Text)}
    if texts:
        return Asked(subject.of, texts=_equal(texts))
    numbers = [_number(option, as_of) for option in options]
    borders = tuple(subject.of_value(Borders(number, number)) for number in numbers if number is not None)
    return Asked(subject.of, borders=borders)


def _number(value: Node, as_of: date) -> float | None:
    """A literal as a number; None for anything else."""
    match value:
        case Number(value=number):
            return float(number)
        case Day(value=day):
            return _distance(day)
        case Today():
            return _distance(as_of)
        case Flag(value=flag):
            return float(flag)
    return None


def _distance(day: date) -> float:
    return float((day - DAY_0).days)


def _equal(wanted: set[str]) -> Texts:
    return lambda texts: [text for text in texts if text in wanted]


def _matching(operator: str, wanted: str) -> Texts:
    """Texts that have another in them, letters in any case, as the compiled condition has it."""
    judge = {"contains": pc.match_substring, "starts with": pc.starts_with, "ends with": pc.ends_with}[operator]

    def fitting(texts: list[str]) -> Iterable[str]:
        every = pa.array(texts, pa.string())
        (lowered,) = _without_case(pa.array([wanted], pa.string())).to_pylist()
        found: list[str] = every.filter(judge(_without_case(every), lowered)).to_pylist()
        return found

    return fitting


def _without_case(texts: pa.StringArray) -> pa.StringArray:
    """The texts in small letters; a small İ is i, and a small Σ is σ wherever it stands."""
    return pc.replace_substring(pc.utf8_lower(pc.replace_substring(texts, "İ", "i")), "ς", "σ")
