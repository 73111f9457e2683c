"""A scenario filled from the firm's own orders or contracts; what they do not say is named as assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from django.utils.translation import gettext as _

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.understand.value.queries import units_of
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.understand.what_if.measures import yearly_figures, years_of_buyers, years_of_holders
from zhike.understand.what_if.reading import scenario_from_data
from zhike.understand.what_if.scenario import Scenario
from zhike.warehouse.queries import Published, published, rows

Basis = Literal["orders", "contracts"]
BASES: tuple[Basis, ...] = ("orders", "contracts")
YEARS = 3
FEWEST = 20  # customers whose year says what others will do in theirs
HALF = 0.5  # retention where nothing is known
# What the data do not say; round numbers that are there to be changed.
COSTS = {"cost_share": 0.6, "acquisition_cost": 0.0, "marketing_cost": 0.0}
MONEY = {"interest": 0.08, "risk": 1.5}
CENTS, DIGITS = 2, 4  # to which the figures are rounded
Row = dict[str, Any]


class NoOrders(UserError):
    """There are neither orders of the last year nor contracts in force to fill a scenario from."""


@dataclass(frozen=True)
class _Filled:
    """What the data say of a cohort of new customers."""

    customers: float
    whole_base: float
    note: str
    inputs: dict[str, Any]
    guessed: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Figures:
    """What orders and contracts say: of all buyers of a year, and of customers by their years of custom."""

    year: Row
    bought: tuple[Row, ...]
    held: tuple[Row, ...]


def scenario_of_data(*, basis: Basis | None = None, unit: str | None = None) -> Scenario:
    """What orders or contracts say of new customers, of the whole firm, or of an org unit and all below it.

    Of the two what more customers have, unless it is said which. Raises Denied, NothingPublished, and NoOrders where
    nobody bought within a year, or nobody holds a contract.
    """
    require(Right.SEE_CUSTOMERS)
    now = published()
    found = _figures(now, units_of(unit))
    buyers, holders = found.year["buyers"], sum(row["holders"] for row in found.held)
    if basis is None:
        basis = "contracts" if holders > buyers else "orders"
    if not (holders if basis == "contracts" else buyers):
        raise NoOrders(_nobody(basis, now), advice=_("Begin with an example, and put in your own numbers."))
    filled = _of_contracts(found, now) if basis == "contracts" else _of_orders(found, now)
    return scenario_from_data(
        {
            "name": _("Our customers, %(day)s") % {"day": now.as_of.isoformat()},
            "note": filled.note,
            "customers": filled.customers,
            "whole_base": filled.whole_base,
            "years": YEARS,
            "inputs": filled.inputs,
            "assumptions": {
                _("what the data do not say"): {
                    "note": _("Nobody has measured these: put in your own."),
                    "inputs": COSTS | filled.guessed,
                },
                _("cost of money"): {"note": _("8% interest, with a factor of 1.5 for risk."), "inputs": MONEY},
            },
        },
        where=_("orders") if basis == "orders" else _("contracts"),
    )


def _nobody(basis: Basis, now: Published) -> str:
    day = {"day": now.as_of.isoformat()}
    if basis == "contracts":
        return _("nobody holds a contract on %(day)s") % day
    return _("nobody ordered in the year before %(day)s, and nobody holds a contract") % day


def _of_orders(found: _Figures, now: Published) -> _Filled:
    year = found.year
    own = {row["year"]: row for row in found.bought}
    kept = [(own[one]["buyers"], own[one]["before"]) if one in own else (0, 0) for one in range(1, YEARS)]
    retention = _by_year(kept)
    overall = {"orders": year["orders"] / year["buyers"], "spend": max(year["revenue"], 0.0) / year["orders"]}
    known = [one if one and one["buyers"] >= FEWEST else None for one in map(own.get, range(YEARS))]
    inputs = {
        "orders": [round(one["orders"] / one["buyers"] if one else overall["orders"], DIGITS) for one in known],
        "spend": [round(max(one["revenue"], 0.0) / one["orders"] if one else overall["spend"], CENTS) for one in known],
    }
    note = _(
        "Filled from the orders up to %(day)s: customers in their first, second and third year, each counted from"
        " their own first order."
    ) % {"day": now.as_of.isoformat()}
    stayed = year["stayed"] / year["buyers_before"] if year["buyers_before"] else None
    said, guessed, words = _retention(retention, kept, stayed)
    return _Filled(year["new_buyers"] or year["buyers"], year["buyers"], f"{note} {words}", said | inputs, guessed)


def _of_contracts(found: _Figures, now: Published) -> _Filled:
    own = {row["year"]: row for row in found.held}
    holders, premium = (sum(row[name] for row in found.held) for name in ("holders", "premium"))
    known = [one if one and one["holders"] >= FEWEST else None for one in map(own.get, range(YEARS))]
    kept = [(own[one]["kept"], own[one]["before"]) if one in own else (0, 0) for one in range(1, YEARS)]
    every = (sum(row["kept"] for row in found.held), sum(row["before"] for row in found.held))
    inputs = {
        "orders": 1,
        "spend": [round(one["premium"] / one["holders"] if one else premium / holders, CENTS) for one in known],
    }
    note = _(
        "Filled from the contracts in force on %(day)s: the premium a year of customers in their first, second and"
        " third year since their first contract."
    ) % {"day": now.as_of.isoformat()}
    said, guessed, words = _retention(_by_year(kept), kept, every[0] / every[1] if every[1] else None)
    new = own.get(0, {}).get("begun", 0)
    return _Filled(new or holders, holders, f"{note} {words}", said | inputs, guessed)


def _by_year(kept: Sequence[tuple[int, int]]) -> list[float | None]:
    """The share that stays from each year to the next; None where too few were asked."""
    return [min(after / before, 1.0) if before >= FEWEST else None for after, before in kept]


def _retention(
    shares: Sequence[float | None], kept: Sequence[tuple[int, int]], overall: float | None
) -> tuple[Row, Row, str]:
    """The retention as it was measured, or as it is guessed, and what is to be said of it.

    A year of which too few tell is as the one before, the first as that of all customers.
    """
    if shares[0] is None:
        value = HALF if overall is None else round(overall, DIGITS)
        words = _("Too few new customers have completed a second year: the retention is that of all customers.")
        return {}, {"retention": value}, words if overall is not None else ""
    found = [round(shares[0], DIGITS)]
    for share in shares[1:]:
        found.append(found[-1] if share is None else round(share, DIGITS))
    words = " ".join(
        _("Of %(before)s in year %(year)s %(after)s stayed for the next.")
        % {"before": before, "year": year, "after": min(after, before)}
        for year, (after, before) in enumerate(kept, start=1)
        if before >= FEWEST
    )
    # Who stays after the last year is not asked.
    return {"retention": [*found, found[-1]]}, {}, words


@lru_cache(maxsize=16)
def _figures(now: Published, units: frozenset[str] | None) -> _Figures:
    """One pass over orders and one over contracts, remembered until the next refresh."""
    orders, summary = now.table(CUSTOMER_ORDERS), now.table(ORDER_SUMMARY)
    contracts = now.table(CUSTOMER_CONTRACTS)
    if units:
        customers = now.table(CUSTOMERS)
        those = customers.filter(customers.unit_id.isin(sorted(units)))
        orders, summary, contracts = (one.semi_join(those, "customer_id") for one in (orders, summary, contracts))
    [year] = rows(yearly_figures(orders, summary, as_of=now.as_of))
    bought = rows(years_of_buyers(orders, summary, as_of=now.as_of, years=YEARS).order_by("year"))
    held = rows(years_of_holders(contracts, as_of=now.as_of).order_by("year"))
    return _Figures(year, tuple(bought), tuple(held))
