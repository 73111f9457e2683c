"""Pure measures of what was known of customers on a day, into which stage they moved after it, and how many did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.lifecycle.measures import contracts_begun
from zhike.understand.migration.drivers import bands
from zhike.understand.propensity.measures import REFUSALS
from zhike.understand.value.measures import ANSWERS, MONEY, days_between, rounded

QUARTERS = (0.25, 0.5, 0.75)


def given_until(orders: Table, contracts: Table, *, day: date, as_of: date) -> Table:
    """One row per customer who had bought by a day: days since the first and the last purchase, and what was in use.

    A purchase is an order or the start of a contract. `yearly_amount` is the yearly premium of contracts in force at
    the end of the day and the orders of the 365 days up to it; `lines` are the lines of business of these. Whether a
    contract was in force is told by its dates, as far as they are known as of `as_of`: what a source says of it today
    would tell what came later.
    """
    end = ibis.literal(day)
    is_lately = orders.ordered_on > ibis.literal(day - timedelta(days=bands.YEAR))
    ordered = orders.filter(orders.ordered_on <= end).select(
        "customer_id",
        bought_on=orders.ordered_on,
        amount=is_lately.ifelse(orders.amount, 0).cast(MONEY),
        line=is_lately.ifelse(orders.line_of_business, None),
        held=ibis.literal(0, "int64"),
    )
    begun = contracts_begun(contracts, as_of=as_of)
    begun = begun.filter(begun.started_on <= end)
    is_held = begun.over_on > end
    held = begun.select(
        "customer_id",
        bought_on=begun.started_on,
        amount=is_held.ifelse(begun.annual_premium_amount.fill_null(0), 0).cast(MONEY),
        line=is_held.ifelse(begun.line_of_business, None),
        held=is_held.cast("int64"),
    )
    # By line first: to count different ones at once takes engines half as long again.
    by_line = (
        ordered.union(held)
        .group_by("customer_id", "line")
        .agg(first_on=_.bought_on.min(), last_on=_.bought_on.max(), amount=_.amount.sum(), held=_.held.sum())
    )
    summed = by_line.group_by("customer_id").agg(
        first_on=_.first_on.min(),
        last_on=_.last_on.max(),
        yearly_amount=_.amount.sum().cast(MONEY),
        lines=_.line.count(),
        contracts=_.held.sum().cast("int64"),
    )
    return summed.select(
        *("customer_id", "yearly_amount", "lines", "contracts"),
        tenure_days=days_between(summed.first_on, end),
        silent_days=days_between(summed.last_on, end),
    )


def contacts_until(interactions: Table, messages: Table, responses: Table, *, day: date) -> Table:
    """One row per customer with a contact, message or response in the 180 days up to a day: contacts, and the reply.

    The reply is the last of these that holds: unwritten (no message), unanswered, answered (clicked, replied to, led to
    a purchase), refused (unsubscribed, complained, refused).
    """
    end, since = ibis.literal(day), ibis.literal(day - timedelta(days=bands.LATELY))
    kinds = {
        "contact": (interactions, "occurred_on"),
        "message": (messages, "sent_on"),
        "answer": (responses.filter(responses.kind.isin(ANSWERS)), "occurred_on"),
        "refusal": (responses.filter(responses.kind.isin(REFUSALS)), "occurred_on"),
    }
    parts = [
        rows.filter((rows[on] <= end) & (rows[on] > since)).select("customer_id", what=ibis.literal(name))
        for name, (rows, on) in kinds.items()
    ]
    long = ibis.union(*parts)
    counted = long.group_by("customer_id").agg(
        **{name: (long.what == name).cast("int64").sum() for name in kinds},
    )
    reply = ibis.cases(
        (counted.refusal > 0, bands.REFUSED),
        (counted.answer > 0, bands.ANSWERED),
        (counted.message > 0, bands.UNANSWERED),
        else_=bands.UNWRITTEN,
    )
    return counted.select("customer_id", contacts=counted.contact, reply=reply)


def move_starts(runs: Table, given: Table, contacts: Table, *, month: int) -> Table:
    """One row per customer who was stable or growing at the end of a month: what was known then, and the stage now.

    `runs` are those of `stage_runs`; `to_stage` is the stage at the end of the last complete month.
    """
    is_there = (runs.first_month <= month) & (runs.last_month >= month) & runs.last_stage.notnull()
    then = runs.filter(is_there & runs.stage.isin(bands.STARTS)).select(
        "customer_id", from_stage="stage", to_stage="last_stage"
    )
    given, contacts = given.rename(buyer="customer_id"), contacts.rename(contacted="customer_id")
    both = then.left_join(given, then.customer_id == given.buyer)
    both = both.left_join(contacts, both.customer_id == contacts.contacted)
    counts = {name: both[name].fill_null(0) for name in ("lines", "contracts", "contacts")}
    return both.select(
        *("customer_id", "from_stage", "to_stage", "tenure_days", "silent_days"),
        yearly_amount=both.yearly_amount.fill_null(0).cast(MONEY),
        **counts,
        reply=both.reply.fill_null(bands.UNWRITTEN),
    )


def value_quarters(starts: Table) -> Table:
    """One row: the quarters of what customers gave in a year, linearly interpolated; empty where nobody is."""
    given = starts.yearly_amount.cast("float64")
    found = starts.agg(quarters=given.quantile(list(QUARTERS)))
    return found.select(
        **{f"quarter_{place}": rounded(found.quarters[place], places=6) for place in range(len(QUARTERS))}
    )


def move_cells(starts: Table, customers: Table, *, values: Sequence[int]) -> Table:
    """One row per org unit and combination of bands: customers, of whom `fell` and `grew`.

    A band is called by its lower border; `values` are the borders of what is given in a year, from 0 on.
    """
    borders: Mapping[str, Sequence[int]] = bands.BORDERS | {bands.VALUE: values}
    columns = {
        bands.TENURE: starts.tenure_days,
        bands.SILENCE: starts.silent_days,
        bands.VALUE: starts.yearly_amount.cast("float64"),
        bands.LINES: starts.lines,
        bands.CONTRACTS: starts.contracts,
        bands.CONTACTS: starts.contacts,
    }
    banded = starts.select(
        "customer_id",
        "reply",
        stage="from_stage",
        **{name: _band(value, borders[name]) for name, value in columns.items()},
        **{move: _moved(starts, move).cast("int64") for move in bands.MOVES},
    )
    units = customers.select(unit_of=customers.customer_id, unit_id=customers.unit_id.fill_null(""))
    placed = banded.join(units, banded.customer_id == units.unit_of)
    return placed.group_by("unit_id", *bands.FEATURES).agg(
        customers=_.count(), **{move: placed[move].sum() for move in bands.MOVES}
    )


def added_cells(cells: Table) -> Table:
    """One row per combination of bands: the customers of all org units of `cells`, and who of them moved."""
    return cells.group_by(*bands.FEATURES).agg(
        **{name: cells[name].sum().cast("int64") for name in ("customers", *bands.MOVES)}
    )


def _band(value: Value, borders: Sequence[int]) -> Value:
    above = [(value >= border, ibis.literal(border, "int64")) for border in reversed(borders[1:])]
    least = ibis.literal(borders[0], "int64")
    return ibis.cases(*above, else_=least) if above else least


def _moved(starts: Table, move: str) -> Value:
    come, go = bands.MOVES[move]
    return starts.from_stage.isin(come) & starts.to_stage.isin(go)
