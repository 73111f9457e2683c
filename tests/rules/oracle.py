"""What rules mean, customer by customer and row by row in plain Python: the second implementation of the language."""

from __future__ import annotations

import calendar
import math
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from zhike.rules import tree
from zhike.rules.tree import Definition, Unit, is_condition
from zhike.rules.vocabulary import TagKind, Vocabulary

Row = Mapping[str, Any]
LONGEST_STREAK = 60
TAG_COLUMNS = {TagKind.CATEGORY: "value", TagKind.NUMBER: "number", TagKind.DATE: "day"}
EXACT = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
WITHOUT_CASE = {
    "contains": lambda text, part: part in text,
    "starts with": lambda text, part: text.startswith(part),
    "ends with": lambda text, part: text.endswith(part),
}


def small(text: str) -> str:
    """The text in small letters, each by itself: a small İ is i, and σ is σ at the end of a word too."""
    return "".join({"İ": "i", "ς": "σ"}.get(letter, letter.lower()) for letter in text)


@dataclass(frozen=True)
class World:
    """All rows that rules are asked about. `edges` are rows of relations: customer_id, related_id and their columns."""

    vocabulary: Vocabulary
    as_of: date
    customers: list[Row]
    facts: Mapping[str, list[Row]] = field(default_factory=dict)
    tags: Mapping[tuple[str, date | None], list[Row]] = field(default_factory=dict)
    audiences: Mapping[str, set[int]] = field(default_factory=dict)
    edges: Mapping[str, list[Row]] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[int, Row]:
        return {row["customer_id"]: row for row in self.customers}

    @cached_property
    def facts_of(self) -> Mapping[tuple[str, int], list[Row]]:
        found = defaultdict(list)
        for table, rows in self.facts.items():
            for row in rows:
                found[table, row["customer_id"]].append(row)
        return found


def answers(
    definitions: Mapping[str, Definition], world: World, audiences: Mapping[str, Definition] | None = None
) -> list[Row]:
    """What `evaluated` gives: one row per customer, by customer_id."""
    people = [Customer(number, world, definitions, audiences or {}) for number in sorted(world.by_id)]
    return [
        {"customer_id": one.number, **{name: one.defined(tree) for name, tree in definitions.items()}} for one in people
    ]


class Reader(ABC):
    """Reads conditions and values; what names mean depends on what it reads them of."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def named(self, name: str) -> object:
        """What a name means here."""

    def holds(self, node: tree.Condition) -> bool:
        match node:
            case tree.All():
                return all(self.holds(part) for part in node.of)
            case tree.Any():
                return any(self.holds(part) for part in node.of)
            case tree.Not():
                return not self.holds(node.of)
            case tree.Compare():
                left, right = self.value(node.left), self.value(node.right)
                return left is not None and right is not None and EXACT[node.operator](left, right)
            case tree.Between():
                values = [self.value(part) for part in (node.low, node.value, node.high)]
                return None not in values and values[0] <= values[1] <= values[2]
            case tree.OneOf():
                value = self.value(node.value)
                return value is not None and value in [self.value(option) for option in node.options]
            case tree.Matches():
                value = self.value(node.value)
                return value is not None and WITHOUT_CASE[node.operator](small(value), small(node.text))
            case tree.Known():
                return self.value(node.value) is not None
            case tree.Within():
                day = self.value(node.day)
                first, last = _days_of(node, self.world.as_of)
                return day is not None and first <= day <= last
        return self.holds_of_customer(node)

    def holds_of_customer(self, node: tree.Condition) -> bool:
        raise TypeError(f"a single row has no {type(node).__name__}")

    def value(self, node: tree.Value) -> Any:
        match node:
            case tree.Number():
                return float(node.value)
            case tree.Text() | tree.Day() | tree.Flag():
                return node.value
            case tree.Today():
                return self.world.as_of
            case tree.Attribute():
                return _number(self.named(node.name))
            case tree.Arithmetic():
                return _calculated(node.operator, self.value(node.left), self.value(node.right))
            case tree.DaysBetween():
                day = self.value(node.day)
                days = None if day is None else float((self.world.as_of - day).days)
                return days if node.direction == "since" or days is None else -days
            case tree.Choice():
                chosen = next((case.then for case in node.cases if self.holds(case.when)), node.otherwise)
                return None if chosen is None else self.value(chosen)
        return self.value_of_customer(node)

    def value_of_customer(self, node: tree.Value) -> Any:
        raise TypeError(f"a single row has no {type(node).__name__}")


class OneRow(Reader):
    """One fact, or one who is related."""

    def __init__(self, row: Row, world: World) -> None:
        super().__init__(world)
        self.row = row

    def named(self, name: str) -> object:
        return self.row[name]


class Customer(Reader):
    """One customer, of whom there are facts, tags, audiences and relations."""

    def __init__(
        self, number: int, world: World, definitions: Mapping[str, Definition], audiences: Mapping[str, Definition]
    ) -> None:
        super().__init__(world)
        self.number = number
        self.definitions = definitions
        self.audiences = audiences

    def named(self, name: str) -> object:
        return self.world.by_id[self.number][name]

    def defined(self, definition: Definition) -> Any:
        return self.holds(definition) if is_condition(definition) else self.value(definition)

    def holds_of_customer(self, node: tree.Condition) -> bool:
        match node:
            case tree.HasTag():
                return self._has_tag(node)
            case tree.InAudience(audience=name):
                if name in self.audiences:
                    return self.holds(self.audiences[name])
                return self.number in self.world.audiences[name]
            case tree.Ever():
                return bool(self._facts(node.facts))
        assert isinstance(node, tree.Related)
        rows = [row for row in self.world.edges[node.relation] if row["customer_id"] == self.number]
        found = [OneRow({**self.world.by_id[row["related_id"]], **row}, self.world).holds(node.where) for row in rows]
        return any(found) if node.quantifier == "any" else bool(found) and all(found)

    def _has_tag(self, node: tree.HasTag) -> bool:
        if node.as_of is None and node.tag in self.definitions:
            definition = self.definitions[node.tag]
            value = self.defined(definition)
            if is_condition(definition):
                value = "yes" if value else None
            return value is not None and (not node.values or value in node.values)
        values = [row["value"] for row in self._tag_rows(node.tag, node.as_of)]
        return bool(values) and (not node.values or any(value in node.values for value in values))

    def _tag_rows(self, tag: str, as_of: date | None) -> list[Row]:
        return [row for row in self.world.tags[tag, as_of] if row["customer_id"] == self.number]

    def value_of_customer(self, node: tree.Value) -> Any:
        if isinstance(node, tree.TagValue):
            if node.tag in self.definitions:
                return self.defined(self.definitions[node.tag])
            rows = self._tag_rows(node.tag, None)
            return _number(rows[0][TAG_COLUMNS[self.world.vocabulary.tags[node.tag].kind]]) if rows else None
        assert isinstance(node, tree.Aggregate)
        return self._aggregate(node)

    def _facts(self, facts: tree.Facts) -> list[Row]:
        about, as_of = self.world.vocabulary.facts[facts.table], self.world.as_of
        found = []
        for row in self.world.facts_of.get((facts.table, self.number), []):
            day = row[about.day]
            in_time = day is not None and day <= as_of and self._in_window(day, facts.window)
            if in_time and (facts.where is None or OneRow(row, self.world).holds(facts.where)):
                found.append(row)
        return found

    def _in_window(self, day: date, window: tree.Window | None) -> bool:
        match window:
            case None:
                return True
            case tree.Dates():
                return (window.start is None or day >= window.start) and (window.end is None or day <= window.end)
            case tree.Since():
                since = self.named(window.attribute)
                return since is not None and day >= since
            case tree.Last():
                return day > _moved(self.world.as_of, -window.number, window.unit)
        here, today = _unit_number(day, window.unit), _unit_number(self.world.as_of, window.unit)
        return here == today if window.which == "this" else here == today - 1

    def _aggregate(self, node: tree.Aggregate) -> Any:
        about, rows = self.world.vocabulary.facts[node.facts.table], self._facts(node.facts)
        if node.function == "count":
            return float(
                len({tuple(row[name] for name in about.counted_by) for row in rows} if about.counted_by else rows)
            )
        if node.function == "streak":
            return float(self._streak({_unit_number(row[about.day], node.by) for row in rows}, node.by))
        column = node.column or about.day
        rows = [row for row in rows if _number(row[column]) is not None]
        values = [row[column] for row in rows]
        match node.function:
            case "sum":
                return _number(sum(values))
            case "distinct":
                return float(len({_number(value) for value in values}))
            case _ if not values:
                return None
            case "average":
                return float(sum(values)) / len(values)
            case "min":
                return _number(min(values))
            case "max":
                return _number(max(values))
        choose = min if node.function == "first" else max
        return _number(choose((row[about.at], row[column]) for row in rows)[1])

    def _streak(self, units: set[int], by: Unit) -> int:
        now = _unit_number(self.world.as_of, by)
        start = now if now in units else now - 1
        length = 0
        while start - length in units:
            length += 1
        return min(length, LONGEST_STREAK)


def _number(value: Any) -> Any:
    """A number as a double, which is missing where it is none; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return float(value) if math.isfinite(value) else None


def _calculated(operator: str, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (operator == "/" and right == 0):
        return None
    if operator == "/":
        return _number(left / right)
    return _number({"+": left + right, "-": left - right, "*": left * right}[operator])


def _days_of(within: tree.Within, as_of: date) -> tuple[date, date]:
    if within.direction == "last":
        return _moved(as_of, -within.number, within.unit) + timedelta(days=1), as_of
    return as_of + timedelta(days=1), _moved(as_of, within.number, within.unit)


def _moved(day: date, number: int, unit: Unit) -> date:
    """Day by day, and month by month."""
    if unit in (Unit.DAY, Unit.WEEK):
        return day + timedelta(days=number * (7 if unit is Unit.WEEK else 1))
    months = number * {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}[unit]
    month = day.replace(day=1)
    for _ in range(abs(months)):
        month = (month + timedelta(days=31) if months > 0 else month - timedelta(days=1)).replace(day=1)
    return month.replace(day=min(day.day, calendar.monthrange(month.year, month.month)[1]))


def _unit_number(day: date, unit: Unit) -> int:
    """The number of the unit in which a day lies, so that the next unit has the next number."""
    match unit:
        case Unit.DAY:
            return day.toordinal()
        case Unit.WEEK:
            return (day.toordinal() - 1) // 7  # 1 January of the year 1 was a Monday
        case Unit.MONTH:
            return day.year * 12 + day.month - 1
        case Unit.QUARTER:
            return (day.year * 12 + day.month - 1) // 3
    return day.year
