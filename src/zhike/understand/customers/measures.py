"""The list of customers: what is known of each in one row."""

from __future__ import annotations

from datetime import date

import ibis
from ibis.expr.types import Table, Value

COUNTED = ("order_count", "revenue_amount", "active_contract_count", "annual_premium_amount")


def customer_list(
    customers: Table, *, orders: Table, contracts: Table, activity: Table, scores: Table, as_of: date
) -> Table:
    """One row per customer with the figures of its summaries; counts and amounts are 0 for who has none.

    `last_seen_on` is the last day of an order, event, interaction or response, or on which a contract
    began; days after `as_of` do not count.
    """
    known = customers
    for number, summary in enumerate((orders, contracts, activity, scores)):
        further = summary.rename({f"customer_{number}": "customer_id"})
        known = known.left_join(further, known.customer_id == further[f"customer_{number}"])
    began = (known.last_started_on <= ibis.literal(as_of)).ifelse(known.last_started_on, ibis.null("date"))
    days: list[Value] = [known[f"last_{what}_on"] for what in ("event", "interaction", "response")]
    return known.mutate(
        last_seen_on=ibis.greatest(known.last_ordered_on, began, *days),
        **{name: known[name].fill_null(0) for name in COUNTED},
    )
