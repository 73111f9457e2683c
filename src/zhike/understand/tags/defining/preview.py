"""What would come of a rule that is being written: its kind, and how many customers would have each value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.rules.bitmaps import members
from zhike.rules.check import kind_of
from zhike.rules.text import parse
from zhike.rules.tree import Choice, Definition, Known, is_condition
from zhike.rules.vocabulary import TagKind
from zhike.understand.tags.counting.index import BitmapIndex, index_of
from zhike.understand.tags.definitions import drafted_tags
from zhike.understand.tags.vocabularies import vocabulary
from zhike.warehouse.queries import NothingPublished, published


@dataclass(frozen=True)
class Preview:
    """What a definition is, and what it would come to in the refresh in force; no counts before the first."""

    tree: Definition
    kind: TagKind
    customers: int = 0  # all there are
    count: int | None = None  # who would have it
    values: tuple[tuple[str, int], ...] = ()  # of a choice: each of its values, in their order


def previewed(text: str) -> Preview:
    """The definition that a text says, counted. Raises RuleError with the place of what is wrong, and Denied."""
    require(Right.DEFINE_TAGS)
    known = vocabulary(extra=drafted_tags().values())
    parsed = parse(text)
    kind = kind_of(parsed.tree, known, spans=parsed.spans)
    try:
        now = published()
    except NothingPublished:
        return Preview(parsed.tree, kind)
    count, values = counted(parsed.tree, index_of(now))
    return Preview(parsed.tree, kind, now.customer_count, count, values)


def counted(tree: Definition, index: BitmapIndex) -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many would have a value, and of a choice how many each of its values."""
    if is_condition(tree):
        return len(members(tree, index)), ()  # type: ignore[arg-type]
    if isinstance(tree, Choice):
        values = tuple(_cases(tree, index))
        return sum(count for _value, count in values), values
    return len(members(Known(value=tree), index)), ()


def _cases(tree: Choice, index: BitmapIndex) -> Iterator[tuple[str, int]]:
    """Each value with how many get it: who fits a case is not asked for the next."""
    left = index.everybody.copy()
    counts: dict[str, int] = {}
    for case in tree.cases:
        fitting: BitMap = members(case.when, index) & left
        left -= fitting
        counts[str(case.then.value)] = counts.get(str(case.then.value), 0) + len(fitting)
    if tree.otherwise is not None:
        counts[str(tree.otherwise.value)] = counts.get(str(tree.otherwise.value), 0) + len(left)
    yield from counts.items()
