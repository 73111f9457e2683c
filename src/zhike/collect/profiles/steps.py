"""Steps of the refresh that bring records and facts to their customers."""

from __future__ import annotations

from collections.abc import Callable

from ibis.expr.types import Table

from zhike.collect.identity.tables import IDENTITY_MAP
from zhike.collect.profiles.golden.steps import STEPS as GOLDEN
from zhike.collect.profiles.measures import contract_parties, search_terms, with_customer, with_status
from zhike.collect.profiles.relations.steps import STEPS as RELATIONS
from zhike.collect.profiles.tables import (
    CONTRACT_PARTIES,
    CUSTOMER_CONTRACTS,
    CUSTOMER_PARTIES,
    CUSTOMER_RECORDS,
    CUSTOMERS,
    FACTS_BY_CUSTOMER,
    SEARCH_TERMS,
)
from zhike.warehouse.contracts import Contract
from zhike.warehouse.steps import Inputs, Outputs, Step
from zhike.warehouse.versions import latest


def _by_customer(fact: Contract, target: Contract) -> Callable[[Inputs], Outputs]:
    def compute(inputs: Inputs) -> Outputs:
        facts: Table = with_customer(latest(fact, inputs[fact]), inputs[IDENTITY_MAP])
        if target is CUSTOMER_CONTRACTS:
            facts = with_status(facts, as_of=inputs.as_of)
        return {target: facts}

    return compute


STEPS = (
    *GOLDEN,
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
    Step(
        name="contract_parties",
        reads=(CUSTOMER_CONTRACTS, CUSTOMER_PARTIES),
        writes=(CONTRACT_PARTIES,),
        compute=lambda inputs: {
            CONTRACT_PARTIES: contract_parties(inputs[CUSTOMER_CONTRACTS], inputs[CUSTOMER_PARTIES])
        },
        by_shard=False,
    ),
    Step(
        name="search_terms",
        reads=(CUSTOMERS, CUSTOMER_RECORDS, CUSTOMER_CONTRACTS),
        writes=(SEARCH_TERMS,),
        compute=lambda inputs: {
            SEARCH_TERMS: search_terms(inputs[CUSTOMERS], inputs[CUSTOMER_RECORDS], inputs[CUSTOMER_CONTRACTS])
        },
        by_shard=False,
    ),
    *RELATIONS,
)
