"""A scenario filled from the firm's own orders; what they do not say is named as assumed."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMER_ORDERS, CUSTOMERS
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.value.queries import units_of
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.understand.what_if.measures import yearly_figures
from zhike.understand.what_if.reading import scenario_from_data
from zhike.understand.what_if.scenario import Scenario
from zhike.warehouse.queries import Published, published, rows

YEARS = 3
# What orders do not say; round numbers that are there to be changed.
COSTS = {"cost_share": 0.6, "acquisition_cost": 0.0, "marketing_cost": 0.0}
MONEY = {"interest": 0.08, "risk": 1.5}
CENTS, DIGITS = 2, 4  # to which the figures are rounded


class NoOrders(UserError):
    """There are no orders of the last year to fill a scenario from."""


def scenario_of_orders(*, unit: str | None = None) -> Scenario:
    """What the orders of the last year say, of the whole firm, or of an org unit and all below it.

    Raises Denied, NothingPublished, and NoOrders where nobody bought.
    """
    require(Right.SEE_CUSTOMERS)
    now = published()
    found = _figures(now, units_of(unit))
    if not found["buyers"]:
        raise NoOrders(
            _("nobody ordered in the year before %(day)s") % {"day": now.as_of.isoformat()},
            advice=_("Begin with an example, and put in your own numbers."),
        )
    inputs: dict[str, Any] = {
        "orders": round(found["orders"] / found["buyers"], DIGITS),
        "spend": round(max(found["revenue"], 0.0) / found["orders"], CENTS),
    }
    costs: dict[str, Any] = dict(COSTS)
    if found["buyers_before"]:
        inputs = {"retention": round(found["stayed"] / found["buyers_before"], DIGITS), **inputs}
    else:
        costs["retention"] = 0.5
    note = _(
        "Filled from the orders of the year before %(day)s: %(stayed)s of the %(before)s customers who bought in the"
        " year before that bought again. Later years are taken to be as this one."
    ) % {"day": now.as_of.isoformat(), "stayed": found["stayed"], "before": found["buyers_before"]}
    return scenario_from_data(
        {
            "name": _("Our customers, %(day)s") % {"day": now.as_of.isoformat()},
            "note": note,
            "customers": found["new_buyers"] or found["buyers"],
            "whole_base": found["buyers"],
            "years": YEARS,
            "inputs": inputs,
            "assumptions": {
                _("what orders do not say"): {
                    "note": _("Nobody has measured these: put in your own."),
                    "inputs": costs,
                },
                _("cost of money"): {"note": _("8% interest, with a factor of 1.5 for risk."), "inputs": MONEY},
            },
        },
        where=_("orders"),
    )


@lru_cache(maxsize=16)
def _figures(now: Published, units: frozenset[str] | None) -> dict[str, Any]:
    """One pass over the orders of two years, remembered until the next refresh."""
    orders, summary = now.table(CUSTOMER_ORDERS), now.table(ORDER_SUMMARY)
    if units:
        customers = now.table(CUSTOMERS)
        those = customers.filter(customers.unit_id.isin(sorted(units)))
        orders, summary = orders.semi_join(those, "customer_id"), summary.semi_join(those, "customer_id")
    [found] = rows(yearly_figures(orders, summary, as_of=now.as_of))
    return found
