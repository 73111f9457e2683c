"""How sets of customers overlap: every part of them that some have in common and the others do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pyroaring import BitMap


def exclusive_parts(sets: Sequence[BitMap]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Places of the sets that a customer is in, and how many are in just these: every such part that is not empty.

    Each set cuts the parts that the sets before it left in two, so a customer is looked at once per set, and no
    more than 255 parts of eight sets are ever made.
    """
    yield from _cut(BitMap.union(BitMap(), *sets), sets, ())


def _cut(part: BitMap, sets: Sequence[BitMap], chosen: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
    if not part:
        return
    place = len(chosen)
    if place == len(sets):
        yield tuple(one for one, is_in in enumerate(chosen) if is_in), len(part)
        return
    yield from _cut(part & sets[place], sets, (*chosen, 1))
    yield from _cut(part - sets[place], sets, (*chosen, 0))
