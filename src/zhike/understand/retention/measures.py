"""Pure measures of who stays: cohorts of buyers, and how many left after how long."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value


def retention_cohorts(orders: Table, *, as_of: date) -> Table:
    """One row per month of first order and number of months since: customers, how many ordered in it, their share.

    Months since are each customer's own, from the day of the first order: month 0 begins with it, and a month counts
    for a customer when its last day is over at the end of `as_of`, so nobody counts in a month that is not. Who did not
    order in a month counts in it all the same, and the customers of one cohort become fewer from the month on that not
    all of them have completed. Later orders are left out.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of)).select("customer_id", "ordered_on")
    first = known.group_by("customer_id").agg(first_on=_.ordered_on.min())
    began = first.mutate(
        cohort_on=ibis.date(first.first_on.year(), first.first_on.month(), 1),
        months=months_between(first.first_on, ibis.literal(as_of + timedelta(days=1))),
    )
    sizes = began.filter(began.months > 0).group_by("cohort_on", "months").agg(customers=_.count())
    each_month = sizes.select("cohort_on", "customers", months_since=ibis.range(0, sizes.months).unnest())
    counted = each_month.group_by("cohort_on", "months_since").agg(customers=_.customers.sum())
    bought = known.inner_join(began, "customer_id")
    bought = bought.mutate(months_since=months_between(bought.first_on, bought.ordered_on))
    bought = bought.filter(bought.months_since < bought.months).select("customer_id", "cohort_on", "months_since")
    came = bought.distinct().group_by("cohort_on", "months_since").agg(retained=_.count())
    both = counted.left_join(came, ["cohort_on", "months_since"])
    filled = both.select("cohort_on", "months_since", "customers", retained=both.retained.fill_null(0))
    return filled.mutate(share=filled.retained / filled.customers)


def months_between(first: Value, last: Value) -> Value:
    """Whole months from one date to a later one: the day of the month must be reached.

    After the 31st, a month without such a day is over with its last one.
    """
    calendar = (last.year() - first.year()) * 12 + last.month() - first.month()
    return calendar - (last.day() < first.day()).cast("int64")


def stay_counts(stays: Table, *, by: tuple[str, ...] = ()) -> Table:
    """One row per group and duration: how many left then, and how many were last seen then, still there.

    `stays` has a row for each customer with `duration`, in any unit, and `event`: whether the customer left then.
    """
    return stays.group_by([*by, "duration"]).agg(
        events=stays.event.cast("int64").sum(), censored=(~stays.event).cast("int64").sum()
    )
