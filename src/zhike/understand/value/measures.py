"""Pure measures of what customers gave: summaries for the value models, contracts, activity, RFM."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.collect.profiles.measures import ENDED

# Responses by which a customer shows interest; the others come by themselves, or say no.
ANSWERS = ("clicked", "replied", "converted")
FIFTHS = (0.2, 0.4, 0.6, 0.8)
RFM_MEASURES = ("days_since_last", "order_count", "revenue_amount")
MONEY = "decimal(18, 4)"


def order_summary(orders: Table, *, as_of: date, by: tuple[str, ...] = ("customer_id",)) -> Table:
    """One row per group: orders, revenue and the repeat-purchase statistics x, t_x, T and mean spend.

    As the buy-till-you-die models want them (Fader, Hardie & Lee 2005): purchases of one
    day are one purchase, the first is not counted in x, and T runs from the first purchase
    to `as_of`. Later orders are left out.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of))
    each_order = known.group_by([*by, "source", "order_id"]).agg(ordered_on=_.ordered_on.min(), amount=_.amount.sum())
    each_day = each_order.group_by([*by, "ordered_on"]).agg(amount=_.amount.sum(), orders=_.count())
    summed = each_day.group_by(list(by)).agg(
        order_count=_.orders.sum(),
        purchase_days=_.count(),
        revenue_amount=_.amount.sum().cast(MONEY),
        first_ordered_on=_.ordered_on.min(),
        last_ordered_on=_.ordered_on.max(),
        first_day_amount=_.amount.argmin(_.ordered_on).cast(MONEY),
    )
    repeats = (summed.purchase_days - 1).nullif(0)
    # In whole ten-thousandths, so that a half is a half also in binary.
    repeat_revenue = rounded((summed.revenue_amount - summed.first_day_amount).cast("float64") * 10_000)
    return summed.mutate(
        frequency=summed.purchase_days - 1,
        recency_days=days_between(summed.first_ordered_on, summed.last_ordered_on),
        age_days=days_between(summed.first_ordered_on, ibis.literal(as_of)),
        monetary_amount=(rounded(repeat_revenue / repeats) / 10_000).cast(MONEY),
        days_since_last=days_between(summed.last_ordered_on, ibis.literal(as_of)),
    ).drop("first_day_amount")


def rounded(value: Value, *, places: int = 0) -> Value:
    """A double rounded half up: spelled out, since engines differ in what their own rounding does with a half."""
    return (value * 10**places + 0.5).floor() / 10**places


def days_between(first: Value, last: Value) -> Value:
    """Whole days from one date to a later one."""
    return last.delta(first, unit="day")


def months_between(first: Value, last: Value) -> Value:
    """Whole months from one date to a later one: the day of the month must be reached.

    After the 31st, a month without such a day is over with its last one.
    """
    calendar = (last.year() - first.year()) * 12 + last.month() - first.month()
    return calendar - (last.day() < first.day()).cast("int64")


def contract_summary(contracts: Table, *, by: tuple[str, ...] = ("customer_id",)) -> Table:
    """One row per group: contracts ever, in force and ended, and the yearly premium of those in force."""
    is_active = contracts.current_status == "active"
    is_ended = contracts.current_status.isin(ENDED)
    return contracts.group_by(list(by)).agg(
        contract_count=_.count(),
        active_contract_count=is_active.cast("int64").sum(),
        ended_contract_count=is_ended.cast("int64").sum(),
        annual_premium_amount=is_active.ifelse(contracts.annual_premium_amount, 0).sum().fill_null(0).cast(MONEY),
        first_started_on=_.started_on.min(),
        last_started_on=_.started_on.max(),
        last_terminated_on=_.terminated_on.max(),
    )


def activity_summary(days: Mapping[str, tuple[Table, str]], *, as_of: date) -> Table:
    """One row per customer: how many facts of each kind, and the day of the last.

    `days` gives for each kind its table and the column with the day; later facts are left out.
    """
    counted = [
        facts.filter(facts[day] <= ibis.literal(as_of))
        .group_by("customer_id")
        .agg(what=ibis.literal(what), number=_.count(), last_on=facts[day].max())
        for what, (facts, day) in days.items()
    ]
    long = functools.reduce(lambda a, b: a.union(b), counted)
    figures: dict[str, Value] = {}
    for what in days:
        figures[f"{what}_count"] = long.number.sum(where=long.what == what).fill_null(0)
        figures[f"last_{what}_on"] = long.last_on.max(where=long.what == what)
    return long.group_by("customer_id").agg(**figures)


def rfm_values(orders: Table, *, as_of: date, days: int = 0, by: tuple[str, ...] = ("customer_id",)) -> Table:
    """One row per buyer: days since the last order, number of orders, revenue; later orders are left out.

    With `days`, of the orders of so many days up to `as_of` only.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of))
    if days:
        known = known.filter(known.ordered_on > ibis.literal(as_of - timedelta(days=days)))
    each_order = known.group_by([*by, "source", "order_id"]).agg(ordered_on=_.ordered_on.max(), amount=_.amount.sum())
    summed = each_order.group_by(list(by)).agg(
        last_ordered_on=_.ordered_on.max(), order_count=_.count(), revenue_amount=_.amount.sum().cast(MONEY)
    )
    return summed.select(
        *by,
        days_since_last=days_between(summed.last_ordered_on, ibis.literal(as_of)),
        order_count="order_count",
        revenue_amount="revenue_amount",
    )


def fixed_bounds(summary: Table, bands: Sequence[Sequence[float]]) -> Table:
    """Four rows, as `rfm_bounds`: the same borders whoever buys, of days, orders and revenue."""
    one = summary.agg(buyers=_.count())
    rows = [
        one.select(
            place=ibis.literal(place),
            **{name: ibis.literal(float(of[place - 1])) for name, of in zip(RFM_MEASURES, bands, strict=True)},
        )
        for place in range(1, len(FIFTHS) + 1)
    ]
    return functools.reduce(lambda a, b: a.union(b), rows)


def rfm_bounds(summary: Table) -> Table:
    """Four rows: the borders between the fifths of recency, orders and revenue over all buyers.

    Borders are linearly interpolated quantiles (Hyndman & Fan 1996, type 7). Of amounts with
    four decimals, fifths have five: rounding to six leaves out only what doubles add.
    """
    # All borders of a column from one pass: sorting ten million values is what takes time here.
    found = summary.agg(**{name: summary[name].cast("float64").quantile(list(FIFTHS)) for name in RFM_MEASURES})
    rows = [
        found.select(
            **{name: rounded(found[name][place - 1], places=6) for name in RFM_MEASURES}, place=ibis.literal(place)
        )
        for place in range(1, len(FIFTHS) + 1)
    ]
    return functools.reduce(lambda a, b: a.union(b), rows)


def rfm(summary: Table, bounds: Table) -> Table:
    """One row per buyer: recency, frequency and monetary score from 1 to 5, and the segment.

    A score is 1 plus the number of borders that the value lies beyond, so customers with
    the same value always get the same score: quantiles do not split ties.
    """
    wide = bounds.agg(
        **{
            f"{name}_{place}": bounds[name].max(where=bounds.place == place)
            for name in RFM_MEASURES
            for place in range(1, 5)
        }
    )
    scored = summary.cross_join(wide)
    scores = scored.select(
        "customer_id",
        recency=_score(scored, "days_since_last", fewer_is_better=True),
        frequency=_score(scored, "order_count"),
        monetary=_score(scored, "revenue_amount"),
    )
    return scores.mutate(segment=rfm_segment(scores.recency, scores.frequency))


def _score(scored: Table, name: str, *, fewer_is_better: bool = False) -> Value:
    value = scored[name].cast("float64")
    beyond = [
        (value < scored[f"{name}_{place}"]) if fewer_is_better else (value > scored[f"{name}_{place}"])
        for place in range(1, 5)
    ]
    return functools.reduce(lambda a, b: a + b, (is_beyond.cast("int64") for is_beyond in beyond)) + 1


def rfm_segment(recency: Value, frequency: Value) -> Value:
    """The named segment of a recency and a frequency score."""
    return ibis.cases(
        ((recency >= 4) & (frequency >= 4), "champions"),
        ((recency == 3) & (frequency >= 4), "loyal"),
        ((recency <= 2) & (frequency == 5), "cannot_lose"),
        ((recency <= 2) & (frequency >= 3), "at_risk"),
        ((recency >= 4) & (frequency == 1), "new"),
        (recency >= 4, "promising"),
        (recency == 3, "needs_attention"),
        (recency == 2, "about_to_sleep"),
        else_="hibernating",
    )


def answers(responses: Table) -> Table:
    """One row per customer who answered: messages that were clicked, replied to or led to a purchase.

    Each message counts once, however often it was answered; an answer that names no message counts as one.
    """
    real = responses.filter(responses.kind.isin(ANSWERS))
    return real.group_by("customer_id").agg(answer_count=ibis.coalesce(real.message_id, real.response_id).nunique())


def rfm_cells(scores: Table, summary: Table, activity: Table, answered: Table) -> Table:
    """One row per recency, frequency and monetary score: customers and sums of what is known of them.

    At most 125 rows, from which every grid and the table of segments are added up.
    """
    bought = scores.inner_join(
        summary.select("customer_id", "order_count", "revenue_amount", "days_since_last"), "customer_id"
    )
    sent = activity.select(sent_to=activity.customer_id, message_count=activity.message_count)
    came = answered.select(answered_by=answered.customer_id, answer_count=answered.answer_count)
    cells = bought.left_join(sent, bought.customer_id == sent.sent_to)
    cells = cells.left_join(came, cells.customer_id == came.answered_by)
    return cells.group_by("recency", "frequency", "monetary", "segment").agg(
        customers=_.count(),
        orders=_.order_count.sum(),
        revenue=_.revenue_amount.sum().cast("float64"),
        days=_.days_since_last.sum(),
        messages=_.message_count.sum().fill_null(0),
        # Of who was sent nothing an answer answers nothing that we know of.
        answers=_.answer_count.sum(where=_.message_count > 0).fill_null(0),
    )


def histogram(summary: Table, column: str, edges: tuple[float, ...]) -> Table:
    """One row per bin that has customers: its number from 0 and how many; bin n begins at edge n, the last is open.

    What lies below the first edge counts in bin 0.
    """
    value = summary[column].cast("float64")
    beyond = functools.reduce(lambda a, b: a + b, ((value >= edge).cast("int64") for edge in edges[1:]))
    return summary.group_by(bin=beyond).agg(customers=_.count())
