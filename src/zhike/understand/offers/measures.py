"""Pure measures of what to offer next: what customers have, what rules and what others like them propose.

A proposal is a row that says what is offered and why, under a number: the lower, the sooner it is heard. Customers are
given numbers, and words only once three are left of each.
"""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table

from zhike.understand.value.measures import rounded

IN_FORCE = ("pending", "active", "suspended")  # a contract with one of these is had
TOLD = ("item", "name", "source", "score", "score_low", "score_high", "lift", "because", "rule_id", "rule", "reason")
AFTER_RULES = 1_000_000  # the number of the first proposal that is of no rule


def products_had(orders: Table, contracts: Table, *, as_of: date) -> Table:
    """One row per customer and product they ordered or had a contract of: `is_ordered`, and `is_held` if in force."""
    lines = orders.filter(orders.ordered_on <= ibis.literal(as_of), orders.product_id.notnull())
    begun = contracts.filter(contracts.started_on <= ibis.literal(as_of), contracts.product_id.notnull())
    both = lines.select("customer_id", item="product_id", ordered=ibis.literal(1), held=ibis.literal(0)).union(
        begun.select(
            "customer_id",
            item="product_id",
            ordered=ibis.literal(0),
            held=begun.current_status.isin(IN_FORCE).ifelse(1, 0),
        )
    )
    by = both.group_by("customer_id", "item")
    return by.agg(is_ordered=_.ordered.max() > 0, is_held=_.held.max() > 0)


def rule_proposals(rules: Table) -> Table:
    """One row per product of an offer rule, numbered by priority, name of the rule, and the order of its products."""
    order = [rules.priority.asc(), rules.rule.asc(), rules.rule_id.asc(), rules.place.asc()]
    number = ibis.null("float64")
    return rules.select(
        "item",
        "name",
        "rule_id",
        "rule",
        "reason",
        "place",
        "may_repeat",
        number=ibis.row_number().over(order_by=order),
        source=ibis.literal("rule"),
        score=number,
        score_low=number,
        score_high=number,
        lift=number,
        because=ibis.null("string"),
    )


def affinity_proposals(affinity: Table, *, most: int) -> Table:
    """One row per association rule that may speak for a product, numbered by its confidence, the surest first.

    These are the rules of products among all baskets of customers of which even the low end of the lift is above
    chance; of those of one product no more than `most`. `had` is the product that speaks for the other.
    """
    sure = affinity.filter(
        affinity.basket == "customer", affinity.kind == "product", affinity.scope == "", affinity.lift_low > 1
    )
    best = [ibis.desc(sure.confidence), ibis.desc(sure.lift), sure.other_item.asc(), sure["item"].asc()]
    sure = sure.mutate(
        rank=ibis.row_number().over(group_by="item", order_by=best), order=ibis.row_number().over(order_by=best)
    )
    sure = sure.filter(sure["rank"] < most)
    none = ibis.null("string")
    return sure.select(
        had=sure["item"],
        item=sure.other_item,
        name=sure.other_name,
        number=sure.order + AFTER_RULES,
        source=ibis.literal("affinity"),
        score=sure.confidence,
        score_low=sure.confidence_low,
        score_high=sure.confidence_high,
        lift=sure.lift,
        because=sure.name,
        rule_id=ibis.null("int64"),
        rule=none,
        reason=none,
    )


def offers_of_rules(members: Table, proposals: Table, had: Table) -> Table:
    """One row per customer and offer rule that holds: the first of its products that the customer does not have.

    What was ordered before is had, unless the rule may repeat; what a contract in force is of is had in any case.
    """
    known = proposals.select("rule_id", "place", "item", "may_repeat")
    has = had.inner_join(known, "item")
    has = has.filter(has.is_held | (has.is_ordered & ~has.may_repeat)).select("customer_id", "rule_id", "place")
    # Places have no gaps: as long as the first, second, third … that is had is of this place, none before is free.
    mine = ["customer_id", "rule_id"]
    run = has.mutate(rank=ibis.row_number().over(group_by=mine, order_by="place") + 1)
    free = run.group_by(mine).agg(free=(run.place == run["rank"]).cast("int64").sum() + 1)
    beside = members.join(free, mine, how="left").select(*mine, "free")
    first = beside.mutate(place=beside.free.fill_null(1)).drop("free")
    return first.inner_join(proposals, ["rule_id", "place"]).select("customer_id", "item", "number")


def offers_of_affinity(had: Table, proposals: Table, *, most: int) -> Table:
    """One row per customer and product that they do not have and that others who bought what they bought did.

    Of several products that speak for it the surest does; of each customer the `most` surest are kept.
    """
    codes = proposals.select("item").distinct()
    codes = codes.mutate(code=ibis.row_number().over(order_by="item"))
    spoken = proposals.select("had", "item", "number").inner_join(codes, "item").select("had", "code", "number")
    mine = had.select("customer_id", had="item").inner_join(spoken, "had").select("customer_id", "code", "number")
    has = had.filter(had.is_ordered | had.is_held).inner_join(codes, "item").select("customer_id", "code")
    free = mine.anti_join(has, ["customer_id", "code"]).group_by("customer_id", "code").agg(number=_.number.min())
    ranked = free.mutate(rank=ibis.row_number().over(group_by="customer_id", order_by="number"))
    return ranked.filter(ranked["rank"] < most).inner_join(codes, "code").select("customer_id", "item", "number")


def best_sellers(had: Table, *, most: int = 20) -> Table:
    """The products that most customers have, as the products of one offer rule: everybody is offered the same."""
    counted = had.group_by("item").agg(customers=_.count())
    place = ibis.row_number().over(order_by=[ibis.desc("customers"), "item"]) + 1
    ranked = counted.mutate(place=place).filter(_.place <= most)
    return ranked.select("item", "place", rule_id=1, may_repeat=False, number=ranked.place)


def bought_between(orders: Table, contracts: Table, *, after: date, until: date) -> Table:
    """One row per customer and product that they ordered, or began a contract of, after one day and up to another."""
    first, last = ibis.literal(after), ibis.literal(until)
    lines = orders.filter((orders.ordered_on > first) & (orders.ordered_on <= last), orders.product_id.notnull())
    begun = contracts.filter(
        (contracts.started_on > first) & (contracts.started_on <= last), contracts.product_id.notnull()
    )
    told = {"item": "product_id"}
    return lines.select("customer_id", **told).union(begun.select("customer_id", **told)).distinct()


def trial_hits(offered: Table, best: Table, later: Table) -> Table:
    """One row: customers with an offer, how many bought it later, and how many the best-selling product instead."""
    hits = offered.semi_join(later, ["customer_id", "item"]).agg(hits=_.count())
    best_hits = best.semi_join(later, ["customer_id", "item"]).agg(best_seller_hits=_.count())
    return offered.agg(customers=_.count()).cross_join(hits).cross_join(best_hits)


def activities(values: Table, propensities: Table) -> Table:
    """One row per customer of whom a model says it: the chance that they are there to take an offer at all.

    Of who ordered, that they order anything within 52 weeks: of orders that come at a constant rate that is
    1 − exp(−expected purchases), and no more than that they still buy. Of others with a contract, that they end none
    within 90 days.
    """
    orders = ibis.least(1 - (-values.expected_purchases).exp(), values.probability_alive)
    ordering = values.filter(values.expected_purchases.notnull()).select(
        "customer_id", activity=rounded(orders, places=6), activity_kind=ibis.literal("order")
    )
    holding = propensities.filter(
        (propensities.churn_kind == "contract") & propensities.churn_probability.notnull()
    ).select(
        "customer_id",
        activity=rounded(1 - propensities.churn_probability, places=6),
        activity_kind=ibis.literal("contract"),
    )
    return ordering.union(holding.anti_join(ordering, "customer_id"))


def with_chances(offers: Table, active: Table) -> Table:
    """The offers with the chance of each: that others like the customer bought it, times that this one is active."""
    known = active.rename(acting="customer_id")
    found = offers.left_join(known, offers.customer_id == known.acting).drop("acting")
    return found.mutate(chance=rounded(found.score * found.activity, places=6))


def next_best_offers(offered: Table, proposals: Table, *, most: int) -> Table:
    """One row per customer and place up to `most`: what is offered, in the order of the numbers, and why.

    A product that is proposed several times is offered once, for the first of the reasons.
    """
    once = offered.group_by("customer_id", "item").agg(number=_.number.min())
    ranked = once.mutate(place=ibis.row_number().over(group_by="customer_id", order_by=["number", "item"]) + 1)
    kept = ranked.filter(ranked.place <= most).select("customer_id", "place", "number")
    return kept.inner_join(proposals.select("number", *TOLD), "number").drop("number")
