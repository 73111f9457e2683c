"""Pure measures of the stages of life: when customers were there, what they gave by month, and what follows."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.collect.profiles.measures import ENDED
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import number_of
from zhike.understand.value.measures import days_between

LASTING = date(9000, 1, 1)  # the end of what has none
SCALE = 10_000  # amounts are added up in whole ten-thousandths, so that engines agree


def active_spells(orders: Table, contracts: Table, *, as_of: date) -> Table:
    """One row per customer and time of presence: its number from 1, its first day, and from which day on they are gone.

    A contract in force is presence, and 30 days after it. An order is presence for three times the mean time between
    the customer's orders so far, 90 days at least and 730 at most; a first order for 365. Nothing later than an order
    decides for how long it counts, so that what is said of a past day never changes. `gone_on` is empty while presence
    lasts, and `returned_on` where nobody came back.
    """
    covers = _order_covers(orders, as_of).union(_contract_covers(contracts, as_of))
    order = ["from_on", "until_on"]
    before = ibis.window(group_by="customer_id", order_by=order, preceding=(None, 1))
    reached = covers.until_on.max().over(before)
    begun = covers.mutate(is_new=(reached.isnull() | (covers.from_on > reached)).cast("int64"))
    so_far = ibis.cumulative_window(group_by="customer_id", order_by=order)
    numbered = begun.mutate(spell=begun.is_new.sum().over(so_far))
    spells = numbered.group_by("customer_id", "spell").agg(began_on=_.from_on.min(), until_on=_.until_on.max())
    following = ibis.window(group_by="customer_id", order_by="spell")
    has_gone = spells.until_on <= ibis.literal(as_of)
    return spells.select(
        "customer_id",
        "spell",
        "began_on",
        gone_on=has_gone.ifelse(spells.until_on, None).cast("date"),
        returned_on=spells.began_on.lead().over(following),
    )


def _order_covers(orders: Table, as_of: date) -> Table:
    """How long each order is taken for presence."""
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of))
    days = known.select("customer_id", "ordered_on").distinct()
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="ordered_on")
    counted = days.mutate(first_on=days.ordered_on.min().over(so_far), number=days.ordered_on.count().over(so_far))
    gaps = ibis.greatest(counted.number - 1, 1)
    usual = days_between(counted.first_on, counted.ordered_on) * stages.SILENCES // gaps
    bounded = ibis.least(ibis.greatest(usual, stages.SHORTEST_SILENCE), stages.LONGEST_SILENCE)
    silence = (counted.number == 1).ifelse(stages.FIRST_SILENCE, bounded).cast("int64")
    until = (counted.ordered_on + (silence + 1).as_interval("D")).cast("date")
    # The next order counts anew, for longer or for less long.
    next_on = counted.ordered_on.lead().over(ibis.window(group_by="customer_id", order_by="ordered_on"))
    return counted.select(
        "customer_id", from_on=counted.ordered_on, until_on=ibis.least(until, next_on.fill_null(until))
    )


def _contract_covers(contracts: Table, as_of: date) -> Table:
    begun = contracts_begun(contracts, as_of=as_of)
    grace = (begun.over_on + ibis.interval(days=stages.GRACE)).cast("date")
    return begun.select(
        "customer_id", from_on=begun.started_on, until_on=(begun.over_on == LASTING).ifelse(begun.over_on, grace)
    )


def contracts_begun(contracts: Table, *, as_of: date) -> Table:
    """The contracts that had begun, with `over_on`, the first day on which each was over; the year 9000 where none is.

    One of which the source says that it is over, and not since when, is so from the day of the refresh at the latest.
    """
    begun = contracts.filter(contracts.started_on <= ibis.literal(as_of))
    agreed = (begun.ends_on + ibis.interval(days=1)).cast("date")
    said = begun.current_status.isin(ENDED).ifelse(ibis.literal(as_of), ibis.literal(LASTING))
    over = begun.terminated_on.fill_null(ibis.least(agreed.fill_null(ibis.literal(LASTING)), said))
    return begun.mutate(over_on=ibis.greatest(over, begun.started_on).cast("date"))


def given_by_month(orders: Table, contracts: Table, *, as_of: date, first: int) -> Table:
    """One row per customer and month, from the number `first` on, in which anything was given or begun.

    `amount` has the orders of the month, a twelfth of the yearly premium of each contract in force at its end, and
    single premiums in the month that they were due; in whole ten-thousandths. `line_on` is the day on which the
    customer first bought in a line of business other than that they came for.
    """
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of))
    begun = contracts_begun(contracts, as_of=as_of)
    ordered = known.select("customer_id", month=number_of(known.ordered_on, "month"), amount=_scaled(known.amount))
    single = begun.filter(begun.premium_period == "single")
    paid = single.select(
        "customer_id", month=number_of(single.started_on, "month"), amount=_scaled(single.premium_amount)
    )
    last = as_of.year * 12 + as_of.month - 1
    spread = begun.mutate(
        begin=ibis.greatest(number_of(begun.started_on, "month"), first),
        end=ibis.least(number_of(begun.over_on, "month"), last + 1),
    )
    spread = spread.filter((spread.begin < spread.end) & (spread.annual_premium_amount > 0))
    monthly = spread.select(
        "customer_id",
        month=ibis.range(spread.begin, spread.end).unnest().cast("int64"),
        amount=(_scaled(spread.annual_premium_amount) / 12).floor().cast("float64"),
    )
    amounts = ordered.union(paid, monthly).filter(_.month >= first)
    nothing = ibis.null("date")
    lines = _new_lines(known, begun)
    both = amounts.mutate(line_on=nothing).union(
        lines.select("customer_id", "month", amount=ibis.literal(0.0, "float64"), line_on=lines.line_on).filter(
            _.month >= first
        )
    )
    return both.group_by("customer_id", "month").agg(amount=_.amount.sum(), line_on=_.line_on.max())


def _new_lines(orders: Table, contracts: Table) -> Table:
    """The first day of each customer in each line of business but those of their very first day."""
    bought = orders.select("customer_id", "line_of_business", day=orders.ordered_on).union(
        contracts.select("customer_id", "line_of_business", day=contracts.started_on)
    )
    began = bought.group_by("customer_id", "line_of_business").agg(line_on=_.day.min())
    first_on = began.line_on.min().over(ibis.window(group_by="customer_id"))
    later = began.mutate(first_on=first_on).filter(_.line_on > _.first_on)
    return later.select("customer_id", "line_on", month=number_of(later.line_on, "month"))


def _scaled(amount: Value) -> Value:
    return (amount * SCALE).cast("float64").fill_null(0.0)


def stage_months(spells: Table, given: Table, *, as_of: date, first: int) -> Table:
    """One row per customer who had bought and end of a month from the number `first` on: stage, and since when at most.

    The last row is that of the day `as_of`, in the middle of a month too. `spells` are those of `active_spells`, and
    `given` what was given by month, from the same month on; of the first eleven months, which are only compared with,
    nothing is said. Stages, the first that holds:

    - interrupted: gone, and not back;
    - forming: the first order or contract was less than 180 days ago;
    - recovered: back after an interruption for less than 180 days;
    - redevelopment: less than 180 days ago first bought in another line of business;
    - growing, declining: in six months gave more than one and a half times, or less than two thirds, of the six before;
    - stable: neither, or not there for twelve months, so that there is nothing to compare.
    """
    last = as_of.year * 12 + as_of.month - 1
    cut = spells.mutate(
        begin=ibis.greatest(number_of(spells.began_on, "month"), first),
        end=number_of(spells.returned_on, "month").fill_null(last + 1),
    )
    cut = cut.filter(cut.begin < cut.end)
    months = cut.select("customer_id", "spell", "began_on", "gone_on", month=ibis.range(cut.begin, cut.end).unnest())
    known = months.left_join(given, ["customer_id", "month"]).drop("customer_id_right", "month_right")
    known = known.mutate(amount=known.amount.fill_null(0.0))
    in_order = ibis.window(group_by="customer_id", order_by="month")
    half, year, lately = (
        ibis.window(group_by="customer_id", order_by="month", preceding=before, following=0)
        for before in (stages.WINDOW - 1, 2 * stages.WINDOW - 1, stages.WINDOW)
    )
    added = known.mutate(
        recent=known.amount.sum().over(half),
        both=known.amount.sum().over(year),
        line_on=known.line_on.max().over(lately),
        after_on=ibis.least(_first_day(known.month + 1), ibis.literal(as_of + timedelta(days=1))),
    )
    compared = added.mutate(trend=_trend(added))
    # A month that is not over cannot be compared with whole ones: the trend is that of the month before.
    is_over = compared.after_on == _first_day(compared.month + 1)
    settled = compared.mutate(
        trend=is_over.ifelse(compared.trend, compared.trend.lag().over(in_order).fill_null("stable"))
    )
    shown = settled.filter(settled.month >= first + 2 * stages.WINDOW - 1)
    return shown.select("customer_id", "month", "spell", "amount", stage=_stage(shown), entered_on=_entered(shown))


def _first_day(month: Value) -> Value:
    return ibis.date((month // 12).cast("int32"), (month % 12 + 1).cast("int32"), 1)


def _trend(rows: Table) -> Value:
    earlier = rows.both - rows.recent
    (more, of_grown), (less, of_shrunk) = stages.GROWN, stages.SHRUNK
    return ibis.cases(
        (number_of(rows.began_on, "month") > rows.month - 2 * stages.WINDOW, stages.STABLE),
        (rows.recent * of_grown > earlier * more, stages.GROWING),
        (rows.recent * of_shrunk < earlier * less, stages.DECLINING),
        else_=stages.STABLE,
    )


def _stage(rows: Table) -> Value:
    is_new = days_between(rows.began_on, rows.after_on) <= stages.NEW_DAYS
    return ibis.cases(
        ((rows.gone_on < rows.after_on).fill_null(False), stages.INTERRUPTED),
        (is_new & (rows.spell == 1), stages.FORMING),
        (is_new, stages.RECOVERED),
        ((days_between(rows.line_on, rows.after_on) <= stages.NEW_DAYS).fill_null(False), stages.REDEVELOPMENT),
        else_=rows.trend,
    )


def _entered(rows: Table) -> Value:
    """The day on which the stage of a month began, if it is not that of the month before."""
    stage = _stage(rows)
    no_longer_new = (rows.began_on + ibis.interval(days=stages.NEW_DAYS)).cast("date")
    since_line = (rows.line_on + ibis.interval(days=stages.NEW_DAYS)).cast("date").fill_null(no_longer_new)
    # A line that is taken up within the first half year counts from the end of that.
    redeveloped = ibis.greatest(rows.line_on, no_longer_new)
    is_over = since_line < rows.after_on
    settled = ibis.greatest(_first_day(rows.month), no_longer_new, is_over.ifelse(since_line, no_longer_new))
    return ibis.cases(
        (stage == stages.INTERRUPTED, rows.gone_on),
        (stage.isin((stages.FORMING, stages.RECOVERED)), rows.began_on),
        (stage == stages.REDEVELOPMENT, redeveloped),
        else_=settled,
    )


def stage_runs(months: Table, *, last: int) -> Table:
    """One row per customer and time in one stage: its first and last month, since when, what came before and after.

    `months` are those of `stage_months`, `last` the number of the last complete one. `last_stage` is the customer's
    stage at its end, and `year_amount` what was given in the run within the twelve months up to then.
    """
    in_order = ibis.window(group_by="customer_id", order_by="month")
    is_same = (months.stage == months.stage.lag().over(in_order)) & (months.spell == months.spell.lag().over(in_order))
    marked = months.mutate(is_new=(~is_same.fill_null(False)).cast("int64"))
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="month")
    numbered = marked.mutate(run=marked.is_new.sum().over(so_far))
    in_year = (numbered.month > last - stages.YEAR) & (numbered.month <= last)
    runs = numbered.group_by("customer_id", "run").agg(
        stage=numbered.stage.max(),
        first_month=numbered.month.min(),
        last_month=numbered.month.max(),
        since_on=numbered.entered_on.argmin(numbered.month),
        amount=in_year.ifelse(numbered.amount, 0.0).sum(),
    )
    each = ibis.window(group_by="customer_id", order_by="run")
    is_last = (runs.first_month <= last) & (runs.last_month >= last)
    return runs.select(
        "customer_id",
        "first_month",
        "last_month",
        "stage",
        "since_on",
        previous_stage=runs.stage.lag().over(each),
        next_stage=runs.stage.lead().over(each),
        last_stage=is_last.ifelse(runs.stage, None).max().over(ibis.window(group_by="customer_id")),
        year_amount=(runs.amount / SCALE).cast("decimal(18, 4)"),
    )


def lifecycle(customers: Table, runs: Table) -> Table:
    """One row per customer: the stage now, since when, and the one before; who never bought is a prospect."""
    now = runs.filter(runs.next_stage.isnull()).select("customer_id", "stage", "since_on", "previous_stage")
    joined = customers.select("customer_id").left_join(now, "customer_id")
    previous = (joined.stage == stages.FORMING).ifelse(stages.PROSPECT, joined.previous_stage)
    return joined.select(
        "customer_id", "since_on", stage=joined.stage.fill_null(stages.PROSPECT), previous_stage=previous
    )
