"""Pure measures of the stages of life by month: the stage at the end of each, and how long each lasted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import ibis
from ibis.expr.types import Table, Value

from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.measures import SCALE
from zhike.understand.lifecycle.periods import last_complete, number_of
from zhike.understand.value.measures import days_between, rounded

YEAR = 2 * stages.WINDOW  # months that are needed for a comparison


def stage_months(spells: Table, given: Table, *, as_of: date, first: int) -> Table:
    """One row per customer who had bought and end of a month from the number `first` on: the place of the stage.

    That is its place in `stages.STAGES`, and `before` that of the month before in the same presence. The last row is
    that of the day `as_of`, in the middle of a month too; of an interruption the first end of a month alone has one.
    `spells` are those of `active_spells`, and `given` what was given by month, from the same month on; of the first
    eleven months, which are only compared with, nothing is said. `year_amount` is what was given within the twelve
    complete months before `as_of`, and `year_before` what of it was given before the month.
    Stages, the first that holds:

    - interrupted: gone, and not back;
    - forming: the first order or contract was less than 180 days ago;
    - recovered: back after an interruption for less than 180 days;
    - redevelopment: less than 180 days ago first bought in another line of business;
    - growing, declining: in six months gave more than one and a half times, or less than two thirds, of the six before;
    - stable: neither, or not there for twelve months, so that there is nothing to compare.
    """
    shown = first + YEAR - 1
    last, now = last_complete(as_of, "month"), as_of.year * 12 + as_of.month - 1
    spent = _months_of(spells, now=now, shown=shown)
    known = spent.left_join(_courses(given, first=first, last=last, now=now), "customer_id").drop("customer_id_right")
    count = now + 1 - shown
    dated = known.mutate(
        # Who gave nothing has lists too: what is read from a missing list is not taken for missing by Spark.
        trends=known.trends.fill_null(ibis.array([_code(stages.STABLE)] * count)),
        amounts=known.amounts.fill_null(ibis.array([0.0] * count)),
        place=(known.month - shown).cast("int32"),
        place_before=ibis.greatest(known.month - 1 - shown, 0).cast("int32"),
        after_on=_after(known.month, as_of, now),
        month_on=_first_day(known.month),
    )
    was_there = dated.month > ibis.greatest(number_of(dated.began_on, "month"), shown)
    is_whole = dated.after_on == _first_day(dated.month + 1)
    earlier = _stage(dated, dated.place_before, dated.month - 1, dated.month_on, dated.lines[dated.place_before])
    whole, line_on = dated.month - (~is_whole).cast("int64"), dated.lines[dated.place]
    return dated.select(
        *("customer_id", "month", "spell", "began_on", "gone_on", "after_on"),
        line_on=line_on,
        year_amount=dated.year_amount.fill_null(0.0),
        year_before=dated.amounts[dated.place],
        stage=_stage(dated, dated.place, whole, dated.after_on, line_on),
        before=was_there.ifelse(earlier, None),
    )


def _months_of(spells: Table, *, now: int, shown: int) -> Table:
    """The months of each spell, and the one in which the customer was gone at its end."""
    began, gone = number_of(spells.began_on, "month"), number_of(spells.gone_on, "month").fill_null(now)
    back = number_of(spells.returned_on, "month").fill_null(now + 1)
    cut = spells.mutate(begin=ibis.greatest(began, shown), end=ibis.least(back, ibis.greatest(gone, shown) + 1))
    cut = cut.filter(cut.begin < cut.end)
    return cut.select("customer_id", "spell", "began_on", "gone_on", month=ibis.range(cut.begin, cut.end).unnest())


def _courses(given: Table, *, first: int, last: int, now: int) -> Table:
    """One row per customer who gave anything: lists with a place for each month that something is said of.

    `trends` has how half a year compares with the one before, `lines` the latest day on which another line of business
    was taken up, and `amounts` what was given within the year before the month; `year_amount` all of that year. Lists,
    since one pass over what was given fills them: to put every month of every customer in order takes much longer.
    """
    shown = first + YEAR - 1
    known = given.filter(given.month.between(first, now))
    whole = {month: known.amount.sum(where=known.month <= month) for month in range(first, last + 1)}
    added = known.group_by("customer_id").agg(
        **{f"to_{month}": amount.fill_null(0.0) for month, amount in whole.items()},
        **{f"line_{month}": known.line_on.max(where=known.month <= month) for month in range(shown, now + 1)},
    )

    def up_to(month: int) -> Value:
        return added[f"to_{min(month, last)}"] if month >= first else ibis.literal(0.0)

    begin = last - stages.YEAR
    return added.select(
        "customer_id",
        # A month that is not over cannot be compared with whole ones: it has the trend of the last that is.
        trends=ibis.array([_trend(up_to, min(month, last)) for month in range(shown, now + 1)]),
        lines=ibis.array([added[f"line_{month}"] for month in range(shown, now + 1)]),
        amounts=ibis.array([up_to(max(month, begin)) - up_to(begin) for month in range(shown - 1, now)]),
        year_amount=up_to(last) - up_to(begin),
    )


def _trend(up_to: Callable[[int], Value], month: int) -> Value:
    recent = up_to(month) - up_to(month - stages.WINDOW)
    earlier = up_to(month - stages.WINDOW) - up_to(month - 2 * stages.WINDOW)
    (more, of_grown), (less, of_shrunk) = stages.GROWN, stages.SHRUNK
    return ibis.cases(
        (recent * of_grown > earlier * more, _code(stages.GROWING)),
        (recent * of_shrunk < earlier * less, _code(stages.DECLINING)),
        else_=_code(stages.STABLE),
    )


def _first_day(month: Value) -> Value:
    return ibis.date((month // 12).cast("int32"), (month % 12 + 1).cast("int32"), 1)


def _after(month: Value, as_of: date, now: int) -> Value:
    """The day after the last of a month that is known."""
    return (month < now).ifelse(_first_day(month + 1), ibis.literal(as_of + timedelta(days=1)))


def _code(stage: str) -> int:
    """The place of a stage: millions of numbers are compared sooner than millions of words."""
    return stages.STAGES.index(stage)


def _stage(rows: Table, place: Value, whole: Value, after_on: Value, line_on: Value) -> Value:
    """The stage on the day before `after_on`; `whole` is the last complete month, `place` that in lists."""
    is_new = days_between(rows.began_on, after_on) <= stages.NEW_DAYS
    is_wider = days_between(line_on, after_on) <= stages.NEW_DAYS
    has_year = number_of(rows.began_on, "month") <= whole - YEAR
    return ibis.cases(
        ((rows.gone_on < after_on).fill_null(False), _code(stages.INTERRUPTED)),
        (is_new & (rows.spell == 1), _code(stages.FORMING)),
        (is_new, _code(stages.RECOVERED)),
        (is_wider.fill_null(False), _code(stages.REDEVELOPMENT)),
        (~has_year, _code(stages.STABLE)),
        else_=rows.trends[place],
    )


def _entered(rows: Table) -> Value:
    """The day on which the stage of a month began, if it is not that of the month before."""
    no_longer_new = (rows.began_on + ibis.interval(days=stages.NEW_DAYS)).cast("date")
    since_line = (rows.line_on + ibis.interval(days=stages.NEW_DAYS)).cast("date").fill_null(no_longer_new)
    is_over = since_line < rows.after_on
    # The trend is that of whole months; what was new, or wider, until some day is something else from that day on.
    settled = ibis.greatest(_first_day(rows.month), no_longer_new, is_over.ifelse(since_line, no_longer_new))
    return ibis.cases(
        (rows.stage == _code(stages.INTERRUPTED), rows.gone_on),
        (rows.stage.isin((_code(stages.FORMING), _code(stages.RECOVERED))), rows.began_on),
        # A line that is taken up within the first half year counts from the end of that.
        (rows.stage == _code(stages.REDEVELOPMENT), ibis.greatest(rows.line_on, no_longer_new)),
        else_=settled,
    )


def stage_runs(months: Table, *, as_of: date) -> Table:
    """One row per customer and time in one stage: its first and last month, since when, what came before and after.

    `months` are those of `stage_months`. `last_stage` is the customer's stage at the end of the last complete month,
    and `year_amount` what was given in the run within the twelve months up to then.
    """
    last, now = last_complete(as_of, "month"), as_of.year * 12 + as_of.month - 1
    begun = months.filter(months.before.isnull() | (months.before != months.stage))
    in_order = ibis.window(group_by="customer_id", order_by="month")
    given = begun.year_before.lead().over(in_order).fill_null(begun.year_amount) - begun.year_before
    runs = begun.mutate(
        since_on=_entered(begun),
        last_month=begun.month.lead().over(in_order).fill_null(now + 1) - 1,
        previous=begun.stage.lag().over(in_order),
        following=begun.stage.lead().over(in_order),
        given=given / SCALE,
    )
    is_last = (runs.month <= last) & (runs.last_month >= last)
    at_last = is_last.ifelse(runs.stage, None).max().over(ibis.window(group_by="customer_id"))
    return runs.select(
        "customer_id",
        "last_month",
        "since_on",
        first_month=runs.month,
        stage=_word(runs.stage),
        previous_stage=_word(runs.previous),
        next_stage=_word(runs.following),
        last_stage=_word(at_last),
        year_amount=rounded(runs.given, places=4).cast("decimal(18, 4)"),
    )


def _word(code: Value) -> Value:
    return ibis.cases(*((code == place, name) for place, name in enumerate(stages.STAGES)))
