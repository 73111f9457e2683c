"""Who would have a tag by a definition that is not in force, beside who has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from zhike.rules.bitmaps import members
from zhike.rules.tree import Compare, Condition, Definition, HasTag, Known, Node, OneOf, TagValue, Text, is_condition
from zhike.understand.tags.computing.states import tag_state, tag_states
from zhike.understand.tags.counting.index import BitmapIndex, index_of
from zhike.understand.tags.definitions import TagDefinition, published_tags
from zhike.warehouse.queries import Published

Part = TypeVar("Part")


@dataclass(frozen=True)
class Movement:
    """Who would have the tag in the refresh in force, beside who has it."""

    before: int
    after: int
    joined: int
    left: int
    stay: int
    moved: int  # of those who stay, whose value would be another


@dataclass(frozen=True)
class Counting:
    """What it takes to count."""

    index: BitmapIndex
    trees: Mapping[str, Definition]  # what names of tags stand for, in place of what the index has of them
    computed: frozenset[str]  # tags that the index has, whatever version


def counting_with(trees: Mapping[str, Definition], now: Published) -> Counting:
    """What it takes to count as if these definitions were in force."""
    # What was not computed yet is counted by its definition.
    waiting = {tag.name: tag.tree for tag in published_tags() if tag.tree is not None and not _is_computed(tag, now)}
    return Counting(index_of(now), {**waiting, **trees}, frozenset(tag_states(now.snapshots)))


def _is_computed(tag: TagDefinition, now: Published) -> bool:
    state = tag_state(now.snapshots, tag.name)
    return state is not None and state.version == tag.version


def movement_of(name: str, tree: Definition, counting: Counting) -> Movement:
    """Who would have a tag by this definition, beside who has it. Raises UserError where that cannot be counted."""
    index, tree = counting.index, inlined(tree, counting.trees)
    condition: Condition = tree if is_condition(tree) else Known(value=tree)  # type: ignore[assignment]
    after = members(condition, index)
    if name not in counting.computed:
        return Movement(0, len(after), len(after), 0, 0, 0)
    before = index.tag(name, (), None)
    stay = before & after
    moved = 0
    if not is_condition(tree):
        same = members(Compare(operator="=", left=tree, right=TagValue(tag=name)), index)
        moved = len(stay - same)
    return Movement(len(before), len(after), len(after - before), len(before - after), len(stay), moved)


def inlined(part: Part, trees: Mapping[str, Definition]) -> Part:
    """The same, with what it names of these trees in place of their names: none of them is in force yet."""
    match part:
        case HasTag(tag=tag, values=values, as_of=None) if tag in trees:
            tree = inlined(trees[tag], trees)
            if is_condition(tree):
                return tree  # type: ignore[return-value]
            options = tuple(Text(value=value) for value in values)
            return OneOf(value=tree, options=options) if options else Known(value=tree)  # type: ignore[return-value]
        case TagValue(tag=tag) if tag in trees:
            return inlined(trees[tag], trees)  # type: ignore[return-value]
        case tuple():
            return tuple(inlined(one, trees) for one in part)  # type: ignore[return-value]
        case Node():
            return part.model_copy(update={name: inlined(value, trees) for name, value in part})
    return part
