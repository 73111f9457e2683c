"""Steps of the refresh that say how satisfied and how loyal customers are, and count them."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_CONTRACTS, CUSTOMER_EVENTS, CUSTOMERS
from zhike.understand.behaviour.loyalty.measures import contracts_kept, loyalty, loyalty_counts, survey_answers
from zhike.understand.behaviour.loyalty.tables import CUSTOMER_LOYALTY, LOYALTY_COUNTS
from zhike.understand.behaviour.measures import by_unit
from zhike.understand.behaviour.tables import CUSTOMER_BEHAVIOUR
from zhike.understand.value.tables import ORDER_SUMMARY
from zhike.warehouse.steps import Inputs, Outputs, Step


def _loyalty(inputs: Inputs) -> Outputs:
    found = loyalty(
        inputs[CUSTOMER_BEHAVIOUR],
        inputs[ORDER_SUMMARY],
        contracts_kept(inputs[CUSTOMER_CONTRACTS]),
        survey_answers(inputs[CUSTOMER_EVENTS], as_of=inputs.as_of),
        as_of=inputs.as_of,
    )
    return {CUSTOMER_LOYALTY: found}


def _counts(inputs: Inputs) -> Outputs:
    counted = loyalty_counts(by_unit(inputs[CUSTOMER_LOYALTY], inputs[CUSTOMERS]))
    return {LOYALTY_COUNTS: counted.select(*LOYALTY_COUNTS.column_names)}


STEPS = (
    Step(
        name="customer_loyalty",
        reads=(CUSTOMER_BEHAVIOUR, ORDER_SUMMARY, CUSTOMER_CONTRACTS, CUSTOMER_EVENTS),
        writes=(CUSTOMER_LOYALTY,),
        compute=_loyalty,
        shared={
            CUSTOMER_EVENTS: ("customer_id", "source", "event_id", "kind", "occurred_at", "occurred_on", "properties")
        },
    ),
    Step(
        name="loyalty_counts",
        reads=(CUSTOMERS, CUSTOMER_LOYALTY),
        writes=(LOYALTY_COUNTS,),
        compute=_counts,
        by_shard=False,
    ),
)
