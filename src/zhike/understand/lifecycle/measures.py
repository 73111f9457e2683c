"""Pure measures of the stages of life: when customers were there, what they gave by month, and what follows."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.collect.profiles.measures import ENDED
from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import last_complete, number_of
from zhike.understand.value.measures import days_between, rounded

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
    own = ibis.window(group_by="customer_id", order_by=order, preceding=None, following=None)
    before = ibis.window(group_by="customer_id", order_by=order, preceding=(None, 1))
    dated = covers.mutate(reached=covers.until_on.max().over(before), end=covers.until_on.max().over(own))
    # Only where a time begins is anything kept: how far the one before had reached stands there.
    begun = dated.filter(dated.reached.isnull() | (dated.from_on > dated.reached))
    each = ibis.window(group_by="customer_id", order_by="from_on")
    until = begun.reached.lead().over(each).fill_null(begun.end)
    spells = begun.select(
        "customer_id",
        spell=ibis.row_number().over(each) + 1,
        began_on=begun.from_on,
        until_on=until,
        returned_on=begun.from_on.lead().over(each),
    )
    has_gone = spells.until_on <= ibis.literal(as_of)
    gone_on = has_gone.ifelse(spells.until_on, None).cast("date")
    return spells.select("customer_id", "spell", "began_on", "returned_on", gone_on=gone_on)


def _order_covers(orders: Table, as_of: date) -> Table:
    """How long each order is taken for presence."""
    known = orders.filter(orders.ordered_on <= ibis.literal(as_of))
    days = known.select("customer_id", "ordered_on").distinct()
    in_order = {"group_by": "customer_id", "order_by": "ordered_on"}
    so_far = ibis.cumulative_window(**in_order)
    counted = days.mutate(
        first_on=days.ordered_on.min().over(so_far),
        number=days.ordered_on.count().over(so_far),
        next_on=days.ordered_on.lead().over(ibis.window(**in_order)),
    )
    gaps = ibis.greatest(counted.number - 1, 1)
    usual = days_between(counted.first_on, counted.ordered_on) * stages.SILENCES // gaps
    bounded = ibis.least(ibis.greatest(usual, stages.SHORTEST_SILENCE), stages.LONGEST_SILENCE)
    silence = (counted.number == 1).ifelse(stages.FIRST_SILENCE, bounded).cast("int64")
    until = (counted.ordered_on + (silence + 1).as_interval("D")).cast("date")
    # The next order counts anew, for longer or for less long.
    until = ibis.least(until, counted.next_on.fill_null(until))
    return counted.select("customer_id", from_on=counted.ordered_on, until_on=until)


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
    """One row per customer who had bought and end of a month from the number `first` on: the place of the stage.

    That is its place in `stages.STAGES`. The last row is that of the day `as_of`, in the middle of a month too; of an
    interruption the first end of a month alone has one. `spells` are those of `active_spells`, and `given` what was
    given by month, from the same month on; of the first eleven months, which are only compared with, nothing is said.
    Stages, the first that holds:

    - interrupted: gone, and not back;
    - forming: the first order or contract was less than 180 days ago;
    - recovered: back after an interruption for less than 180 days;
    - redevelopment: less than 180 days ago first bought in another line of business;
    - growing, declining: in six months gave more than one and a half times, or less than two thirds, of the six before;
    - stable: neither, or not there for twelve months, so that there is nothing to compare.
    """
    shown = first + 2 * stages.WINDOW - 1
    months = _months_of(spells, last=as_of.year * 12 + as_of.month - 1, first=first, shown=shown)
    known = months.left_join(given, ["customer_id", "month"]).drop("customer_id_right", "month_right")
    after_on = ibis.least(_first_day(known.month + 1), ibis.literal(as_of + timedelta(days=1)))
    dated = known.mutate(after_on=after_on, is_over=after_on == _first_day(known.month + 1))
    # A month that is not over cannot be compared with whole ones: nothing counts in it, and one more is looked back.
    dated = dated.mutate(amount=dated.is_over.ifelse(dated.amount.fill_null(0.0), 0.0))
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="month")
    added = dated.mutate(whole=dated.amount.sum().over(so_far), line_on=dated.line_on.max().over(so_far))
    in_order = ibis.window(group_by="customer_id", order_by="month")

    def before(months: int) -> Value:
        earlier = [added.whole.lag(number).over(in_order).fill_null(0.0) for number in (months, months + 1)]
        return added.is_over.ifelse(*earlier)

    compared = added.mutate(half=before(stages.WINDOW), year=before(2 * stages.WINDOW))
    compared = compared.filter(compared.month >= shown)
    columns = ("customer_id", "month", "spell", "amount", "began_on", "gone_on", "line_on", "after_on")
    return compared.select(*columns, stage=_stage(compared))


def _months_of(spells: Table, *, last: int, first: int, shown: int) -> Table:
    """The months of each spell, and the one in which the customer was gone at its end."""
    began, gone = number_of(spells.began_on, "month"), number_of(spells.gone_on, "month").fill_null(last)
    back = number_of(spells.returned_on, "month").fill_null(last + 1)
    is_past = gone < shown  # nothing is compared with
    cut = spells.mutate(
        begin=is_past.ifelse(ibis.greatest(began, shown), ibis.greatest(began, first)),
        end=ibis.least(back, ibis.greatest(gone, shown) + 1),
    )
    cut = cut.filter(cut.begin < cut.end)
    return cut.select("customer_id", "spell", "began_on", "gone_on", month=ibis.range(cut.begin, cut.end).unnest())


def _first_day(month: Value) -> Value:
    return ibis.date((month // 12).cast("int32"), (month % 12 + 1).cast("int32"), 1)


def _trend(rows: Table) -> Value:
    recent, earlier = rows.whole - rows.half, rows.half - rows.year
    (more, of_grown), (less, of_shrunk) = stages.GROWN, stages.SHRUNK
    compared = rows.month - (~rows.is_over).cast("int64")
    return ibis.cases(
        (number_of(rows.began_on, "month") > compared - 2 * stages.WINDOW, _code(stages.STABLE)),
        (recent * of_grown > earlier * more, _code(stages.GROWING)),
        (recent * of_shrunk < earlier * less, _code(stages.DECLINING)),
        else_=_code(stages.STABLE),
    )


def _code(stage: str) -> int:
    """The place of a stage: millions of numbers are compared sooner than millions of words."""
    return stages.STAGES.index(stage)


def _stage(rows: Table) -> Value:
    is_new = days_between(rows.began_on, rows.after_on) <= stages.NEW_DAYS
    is_wider = days_between(rows.line_on, rows.after_on) <= stages.NEW_DAYS
    return ibis.cases(
        ((rows.gone_on < rows.after_on).fill_null(False), _code(stages.INTERRUPTED)),
        (is_new & (rows.spell == 1), _code(stages.FORMING)),
        (is_new, _code(stages.RECOVERED)),
        (is_wider.fill_null(False), _code(stages.REDEVELOPMENT)),
        else_=_trend(rows),
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
    in_order = {"group_by": "customer_id", "order_by": "month"}
    in_year = (months.month > last - stages.YEAR) & (months.month <= last)
    before = ibis.window(**in_order)
    marked = months.mutate(
        in_year=in_year.ifelse(months.amount, 0.0),
        so_far=in_year.ifelse(months.amount, 0.0).sum().over(ibis.cumulative_window(**in_order)),
        in_all=in_year.ifelse(months.amount, 0.0).sum().over(ibis.window(group_by="customer_id")),
        is_same=(months.stage == months.stage.lag().over(before)) & (months.spell == months.spell.lag().over(before)),
    )
    # Only the first month of each run is kept; what was given before it tells what was given in the one before.
    begun = marked.filter(~marked.is_same.fill_null(False))
    given = begun.so_far - begun.in_year
    runs = begun.mutate(
        since_on=_entered(begun),
        last_month=begun.month.lead().over(before).fill_null(now + 1) - 1,
        previous=begun.stage.lag().over(before),
        following=begun.stage.lead().over(before),
        year_amount=(given.lead().over(before).fill_null(begun.in_all) - given) / SCALE,
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
        year_amount=rounded(runs.year_amount, places=4).cast("decimal(18, 4)"),
    )


def _word(code: Value) -> Value:
    return ibis.cases(*((code == place, name) for place, name in enumerate(stages.STAGES)))


def lifecycle(customers: Table, runs: Table) -> Table:
    """One row per customer: the stage now, since when, and the one before; who never bought is a prospect."""
    now = runs.filter(runs.next_stage.isnull()).select("customer_id", "stage", "since_on", "previous_stage")
    joined = customers.select("customer_id").left_join(now, "customer_id")
    previous = (joined.stage == stages.FORMING).ifelse(stages.PROSPECT, joined.previous_stage)
    return joined.select(
        "customer_id", "since_on", stage=joined.stage.fill_null(stages.PROSPECT), previous_stage=previous
    )
