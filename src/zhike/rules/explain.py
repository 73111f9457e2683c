"""A definition taken apart into everything that is evaluated of one customer to say why it holds, or does not.

The parts are definitions themselves: they are evaluated by the code that evaluates rules, so that what is said of
them can't differ from what was computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zhike.rules.tree import (
    Aggregate,
    All,
    Any,
    Arithmetic,
    Attribute,
    Between,
    Choice,
    Compare,
    DaysBetween,
    Definition,
    Ever,
    Facts,
    Known,
    Matches,
    Node,
    Not,
    OneOf,
    TagValue,
    Within,
    is_condition,
)

VALUES = (Attribute, TagValue, Arithmetic, DaysBetween, Choice, Aggregate)


@dataclass(frozen=True)
class Part:
    """A condition, or a value that is no literal, with those that it is made of."""

    name: str  # under which it is evaluated, as no tag can be called; equal parts have one name
    node: Node
    parts: tuple[Part, ...] = ()
    facts: str = ""  # name under which single facts are judged, where it is made of facts

    @property
    def is_condition(self) -> bool:
        return is_condition(self.node)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Part]:
        """This part and all below it."""
        yield self
        for part in self.parts:
            yield from part


def taken_apart(tree: Definition) -> Part:
    """The definition as a part with all its parts."""
    return _Apart().part(tree)


def definitions_of(whole: Part) -> Mapping[str, Definition]:
    """Name → what is to be evaluated of the customer, for every part."""
    return {part.name: part.node for part in whole}  # type: ignore[misc]


def facts_of(whole: Part) -> Mapping[str, Facts]:
    """Name → facts, for every part that is made of facts: `Ever` of them says of one fact whether it counts."""
    return {part.facts: found for part in whole if (found := facts_in(part.node)) is not None}


def facts_in(node: Node) -> Facts | None:
    """The facts that a node is made of itself, not by its parts."""
    return node.facts if isinstance(node, Aggregate | Ever) else None


class _Apart:
    def __init__(self) -> None:
        self._names: dict[Node, str] = {}
        self._facts: dict[Facts, str] = {}

    def part(self, node: Node) -> Part:
        name = self._names.setdefault(node, f"part {len(self._names)}")
        facts = facts_in(node)
        return Part(
            name,
            node,
            tuple(self.part(below) for below in _below(node)),
            self._facts.setdefault(facts, f"facts {len(self._facts)}") if facts is not None else "",
        )


def _below(node: Node) -> Iterator[Node]:
    """The conditions and values of the customer that a node is made of; literals say themselves what they are."""
    for child in _children(node):
        if isinstance(child, VALUES) or is_condition(child):  # type: ignore[arg-type]
            yield child


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case All() | Any():
            return node.of
        case Not():
            return (node.of,)
        case Compare() | Arithmetic():
            return (node.left, node.right)
        case Between():
            return (node.value, node.low, node.high)
        case OneOf() | Matches() | Known():
            return (node.value,)
        case Within() | DaysBetween():
            return (node.day,)
        case Choice():
            return tuple(case.when for case in node.cases)
    return ()
