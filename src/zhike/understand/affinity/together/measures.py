"""Pure measures of what is bought together: what was bought, counts of ranges of customers, the pairs of all."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table

from zhike.understand.affinity.measures import ITEM, ORDER
from zhike.understand.value.measures import rounded

KINDS = {"product": "product_id", "category": "category", "line_of_business": "line_of_business"}
BASKETS: dict[str, tuple[str, ...]] = {"order": ORDER, "customer": ()}  # what tells them among those of a customer
OF_BASKET = ["customer_id", "number"]
# A basket of more different items is a reseller's or a till's; its pairs are most of the work and tell of nobody.
MOST_IN_BASKET = 100


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
    within = whole.filter(whole.kind == "product", whole.line == whole.other_line).rename(all_baskets="baskets")
    within = within.mutate(scope=within.line).inner_join(of_line, ["basket", "scope"])
    within = within.filter(within.baskets < within.all_baskets)  # or the line is the whole firm
    both = whole.union(within.select(*whole.columns))
    expected = both.item_count.cast("float64") * both.other_count / both.baskets
    both = both.mutate(beyond=rounded(both["count"] - expected, places=6))
    best = [ibis.desc(both.beyond), both[ITEM].asc(), both.other_item.asc()]
    ranked = both.mutate(rank=ibis.row_number().over(group_by=[*by, "scope"], order_by=best))
    kept = ranked.filter(ranked["rank"] < (ranked.scope == "").ifelse(most, most_of_line))
    return kept.drop("rank", "place", "other_place", "line", "other_line")


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
    """The counts of one kind of basket, which is told by its customer and its number among theirs."""
    within = list(BASKETS[basket])
    held = bought.filter(bought[within[0]].notnull(), bought[within[-1]].notnull()) if within else bought
    number = ibis.dense_rank().over(group_by="customer_id", order_by=within) if within else ibis.literal(0)
    held = held.mutate(number=number)
    amounts = held.group_by(OF_BASKET).agg(amount=held.amount.sum().fill_null(0))
    return ibis.union(
        *(
            _counts_of_kind(held, amounts, items, kind).mutate(kind=ibis.literal(kind), basket=ibis.literal(basket))
            for kind in KINDS
        )
    )


def _counts_of_kind(held: Table, amounts: Table, items: Table, kind: str) -> Table:
    """How many baskets hold each pair, each item, and any; numbers in place of names, which are compared in no time."""
    column = KINDS[kind]
    known = items.filter(items.kind == kind).select("place", **{column: items[ITEM]})
    lines = held.filter(held[column].notnull()).select(*OF_BASKET, column)
    every = lines.select(*OF_BASKET).distinct().inner_join(amounts, OF_BASKET)
    placed = lines.inner_join(known, column).select(*OF_BASKET, "place").distinct()
    single = placed.inner_join(amounts, OF_BASKET).group_by("place").agg(count=_.count(), amount=_.amount.sum())
    sized = placed.mutate(size=placed.count().over(group_by=OF_BASKET))
    several = sized.filter(sized["size"].between(2, MOST_IN_BASKET)).inner_join(amounts, OF_BASKET)
    several = several.select(*OF_BASKET, "place", "amount")
    beside = several.select(**{f"other_{name}": several[name] for name in (*OF_BASKET, "place")})
    is_beside = [several[name] == beside[f"other_{name}"] for name in OF_BASKET]
    pairs = several.inner_join(beside, [*is_beside, several.place < beside.other_place])
    pairs = pairs.group_by("place", "other_place").agg(count=_.count(), amount=_.amount.sum())
    none = ibis.null("int64")
    counted = ibis.union(
        every.agg(place=none, other_place=none, count=_.count(), amount=_.amount.sum().fill_null(0)),
        single.select("place", other_place=none, count=single["count"], amount=single.amount),
        pairs.select("place", "other_place", "count", "amount"),
    )
    return counted.filter(counted["count"] > 0)  # in a range where nobody bought, there is no basket
