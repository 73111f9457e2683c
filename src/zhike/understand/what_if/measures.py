"""Pure measures of what a firm's buyers and holders of contracts did, as the LTV table asks for it."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.collect.profiles.measures import ENDED
from zhike.understand.value.measures import days_between

YEAR = timedelta(days=365)
GRACE = 30  # days after an anniversary on which it is looked who holds a contract: renewals come late


def yearly_figures(orders: Table, summary: Table, *, as_of: date) -> Table:
    """One row: buyers, orders and revenue of the last 365 days, new buyers among them, buyers of the year before, and
    how many of these bought again in the last year.

    `orders` has an order line a row, `summary` the days of each customer's first order.
    """
    year_ago, two_ago = ibis.literal(as_of - YEAR), ibis.literal(as_of - 2 * YEAR)
    known = orders.filter((orders.ordered_on > two_ago) & (orders.ordered_on <= ibis.literal(as_of)))
    each_order = known.group_by(["customer_id", "source", "order_id"]).agg(
        is_last=(_.ordered_on.min() > year_ago).cast("int64"), amount=_.amount.sum().cast("float64")
    )
    each = each_order.group_by("customer_id").agg(
        orders=_.is_last.sum(), before=(1 - _.is_last).sum(), revenue=(_.is_last * _.amount).sum()
    )
    is_there, was_there = (each.orders > 0).cast("int64"), (each.before > 0).cast("int64")
    is_new = (summary.first_ordered_on > year_ago) & (summary.first_ordered_on <= ibis.literal(as_of))
    figures = each.agg(
        buyers=is_there.sum().fill_null(0),
        orders=each.orders.sum().fill_null(0),
        revenue=each.revenue.sum().fill_null(0.0),
        buyers_before=was_there.sum().fill_null(0),
        stayed=(is_there * was_there).sum().fill_null(0),
    )
    new = summary.agg(new_buyers=is_new.cast("int64").sum().fill_null(0))
    return figures.cross_join(new)


def years_of_buyers(orders: Table, summary: Table, *, as_of: date, years: int) -> Table:
    """One row per year of custom, from 0: what those did in it who completed it last, each in their own years.

    Those are the customers whose first order was so long ago that this year of theirs ended within the last 365 days:
    `cohort` of them, of whom `buyers` ordered in it, and `before` in the year before; their orders and revenue in it.
    """
    first = summary.select("customer_id", first_on="first_ordered_on")
    age = days_between(first.first_on, ibis.literal(as_of)) // YEAR.days
    first = first.mutate(year=age - 1).filter((age >= 1) & (age <= years))
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of)).inner_join(first, "customer_id")
    each_order = known.group_by(["customer_id", "source", "order_id", "year", "first_on"]).agg(
        ordered_on=_.ordered_on.min(), amount=_.amount.sum().cast("float64")
    )
    apart = each_order.year - days_between(each_order.first_on, each_order.ordered_on) // YEAR.days
    each_order = each_order.mutate(now=(apart == 0).cast("int64"), former=(apart == 1).cast("int64"))
    each = each_order.group_by("customer_id", "year").agg(
        orders=_.now.sum(), former=_.former.sum(), revenue=(_.now * _.amount).sum()
    )
    return each.group_by("year").agg(
        cohort=_.count(),
        buyers=(_.orders > 0).cast("int64").sum(),
        before=(_.former > 0).cast("int64").sum(),
        orders=_.orders.sum(),
        revenue=_.revenue.sum(),
    )


def years_of_holders(contracts: Table, *, as_of: date) -> Table:
    """One row per year of custom, from 0: who holds a contract in it now, their premium, and who kept one into it.

    A customer's years begin with the first contract. `holders` have one in force now, with `premium` a year. `kept` of
    `before` had one 30 days into the year, of those who had 30 days into the year before and whose day that was within
    the last 365. `begun` are all whose year it is.
    """
    end = ibis.literal(as_of)
    begun = contracts.filter((contracts.started_on <= end) & (contracts.current_status != "pending"))
    over = ibis.least(begun.terminated_on.fill_null(end), begun.ends_on.fill_null(end))
    begun = begun.mutate(
        first_on=begun.started_on.min().over(ibis.window(group_by="customer_id")),
        is_active=(begun.current_status == "active").cast("int64"),
        ended_on=begun.current_status.isin(ENDED).ifelse(over, None),
    )
    age = days_between(begun.first_on, end)
    begun = begun.mutate(year=age // YEAR.days, reached=(age - GRACE) // YEAR.days)
    starts, ends = (days_between(begun.first_on, one) for one in (begun.started_on, begun.ended_on))

    def held(year: Value) -> Value:
        day = year * YEAR.days + GRACE
        return ((starts <= day) & (begun.ended_on.isnull() | (ends > day))).cast("int64")

    premium = (begun.is_active * begun.annual_premium_amount.fill_null(0)).cast("float64")
    marked = begun.mutate(premium=premium, now=held(begun.reached), former=held(begun.reached - 1))
    each = marked.group_by("customer_id", "year", "reached").agg(
        holds=_.is_active.max(), premium=_.premium.sum(), now=_.now.max(), former=_.former.max()
    )
    by_age = each.group_by("year").agg(begun=_.count(), holders=_.holds.sum(), premium=_.premium.sum())
    asked = each.filter(each.reached >= 1)
    by_reached = asked.group_by("reached").agg(before=_.former.sum(), kept=(_.former * _.now).sum())
    joined = by_age.left_join(by_reached, by_age.year == by_reached.reached).drop("reached")
    return joined.mutate(before=_.before.fill_null(0), kept=_.kept.fill_null(0))
