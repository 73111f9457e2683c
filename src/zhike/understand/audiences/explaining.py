"""What each condition of a rule does: how many it has alone, how many are left so far, what it changes."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pyroaring import BitMap

from zhike.rules.places import Path
from zhike.rules.text import text_of
from zhike.rules.tree import All, Any, Condition, Not

Members = Callable[[Condition], BitMap]
Fold = Callable[[BitMap, BitMap], BitMap]
Change = Callable[[BitMap], BitMap]
COUNTS: dict[Fold, Callable[[BitMap, BitMap], int]] = {
    BitMap.__and__: BitMap.intersection_cardinality,
    BitMap.__or__: BitMap.union_cardinality,
}


@dataclass(frozen=True)
class Step:
    """One condition of a rule, or a group of them, as it was reached in reading."""

    path: Path  # where it stands in the tree
    text: str
    depth: int  # 0: it does not stand in a group
    joined: Literal["", "and", "or"]  # by which word to what stands before it in its group
    is_group: bool  # what it is made of follows, one deeper
    alone: int  # customers for whom it holds
    so_far: int  # customers of the rule, if it ended here
    without: int  # customers of the rule, if this were left out
    change: int  # what it makes of them: fewer where it narrows the rule


def steps_of(tree: Condition, members: Members, everybody: BitMap) -> tuple[Step, ...]:
    """Each condition of a rule in reading order. `members` must find no one outside of `everybody`."""
    return tuple(_Reading(members, everybody).read(tree))


class _Reading:
    def __init__(self, members: Members, everybody: BitMap) -> None:
        self._leaf = functools.cache(members)
        self._everybody = everybody
        self._sets: dict[int, BitMap] = {}  # by the identity of the node: the tree is held by whoever reads it
        self._folds: dict[int, list[BitMap]] = {}

    def read(self, tree: Condition) -> list[Step]:
        self._size = len(self._having(tree))
        self._steps: list[Step] = []
        if isinstance(tree, All | Any):
            self._group(tree, (), 0, so_far=_same, whole=_same)
        else:
            having = self._having(tree)
            self._one(tree, (), 0, "", so_far=_same, whole=_same, reached=len(having), without=len(self._everybody))
        return self._steps

    def _one(
        self,
        node: Condition,
        path: Path,
        depth: int,
        joined: Literal["", "and", "or"],
        *,
        so_far: Change,
        whole: Change,
        reached: int,
        without: int,
    ) -> None:
        """`so_far` and `whole` say what the rule is, up to here and altogether, if this part of it were some set.

        `reached` and `without` are how many it has up to here, and without this part.
        """
        having = self._having(node)
        inner = node.of if isinstance(node, Not) else node
        is_group = isinstance(inner, All | Any)
        self._steps.append(
            Step(
                path=path,
                text=f"({text_of(node)})" if isinstance(node, All | Any) else text_of(node),
                depth=depth,
                joined=joined,
                is_group=is_group,
                alone=len(having),
                so_far=reached,
                without=without,
                change=self._size - without,
            )
        )
        if not isinstance(inner, All | Any):
            return
        if isinstance(node, Not):
            self._group(
                inner,
                (*path, "of"),
                depth + 1,
                so_far=lambda found: so_far(self._everybody - found),
                whole=lambda found: whole(self._everybody - found),
            )
        else:
            self._group(inner, path, depth + 1, so_far=so_far, whole=whole)

    def _group(
        self,
        group: All | Any,
        path: Path,
        depth: int,
        *,
        so_far: Change,
        whole: Change,
    ) -> None:
        fold = _fold_of(group)
        word: Literal["and", "or"] = "and" if isinstance(group, All) else "or"
        before = self._folded(group)
        after = _folded(fold, [self._having(one) for one in group.of[:0:-1]])[::-1]  # from the second on
        for place, one in enumerate(group.of):
            beside = [*before[:place][-1:], *after[place : place + 1]]  # what stands before it, and what after it
            if whole is _same and len(beside) == 2:
                without = COUNTS[fold](*beside)
            else:
                without = len(whole(functools.reduce(fold, beside)))
            self._one(
                one,
                (*path, "of", place),
                depth,
                word if place else "",
                so_far=_after(so_far, fold, *before[:place][-1:]),
                whole=_after(whole, fold, *beside),
                reached=len(so_far(before[place])),
                without=without,
            )

    def _folded(self, group: All | Any) -> list[BitMap]:
        """The first of a group, the first two together, the first three, and so on."""
        if id(group) not in self._folds:
            self._folds[id(group)] = _folded(_fold_of(group), [self._having(one) for one in group.of])
        return self._folds[id(group)]

    def _having(self, node: Condition) -> BitMap:
        found = self._sets.get(id(node))
        if found is None:
            match node:
                case All() | Any():
                    found = self._folded(node)[-1]
                case Not():
                    found = self._everybody - self._having(node.of)
                case _:
                    found = self._leaf(node)
            self._sets[id(node)] = found
        return found


def _fold_of(group: All | Any) -> Fold:
    return BitMap.__and__ if isinstance(group, All) else BitMap.__or__


def _after(outer: Change, fold: Fold, *beside: BitMap) -> Change:
    """What the rule is if the part is some set: that is put together with what stands beside it in its group."""
    return lambda found: outer(functools.reduce(fold, beside, found))


def _same(found: BitMap) -> BitMap:
    return found


def _folded(fold: Fold, sets: Sequence[BitMap]) -> list[BitMap]:
    """The first set, the first two together, the first three, and so on."""
    return list(itertools.accumulate(sets, fold))
