"""Finding customers, and all that is known of one."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from zhike.collect.identity.steps import IDENTITY_MAP
from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMERS
from zhike.errors import UserError
from zhike.warehouse.queries import Published, published, rows
from zhike.warehouse.tables import computed_contracts

SEARCHED = ("name", "phone", "phone_2", "email", "id_number")
SHOWN = ("customer_id", "kind", "name", "phone", "email", "city", "source", "customer_key")
FACTS_SHOWN = 50


class NoSuchCustomer(UserError):
    """There is no customer with this number."""


@dataclass(frozen=True)
class SingleView:
    """All that is known of one customer in the refresh in force."""

    customer_id: int
    refresh_id: int
    customer: dict[str, object]
    provenance: dict[str, object]
    keys: list[dict[str, object]]
    facts: dict[str, list[dict[str, object]]]  # table → its rows, newest first


def find_customers(text: str, *, limit: int = 20) -> list[dict[str, object]]:
    """Customers whose name, phone, e-mail, ID or contract number, key or customer_id has the text.

    Whole matches first. Raises UserError for less than two Latin letters; one Chinese character will do.
    """
    wanted = text.strip()
    if not wanted or (len(wanted) < 2 and wanted.isascii() and not wanted.isdigit()):
        raise UserError("give at least two letters to look for")
    now = published()
    customers, contracts = now.table(CUSTOMERS), now.table(CUSTOMER_CONTRACTS)
    lowered = wanted.lower()
    exact = [customers[name].lower() == lowered for name in (*SEARCHED, "customer_key")]
    if wanted.isdigit():
        exact.append(customers.customer_id == int(wanted))
    holders = contracts.filter(contracts.contract_id == wanted).customer_id
    exact.append(customers.customer_id.isin(holders))
    partial = [customers[name].lower().contains(lowered) for name in SEARCHED]
    is_exact = functools.reduce(operator.or_, (match.fill_null(False) for match in exact))
    is_partial = functools.reduce(operator.or_, (match.fill_null(False) for match in partial))
    ranked = customers.mutate(is_exact=is_exact).filter(lambda t: t.is_exact | is_partial)
    found: Table = ranked.order_by([ibis.desc("is_exact"), "customer_id"]).limit(limit)
    return rows(found.select(*SHOWN))


def single_view(customer_id: int) -> SingleView:
    """All that is known of a customer, with its provenance. Raises NoSuchCustomer."""
    now = published()
    found = now.rows_of(CUSTOMERS, customer_id)
    if not found:
        raise NoSuchCustomer(f"there is no customer {customer_id}", advice="`zhike customers find TEXT` looks one up.")
    customer = found[0]
    provenance = {name: customer.pop(name) for name in ("source", "customer_key", "import_id", "row_number")}
    keys = [
        {"source": key["source"], "customer_key": key["customer_key"]} for key in now.rows_of(IDENTITY_MAP, customer_id)
    ]
    return SingleView(
        customer_id=customer_id,
        refresh_id=now.refresh_id,
        customer=customer,
        provenance=provenance,
        keys=keys,
        facts=facts_of(now, customer_id),
    )


def facts_of(now: Published, customer_id: int) -> dict[str, list[dict[str, object]]]:
    """Every other table by customer, with the newest rows of this one."""
    facts = {}
    for contract in computed_contracts():
        if not contract.by_customer or contract is CUSTOMERS or "bitmap" in contract:
            continue
        found = now.rows_of(contract, customer_id, limit=FACTS_SHOWN)
        if found:
            facts[contract.name] = [{name: row[name] for name in row if name != "customer_id"} for row in found]
    return facts
