"""Finding customers, and all that is known of one."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.collect.identity.steps import IDENTITY_MAP
from zhike.collect.profiles.search import SHOWN, search_customers
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.errors import NotFound
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.queries import Published, published
from zhike.warehouse.tables import computed_contracts

FACTS_SHOWN = 50
NOT_FACTS = ("attributes", "tag_bitmaps", "contract_parties")  # what other tables say already

__all__ = ["SHOWN", "NoSuchCustomer", "SingleView", "facts_of", "find_customers", "single_view"]


class NoSuchCustomer(NotFound):
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

    Whole matches first, then those that begin with it. Raises UserError for less than two Latin letters; one
    Chinese character will do.
    """
    return [found.customer for found in search_customers(text, limit=limit)]


def single_view(customer_id: int) -> SingleView:
    """All that is known of a customer, with its provenance, masked as far as must be. Raises Denied, NoSuchCustomer."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    found = now.rows_of(CUSTOMERS, customer_id)
    if not found:
        raise NoSuchCustomer(
            _("there is no customer %(customer_id)s") % {"customer_id": customer_id},
            advice=_("`zhike customers find TEXT` looks one up."),
        )
    customer = masked(CUSTOMERS, found[0])
    provenance = {name: customer.pop(name) for name in ("source", "customer_key", "import_id", "row_number")}
    keys = [
        masked(IDENTITY_MAP, {name: key[name] for name in ("source", "customer_key")})
        for key in now.rows_of(IDENTITY_MAP, customer_id)
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
        if not contract.by_customer or contract is CUSTOMERS or contract.name in NOT_FACTS:
            continue
        found = now.rows_of(contract, customer_id, limit=FACTS_SHOWN)
        if found:
            facts[contract.name] = [
                masked(contract, {name: row[name] for name in row if name != "customer_id"}) for row in found
            ]
    return facts
