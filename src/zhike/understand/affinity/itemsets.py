"""Frequent itemsets of any length: items and pairs counted in the engine, longer sets by intersecting bitmaps.

The engine joins baskets with themselves once, with no more memory than it is given: the rows of that join are the pairs
in each basket. A join for every further item would carry along all longer sets of each basket, many times the file. So
from triples on each item is a compressed bitmap of its baskets, some two bytes for an occurrence, and a set's count is
the size of an intersection (Eclat: Zaki 2000, IEEE Transactions on Knowledge and Data Engineering 12, 372–390),
tried only where each pair in the set is frequent. It goes depth first: beside the items one branch is in memory.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from django.utils.translation import gettext as _
from ibis.expr.types import Table, Value
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.understand.affinity.longer import (
    MOST_ITEMSETS,
    Level,
    Neighbours,
    Numbers,
    check_total,
    longer_sets,
    neighbours_of,
)
from zhike.understand.affinity.measures import ITEM, itemset_counts
from zhike.understand.affinity.thresholds import Thresholds, least
from zhike.warehouse.engines.duckdb import DuckDBEngine

BASKET = "basket"
MOST_PAIRS = 10_000_000_000  # rows of the join that counts pairs: minutes
BATCH_ROWS = 1_000_000


@dataclass(frozen=True)
class Itemsets:
    """All sets of items that enough baskets hold. Codes of items begin at 0, with the rarest."""

    baskets: int
    items: tuple[str, ...]  # by code
    levels: tuple[Level, ...]  # single items first
    looks: int  # rules whose sets were counted, be they frequent or not

    @property
    def total(self) -> int:
        """How many sets there are."""
        return sum(map(len, self.levels))


def frequent_itemsets(lines: Table, wanted: Thresholds, engine: DuckDBEngine) -> Itemsets:
    """All sets of items that are frequent enough, in rows of a basket and an item (see `measures`).

    An item counts once in a basket, and a basket without items is none. Raises UserError where there are more sets, or
    larger baskets, than can be dealt with.
    """
    with ExitStack() as kept:

        def keep(table: Table) -> Table:
            return kept.enter_context(engine.sharing(table))[0]

        given = keep(lines.drop_null().distinct())
        of_basket = [name for name in given.columns if name != ITEM]
        baskets = _number(engine, given.select(of_basket).distinct().count())
        minimum = max(wanted.count, least(wanted.support, baskets))
        counted = given.group_by(ITEM).agg(count=given.count())
        often = counted.filter(counted["count"] >= minimum)
        items = keep(often.mutate(code=ibis.row_number().over(order_by=["count", ITEM])))
        known = engine.arrow(items.order_by("code").limit(MOST_ITEMSETS + 1))
        check_total(len(known))
        singles = Level(np.zeros(len(known), np.int64), np.arange(len(known)), _numbers(known["count"]))
        coded = _coded(given, items, of_basket, engine, keep)
        pairs = _pairs(coded, minimum, engine)
        levels, looks = [singles, pairs], len(known) * (len(known) - 1)
        if wanted.length != 2:
            linked = neighbours_of(pairs)
            bitmaps = _bitmaps(coded, linked, engine)
            total = len(singles) + len(pairs)
            longer = longer_sets(linked, bitmaps, minimum=minimum, longest=wanted.length, known=total)
            levels += [one.level() for one in longer]
            looks += sum(one.tried * length for length, one in enumerate(longer, start=3))
    names = tuple(known[ITEM].cast(pa.string()).to_pylist())
    return Itemsets(baskets, names, tuple(level for level in levels if len(level)), looks)


def _coded(
    given: Table, items: Table, of_basket: list[str], engine: DuckDBEngine, keep: Callable[[Table], Table]
) -> Table:
    """Rows of a number of a basket and a code of a frequent item, of baskets that hold two of them or more."""
    named = given.inner_join(items, ITEM).select(*of_basket, "code")
    sizes = named.group_by(of_basket).agg(size=named.count())
    sizes = keep(sizes.filter(sizes["size"] > 1).mutate(number=ibis.row_number()))
    pairs = _number(engine, (sizes["size"] * (sizes["size"] - 1)).sum().fill_null(0)) // 2
    if pairs > MOST_PAIRS:
        raise UserError(
            _("the baskets are so large that %(count)s pairs of items would have to be counted")
            % {"count": f"{pairs:,}"},
            where="--basket",
            advice=_("Is that what a basket is? If so, raise --min-support or --min-count."),
        )
    numbered = named.inner_join(sizes, of_basket)
    return keep(numbered.select(**{BASKET: numbered.number.cast("int32"), ITEM: numbered.code.cast("int32")}))


def _pairs(coded: Table, minimum: int, engine: DuckDBEngine) -> Level:
    counted = itemset_counts(coded, minimum=minimum).order_by("item_1", "item_2").limit(MOST_ITEMSETS + 1)
    found = engine.arrow(counted)
    check_total(len(found))
    return Level(*(_numbers(found[name]) for name in ("item_1", "item_2", "count")))


def _bitmaps(coded: Table, linked: Neighbours, engine: DuckDBEngine) -> dict[int, BitMap]:
    """The baskets of each item that a set of three may hold, read in pieces."""
    found = {code: BitMap() for code in {*linked, *(other for others in linked.values() for other in others)}}
    codes = ibis.memtable(pa.table({ITEM: pa.array(found, pa.int32())}))
    rows = coded.semi_join(codes, ITEM).order_by(ITEM, BASKET)
    for batch in engine.connection.to_pyarrow_batches(rows, chunk_size=BATCH_ROWS):
        items, baskets = batch[ITEM].to_numpy(), batch[BASKET].to_numpy().astype(np.uint32)
        borders = np.flatnonzero(np.diff(items)) + 1
        for part, first in zip(np.split(baskets, borders), [0, *borders.tolist()], strict=True):
            if len(part):
                # From a typed buffer pyroaring reads five times faster than from a NumPy array.
                found[int(items[first])] |= BitMap(array("I", part.tobytes()))
    return found


def _number(engine: DuckDBEngine, value: Value) -> int:
    return int(engine.arrow(value.as_table())[0][0].as_py())


def _numbers(column: pa.ChunkedArray) -> Numbers:
    found: Numbers = column.to_numpy().astype(np.int64)
    return found
