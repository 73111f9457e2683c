"""Pure measures of how customers move: states by customer and period, and how many went from which to which."""

from __future__ import annotations

import ibis
from ibis import _
from ibis.expr.types import Table, Value

from zhike.understand.lifecycle.periods import number_of


def transition_counts(states: Table) -> Table:
    """One row per period, state and next state: how many customers went from the one to the other.

    `states` has a row for each customer_id and period with the state; periods are whole numbers. A move is counted
    from one period to the next; where a customer has no row in the next, nothing is known and nothing counted. The
    period is that in which the move began. One window function over all rows.
    """
    in_order = ibis.window(group_by="customer_id", order_by="period")
    followed = states.select(
        "period",
        from_state=states.state,
        to_state=states.state.lead().over(in_order),
        next_period=states.period.lead().over(in_order),
    )
    moved = followed.filter(followed.next_period == followed.period + 1)
    return moved.group_by("period", "from_state", "to_state").agg(customers=_.count())


def purchase_spells(purchases: Table, *, period: str, last: int) -> Table:
    """One row per period of a purchase and period of the next one: how many customers; the next is empty where none.

    `purchases` has a row for each purchase with customer_id and ordered_on; `period` is month, quarter or year, and
    `last` the number of the last complete one. What was bought later is left out. One window function over all
    purchases; what follows is done on these few rows.
    """
    dated = purchases.select("customer_id", period=number_of(purchases.ordered_on, period))
    known = dated.filter(dated.period <= last)
    in_order = ibis.window(group_by="customer_id", order_by="period")
    followed = known.select("period", next_period=known.period.lead().over(in_order))
    # Of several purchases in a period the last leads on. To count each period once before takes twice as long.
    followed = followed.filter(followed.next_period.isnull() | (followed.next_period > followed.period))
    return followed.group_by("period", "next_period").agg(customers=_.count())


def recency_transitions(spells: Table, *, states: int, last: int) -> Table:
    """One row per period, state and next state: how many customers went from the one to the other.

    A state is the number of periods since the last purchase: 1 in the period of one, then 2, and so on; all from
    `states` on are one state. A customer without a purchase in a period counts in it all the same, from the first
    purchase to the `last` complete period. `spells` are those of `purchase_spells`.
    """
    end = spells.next_period.fill_null(last)
    each = spells.mutate(at=ibis.range(spells.period, end).unnest())
    has_bought = (each.next_period == each.at + 1).fill_null(False)
    moved = each.select(
        "customers",
        period=each.at,
        from_state=_recency(each.at - each.period, states),
        to_state=has_bought.ifelse(1, _recency(each.at + 1 - each.period, states)).cast("int64"),
    )
    return moved.group_by("period", "from_state", "to_state").agg(customers=_.customers.sum().cast("int64"))


def recency_stock(spells: Table, *, states: int, last: int) -> Table:
    """One row per state of `recency_transitions`: how many customers are in it in the last complete period."""
    lasting = spells.filter(spells.next_period.isnull())
    found = lasting.select("customers", state=_recency(last - lasting.period, states))
    return found.group_by("state").agg(customers=_.customers.sum().cast("int64"))


def _recency(periods: Value, states: int) -> Value:
    return ibis.least(periods + 1, states).cast("int64")
