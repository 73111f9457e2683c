"""Steps of the refresh that bring records and facts to their customers."""

from __future__ import annotations

from collections.abc import Callable

from ibis.expr.types import Table

from zhike.collect.identity.steps import IDENTITY_MAP
from zhike.collect.profiles.measures import customers, with_customer, with_status
from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMERS, FACTS_BY_CUSTOMER
from zhike.warehouse.contracts import Contract
from zhike.warehouse.entities import SOURCE_RECORDS
from zhike.warehouse.steps import Inputs, Outputs, Step
from zhike.warehouse.versions import latest


def _customers(inputs: Inputs) -> Outputs:
    return {CUSTOMERS: customers(latest(SOURCE_RECORDS, inputs[SOURCE_RECORDS]), inputs[IDENTITY_MAP])}


def _by_customer(fact: Contract, target: Contract) -> Callable[[Inputs], Outputs]:
    def compute(inputs: Inputs) -> Outputs:
        facts: Table = with_customer(latest(fact, inputs[fact]), inputs[IDENTITY_MAP])
        if target is CUSTOMER_CONTRACTS:
            facts = with_status(facts, as_of=inputs.as_of)
        return {target: facts}

    return compute


STEPS = (
    Step(
        name="customers",
        reads=(SOURCE_RECORDS, IDENTITY_MAP),
        writes=(CUSTOMERS,),
        compute=_customers,
        by_shard=False,
    ),
    *(
        Step(
            name=f"{target.name}_by_customer",
            reads=(fact, IDENTITY_MAP),
            writes=(target,),
            compute=_by_customer(fact, target),
            by_shard=False,
        )
        for fact, target in FACTS_BY_CUSTOMER.items()
    ),
)
