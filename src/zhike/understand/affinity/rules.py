"""Rules with one consequent, from frequent itemsets: who has these items also has that one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.stats.association import Numbers as Floats
from zhike.stats.association import associations, chance
from zhike.stats.looks import false_discovery_rates, level_of_selected
from zhike.understand.affinity.itemsets import Itemsets
from zhike.understand.affinity.longer import Level, Numbers
from zhike.understand.affinity.thresholds import Thresholds, reaches

SORTS = ("lift", "confidence", "count")
COUNTS = ("count", "antecedent_count", "consequent_count")


@dataclass(frozen=True)
class Rules:
    """The rules that reach the thresholds, and what they were chosen from.

    `table` has one row per rule: `antecedent` (a list) and `consequent`, `count` of baskets with all of it,
    `antecedent_count` and `consequent_count`, `support`, `confidence` and `lift` with the ends of their intervals, `p`,
    how probable so many baskets are by chance, and `q`, the share of chance among the rules, if this one and all that
    are less probable by chance are taken for true.
    """

    table: pa.Table
    baskets: int
    items: int  # frequent ones
    itemsets: int
    looks: int  # rules whose sets were counted, be they frequent or not
    interval_level: float  # of each interval, so that of those of these rules 95 % are right
    left_out: int = 0  # rows of a file that do not say a basket and an item

    @property
    def total(self) -> int:
        """How many rules there are."""
        return int(self.table.num_rows)


@dataclass(frozen=True)
class _Some:
    """Rules of one length whose consequent stands at one place: arrays of one length, antecedents as rows of items."""

    antecedent: Numbers
    consequent: Numbers
    count: Numbers
    antecedent_count: Numbers
    consequent_count: Numbers


def rules_of(itemsets: Itemsets, wanted: Thresholds, *, sort: str = "lift") -> Rules:
    """All rules of these sets that reach the least confidence, the highest of `sort` first.

    Of many rules some look as if they were no chance and are. `q` is Benjamini & Hochberg's over all whose sets were
    counted: the least support has chosen among them, too (Webb 2007, Machine Learning 68, 1–33), and what did not reach
    it counts as no finding. Raises UserError for an unknown order.
    """
    check_sort(sort)
    by_chance, places, found = [np.zeros(0)], [np.zeros(0, np.int64)], []
    seen = 0
    for some in _possible(itemsets.levels):
        by_chance.append(chance(some.count, some.antecedent_count, some.consequent_count, itemsets.baskets))
        kept = np.flatnonzero(reaches(some.count, some.antecedent_count, wanted.confidence))
        places.append(kept + seen)
        found.append(_Some(*(values[kept] for values in vars(some).values())))
        seen += len(some.count)
    p, chosen = np.concatenate(by_chance), np.concatenate(places)
    q = false_discovery_rates(p, looks=itemsets.looks)
    level = level_of_selected(len(chosen), itemsets.looks)
    table = _table(found, itemsets, p[chosen], q[chosen], level, sort)
    return Rules(table, itemsets.baskets, len(itemsets.items), itemsets.total, itemsets.looks, level)


def check_sort(sort: str) -> None:
    """Raises UserError for an unknown order."""
    if sort not in SORTS:
        raise UserError(
            _("there is no order by %(sort)s") % {"sort": repr(sort)},
            where="--sort",
            advice=_("There are %(names)s.") % {"names": ", ".join(SORTS)},
        )


def _possible(levels: Sequence[Level]) -> Iterator[_Some]:
    """All rules of all sets: of a set of n items there are n."""
    if not levels:
        return
    codes = len(levels[0])
    keys = [level.before * codes + level.item for level in levels]  # ascending
    members = levels[0].item[:, None]
    for depth, level in enumerate(levels[1:], start=1):
        members = np.hstack([members[level.before], level.item[:, None]])
        for place in range(depth + 1):
            antecedent = np.delete(members, place, axis=1)
            at = antecedent[:, 0]  # of an item in the first level, then of longer and longer sets
            for length in range(1, depth):
                at = np.searchsorted(keys[length], at * codes + antecedent[:, length])
            consequent = members[:, place]
            yield _Some(antecedent, consequent, level.count, levels[depth - 1].count[at], levels[0].count[consequent])


def _table(found: Sequence[_Some], itemsets: Itemsets, p: Floats, q: Floats, level: float, sort: str) -> pa.Table:
    """The rules as rows: by the figure asked for, the others, and where all are equal by the alphabet."""
    counts = {name: _joined([getattr(some, name) for some in found]) for name in COUNTS}
    both, one, other = counts.values()
    figures = associations(both, one, other, itemsets.baskets, level=level)
    names, rank = np.unique(np.array(itemsets.items, dtype=object), return_inverse=True)
    consequent = rank[_joined([some.consequent for some in found])]
    antecedent = _antecedents(found, rank)
    falling = {"lift": figures.lift, "confidence": figures.confidence, "count": both}
    falling = {sort: falling.pop(sort), **falling}
    rising = [*antecedent.T, consequent]
    order = np.lexsort([*reversed(rising), *(-one for one in reversed(falling.values()))])
    antecedent = antecedent[order]
    ends = np.cumsum(np.count_nonzero(antecedent >= 0, axis=1), dtype=np.int64)
    words = pa.array(names, pa.string())
    columns = {
        "antecedent": pa.LargeListArray.from_arrays(
            np.concatenate([[0], ends]), words.take(pa.array(antecedent[antecedent >= 0]))
        ),
        "consequent": words.take(pa.array(consequent[order])),
    }
    numbers = {**counts, "support": both / itemsets.baskets, **vars(figures), "p": p, "q": q}
    return pa.table(columns | {name: values[order] for name, values in numbers.items()})


def _antecedents(found: Sequence[_Some], rank: Numbers) -> Numbers:
    """The places of the items in the alphabet, ascending in each row, after the last -1."""
    width = max((some.antecedent.shape[1] for some in found), default=1)
    beyond = np.int64(len(rank))
    parts = [np.full((0, width), beyond)]
    for some in found:
        padded = np.full((len(some.count), width), beyond)
        padded[:, : some.antecedent.shape[1]] = np.sort(rank[some.antecedent], axis=1)
        parts.append(padded)
    rows = np.concatenate(parts)
    return np.where(rows == beyond, -1, rows)


def _joined(parts: Sequence[Numbers]) -> Numbers:
    return np.concatenate([np.zeros(0, np.int64), *parts])
