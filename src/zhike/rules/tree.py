"""The typed tree of a rule: what is stored, and what text and builder are two faces of.

Conditions are true or false of a customer, values are a number, text, day or yes/no of one, and may be missing.
The tree says nothing about where its names lead; `check.py` does.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter


class Node(BaseModel):
    """A part of a rule. Equal parts are equal, whatever text they came from."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_timedelta="iso8601")


MOST_DIGITS = 28  # that are counted exactly


class Unit(StrEnum):
    """A span of the calendar. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# Values


def _plain(value: Decimal) -> Decimal:
    """The number without zeros behind it or a power of ten; one that is too long for any rule stays as it is."""
    if not value.is_finite() or len(value.as_tuple().digits) > MOST_DIGITS or abs(value.adjusted()) > MOST_DIGITS:
        return value
    return Decimal(format(value.normalize() + 0, "f"))  # no minus before a zero


class Number(Node):
    """A number; however many zeros end it, it is the same."""

    node: Literal["number"] = "number"
    value: Annotated[Decimal, AfterValidator(_plain)]


class Text(Node):
    """A text, or one of the values of a category."""

    node: Literal["text"] = "text"
    value: str


class Day(Node):
    """A day of the calendar."""

    node: Literal["day"] = "day"
    value: date


class Flag(Node):
    """Yes or no."""

    node: Literal["flag"] = "flag"
    value: bool


Literal_ = Annotated[Number | Text | Day | Flag, Field(discriminator="node")]


class Today(Node):
    """The day as of which the rule is evaluated."""

    node: Literal["today"] = "today"


class Attribute(Node):
    """What is known of the customer under this name; inside facts a column of theirs, inside a relation also of it."""

    node: Literal["attribute"] = "attribute"
    name: str


class TagValue(Node):
    """The value that the customer has of a tag."""

    node: Literal["tag_value"] = "tag_value"
    tag: str


class Arithmetic(Node):
    """Two numbers put together; missing if one is, or if it divides by zero."""

    node: Literal["arithmetic"] = "arithmetic"
    operator: Literal["+", "-", "*", "/"]
    left: Value
    right: Value


class DaysBetween(Node):
    """Whole days from a day to the day of evaluation (`days_since`), or the other way round (`days_until`)."""

    node: Literal["days"] = "days"
    direction: Literal["since", "until"]
    day: Value


class Case(Node):
    """What a value is for whom a condition holds."""

    when: Condition
    then: Literal_


class Choice(Node):
    """The value of the first case whose condition holds, or the other one; missing where there is none."""

    node: Literal["choice"] = "choice"
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]
    otherwise: Literal_ | None = None


class Function(StrEnum):
    """What is made of the facts of a customer."""

    COUNT = "count"
    SUM = "sum"
    AVERAGE = "average"
    MIN = "min"
    MAX = "max"
    DISTINCT = "distinct"
    FIRST = "first"
    LAST = "last"
    STREAK = "streak"


class Last(Node):
    """The days of so many units up to the day of evaluation, which is the last of them."""

    node: Literal["last"] = "last"
    number: Annotated[int, Field(ge=1)]
    unit: Unit


class Dates(Node):
    """From one day to another, both included; open where there is none."""

    node: Literal["dates"] = "dates"
    start: date | None = None
    end: date | None = None


class Calendar(Node):
    """The calendar unit in which the day of evaluation lies, up to that day, or the whole one before it."""

    node: Literal["calendar"] = "calendar"
    which: Literal["this", "previous"]
    unit: Unit


class Since(Node):
    """From the day that an attribute of the customer names, included; nothing where that is missing."""

    node: Literal["since"] = "since"
    attribute: str


Window = Annotated[Last | Dates | Calendar | Since, Field(discriminator="node")]


class Facts(Node):
    """Rows of one fact table of the customer, up to the day of evaluation."""

    table: str
    where: Condition | None = None
    window: Window | None = None


class Aggregate(Node):
    """One value made of the facts of a customer.

    `count` has no column; `first` and `last` without one give the day; `streak` counts units in a row.
    """

    node: Literal["aggregate"] = "aggregate"
    function: Function
    facts: Facts
    column: str | None = None
    by: Unit | None = None


# Conditions


class All(Node):
    """All of them hold."""

    node: Literal["all"] = "all"
    of: Annotated[tuple[Condition, ...], Field(min_length=2)]


class Any(Node):
    """At least one of them holds."""

    node: Literal["any"] = "any"
    of: Annotated[tuple[Condition, ...], Field(min_length=2)]


class Not(Node):
    """It does not hold."""

    node: Literal["not"] = "not"
    of: Condition


class Compare(Node):
    """Two values of one kind; does not hold where one is missing."""

    node: Literal["compare"] = "compare"
    operator: Literal["=", "!=", "<", "<=", ">", ">="]
    left: Value
    right: Value


class Between(Node):
    """A value from one border to another, both included."""

    node: Literal["between"] = "between"
    value: Value
    low: Value
    high: Value


class OneOf(Node):
    """A value is one of those listed."""

    node: Literal["one_of"] = "one_of"
    value: Value
    options: Annotated[tuple[Literal_, ...], Field(min_length=1)]


class Matches(Node):
    """A text has another in it, at its beginning or at its end; letters match whatever their case."""

    node: Literal["matches"] = "matches"
    operator: Literal["contains", "starts with", "ends with"]
    value: Value
    text: str


class Known(Node):
    """A value is there."""

    node: Literal["known"] = "known"
    value: Value


class Within(Node):
    """A day lies in the last so many units up to the day of evaluation, or in the next ones after it."""

    node: Literal["within"] = "within"
    day: Value
    direction: Literal["last", "next"] = "last"
    number: Annotated[int, Field(ge=1)]
    unit: Unit


class HasTag(Node):
    """The customer has a tag, or one of these values of it; now, or as it stood on a day."""

    node: Literal["has_tag"] = "has_tag"
    tag: str
    values: tuple[str, ...] = ()
    as_of: date | None = None


class InAudience(Node):
    """The customer belongs to a saved audience."""

    node: Literal["in_audience"] = "in_audience"
    audience: str


class Ever(Node):
    """The customer has at least one such fact."""

    node: Literal["ever"] = "ever"
    facts: Facts


class Related(Node):
    """It holds of any, or of all and at least one, of those who stand in a relation to the customer."""

    node: Literal["related"] = "related"
    quantifier: Literal["any", "all"]
    relation: str
    where: Condition


Value = Annotated[
    Number | Text | Day | Flag | Today | Attribute | TagValue | Arithmetic | DaysBetween | Choice | Aggregate,
    Field(discriminator="node"),
]
Condition = Annotated[
    All | Any | Not | Compare | Between | OneOf | Matches | Known | Within | HasTag | InAudience | Ever | Related,
    Field(discriminator="node"),
]
# A definition of a tag is a condition (yes or no) or a value.
Definition = Annotated[
    All
    | Any
    | Not
    | Compare
    | Between
    | OneOf
    | Matches
    | Known
    | Within
    | HasTag
    | InAudience
    | Ever
    | Related
    | Number
    | Text
    | Day
    | Flag
    | Today
    | Attribute
    | TagValue
    | Arithmetic
    | DaysBetween
    | Choice
    | Aggregate,
    Field(discriminator="node"),
]

for _node in (
    Arithmetic,
    DaysBetween,
    Case,
    Choice,
    Facts,
    Aggregate,
    All,
    Any,
    Not,
    Compare,
    Between,
    OneOf,
    Matches,
    Known,
    Within,
    Ever,
    Related,
):
    _node.model_rebuild()

CONDITIONS = (All, Any, Not, Compare, Between, OneOf, Matches, Known, Within, HasTag, InAudience, Ever, Related)
_any_tree: TypeAdapter[Definition] = TypeAdapter(Definition)


def tree_from_json(text: str | bytes) -> Definition:
    """The tree that was stored. Raises pydantic's ValidationError for anything else."""
    return _any_tree.validate_json(text)


def tree_to_json(tree: Definition) -> str:
    """The tree as it is stored; equal trees give equal text."""
    return tree.model_dump_json(exclude_none=True)


def is_condition(tree: Definition) -> bool:
    """Whether the tree is true or false of a customer, and not a value."""
    return isinstance(tree, CONDITIONS)
