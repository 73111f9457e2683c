"""What the names in a rule may mean to whoever writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from zhike.warehouse.attributes import Attribute, FactTable, Registry, Relation
from zhike.warehouse.contracts import Kind


class ValueKind(StrEnum):
    """What a value in a rule is."""

    NUMBER = "number"
    TEXT = "text"
    DAY = "day"
    FLAG = "flag"


VALUE_KINDS: Mapping[Kind, ValueKind] = {
    Kind.TEXT: ValueKind.TEXT,
    Kind.INTEGER: ValueKind.NUMBER,
    Kind.DECIMAL: ValueKind.NUMBER,
    Kind.NUMBER: ValueKind.NUMBER,
    Kind.BOOLEAN: ValueKind.FLAG,
    Kind.DATE: ValueKind.DAY,
}


class TagKind(StrEnum):
    """What a tag says of a customer."""

    YES_NO = "yes_no"
    CATEGORY = "category"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True)
class KnownTag:
    """A tag that rules may name; `values` are those of a category that are known beforehand, else empty."""

    name: str
    kind: TagKind
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The names that a rule may use. Built for one author: what they may not see is not in it, or is refused."""

    attributes: Mapping[str, Attribute]
    facts: Mapping[str, FactTable]
    relations: Mapping[str, Relation]
    tags: Mapping[str, KnownTag] = field(default_factory=dict)
    audiences: frozenset[str] = frozenset()
    # What there is, but this author may not select by: attributes, tags and audiences that are named in the refusal.
    refused: frozenset[str] = frozenset()
    refused_tags: frozenset[str] = frozenset()
    refused_audiences: frozenset[str] = frozenset()

    @classmethod
    def of(cls, registry: Registry, **more: object) -> Vocabulary:
        """The vocabulary of everything that the capabilities declare."""
        return cls(registry.attributes, registry.facts, registry.relations, **more)  # type: ignore[arg-type]
