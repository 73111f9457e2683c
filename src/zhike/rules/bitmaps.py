"""Rules counted on sets of customers: who belongs is what remains when the sets of the conditions are put together.

A set is kept as those who are in it or those who are not, so that `not` costs nothing, and everybody is only written
out where the answer asks for it. What an index hands out is shared, and never changed here.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from pyroaring import BitMap

from zhike.rules.tree import All, Any, Condition, HasTag, InAudience, Not


class Numbers(Protocol):
    """The customers of a condition on a number, whom it is quicker to find among few than among all."""

    def members(self) -> BitMap:
        """All of them."""

    def among(self, customers: BitMap) -> BitMap:
        """Those of them who are among these customers."""


class Index(Protocol):
    """What knows the customers of single conditions. None of its sets has a customer who is not in `everybody`."""

    @property
    def everybody(self) -> BitMap:
        """All customers."""

    def tag(self, name: str, values: tuple[str, ...] = (), as_of: date | None = None) -> BitMap:
        """Who has a tag, or one of these values of it, now or as it stood on a day."""

    def attribute(self, condition: Condition) -> BitMap | None:
        """For whom a condition on one attribute or tag holds; None where only the engine can say."""

    def numbers(self, condition: Condition) -> Numbers | None:
        """A condition on one attribute or tag that is a number; None where it is another, or has no index."""

    def audience(self, name: str) -> BitMap:
        """Who belongs to a saved audience."""

    def scan_many(self, conditions: Sequence[Condition]) -> Sequence[BitMap]:
        """For whom each of the conditions holds, found by the engine in one pass."""


Leaves = Mapping[Condition, BitMap | Numbers]


def members(rule: Condition, index: Index) -> BitMap:
    """The customers for whom a rule holds. Not to be changed: it may be a set of the index."""
    found = _put_together(rule, _found(rule, index))
    return index.everybody - found.customers if found.is_complement else found.customers


def count(rule: Condition, index: Index) -> int:
    """The number of customers for whom a rule holds; the last step counts, and writes nothing out."""
    return _counted(rule, _found(rule, index), index)


def leaves(rule: Condition, index: Index) -> Mapping[Condition, BitMap]:
    """The customers of each condition of a rule that is not made of others. Not to be changed."""
    return {leaf: _written_out(found) for leaf, found in _found(rule, index).items()}


@dataclass(frozen=True)
class Side:
    """A set of customers, or all but these."""

    customers: BitMap
    is_complement: bool = False

    def turned(self) -> Side:
        """All others."""
        return Side(self.customers, not self.is_complement)


def _found(rule: Condition, index: Index) -> Leaves:
    """What is known of each condition that is not made of others; those without an index are asked for together."""
    found: dict[Condition, BitMap | Numbers] = {}
    without: list[Condition] = []
    for leaf in dict.fromkeys(conditions_of(rule)):
        match leaf:
            case HasTag(tag=name, values=values, as_of=as_of):
                known: BitMap | Numbers | None = index.tag(name, values, as_of)
            case InAudience(audience=name):
                known = index.audience(name)
            case _:
                known = index.numbers(leaf) or index.attribute(leaf)
        if known is None:
            without.append(leaf)
        else:
            found[leaf] = known
    if without:
        found.update(zip(without, index.scan_many(without), strict=True))
    return found


def conditions_of(rule: Condition) -> Iterator[Condition]:
    """The conditions that are not made of others, in reading order."""
    match rule:
        case All(of=inner) | Any(of=inner):
            for one in inner:
                yield from conditions_of(one)
        case Not(of=one):
            yield from conditions_of(one)
        case _:
            yield rule


def _put_together(rule: Condition, leaves: Leaves) -> Side:
    match rule:
        case All(of=inner):
            return _all(inner, leaves)
        case Any(of=inner):
            return _on_all([_put_together(one, leaves).turned() for one in inner]).turned()
        case Not(of=one):
            return _put_together(one, leaves).turned()
    return Side(_written_out(leaves[rule]))


def _all(inner: Sequence[Condition], leaves: Leaves) -> Side:
    """For whom all of them hold: what asks for numbers is looked up among those whom the rest leaves."""
    soon, late = _parted(inner, leaves)
    found = _on_all([_put_together(one, leaves) for one in soon or late[:1]])
    for one in late if soon else late[1:]:
        if found.is_complement:
            found = _on_all([found, _put_together(one, leaves)])
        else:
            found = Side(_among(one, found.customers, leaves))
    return found


def _parted(inner: Sequence[Condition], leaves: Leaves) -> tuple[list[Condition], list[Condition]]:
    """Conditions of sets alone, and those that ask for numbers."""
    parted: tuple[list[Condition], list[Condition]] = ([], [])
    for one in inner:
        parted[any(not isinstance(leaves[leaf], BitMap) for leaf in conditions_of(one))].append(one)
    return parted


def _among(rule: Condition, customers: BitMap, leaves: Leaves) -> BitMap:
    """For whom of some customers a rule holds."""
    match rule:
        case All(of=inner):
            soon, late = _parted(inner, leaves)
            return functools.reduce(lambda left, one: _among(one, left, leaves), [*soon, *late], customers)
        case Any(of=inner):
            return _union([_among(one, customers, leaves) for one in inner])
        case Not(of=one):
            return customers - _among(one, customers, leaves)
    found = leaves[rule]
    return customers & found if isinstance(found, BitMap) else found.among(customers)


def _on_all(sides: Sequence[Side]) -> Side:
    """Who is on all sides."""
    inside, outside = _dealt(sides)
    if not inside:
        return Side(_union(outside), is_complement=True)
    return Side(_difference(_intersection(inside), outside))


def _counted(rule: Condition, leaves: Leaves, index: Index) -> int:
    match rule:
        case All(of=inner) if _parted(inner, leaves)[1]:
            found = _all(inner, leaves)
            return len(index.everybody) - len(found.customers) if found.is_complement else len(found.customers)
        case All(of=inner):
            return _counted_all([_put_together(one, leaves) for one in inner], index)
        case Any(of=inner):
            # All but those who are in none of them.
            return len(index.everybody) - _counted_all([_put_together(one, leaves).turned() for one in inner], index)
        case Not(of=one):
            return len(index.everybody) - _counted(one, leaves, index)
    return len(_written_out(leaves[rule]))


def _counted_all(sides: Sequence[Side], index: Index) -> int:
    """How many are on all sides."""
    inside, outside = _dealt(sides)
    if not inside:
        *most, last = outside
        return len(index.everybody) - (_union(most).union_cardinality(last) if most else len(last))
    if outside:
        return _difference(_intersection(inside), outside[:-1]).difference_cardinality(outside[-1])
    return _intersection(inside[:-1]).intersection_cardinality(inside[-1]) if len(inside) > 1 else len(inside[0])


def _dealt(sides: Sequence[Side]) -> tuple[list[BitMap], list[BitMap]]:
    """Those who are in, the fewest first, and those who are not, the most first: both make what is left small soon."""
    inside = sorted((side.customers for side in sides if not side.is_complement), key=len)
    outside = sorted((side.customers for side in sides if side.is_complement), key=len, reverse=True)
    return inside, outside


def _written_out(found: BitMap | Numbers) -> BitMap:
    return found if isinstance(found, BitMap) else found.members()


def _union(parts: Sequence[BitMap]) -> BitMap:
    return parts[0] if len(parts) == 1 else BitMap.union(*parts)


def _intersection(parts: Sequence[BitMap]) -> BitMap:
    return functools.reduce(operator.and_, parts)


def _difference(whole: BitMap, parts: Sequence[BitMap]) -> BitMap:
    return functools.reduce(operator.sub, parts, whole)
