"""Pure measures of rhythm: the gaps between purchases, whether the silence is beyond them, who rose or fell."""

from __future__ import annotations

import functools
from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.stats.rhythm import MOST_REGULAR
from zhike.understand.propensity.measures import PERIOD
from zhike.understand.value.measures import days_between, rounded

WEEK = 7  # days
FEWEST_GAPS = 2  # from which on a customer has a rhythm
QUIET = 0.05  # chance of such a silence, below which it is no accident
SURE = 1.959963984540054  # standard errors: 95 % of chance, on both sides
MARKED = 1.5  # times as many, or as few, at least


def purchase_gaps(orders: Table, *, as_of: date) -> Table:
    """One row per buyer: gaps between days with an order, their sum and spread, the silence, two periods.

    Orders of one day are one purchase; later orders are left out. `gap_spread` is the standard deviation of the gaps,
    empty with fewer than two. `purchases` counts days with an order in the last 90 days, `purchases_before` in the 90
    before these, empty for who ordered first within them or later: their first order is no sign of a rise.
    """
    end = ibis.literal(as_of)
    days = orders.filter(orders.ordered_on <= end).select("customer_id", "ordered_on").distinct()
    before = ibis.window(group_by="customer_id", order_by="ordered_on")
    days = days.mutate(before_on=days.ordered_on.lag().over(before))
    gap = days_between(days.before_on, days.ordered_on).cast("float64")
    days = days.mutate(gap=gap, gap_square=gap * gap)
    this, former = (ibis.literal(as_of - timedelta(days=many)) for many in (PERIOD, 2 * PERIOD))
    summed = days.group_by("customer_id").agg(
        gap_count=_.gap.count(),
        gap_days=_.gap.sum().fill_null(0.0),
        squares=_.gap_square.sum().fill_null(0.0),
        first_on=_.ordered_on.min(),
        last_on=_.ordered_on.max(),
        purchases=(days.ordered_on > this).cast("int64").sum(),
        former=((days.ordered_on > former) & (days.ordered_on <= this)).cast("int64").sum(),
    )
    variance = (summed.squares - summed.gap_days * summed.gap_days / summed.gap_count.nullif(0)) / (
        summed.gap_count - 1
    ).nullif(0)
    return summed.select(
        "customer_id",
        "gap_count",
        gap_days=summed.gap_days.cast("int64"),
        gap_spread=rounded((variance < 0).ifelse(0.0, variance).sqrt(), places=6),
        silent_days=days_between(summed.last_on, end),
        purchases="purchases",
        purchases_before=(summed.first_on <= former).ifelse(summed.former, ibis.null("int64")),
    )


def gap_cells(gaps: Table) -> Table:
    """One row per number of gaps from two on: customers, and the squares of the shares that gaps have of their sum."""
    known = gaps.filter((gaps.gap_count >= FEWEST_GAPS) & (gaps.gap_days > 0))
    apart = known.gap_spread / known.gap_days
    share = (known.gap_count - 1) * apart * apart + 1 / known.gap_count
    known = known.mutate(squares=rounded(share, places=9))
    return known.group_by("gap_count").agg(customers=_.count(), squares=rounded(_.squares.sum(), places=6))


def rhythm(gaps: Table, model: Table) -> Table:
    """One row per buyer: the usual gap, the chance of such a silence by it, whether that is quiet, and the trend.

    `model` has one row with the shape and tail of `zhike.stats.rhythm`, or none. Who has fewer than two gaps has no
    rhythm of their own. The trend compares two periods of 90 days: beyond what chance explains, given what both add up
    to (the conditional binomial test of two Poisson rates, Przyborowski & Wilenski 1940, by the normal curve with
    continuity correction, which at 5 % calls never more and hardly fewer than the exact one), and half as many again.
    """
    one = model.agg(shape=model["shape"].max(), tail=model.tail.max())
    known = gaps.cross_join(one)
    has_rhythm = known.gap_count >= FEWEST_GAPS
    chance = rounded(_silence_chance(known), places=6)
    said = known.mutate(
        usual_gap_days=has_rhythm.ifelse(rounded(known.gap_days / known.gap_count.nullif(0), places=2), ibis.null()),
        gap_spread=has_rhythm.ifelse(rounded(known.gap_spread, places=2), ibis.null()),
        silence_chance=has_rhythm.ifelse(chance, ibis.null()),
        trend=_trend(known.purchases, known.purchases_before),
    )
    return said.select(
        "customer_id",
        "usual_gap_days",
        "gap_spread",
        "silent_days",
        "silence_chance",
        "purchases",
        "purchases_before",
        "trend",
        is_quiet=said.silence_chance < QUIET,
    )


def _silence_chance(known: Table) -> Value:
    """As `Rhythm.silence_chance`; terms beyond the shape count nothing."""
    held, silent = known.gap_days.cast("float64"), known.silent_days.cast("float64")
    power, share = known["shape"] * known.gap_count, held / (held + silent).nullif(0)
    terms = [ibis.literal(1.0)]
    for step in range(MOST_REGULAR - 1):
        terms.append(terms[-1] * (power + step) / (step + 1) * (1 - share))
    counted = [(known["shape"] > step).ifelse(term, 0.0) for step, term in enumerate(terms)]
    more = functools.reduce(lambda a, b: a + b, counted)
    return (known.tail * (power * share.nullif(0).ln() + more.nullif(0).ln())).exp()


def _trend(now: Value, before: Value) -> Value:
    apart = (now - before).cast("float64")
    both = (now + before).cast("float64")
    is_sure = apart.abs() - 1 >= SURE * both.sqrt()
    return ibis.cases(
        (before.isnull() | (both == 0), ibis.null("string")),
        (is_sure & (now >= before * MARKED), "rising"),
        (is_sure & (before >= now * MARKED), "falling"),
        else_="steady",
    )


def rhythm_counts(rhythm: Table) -> Table:
    """One row per trend and whether the customer is quiet: customers; either is empty where it cannot be told."""
    return rhythm.group_by("trend", "is_quiet").agg(customers=_.count())
