"""Steps of the refresh that find what is bought together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pyarrow as pa
from ibis import _

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS
from zhike.stats.association import associations
from zhike.stats.looks import level_of_selected
from zhike.understand.affinity.together.measures import basket_counts, bought_items, pair_figures, purchases
from zhike.understand.affinity.together.tables import AFFINITY_RULES, BASKET_COUNTS, BOUGHT_ITEMS
from zhike.warehouse.engines import ibis_schema
from zhike.warehouse.steps import Inputs, Outputs, Refreshing, Step

# Five hundred have 125,000 pairs, which every range of customers is counted for; what is bought less often than so many
# other things is in too few baskets to say anything.
MOST_ITEMS = 500
CUSTOMERS = 500_000  # whose baskets are counted: of more, intervals are hardly narrower, and it takes longer
FEWEST = 10  # baskets: of fewer, the interval of a confidence is wider than what it says
MOST_PAIRS, MOST_PAIRS_OF_LINE, MOST_LINES = 500, 100, 10  # 10,000 rules at most; nobody reads more

BOUGHT = ("customer_id", "source", "product_id", "product_name", "line_of_business")
ORDER_COLUMNS = (*BOUGHT, "order_id", "category", "amount", "ordered_on")
CONTRACT_COLUMNS = (*BOUGHT, "started_on")
GROUP = ("basket", "kind", "scope")


def _items(inputs: Inputs) -> Outputs:
    bought = purchases(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of)
    return {BOUGHT_ITEMS: bought_items(bought, sampled=CUSTOMERS)}


def _counts(inputs: Inputs) -> Outputs:
    bought = purchases(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of)
    items = inputs[BOUGHT_ITEMS]
    return {BASKET_COUNTS: basket_counts(bought, items.filter(items.place <= MOST_ITEMS))}


@contextmanager
def _rules(refreshing: Refreshing, inputs: Inputs) -> Iterator[Outputs]:
    """The pairs that are counted in the engine, and their intervals, which are not."""
    items = inputs[BOUGHT_ITEMS]
    pairs = pair_figures(
        inputs[BASKET_COUNTS],
        items,
        fewest=FEWEST,
        most=MOST_PAIRS,
        most_of_line=MOST_PAIRS_OF_LINE,
        lines=MOST_LINES,
    )
    found = refreshing.engine.arrow(pairs.order_by(*GROUP, "item", "other_item"))
    counted = items.filter(items.place <= MOST_ITEMS).group_by("kind", "line_of_business").agg(items=_.count())
    sizes: dict[tuple[str, str], int] = defaultdict(int)
    for row in refreshing.engine.arrow(counted).to_pylist():
        for scope in {"", row["line_of_business"] or ""}:
            sizes[row["kind"], scope] += row["items"]
    yield {AFFINITY_RULES: refreshing.loaded(AFFINITY_RULES, rules_of_pairs(found, sizes))}


def rules_of_pairs(pairs: pa.Table, items: Mapping[tuple[str, str], int]) -> pa.Table:
    """Two rules for each pair, one each way, with intervals: rows of `AFFINITY_RULES`.

    The pairs are picked from all pairs of the `items`, so many of each kind and scope, so that the intervals are those
    of picked ones (Benjamini & Yekutieli 2005).
    """
    turned = {"item": "other_item", "name": "other_name", "item_count": "other_count"}
    turned |= {other: one for one, other in turned.items()}
    back = pairs.rename_columns([turned.get(name, name) for name in pairs.column_names])
    rules = pa.concat_tables([pairs, back.select(pairs.column_names)]).sort_by([(name, "ascending") for name in GROUP])
    keys = list(zip(*(rules[name].to_pylist() for name in GROUP), strict=True))
    borders = [place for place in range(len(keys)) if place == 0 or keys[place] != keys[place - 1]]
    parts = []
    for first, last in pairwise([*borders, len(keys)]):
        some = rules.slice(first, last - first)
        size = items[keys[first][1:]]
        parts.append(_with_figures(some, level_of_selected(len(some), size * (size - 1))))
    schema = ibis_schema(AFFINITY_RULES).to_pyarrow()
    return pa.concat_tables(parts).select(schema.names).cast(schema) if parts else schema.empty_table()


def _with_figures(rules: pa.Table, level: float) -> pa.Table:
    """The rules of one kind of basket with their figures; rounded, so that engines agree."""
    both, one, other, baskets = (
        rules[name].to_numpy().astype(np.int64) for name in ("count", "item_count", "other_count", "baskets")
    )
    figures = asdict(associations(both, one, other, int(baskets[0]), level=level))
    columns = {"support": both / baskets, **figures}
    columns = {name: np.round(np.where(np.isfinite(values), values, np.nan), 6) for name, values in columns.items()}
    for name, values in columns.items():
        rules = rules.append_column(name, pa.array(values, from_pandas=True))
    return rules.append_column("interval_level", pa.array(np.full(len(rules), round(level, 12))))


STEPS = (
    Step(
        name="bought_items",
        reads=(CUSTOMER_ORDERS, CUSTOMER_CONTRACTS),
        writes=(BOUGHT_ITEMS,),
        compute=_items,
        by_shard=False,
    ),
    Step(
        name="basket_counts",
        reads=(CUSTOMER_ORDERS, CUSTOMER_CONTRACTS, BOUGHT_ITEMS),
        writes=(BASKET_COUNTS,),
        compute=_counts,
        shared={CUSTOMER_ORDERS: ORDER_COLUMNS, CUSTOMER_CONTRACTS: CONTRACT_COLUMNS},
    ),
    Step(
        name="affinity_rules",
        reads=(BASKET_COUNTS, BOUGHT_ITEMS),
        writes=(AFFINITY_RULES,),
        works=_rules,
        by_shard=False,
    ),
)
