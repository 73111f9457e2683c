"""Pure measures of how many customers are in which stage of life, month by month, and how many move."""

from __future__ import annotations

import ibis
from ibis import _
from ibis.expr.types import Table

from zhike.understand.lifecycle import stages
from zhike.understand.lifecycle.periods import number_of

KEPT = ("unit_id", "stage", "first_month", "last_month", "next_stage", "last_stage", "is_first")


def run_counts(runs: Table, customers: Table, *, last: int) -> Table:
    """One row per org unit and course of a run of a stage: how many customers, and what they gave within the year.

    What lies after the last complete month is cut off; `is_first` says that the customer's first purchase began it.
    """
    cut = runs.filter(runs.first_month <= last)
    is_over = cut.last_month < last
    cut = cut.mutate(
        last_month=ibis.least(cut.last_month, last),
        next_stage=is_over.ifelse(cut.next_stage, None),
        is_first=(cut.stage == stages.FORMING) & (number_of(cut.since_on, "month") == cut.first_month),
    )
    units = customers.select(unit_of=customers.customer_id, unit_id=customers.unit_id.fill_null(""))
    counted = cut.join(units, cut.customer_id == units.unit_of).group_by(list(KEPT))
    return counted.agg(customers=_.count(), amount=_.year_amount.cast("decimal(38, 4)").sum())


def stage_moves(counts: Table, *, last: int) -> Table:
    """One row per org unit, month, stage and stage a month later: how many customers went from the one to the other.

    Whoever buys for the first time comes from the prospects; how many of those stay prospects nobody knows.
    """
    from_first = counts.group_by("unit_id", "stage", "first_month", "last_month").agg(customers=_.customers.sum())
    lasting = from_first.filter(from_first.first_month < from_first.last_month)
    stayed = lasting.select(
        "unit_id",
        "customers",
        month=ibis.range(lasting.first_month, lasting.last_month).unnest(),
        from_stage=lasting.stage,
        to_stage=lasting.stage,
    )
    ended = counts.filter(counts.next_stage.notnull() & (counts.last_month < last))
    moved = ended.select(
        "unit_id", "customers", month=ended.last_month, from_stage=ended.stage, to_stage=ended.next_stage
    )
    began = counts.filter(counts.is_first)
    came = began.select(
        "unit_id",
        "customers",
        month=began.first_month - 1,
        from_stage=ibis.literal(stages.PROSPECT),
        to_stage=began.stage,
    )
    every = stayed.union(moved, came).filter(_.month >= last - stages.HISTORY)
    return every.group_by("unit_id", "month", "from_stage", "to_stage").agg(customers=_.customers.sum())


def stage_flows(counts: Table, *, last: int) -> Table:
    """One row per org unit, month, stage then and stage in the last complete month: how many customers."""
    return (
        _by_month(counts, last).group_by("unit_id", "month", "from_stage", "to_stage").agg(customers=_.customers.sum())
    )


def stage_given(counts: Table, *, last: int) -> Table:
    """One row per org unit and stage: months that customers spent in it within the year, and what they gave then."""
    begin = ibis.greatest(counts.first_month, last - stages.YEAR + 1)
    months = ibis.greatest(counts.last_month - begin + 1, 0)
    spent = counts.mutate(customer_months=counts.customers * months)
    found = spent.group_by("unit_id", "stage").agg(
        customer_months=_.customer_months.sum(), amount=_.amount.sum().cast("decimal(18, 4)")
    )
    return found.filter(found.customer_months > 0)


def _by_month(counts: Table, last: int) -> Table:
    courses = counts.group_by("unit_id", "stage", "first_month", "last_month", "last_stage").agg(
        customers=_.customers.sum()
    )
    each = courses.mutate(month=ibis.range(courses.first_month, courses.last_month + 1).unnest())
    kept = each.filter((each.month >= last - stages.HISTORY) & (each.month <= last))
    return kept.rename(from_stage="stage", to_stage="last_stage")
