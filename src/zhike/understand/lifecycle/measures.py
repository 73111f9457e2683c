"""Pure measures of the stages of life: when customers were there, what they gave by month, and what follows."""

from __future__ import annotations

from datetime import date

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


def lifecycle(customers: Table, runs: Table) -> Table:
    """One row per customer: the stage now, since when, and the one before; who never bought is a prospect."""
    now = runs.filter(runs.next_stage.isnull()).select("customer_id", "stage", "since_on", "previous_stage")
    joined = customers.select("customer_id").left_join(now, "customer_id")
    previous = (joined.stage == stages.FORMING).ifelse(stages.PROSPECT, joined.previous_stage)
    return joined.select(
        "customer_id", "since_on", stage=joined.stage.fill_null(stages.PROSPECT), previous_stage=previous
    )
