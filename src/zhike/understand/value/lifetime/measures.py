"""Pure measures of buying: histories of each customer, how many share one, and what a model says of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.value.measures import days_between, rounded

WEEK = 7  # days
DAYS_A_YEAR = 365.25
BANDS = 2_000  # of amounts, in each power of e: what is lost by counting by band is below a thousandth
MONDAY = date(1900, 1, 1)


@dataclass(frozen=True)
class Period:
    """A period of the calendar: the number that a day is in, and how many a year has."""

    number: Callable[[Value], Value]
    a_year: float


def _months(count: int) -> Period:
    return Period(lambda day: (day.year().cast("int64") * 12 + day.month() - 1) // count, 12 / count)


PERIODS: Mapping[str, Period] = {
    "week": Period(lambda day: days_between(ibis.literal(MONDAY), day) // WEEK, DAYS_A_YEAR / WEEK),
    "month": _months(1),
    "quarter": _months(3),
    "half-year": _months(6),
    "year": _months(12),
}
CELL = ("frequency", "recency_weeks", "age_weeks")


def buying_histories(orders: Table, *, until: date, later_until: date | None = None) -> Table:
    """One row per buyer: x, t_x and T in days up to the day `until`, and the mean amount of a repeat purchase.

    `orders` have customer_id, ordered_on and amount. Purchases of one day are one, the first is not counted in x
    (Fader, Hardie & Lee 2005). With `later_until`, `later` counts the purchases from then up to that day, and
    `later_amount` adds them up.
    """
    end = ibis.literal(until)
    known = orders.filter(orders.ordered_on <= ibis.literal(later_until or until))
    days = known.group_by("customer_id", "ordered_on").agg(amount=_.amount.sum().cast("float64"))
    summed = _summed(days, days.ordered_on, end, has_later=later_until is not None)
    return _histories(
        summed,
        recency_days=days_between(summed.first_at, summed.last_at),
        age_days=days_between(summed.first_at, end),
    )


def period_histories(orders: Table, period: str, *, until: date, later_until: date | None = None) -> Table:
    """The same for BG/BB, in whole periods of `PERIODS`: in how many one bought after that of the first purchase.

    x, t_x and T are called `frequency`, `recency` and `age`. A period that the day `until` does not end is left out,
    and of the time after it one that `later_until` does not end.
    """
    end, later_end = last_period(period, until), last_period(period, later_until or until)
    numbered = orders.mutate(period=PERIODS[period].number(orders.ordered_on))
    known = numbered.filter(numbered.period <= later_end)
    bought = known.group_by("customer_id", "period").agg(amount=_.amount.sum().cast("float64"))
    summed = _summed(bought, bought.period, ibis.literal(end), has_later=later_until is not None)
    return _histories(summed, recency=summed.last_at - summed.first_at, age=end - summed.first_at)


def _summed(bought: Table, at: Value, end: Value, *, has_later: bool) -> Table:
    """One row per buyer of the time up to the `end`: times of purchase, the first, the last, and amounts."""
    seen = at <= end
    later = {}
    if has_later:
        later = {"later": (~seen).cast("int64").sum(), "later_amount": bought.amount.sum(where=~seen).fill_null(0.0)}
    summed = bought.group_by("customer_id").agg(
        times=seen.cast("int64").sum(),
        first_at=at.min(where=seen),
        last_at=at.max(where=seen),
        amount=bought.amount.sum(where=seen),
        first_amount=bought.amount.argmin(at, where=seen),
        **later,
    )
    return summed.filter(summed.times > 0)


def _histories(summed: Table, **times: Value) -> Table:
    repeats = summed.times - 1
    later = [name for name in ("later", "later_amount") if name in summed.columns]
    amount = (summed.amount - summed.first_amount) / repeats.nullif(0)
    return summed.select("customer_id", *later, frequency=repeats, **times, monetary_amount=amount)


def later_spending(histories: Table) -> Table:
    """One row per customer who came back and bought later too, and spent: x, the mean then, and the mean later."""
    amount, later = histories.monetary_amount.cast("float64"), histories.later_amount / histories.later.nullif(0)
    told = histories.mutate(mean=amount, later_mean=later)
    return told.filter((told.frequency > 0) & (told.mean > 0) & (told.later_mean > 0)).select(
        "frequency", "mean", "later_mean"
    )


def last_period(period: str, until: date) -> int:
    """The number of the last period that is over by the end of a day."""
    if period == "week":
        return ((until - MONDAY).days + 1) // WEEK - 1
    next_day = until + timedelta(days=1)
    return (next_day.year * 12 + next_day.month - 1) // round(12 / PERIODS[period].a_year) - 1


def in_weeks(histories: Table) -> Table:
    """The histories with the weeks that recency and age are in, counted from 0: ten million have 110,000 of them."""
    return histories.mutate(recency_weeks=histories.recency_days // WEEK, age_weeks=histories.age_days // WEEK)


def histories_by_cell(histories: Table) -> Table:
    """One row per history, to the week: the customers who have it, and their days of recency and age together.

    By `later` too, where that is known.
    """
    by = [*CELL, *(name for name in ("later",) if name in histories.columns)]
    return (
        in_weeks(histories)
        .group_by(by)
        .agg(
            customers=_.count(),
            recency_days=_.recency_days.cast("int64").sum(),
            age_days=_.age_days.cast("int64").sum(),
        )
    )


def period_histories_by_cell(histories: Table) -> Table:
    """The same of histories in periods."""
    by = ["frequency", "recency", "age", *(name for name in ("later",) if name in histories.columns)]
    return histories.group_by(by).agg(customers=_.count())


def spending_by_band(histories: Table) -> Table:
    """One row per number of repeat purchases and narrow band of their mean amount: customers, and the mean within."""
    amount = histories.monetary_amount.cast("float64")
    bought = histories.mutate(spent=amount).filter((histories.frequency > 0) & (amount > 0))
    banded = bought.mutate(band=(bought.spent.ln() * BANDS).floor().cast("int64"))
    # Engines add up in different orders: what differs then is no amount.
    mean = rounded(banded.spent.mean(), places=6)
    return banded.group_by("frequency", "band").agg(spent=mean, customers=_.count()).drop("band")


def customer_values(histories: Table, cells: Table) -> Table:
    """One row per buyer: P(alive), expected purchases, amount of each and revenue, of a history's cell and amounts.

    `cells` have the three columns of a cell, what a model says of it (`probability_alive`, `expected_purchases`,
    `discounted_purchases`), and the parameters p, q and gamma of the Gamma-Gamma model, null where there is none.
    A purchase is expected to be worth p (γ + x z) / (p x + q − 1) (Fader & Hardie 2013, equation 5).
    """
    said = in_weeks(histories).join(cells, list(CELL))
    spent = said.monetary_amount.cast("float64").fill_null(0.0)
    amount = said.p * (said.gamma + said.frequency * spent) / (said.p * said.frequency + said.q - 1)
    return said.select(
        "customer_id",
        "probability_alive",
        "expected_purchases",
        expected_amount=amount,
        expected_revenue=amount * said.discounted_purchases,
    )


def alive_bands(values: Table) -> Table:
    """One row per tenth of the chance of still buying, 0 to 9, that anybody is in: customers."""
    band = ibis.least((values.probability_alive * 10).floor().cast("int64"), 9)
    return values.mutate(band=band).group_by("band").agg(customers=_.count())


def best_buyers(values: Table, shares: Sequence[float]) -> Table:
    """One row: for each share of buyers, from what expected revenue on they are, how many, and what of all of them.

    Columns are `amount_N`, `customers_N` and `revenue_N` for the share in place N. Of buyers at the border who expect
    the same all are in, so that there may be a few more than the share.
    """
    revenue = values.expected_revenue_amount.cast("float64")
    borders = values.agg(**{f"amount_{n}": revenue.quantile(1 - share) for n, share in enumerate(shares)})
    joined = values.mutate(revenue=revenue).cross_join(borders)
    figures = {}
    for n in range(len(shares)):
        is_in = joined.revenue >= joined[f"amount_{n}"]
        figures[f"amount_{n}"] = joined[f"amount_{n}"].min()
        figures[f"customers_{n}"] = is_in.cast("int64").sum()
        figures[f"revenue_{n}"] = is_in.ifelse(joined.revenue, 0.0).sum()
    return joined.agg(**figures)


def weeks_of_buying(orders: Table, *, until: date, later_until: date) -> Table:
    """One row per week counted back from `until` (0 ends on it, -1 a week later): first and repeat purchases.

    Of those who bought by `until`, up to the day `later_until`. `began` customers bought first in a week,
    `began_days` before `until` all together; `repeats` are days with a purchase that was not their first.
    """
    end = ibis.literal(until)
    days = orders.filter(orders.ordered_on <= ibis.literal(later_until)).select("customer_id", "ordered_on").distinct()
    first = days.group_by("customer_id").agg(first_on=days.ordered_on.min())
    known = days.join(first.filter(first.first_on <= end), "customer_id")
    is_first = known.ordered_on == known.first_on
    before = days_between(known.ordered_on, end)
    # Towards minus infinity: the day after `until` is in week -1 on every engine.
    week = (before.cast("float64") / WEEK).floor().cast("int64")
    counted = known.select(week=week, before=before.cast("int64"), is_first=is_first)
    return counted.group_by("week").agg(
        began=_.is_first.cast("int64").sum(),
        began_days=_.is_first.ifelse(_.before, 0).sum(),
        repeats=(~_.is_first).cast("int64").sum(),
    )


def amounts_held_out(histories: Table, cells: Table) -> Table:
    """One row: revenue and amount of a purchase as expected of each buyer, beside what came, and how far off.

    `histories` are of `buying_histories` with what came later, `cells` as in `customer_values`. The amount is that of
    buyers who bought later. Errors are absolute, on average; `…_of_mean` is that of one guess for all, their mean.
    """
    spent = histories.monetary_amount.cast("float64").fill_null(0.0)
    said = in_weeks(histories.mutate(spent=spent)).join(cells, list(CELL))
    amount = said.p * (said.gamma + said.frequency * said.spent) / (said.p * said.frequency + said.q - 1)
    each = said.select(
        came=said.later_amount,
        expected=amount * said.expected_purchases,
        amount=(said.later > 0).ifelse(amount, ibis.null("float64")),
        paid=said.later_amount / said.later.nullif(0),
    )
    means = each.agg(mean_came=each.came.mean(), mean_paid=each.paid.mean())
    both = each.cross_join(means)
    return both.agg(
        revenue_predicted=both.expected.sum(),
        revenue_actual=both.came.sum(),
        revenue_mae=(both.expected - both.came).abs().mean(),
        revenue_mae_of_mean=(both.mean_came - both.came).abs().mean(),
        buyers=both.paid.count(),
        amount_predicted=both.amount.mean(),
        amount_actual=both.paid.mean(),
        amount_mae=(both.amount - both.paid).abs().mean(),
        amount_mae_of_mean=(both.mean_paid - both.paid).abs().mean(),
    )


def value_cells_of(histories: Table, cells: Table) -> Table:
    """The cells that these buyers are in: how many are, and their mean amounts and the squares of these summed up."""
    spent = histories.monetary_amount.cast("float64").fill_null(0.0)
    known = in_weeks(histories.mutate(spent=spent))
    counted = known.group_by(list(CELL)).agg(
        buyers=_.count(), spent=_.spent.sum(), spent_squared=(_.spent * _.spent).sum()
    )
    return counted.join(cells.drop("customers"), list(CELL))
