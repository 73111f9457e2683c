"""The rows of the builder: what a page shows and sends back of a rule. Everything that people type is text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from zhike.rules.builder.choices import HAS
from zhike.rules.vocabulary import ValueKind


class Fields(BaseModel):
    """A part of the builder."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Negatable(Fields):
    """A row that may be turned round."""

    negated: bool = False


class Compared(Negatable):
    """What a value is compared with: `operator` as in choices.py, and as many values as it takes.

    With `within` the value is a number of `unit`s; a day may be `today`.
    """

    operator: str = "="
    value_kind: ValueKind = ValueKind.TEXT
    values: tuple[str, ...] = ()
    unit: str = ""


class AttributeRow(Compared):
    """An attribute of the customer; in facts a column of theirs, in a relation also one of it."""

    kind: Literal["attribute"] = "attribute"
    name: str = ""


class TagRow(Compared):
    """A tag. `has` asks for the tag, or for any of these values of it; other operators for its value."""

    kind: Literal["tag"] = "tag"
    tag: str = ""
    operator: str = HAS
    as_of: str = ""


class AudienceRow(Negatable):
    """A saved audience."""

    kind: Literal["audience"] = "audience"
    audience: str = ""


class WindowFields(Fields):
    """When facts count: at any time, or as `kind` says, with those of the fields that it needs."""

    kind: str = ""
    number: str = ""
    unit: str = ""
    start: str = ""
    end: str = ""
    attribute: str = ""


class FactsRow(Compared):
    """What is made of facts; `ever` asks for at least one, and has nothing to compare."""

    kind: Literal["facts"] = "facts"
    function: str = "count"
    table: str = ""
    column: str = ""
    by: str = ""
    where: Group | None = None
    window: WindowFields = WindowFields()


class RelatedRow(Negatable):
    """Those who stand in a relation to the customer."""

    kind: Literal["related"] = "related"
    quantifier: str = "any"
    relation: str = ""
    where: Group


class TextRow(Negatable):
    """A condition that the other rows cannot show, as text."""

    kind: Literal["text"] = "text"
    text: str = ""


class Group(Negatable):
    """Rows of which all, or any, must hold."""

    kind: Literal["group"] = "group"
    match: Literal["all", "any"] = "all"
    rows: tuple[Row, ...] = ()


Row = Annotated[
    AttributeRow | TagRow | AudienceRow | FactsRow | RelatedRow | TextRow | Group, Field(discriminator="kind")
]
# The whole of the builder is a group.
Form = Group

for _row in (FactsRow, RelatedRow, Group):
    _row.model_rebuild()
