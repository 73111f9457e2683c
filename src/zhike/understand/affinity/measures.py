"""Pure measures of what is bought together, and of who buys again.

Lines are rows of a basket and an item: a column `item`, and all others together tell the basket.
"""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.value.measures import days_between, rounded

ITEM = "item"
ORDER = ("source", "order_id")  # two sources may use one number
KINDS = {"product": "product_id", "category": "category", "line_of_business": "line_of_business"}
BASKETS = {"order": ("customer_id", *ORDER), "customer": ("customer_id",)}
# A basket of more different items is a reseller's or a till's; its pairs are most of the work and tell of nobody.
MOST_IN_BASKET = 100


def basket_lines(orders: Table, *, as_of: date, item: str = "product_id", basket: tuple[str, ...] = ORDER) -> Table:
    """One row per basket and item in it: what tells the basket, and `item`; an item ordered twice counts once.

    A basket is an order unless `basket` names other columns, such as `("customer_id",)`. Lines without an item and
    later orders are left out.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of), orders[item].notnull())
    return known.select(*basket, **{ITEM: known[item]}).distinct()


def purchases(orders: Table, contracts: Table, *, as_of: date) -> Table:
    """One row per order line, and per contract that began: the customer, what was bought, and where it was.

    A contract is of no order, and of the category that none is. Later ones are left out.
    """
    said = ("customer_id", "source", "product_id", "product_name", "line_of_business")
    lines = orders.filter(orders.ordered_on <= ibis.literal(as_of))
    begun = contracts.filter(contracts.started_on <= ibis.literal(as_of))
    none = ibis.null("string")
    return lines.select(*said, "order_id", "category", "amount", is_contract=ibis.literal(False)).union(
        begun.select(
            *said,
            order_id=none,
            category=none,
            amount=ibis.null("decimal(18, 4)"),
            is_contract=ibis.literal(True),
        )
    )


def bought_items(bought: Table, *, sampled: int) -> Table:
    """One row per kind and item: its commonest name, category and line of business, and how often it was bought.

    `order_lines` and `contracts` are counted, and `place` is 1 for what was bought most often of its kind. `every` is
    5 where baskets of every fifth customer are enough to count those of `sampled` customers.
    """
    by = bought.group_by("product_id", "product_name", "category", "line_of_business")
    often = by.agg(
        order_lines=(~_.is_contract).cast("int64").sum(),
        contracts=_.is_contract.cast("int64").sum(),
        last_customer=_.customer_id.max(),
    )
    every = _of_kinds(often)
    items = every.group_by("kind", ITEM).agg(order_lines=_.order_lines.sum(), contracts=_.contracts.sum())
    for told in ("name", "category", "line_of_business"):
        items = items.join(_commonest(every, told), ["kind", ITEM], how="left").select(*items.columns, told)
    often_first = [ibis.desc(items.order_lines + items.contracts), items[ITEM].asc()]
    items = items.mutate(place=ibis.row_number().over(group_by="kind", order_by=often_first) + 1)
    last = often.agg(every=(often.last_customer.max() // sampled + 1).cast("int64"))
    return items.cross_join(last)


def basket_counts(bought: Table, items: Table) -> Table:
    """One row per pair of items that a basket holds, per item, and per kind: how many baskets, and their revenue.

    Baskets are the orders, and the customers with all they ever bought. `items` are the ones that are counted, by their
    `place`; of a pair `place` < `other_place`, which is empty of an item alone, as are both of all baskets with any
    item of a kind. Counts of ranges of customers add up.
    """
    sample = items.agg(every=items.every.max())
    some = bought.cross_join(sample)
    some = some.filter(some.customer_id % some.every == 0).drop("every")
    return ibis.union(*(_counts(some, items, basket) for basket in BASKETS))


def pair_figures(counts: Table, items: Table, *, fewest: int, most: int, most_of_line: int, lines: int) -> Table:
    """One row per pair that `fewest` baskets hold: its counts, and `beyond`, how many baskets more than by chance.

    `scope` is empty among all baskets; among those with a line of business, it is that line, for products that are both
    of it, of the `lines` that most baskets have. Of each kind and scope no more than `most`, or `most_of_line`, are
    kept: those with the most baskets beyond chance.
    """
    by = ["basket", "kind"]
    added = counts.group_by(*by, "place", "other_place").agg(count=_["count"].sum(), amount=_.amount.sum())
    totals = added.filter(added.place.isnull()).select(*by, baskets=_["count"])
    named = items.select("kind", "place", ITEM, "name", line=items.line_of_business)
    singles = added.filter(added.place.notnull(), added.other_place.isnull()).inner_join(named, ["kind", "place"])
    own = singles.select(*by, "place", ITEM, "name", "line", item_count="count")
    other = singles.select(
        *by, other_place="place", other_item=ITEM, other_name="name", other_line="line", other_count="count"
    )
    pairs = added.filter(added.other_place.notnull(), added["count"] >= fewest)
    known = pairs.inner_join(own, [*by, "place"]).inner_join(other, [*by, "other_place"])
    whole = known.inner_join(totals, by).mutate(scope=ibis.literal(""))
    of_line = _largest_lines(singles, lines)
    within = known.filter(known.kind == "product", known.line == known.other_line)
    within = within.mutate(scope=within.line).inner_join(of_line, ["basket", "scope"])
    both = whole.union(within.select(*whole.columns))
    expected = both.item_count.cast("float64") * both.other_count / both.baskets
    both = both.mutate(beyond=rounded(both["count"] - expected, places=6))
    best = [ibis.desc(both.beyond), both[ITEM].asc(), both.other_item.asc()]
    ranked = both.mutate(rank=ibis.row_number().over(group_by=[*by, "scope"], order_by=best))
    kept = ranked.filter(ranked["rank"] < (ranked.scope == "").ifelse(most, most_of_line))
    return kept.drop("rank", "place", "other_place", "line", "other_line")


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


def _of_kinds(often: Table) -> Table:
    """What was bought, once as a product, once as a category, once as a line of business."""
    none = ibis.null("string")
    return ibis.union(
        *(
            often.filter(often[column].notnull()).select(
                "order_lines",
                "contracts",
                kind=ibis.literal(kind),
                item=often[column],
                name=often.product_name.fill_null(often[column]) if kind == "product" else often[column],
                category=often.category if kind == "product" else none,
                line_of_business=often.line_of_business if kind == "product" else none,
            )
            for kind, column in KINDS.items()
        )
    )


def _largest_lines(singles: Table, lines: int) -> Table:
    """The lines of business that most baskets have, and how many have them."""
    of_line = singles.filter(singles.kind == "line_of_business")
    of_line = of_line.select("basket", scope=ITEM, baskets="count")
    largest = ibis.row_number().over(group_by="basket", order_by=[ibis.desc(of_line.baskets), of_line.scope.asc()])
    return of_line.mutate(rank=largest).filter(_["rank"] < lines).drop("rank")


def _commonest(every: Table, told: str) -> Table:
    """One row per kind and item: what most of its rows say, and of equals the first in the alphabet."""
    by = every.filter(every[told].notnull()).group_by("kind", ITEM, told)
    counted = by.agg(rows=(_.order_lines + _.contracts).sum())
    first = ibis.row_number().over(group_by=["kind", ITEM], order_by=[ibis.desc(counted.rows), counted[told].asc()])
    return counted.mutate(first=first).filter(_.first == 0).select("kind", ITEM, told)


def _counts(bought: Table, items: Table, basket: str) -> Table:
    """The counts of one kind of basket."""
    key = list(BASKETS[basket])
    held = bought.filter(*(bought[name].notnull() for name in key))
    number = ibis.dense_rank().over(order_by=key) if len(key) > 1 else held[key[0]]
    held = held.mutate(number=number)
    amounts = held.group_by("number").agg(amount=held.amount.sum().fill_null(0))
    parts = []
    for kind, column in KINDS.items():
        known = items.filter(items.kind == kind).select(place=items.place, **{column: items[ITEM]})
        lines = held.filter(held[column].notnull()).select("number", column)
        every = lines.select("number").distinct().inner_join(amounts, "number")
        coded = lines.inner_join(known, column).select("number", "place").distinct()
        sized = coded.mutate(size=coded.count().over(group_by="number"))
        several = sized.filter(sized["size"].between(2, MOST_IN_BASKET)).inner_join(amounts, "number")
        several = several.select("number", "place", "amount")
        beside = several.select(other_number="number", other_place="place")
        is_beside = [several.number == beside.other_number, several.place < beside.other_place]
        pairs = several.inner_join(beside, is_beside).group_by("place", "other_place")
        pairs = pairs.agg(count=_.count(), amount=_.amount.sum())
        single = coded.inner_join(amounts, "number").group_by("place").agg(count=_.count(), amount=_.amount.sum())
        none = ibis.null("int64")
        counted = ibis.union(
            every.agg(place=none, other_place=none, count=_.count(), amount=_.amount.sum().fill_null(0)),
            single.select("place", other_place=none, count=single["count"], amount=single.amount),
            pairs.select("place", "other_place", "count", "amount"),
        )
        parts.append(counted.mutate(kind=ibis.literal(kind), basket=ibis.literal(basket)))
    return ibis.union(*parts)


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
