"""The step of the refresh that writes the list of customers."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMERS
from zhike.understand.customers.measures import customer_list
from zhike.understand.customers.tables import (
    CONTRACT_FIGURES,
    CUSTOMER_LIST,
    IDENTITY,
    ORDER_FIGURES,
    SCORES,
)
from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.steps import Inputs, Outputs, Step

LAST = ("last_event_on", "last_interaction_on", "last_response_on")


def _customer_list(inputs: Inputs) -> Outputs:
    listed = customer_list(
        inputs[CUSTOMERS].select("customer_id", *IDENTITY),
        orders=inputs[ORDER_SUMMARY].select("customer_id", *ORDER_FIGURES),
        contracts=inputs[CONTRACT_SUMMARY].select("customer_id", *CONTRACT_FIGURES, "last_started_on"),
        activity=inputs[ACTIVITY_SUMMARY].select("customer_id", *LAST),
        scores=inputs[RFM].select("customer_id", *SCORES),
        as_of=inputs.as_of,
    )
    return {CUSTOMER_LIST: listed}


STEPS = (
    Step(
        name="customer_list",
        reads=(CUSTOMERS, ORDER_SUMMARY, CONTRACT_SUMMARY, ACTIVITY_SUMMARY, RFM),
        writes=(CUSTOMER_LIST,),
        compute=_customer_list,
    ),
)
