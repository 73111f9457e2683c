"""All attributes of a customer side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ibis.expr.types import Table

MISSING = Mapping[str, int | None]  # column of a set → what it is for whom the set does not know; None leaves it empty


def attributes(customers: Table, sets: Iterable[tuple[Table, MISSING]]) -> Table:
    """One row per customer: `customer_id` of `customers` and the columns of every set."""
    known = customers.select("customer_id")
    for number, (of_set, missing) in enumerate(sets):
        further = of_set.select("customer_id", *missing).rename({f"customer_{number}": "customer_id"})
        joined = known.left_join(further, known.customer_id == further[f"customer_{number}"])
        filled = {name: joined[name].fill_null(value) for name, value in missing.items() if value is not None}
        known = joined.mutate(**filled).drop(f"customer_{number}")
    return known
