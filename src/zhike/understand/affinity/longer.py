"""Itemsets of three items and more, by intersecting bitmaps of baskets, depth first."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError

Numbers = npt.NDArray[np.int64]
Neighbours = Mapping[int, Mapping[int, int]]  # of an item, each higher one that is frequent with it: place of the pair

MOST_ITEMSETS = 1_000_000  # their rules fit into memory, and nobody reads more


@dataclass(frozen=True)
class Level:
    """The frequent sets of one length, in the order of their items' codes: arrays of one length.

    A set is one of the level before and an item whose code is higher than those of all in it.
    """

    before: Numbers  # place of that set in the level before
    item: Numbers  # code of that item
    count: Numbers  # baskets that hold the set

    def __len__(self) -> int:
        return len(self.item)


@dataclass
class Growing:
    """The sets of one length while they are being found, and how many were tried."""

    before: array[int] = field(default_factory=lambda: array("q"))
    item: array[int] = field(default_factory=lambda: array("q"))
    count: array[int] = field(default_factory=lambda: array("q"))
    tried: int = 0

    def level(self) -> Level:
        """The sets as arrays."""
        return Level(*(np.array(values, np.int64) for values in (self.before, self.item, self.count)))


class _Member(NamedTuple):
    """One of several sets that differ in the last item: that item, the place of the set in its level, its baskets."""

    item: int
    place: int
    baskets: BitMap


_Class = list[_Member]


def neighbours_of(pairs: Level) -> Neighbours:
    """The frequent pairs that a longer set may be made of: both items are in another pair, too."""
    codes, degrees = np.unique(np.concatenate([pairs.before, pairs.item]), return_counts=True)
    linked = codes[degrees > 1]
    kept = np.flatnonzero(np.isin(pairs.before, linked) & np.isin(pairs.item, linked))
    found: dict[int, dict[int, int]] = {}
    for item, other, place in zip(pairs.before[kept].tolist(), pairs.item[kept].tolist(), kept.tolist(), strict=True):
        found.setdefault(item, {})[other] = place
    return found


def longer_sets(
    neighbours: Neighbours, bitmaps: Mapping[int, BitMap], *, minimum: int, longest: int | None, known: int
) -> list[Growing]:
    """The sets of three items that `minimum` baskets hold, those of four, and so on, up to `longest` items.

    Raises UserError where there are too many, together with the `known` ones.
    """
    levels: list[Growing] = []
    for item, others in neighbours.items():
        pairs = [_Member(other, place, bitmaps[item] & bitmaps[other]) for other, place in others.items()]
        branch = [_extended(pairs, neighbours, _level(levels, 0), minimum)]
        while branch:  # not by recursion: a set may have more items than Python has room for calls
            members = next(branch[-1], None)
            if members is None:
                branch.pop()
                continue
            known += len(members)
            check_total(known)
            if len(members) > 1 and (longest is None or len(branch) + 3 <= longest):
                branch.append(_extended(members, neighbours, _level(levels, len(branch)), minimum))
    return levels


def check_total(sets: int) -> None:
    """Raises UserError where there are more sets than anybody wants."""
    if sets > MOST_ITEMSETS:
        raise UserError(
            _("more than %(most)s sets of items are bought that often") % {"most": f"{MOST_ITEMSETS:,}"},
            where="--min-support",
            advice=_("Raise --min-support or --min-count, or allow fewer items with --max-length."),
        )


def _extended(members: _Class, neighbours: Neighbours, level: Growing, minimum: int) -> Iterator[_Class]:
    """For each member but the last those sets that also hold the last item of a later one."""
    for place, (item, before, baskets) in enumerate(members[:-1], start=1):
        beside = neighbours.get(item, {})
        found = []
        for other, _before, others in members[place:]:
            if other not in beside:
                continue
            level.tried += 1
            count = baskets.intersection_cardinality(others)
            if count >= minimum:
                found.append(_Member(other, len(level.item), baskets & others))
                level.before.append(before)
                level.item.append(other)
                level.count.append(count)
        yield found


def _level(levels: list[Growing], depth: int) -> Growing:
    if depth == len(levels):
        levels.append(Growing())
    return levels[depth]
