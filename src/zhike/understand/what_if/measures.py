"""Pure measures of what a firm's buyers did in a year, as the LTV table asks for it."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table

YEAR = timedelta(days=365)


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
