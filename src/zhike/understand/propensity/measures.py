"""Pure measures of who may leave: what was known of customers on a day, who left after it, and what a model says."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.value.measures import days_between, months_between, rounded

WINDOW = 90  # days within which somebody leaves, and of what counts as of late
PERIOD = 90  # days whose purchases are compared with those of as many before
FEWEST = 50  # who left, and as many who did not, to learn from
ACTIVE = 365  # days after an order for which a customer counts as one
NOT_LEFT = ("claimed", "matured")  # ends of a contract that are no leaving
REFUSALS = ("unsubscribed", "complained", "refused")
REASONS = 3
ACTIVITY = ("events", "interactions", "messages", "answers", "refusals")
ORDER_FEATURES = ("silence", "off_rhythm", "repeats", "age", "lately", "spent", *ACTIVITY)
CONTRACT_FEATURES = ("in_force", "age", "newest", "premium", "left_before", "anniversary", *ACTIVITY)
# Multiples of the golden section lie evenly, however many and whichever numbers follow each other.
LARGEST_DRAW, GOLDEN = 2_147_483_647, 1_327_217_885


@dataclass(frozen=True)
class Facts:
    """The facts of customers that features are made of."""

    orders: Table
    contracts: Table
    events: Table
    interactions: Table
    messages: Table
    responses: Table

    def of(self, some: Callable[[Table], Table]) -> Facts:
        """The same facts of some customers."""
        return Facts(*(some(one) for one in vars(self).values()))


def drawn(facts: Table, *, share: float) -> Table:
    """The facts of a share of customers, the same whoever computes: drawn by a hash of the number of the customer."""
    place = (facts.customer_id * GOLDEN) % LARGEST_DRAW
    return facts.filter(place < round(share * LARGEST_DRAW))


def buyers_as_of(facts: Facts, *, day: date) -> Table:
    """One row per customer who ordered in the year up to a day, with what was known of them then.

    All columns but customer_id are natural logarithms of 1 and a number: days of silence, silence in usual gaps, repeat
    purchases, days since the first, purchases of the last 90 days, mean amount of a purchase day, and activity of the
    last 90 days. Facts after the day are left out.
    """
    end, since = ibis.literal(day), ibis.literal(day - timedelta(days=WINDOW))
    known = facts.orders.filter(facts.orders.ordered_on <= end)
    days = known.group_by("customer_id", "ordered_on").agg(amount=_.amount.sum())
    summed = days.group_by("customer_id").agg(
        purchases=_.count(),
        first_on=_.ordered_on.min(),
        last_on=_.ordered_on.max(),
        lately=(days.ordered_on > since).cast("int64").sum(),
        amount=_.amount.sum().cast("decimal(18, 4)").cast("float64"),
    )
    summed = summed.filter(summed.last_on > ibis.literal(day - timedelta(days=ACTIVE)))
    silence = days_between(summed.last_on, end)
    usual = days_between(summed.first_on, summed.last_on) / (summed.purchases - 1).nullif(0)
    numbers = {
        "silence": silence,
        "off_rhythm": (silence / usual).fill_null(0),
        "repeats": summed.purchases - 1,
        "age": days_between(summed.first_on, end),
        "lately": summed.lately,
        "spent": summed.amount / summed.purchases,
    }
    return _with_activity(summed.select("customer_id", **_logs(numbers)), facts, day)


def holders_as_of(facts: Facts, *, day: date) -> Table:
    """One row per customer with a contract in force at the end of a day, with what was known of them then.

    All columns but customer_id are natural logarithms of 1 and a number: contracts in force, days since the oldest and
    the newest of them began, their yearly premium, contracts that ended before their time until then, contracts with an
    anniversary within 90 days, and activity of the last 90 days.
    """
    end, soon = ibis.literal(day), ibis.literal(day + timedelta(days=WINDOW))
    known = facts.contracts.filter(facts.contracts.started_on <= end)
    # Not the end of the term: a renewal moves it, so that later on only those have it soon who did not renew.
    years, years_soon = (months_between(known.started_on, one) // 12 for one in (end, soon))
    summed = (
        known.mutate(is_held=_is_held(known, end), is_anniversary=years_soon > years)
        .group_by("customer_id")
        .agg(
            in_force=_.is_held.cast("int64").sum(),
            first_on=_.started_on.min(where=_.is_held),
            last_on=_.started_on.max(where=_.is_held),
            premium=_.annual_premium_amount.sum(where=_.is_held).cast("decimal(18, 4)").cast("float64"),
            left_before=((_.terminated_on <= end) & _.status.fill_null("").notin(NOT_LEFT)).cast("int64").sum(),
            anniversary=(_.is_held & _.is_anniversary).cast("int64").sum(),
        )
    )
    summed = summed.filter(summed.in_force > 0)
    numbers = {
        "in_force": summed.in_force,
        "age": days_between(summed.first_on, end),
        "newest": days_between(summed.last_on, end),
        "premium": summed.premium.fill_null(0.0),
        "left_before": summed.left_before.fill_null(0),
        "anniversary": summed.anniversary.fill_null(0),
    }
    return _with_activity(summed.select("customer_id", **_logs(numbers)), facts, day)


def stopped_buying(known: Table, orders: Table, *, day: date) -> Table:
    """The customers of `known` with `left`: whether they ordered nothing in the 90 days after a day."""
    later = orders.filter(
        (orders.ordered_on > ibis.literal(day)) & (orders.ordered_on <= ibis.literal(day + timedelta(days=WINDOW)))
    )
    came = later.select(came_id=later.customer_id).distinct()
    both = known.left_join(came, known.customer_id == came.came_id)
    return both.mutate(left=both.came_id.isnull()).drop("came_id")


def ended_contract(known: Table, contracts: Table, *, day: date) -> Table:
    """The customers of `known` with `left`: whether they ended a contract before its time in the 90 days after a day.

    Claims and contracts that have run their term are no leaving.
    """
    end, last = ibis.literal(day), ibis.literal(day + timedelta(days=WINDOW))
    held = contracts.filter((contracts.started_on <= end) & _is_held(contracts, end))
    gone = held.filter((held.terminated_on <= last) & held.status.fill_null("").notin(NOT_LEFT))
    gone = gone.select(gone_id=gone.customer_id).distinct()
    both = known.left_join(gone, known.customer_id == gone.gone_id)
    return both.mutate(left=both.gone_id.notnull()).drop("gone_id")


def churn_probabilities(known: Table, terms: Table, *, model: str, features: Sequence[str]) -> Table:
    """One row per customer of `known`: the probability of leaving within 90 days, and up to three reasons for it.

    `terms` have for each feature of a model a coefficient, and the average, spread and cap of the feature among those
    it was learnt from; nobody has a probability without them. Reasons are the features that add most to the log odds,
    compared with the average customer, most first; those that speak against leaving are none.
    """
    own = terms.filter(terms.model == model)
    figures = ("coefficient", "average", "spread", "cap")
    wide = own.agg(
        intercept=own.intercept.max(),
        **{f"{name}_{what}": own[what].max(where=own.feature == name) for name in features for what in figures},
    )
    said = known.cross_join(wide)
    said = said.filter(said.intercept.notnull())
    adds = {
        name: (ibis.least(said[name], said[f"{name}_cap"]) - said[f"{name}_average"])
        / said[f"{name}_spread"]
        * said[f"{name}_coefficient"]
        for name in features
    }
    odds = functools.reduce(lambda a, b: a + b, adds.values(), said.intercept)
    listed = said.select(
        "customer_id",
        probability=rounded(1 / (1 + (-odds).exp()), places=6),
        **{f"adds_{name}": rounded(one, places=6) for name, one in adds.items()},
    )
    return _with_reasons(listed, features).mutate(churn_kind=ibis.literal(model))


def _with_reasons(listed: Table, features: Sequence[str]) -> Table:
    for place in range(1, REASONS + 1):
        strongest = ibis.greatest(*(listed[f"adds_{name}"] for name in features))
        chosen = ibis.cases(
            *(((strongest > 0) & (listed[f"adds_{name}"] == strongest), name) for name in features),
            else_=ibis.null("string"),
        )
        listed = listed.mutate(**{f"reason_{place}": chosen})
        # Whatever was told is told once.
        listed = listed.mutate(
            **{
                f"adds_{name}": (listed[f"reason_{place}"] == name).fill_null(False).ifelse(0.0, listed[f"adds_{name}"])
                for name in features
            }
        )
    reasons = [listed[f"reason_{place}"] for place in range(1, REASONS + 1)]
    return listed.select(
        "customer_id",
        churn_probability="probability",
        churn_reason="reason_1",
        churn_reason_2=reasons[1],
        churn_reason_3=reasons[2],
    )


def first_of(holders: Table, buyers: Table) -> Table:
    """What is said of each customer: of who holds contracts by these, of others by their orders."""
    return holders.union(buyers.anti_join(holders, "customer_id"))


def churn_bands(propensities: Table) -> Table:
    """One row per kind and tenth of the probability, 0 to 9, that anybody is in: customers, and how many may leave.

    `variance` is that of how many do, if the chances hold and each customer leaves for themselves.
    """
    band = ibis.least((propensities.churn_probability * 10).floor().cast("int64"), 9)
    return (
        propensities.mutate(band=band)
        .group_by("churn_kind", "band")
        .agg(
            customers=_.count(),
            expected=_.churn_probability.sum(),
            variance=(_.churn_probability * (1 - _.churn_probability)).sum(),
        )
    )


def churn_reasons(propensities: Table) -> Table:
    """One row per kind and main reason: customers, and how many of them may leave."""
    return propensities.group_by("churn_kind", "churn_reason").agg(
        customers=_.count(), expected=_.churn_probability.sum()
    )


def _is_held(contracts: Table, end: Value) -> Value:
    """In force at the end of a day by its dates alone: what a source states is as of today, and would tell the end."""
    is_over = (contracts.terminated_on <= end).fill_null(False) | (contracts.ends_on < end).fill_null(False)
    # A contract that ended without a day is over since nobody knows when.
    is_undated = contracts.terminated_on.isnull() & contracts.status.isin(
        ("lapsed", "surrendered", "cancelled", "claimed")
    )
    return ~is_over & ~is_undated.fill_null(False)


def _logs(numbers: dict[str, Value]) -> dict[str, Value]:
    # An engine's last digits are no difference between customers.
    return {
        name: rounded((ibis.greatest(one.cast("float64"), 0.0) + 1).ln(), places=9) for name, one in numbers.items()
    }


def _with_activity(known: Table, facts: Facts, day: date) -> Table:
    """The customers with how much they did, and we sent them, in the 90 days up to a day."""
    end, since = ibis.literal(day), ibis.literal(day - timedelta(days=WINDOW))
    responses = facts.responses
    kinds = {
        "events": (facts.events, "occurred_on"),
        "interactions": (facts.interactions, "occurred_on"),
        "messages": (facts.messages, "sent_on"),
        "answers": (responses.filter(responses.kind.isin(("clicked", "replied", "converted"))), "occurred_on"),
        "refusals": (responses.filter(responses.kind.isin(REFUSALS)), "occurred_on"),
    }
    parts = [
        rows.filter((rows[on] <= end) & (rows[on] > since)).select("customer_id", what=ibis.literal(name))
        for name, (rows, on) in kinds.items()
    ]
    long = functools.reduce(lambda a, b: a.union(b), parts)
    wide = long.group_by(active_id=long.customer_id).agg(
        **{name: (long.what == name).cast("int64").sum() for name in kinds}
    )
    both = known.left_join(wide, known.customer_id == wide.active_id)
    return both.select(*known.columns, **_logs({name: both[name].fill_null(0) for name in kinds}))
