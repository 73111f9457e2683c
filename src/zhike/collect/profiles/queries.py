"""Finding customers, and all that is known of one."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from zhike.collect.profiles.golden.reading import GoldenField, GoldenRecord, golden_record
from zhike.collect.profiles.named import NoSuchCustomer, current_customer
from zhike.collect.profiles.relations.reading import related
from zhike.collect.profiles.search import SHOWN, search_customers
from zhike.collect.profiles.tables import CUSTOMERS
from zhike.govern.access.masking import masked
from zhike.govern.access.rights import Right
from zhike.govern.access.services import require
from zhike.warehouse.queries import Published, published
from zhike.warehouse.tables import computed_contracts

FACTS_SHOWN = 50
NOT_FACTS = (
    "attributes",
    "contact_points",
    "quality_marks",
    "tag_bitmaps",
    "contract_parties",
    "customer_records",
    "customer_relations",
)  # what other tables say already

__all__ = ["SHOWN", "NoSuchCustomer", "SingleView", "facts_of", "find_customers", "single_view"]


@dataclass(frozen=True)
class SingleView:
    """All that is known of one customer in the refresh in force."""

    customer_id: int
    refresh_id: int
    customer: dict[str, object]
    provenance: dict[str, object]  # of the record that gave the name
    fields: dict[str, dict[str, object]]  # field → what decided it, and what each record says, the one taken first
    keys: list[dict[str, object]]
    relations: list[dict[str, object]]  # to other customers, by kind and name
    facts: dict[str, list[dict[str, object]]]  # table → its rows, newest first


def find_customers(text: str, *, limit: int = 20) -> list[dict[str, object]]:
    """Customers whose name, phone, e-mail, ID or contract number, key or customer_id has the text.

    Whole matches first, then those that begin with it. Raises UserError for less than two Latin letters; one
    Chinese character will do.
    """
    return [found.customer for found in search_customers(text, limit=limit)]


def single_view(customer_id: int) -> SingleView:
    """All that is known of a customer, with its provenance, masked as far as must be.

    A number that was merged leads to the customer. Raises Denied, NoSuchCustomer.
    """
    require(Right.SEE_CUSTOMERS)
    now = published()
    customer_id, row = _golden(now, customer_id)
    golden = golden_record(now, customer_id, row)
    customer = masked(CUSTOMERS, row) | golden.values
    provenance = {name: customer.pop(name) for name in ("source", "customer_key", "import_id", "row_number")}
    del customer["provenance"]  # which says the same of the table
    return SingleView(
        customer_id=customer_id,
        refresh_id=now.refresh_id,
        customer=customer,
        provenance=provenance,
        fields={name: _provenance(field) for name, field in golden.fields.items()},
        keys=[dict(key) for key in golden.keys],
        relations=[asdict(one) for one in related(now, customer_id)],
        facts=facts_of(now, customer_id),
    )


def golden_record_of(customer_id: int) -> GoldenRecord:
    """The golden record of a customer as whoever acts may see it. Raises Denied, NoSuchCustomer."""
    require(Right.SEE_CUSTOMERS)
    now = published()
    return golden_record(now, *_golden(now, customer_id))


def _golden(now: Published, customer_id: int) -> tuple[int, dict[str, object]]:
    """The customer whom a number leads to, and the row of it."""
    current = current_customer(now, customer_id)
    return current, now.rows_of(CUSTOMERS, current)[0]


def _provenance(field: GoldenField) -> dict[str, object]:
    """Why a field is what it is, in plain values."""
    records = [
        {"source": one.source, "customer_key": one.customer_key, "value": one.value, "known_at": one.known_at}
        | {"has_fault": one.has_fault, "priority": one.priority}
        for one in field.said
    ]
    return {
        "decided_by": str(field.decision),
        "has_fault": field.has_fault,
        "is_in_lists": field.is_in_lists,
        "records": records,
    }


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
