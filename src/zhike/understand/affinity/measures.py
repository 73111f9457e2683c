"""Pure measures of what is bought together, and of who buys again.

Lines are rows of a basket and an item: a column `item`, and all others together tell the basket.
"""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.value.measures import days_between

ITEM = "item"
ORDER = ("source", "order_id")  # two sources may use one number


def basket_lines(orders: Table, *, as_of: date, item: str = "product_id", basket: tuple[str, ...] = ORDER) -> Table:
    """One row per basket and item in it: what tells the basket, and `item`; an item ordered twice counts once.

    A basket is an order unless `basket` names other columns, such as `("customer_id",)`. Lines without an item and
    later orders are left out.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of), orders[item].notnull())
    return known.select(*basket, **{ITEM: known[item]}).distinct()


def itemset_counts(lines: Table, *, size: int = 2, minimum: int = 1) -> Table:
    """One row per set of `size` items that at least `minimum` baskets hold: `item_1` < `item_2` …, and `count`.

    Level by level: only what begins with a frequent set is joined with one more item (Houtsma & Swami 1995, ICDE).
    """
    of_basket = _basket(lines)
    often = _counted(lines, [ITEM], minimum)
    kept = lines.semi_join(often, ITEM)
    found = often.rename(item_1=ITEM)
    sets = kept.rename(item_1=ITEM)
    more = kept.rename({f"other_{name}": name for name in kept.columns})
    for length in range(2, size + 1):
        before = [f"item_{place}" for place in range(1, length)]
        sets = sets.view()  # or a longer set and the items beside it would be two readings of one table
        joined = sets.join(
            more,
            [*(sets[name] == more[f"other_{name}"] for name in of_basket), sets[before[-1]] < more.other_item],
        )
        sets = joined.select(*of_basket, *before, **{f"item_{length}": joined.other_item})
        found = _counted(sets, [*before, f"item_{length}"], minimum)
        if length < size:
            sets = sets.semi_join(found, [*before, f"item_{length}"])
    return found


def also_bought(lines: Table, *, minimum: int = 1) -> Table:
    """One row per item and other item that at least `minimum` baskets hold both: how often who buys one also buys it.

    `count` of baskets with both, `item_count` and `other_count` with each, `baskets` in all. Of all baskets `support`
    have both, of those with the item `confidence` have the other, which is `lift` times as many as of all.
    """
    pairs = itemset_counts(lines, size=2, minimum=minimum)
    both = pairs.select(item=_.item_1, other_item=_.item_2, count=_["count"]).union(
        pairs.select(item=_.item_2, other_item=_.item_1, count=_["count"])
    )
    singles = _counted(lines, [ITEM], minimum)
    own = singles.select(item=_.item, item_count=_["count"])
    other = singles.select(other_item=_.item, other_count=_["count"])
    known = both.inner_join(own, ITEM).inner_join(other, "other_item").cross_join(_basket_count(lines))
    return known.select(
        "item",
        "other_item",
        "count",
        "item_count",
        "other_count",
        "baskets",
        support=_share(known["count"], known.baskets),
        confidence=_share(known["count"], known.item_count),
        lift=_share(known["count"], known.item_count) * known.baskets / known.other_count,
    )


def bundles(lines: Table, *, size: int = 2, minimum: int = 1) -> Table:
    """One row per set of `size` items that at least `minimum` baskets hold, to be offered together.

    `item_1` …, `count` and `support`, and `lift`: how many times as many baskets hold all of them as would if each
    item were bought without regard to the others.
    """
    known = itemset_counts(lines, size=size, minimum=minimum).cross_join(_basket_count(lines))
    singles = _counted(lines, [ITEM], minimum)
    support = _share(known["count"], known.baskets)
    known = known.mutate(support=support, lift=support)
    items = [f"item_{place}" for place in range(1, size + 1)]
    for name in items:
        own = singles.select(**{name: singles[ITEM], "single": singles["count"]})
        beside = known.inner_join(own, name)
        known = beside.mutate(lift=beside.lift * beside.baskets / beside.single).drop("single")
    return known.select(*items, "count", "support", "lift")


def repeat_purchase(orders: Table, *, as_of: date, by: tuple[str, ...] = (), within_days: int | None = None) -> Table:
    """One row per group, or one in all: customers who bought, those of them who bought again, and their share.

    Purchases of one day are one. With `within_days`, only who came back within so many days of the first purchase
    counts as come back, and only who had so many days until `as_of` counts at all: without it, the share of a young
    group is too low. Later orders, and lines that do not name their group, are left out.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of), *(orders[name].notnull() for name in by))
    days = known.select("customer_id", "ordered_on", *by).distinct()
    first = days.ordered_on.min().over(group_by=["customer_id", *by])
    since = days.mutate(first_on=first, days=days_between(first, days.ordered_on))
    came_back = since.days > 0
    if within_days is not None:
        came_back &= since.days <= within_days
        since = since.filter(days_between(since.first_on, ibis.literal(as_of)) >= within_days)
    buyers = since.group_by("customer_id", *by).agg(came_back=came_back.cast("int64").max())
    counted = (buyers.group_by(*by) if by else buyers).agg(buyer_count=_.count(), repeat_count=_.came_back.sum())
    return counted.mutate(
        repeat_count=counted.repeat_count.fill_null(0),
        repeat_share=_share(counted.repeat_count, counted.buyer_count.nullif(0)),
    )


def _basket(lines: Table) -> list[str]:
    """The columns that tell a basket."""
    return [name for name in lines.columns if name != ITEM]


def _basket_count(lines: Table) -> Table:
    return lines.select(*_basket(lines)).distinct().agg(baskets=_.count())


def _counted(rows: Table, by: list[str], minimum: int) -> Table:
    counted = rows.group_by(by).agg(count=_.count())
    return counted.filter(counted["count"] >= minimum)


def _share(part: Value, whole: Value) -> Value:
    return part.cast("float64") / whole
