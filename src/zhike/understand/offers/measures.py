"""Pure measures of what to offer next: what customers have, what rules and what others like them propose."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _
from ibis.expr.types import Table

IN_FORCE = ("pending", "active", "suspended")  # a contract with one of these is had
OFFERED = ("customer_id", "item", "name", "source", "score", "score_low", "score_high", "lift", "because")
OF_RULE = ("rule_id", "rule", "reason", "priority")


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


def offers_of_rules(members: Table, rules: Table, had: Table) -> Table:
    """One row per customer and offer rule that holds: the first of its products that the customer does not have.

    What was ordered before is had, unless the rule `may_repeat`; what a contract in force is of is had in any case.
    """
    known = had.rename(had_customer="customer_id", had_item="item")
    named = members.inner_join(rules, "rule_id")
    beside = named.join(known, [named.customer_id == known.had_customer, named["item"] == known.had_item], how="left")
    is_had = beside.is_held.fill_null(False) | (beside.is_ordered.fill_null(False) & ~beside.may_repeat)
    free = beside.filter(~is_had)
    first = free.mutate(
        first=ibis.row_number().over(group_by=["customer_id", "rule_id"], order_by=["place", "item"])
    ).filter(_.first == 0)
    number = ibis.null("float64")
    return first.select(
        "customer_id",
        "item",
        "name",
        source=ibis.literal("rule"),
        score=number,
        score_low=number,
        score_high=number,
        lift=number,
        because=ibis.null("string"),
        rule_id=first.rule_id,
        rule=first.rule,
        reason=first.reason,
        priority=first.priority,
    )


def offers_of_affinity(had: Table, affinity: Table, *, most: int) -> Table:
    """One row per customer and product that they do not have and that others who bought what they bought did.

    Of several products that speak for it, the one whose buyers bought it most often is given. `affinity` are rules of
    the baskets of customers; of those of one product no more than `most` are looked at, the surest first.
    """
    sure = affinity.filter(
        affinity.basket == "customer", affinity.kind == "product", affinity.scope == "", affinity.lift_low > 1
    )
    best = [ibis.desc(sure.confidence), ibis.desc(sure.lift), sure.other_item.asc()]
    sure = sure.mutate(rank=ibis.row_number().over(group_by="item", order_by=best)).filter(_["rank"] < most)
    of_rule = sure.select(
        "item", "other_item", "other_name", "confidence", "confidence_low", "confidence_high", "lift", because="name"
    )
    named = had.select("customer_id", "item").inner_join(of_rule, "item")
    blocked = had.filter(had.is_ordered | had.is_held).select(had_customer="customer_id", had_item="item")
    free = named.anti_join(blocked, [named.customer_id == blocked.had_customer, named.other_item == blocked.had_item])
    surest = [ibis.desc(free.confidence), ibis.desc(free.lift), free["item"].asc()]
    first = free.mutate(first=ibis.row_number().over(group_by=["customer_id", "other_item"], order_by=surest)).filter(
        _.first == 0
    )
    none = ibis.null("string")
    return first.select(
        "customer_id",
        item=first.other_item,
        name=first.other_name,
        source=ibis.literal("affinity"),
        score=first.confidence,
        score_low=first.confidence_low,
        score_high=first.confidence_high,
        lift=first.lift,
        because=first.because,
        rule_id=ibis.null("int64"),
        rule=none,
        reason=none,
        priority=ibis.null("int64"),
    )


def next_best_offers(*proposed: Table, most: int) -> Table:
    """One row per customer and place up to `most`: what rules propose by their priority, then what is likeliest.

    A product that is proposed several times is offered once, for the first of the reasons.
    """
    every = ibis.union(*(one.select(*OFFERED, *OF_RULE) for one in proposed))
    every = every.mutate(is_later=(every.source != "rule").ifelse(1, 0), order=every.priority.fill_null(0))
    chance = every.score.fill_null(0.0)
    by = [every.is_later.asc(), every.order.asc(), ibis.desc(chance), every.rule.asc(), every["item"].asc()]
    once = every.mutate(seen=ibis.row_number().over(group_by=["customer_id", "item"], order_by=by)).filter(_.seen == 0)
    chance = once.score.fill_null(0.0)
    by = [once.is_later.asc(), once.order.asc(), ibis.desc(chance), once.rule.asc(), once["item"].asc()]
    ranked = once.mutate(place=ibis.row_number().over(group_by="customer_id", order_by=by) + 1)
    kept = ranked.filter(ranked.place <= most)
    return kept.select("customer_id", "place", *OFFERED[1:], *OF_RULE[:-1])
