"""Pure measures of who stays: cohorts of buyers, and how many left after how long."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.collect.profiles.measures import LEFT
from zhike.understand.lifecycle.measures import contracts_begun
from zhike.understand.value.measures import days_between, months_between

YEAR = timedelta(days=365)  # of which it is told why customers left
REASONED = ("refused", "complained", "unsubscribed")  # responses that may say why
CONTACT_DAYS = 90  # before a contract is left, in which a contact may tell why


def retention_cohorts(orders: Table, *, as_of: date, by: tuple[str, ...] = (), since: date | None = None) -> Table:
    """One row per month of first order and number of months since: customers, how many ordered in it, their share.

    Months since are each customer's own, from the day of the first order: month 0 begins with it, and a month counts
    for a customer when its last day is over at the end of `as_of`, so nobody counts in a month that is not. Who did not
    order in a month counts in it all the same, and the customers of one cohort become fewer from the month on that not
    all of them have completed. Later orders are left out. Columns `by`, which are the same in all orders of a customer,
    tell groups apart; with `since`, cohorts that began before that day are left out.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of)).select("customer_id", "ordered_on", *by)
    first = known.group_by("customer_id", *by).agg(first_on=_.ordered_on.min())
    if since:
        first = first.filter(first.first_on >= ibis.literal(since))
    began = first.mutate(
        cohort_on=_month_of(first.first_on),
        months=months_between(first.first_on, ibis.literal(as_of + timedelta(days=1))),
    )
    watched = began.filter(began.months > 0).group_by(*by, "cohort_on", "months").agg(customers=_.count())
    each_month = watched.select(*by, "cohort_on", "customers", months_since=ibis.range(0, watched.months).unnest())
    bought = known.select("customer_id", "ordered_on").inner_join(began, "customer_id")
    bought = bought.mutate(months_since=months_between(bought.first_on, bought.ordered_on))
    bought = bought.filter(bought.months_since < bought.months)
    came = bought.select("customer_id", *by, "cohort_on", "months_since").distinct()
    return _shares(each_month, came.group_by(*by, "cohort_on", "months_since").agg(retained=_.count()), by)


def presence_cohorts(spells: Table, *, as_of: date, by: tuple[str, ...] = (), since: date | None = None) -> Table:
    """One row per month of first presence and number of months since: customers, how many were there then, their share.

    `spells` are those of `active_spells`. Months since are each customer's own: a customer counts on every day that is
    so many months after the first, up to `as_of`, and is there unless gone on that day and not back.
    """
    own = ibis.window(group_by="customer_id")
    dated = spells.mutate(first_on=spells.began_on.min().over(own))
    if since:
        dated = dated.filter(dated.first_on >= ibis.literal(since))
    last = dated.gone_on.isnull().ifelse(ibis.literal(as_of), (dated.gone_on - ibis.interval(days=1)).cast("date"))
    before = (dated.began_on - ibis.interval(days=1)).cast("date")
    placed = dated.select(
        *by,
        "spell",
        cohort_on=_month_of(dated.first_on),
        begin=(dated.spell == 1).ifelse(0, months_between(dated.first_on, before) + 1),
        end=months_between(dated.first_on, last) + 1,
        months=months_between(dated.first_on, ibis.literal(as_of)) + 1,
    )
    courses = placed.group_by(*by, "cohort_on", "spell", "begin", "end", "months").agg(customers=_.count())
    firsts = courses.filter(courses.spell == 1)
    each_month = firsts.select(*by, "cohort_on", "customers", months_since=ibis.range(0, firsts.months).unnest())
    there = courses.filter(courses.begin < courses.end)
    kept = there.select(
        *by, "cohort_on", retained=there.customers, months_since=ibis.range(there.begin, there.end).unnest()
    )
    return _shares(each_month, kept.group_by(*by, "cohort_on", "months_since").agg(retained=_.retained.sum()), by)


def _month_of(day: Value) -> Value:
    return ibis.date(day.year(), day.month(), 1)


def _shares(watched: Table, came: Table, by: tuple[str, ...]) -> Table:
    """Customers who were watched in each month, those who came in it, and their share."""
    key = [*by, "cohort_on", "months_since"]
    counted = watched.group_by(key).agg(customers=_.customers.sum())
    both = counted.left_join(came, key)
    filled = both.select(*key, "customers", retained=both.retained.fill_null(0))
    return filled.mutate(share=filled.retained / filled.customers)


def stay_counts(stays: Table, *, by: tuple[str, ...] = ()) -> Table:
    """One row per group and duration: how many left then, and how many were last seen then, still there.

    `stays` has a row for each customer with `duration`, in any unit, and `event`: whether the customer left then.
    """
    return stays.group_by([*by, "duration"]).agg(
        events=stays.event.cast("int64").sum(), censored=(~stays.event).cast("int64").sum()
    )


def contract_stays(contracts: Table, *, as_of: date) -> Table:
    """One row per contract that had begun: how many days it lasted so far, and whether the customer left it then.

    To leave is to let it lapse, to surrender or to cancel it. One that matured or ended with a claim is seen up to
    then, one in force up to `as_of`.
    """
    begun = contracts_begun(contracts, as_of=as_of)
    seen = ibis.least(begun.over_on, ibis.literal(as_of))
    return begun.select(
        *("customer_id", "unit_id", "line_of_business", "channel"),
        duration=days_between(begun.started_on, seen),
        event=begun.current_status.isin(LEFT) & (begun.over_on <= ibis.literal(as_of)),
    )


def presence_stays(spells: Table, *, as_of: date) -> Table:
    """One row per customer: how many days the first presence lasted so far, and whether it ended then."""
    first = spells.filter(spells.spell == 1)
    return first.select(
        "customer_id",
        duration=days_between(first.began_on, first.gone_on.fill_null(ibis.literal(as_of))),
        event=first.gone_on.notnull(),
    )


def defections(contracts: Table, *, as_of: date, since: date) -> Table:
    """One row per contract that a customer left from one day to the other: the customer, when, and how."""
    begun = contracts_begun(contracts, as_of=as_of)
    left = begun.filter(
        begun.current_status.isin(LEFT) & begun.over_on.between(ibis.literal(since), ibis.literal(as_of))
    )
    return left.select("customer_id", "source", "contract_id", left_on=left.over_on, reason=left.current_status)


def contacts_before(left: Table, interactions: Table, *, days: int) -> Table:
    """One row per contract that was left: what the customer was last in contact about, so many days before at most.

    `left` are those of `defections`; the topic is empty where nobody was in contact.
    """
    ways = left.select(
        *("customer_id", "source", "contract_id", "left_on"),
        from_on=(left.left_on - ibis.interval(days=days)).cast("date"),
    )
    about = interactions.filter(interactions.topic.notnull()).select(
        "topic", "interaction_id", "occurred_on", contact_of=interactions.customer_id
    )
    both = ways.left_join(
        about,
        (ways.customer_id == about.contact_of)
        & (about.occurred_on <= ways.left_on)
        & (about.occurred_on >= ways.from_on),
    )
    # Of several contacts on a day the one of the greatest number, so that engines agree.
    last = both.mutate(place=both.occurred_on.cast("string") + " " + both.interaction_id)
    return last.group_by("customer_id", "source", "contract_id").agg(reason=last.topic.argmax(last.place))
