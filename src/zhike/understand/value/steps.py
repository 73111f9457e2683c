"""Steps of the refresh that say what customers gave."""

from __future__ import annotations

from django.conf import settings

from zhike.collect.profiles.tables import (
    CUSTOMER_CONTRACTS,
    CUSTOMER_EVENTS,
    CUSTOMER_INTERACTIONS,
    CUSTOMER_MESSAGES,
    CUSTOMER_ORDERS,
    CUSTOMER_RESPONSES,
)
from zhike.understand.value.bounds import bounds_in_force
from zhike.understand.value.measures import activity_summary, contract_summary, order_summary, rfm, rfm_values
from zhike.understand.value.tables import (
    ACTIVITY_SUMMARY,
    CONTRACT_SUMMARY,
    CONTRACT_SUMMARY_BY_LINE,
    ORDER_SUMMARY,
    ORDER_SUMMARY_BY_LINE,
    RFM,
    RFM_BOUNDS,
    RFM_VALUES,
    RFM_VALUES_BY_LINE,
)
from zhike.warehouse.steps import Inputs, Outputs, Step

BY_LINE = ("customer_id", "line_of_business")
ORDER_COLUMNS = (*BY_LINE, "source", "order_id", "ordered_on", "amount")
CONTRACT_COLUMNS = (*BY_LINE, "current_status", "annual_premium_amount", "started_on", "terminated_on")


def _order_summaries(inputs: Inputs) -> Outputs:
    orders = inputs[CUSTOMER_ORDERS]
    return {
        ORDER_SUMMARY: order_summary(orders, as_of=inputs.as_of),
        ORDER_SUMMARY_BY_LINE: order_summary(orders, as_of=inputs.as_of, by=BY_LINE),
    }


def _contract_summaries(inputs: Inputs) -> Outputs:
    contracts = inputs[CUSTOMER_CONTRACTS]
    return {
        CONTRACT_SUMMARY: contract_summary(contracts),
        CONTRACT_SUMMARY_BY_LINE: contract_summary(contracts, by=BY_LINE),
    }


def _activity_summary(inputs: Inputs) -> Outputs:
    days = {
        "event": (inputs[CUSTOMER_EVENTS], "occurred_on"),
        "interaction": (inputs[CUSTOMER_INTERACTIONS], "occurred_on"),
        "message": (inputs[CUSTOMER_MESSAGES], "sent_on"),
        "response": (inputs[CUSTOMER_RESPONSES], "occurred_on"),
    }
    return {ACTIVITY_SUMMARY: activity_summary(days, as_of=inputs.as_of)}


def _rfm_values(inputs: Inputs) -> Outputs:
    days = settings.ZHIKE.rfm_window
    if not days:  # the summaries of all orders say as much, sooner
        columns = RFM_VALUES.column_names[1:]
        return {
            RFM_VALUES: inputs[ORDER_SUMMARY].select("customer_id", *columns),
            RFM_VALUES_BY_LINE: inputs[ORDER_SUMMARY_BY_LINE].select(*BY_LINE, *columns),
        }
    orders, as_of = inputs[CUSTOMER_ORDERS], inputs.as_of
    return {
        RFM_VALUES: rfm_values(orders, as_of=as_of, days=days),
        RFM_VALUES_BY_LINE: rfm_values(orders, as_of=as_of, days=days, by=BY_LINE),
    }


STEPS = (
    Step(
        name="order_summary",
        reads=(CUSTOMER_ORDERS,),
        writes=(ORDER_SUMMARY, ORDER_SUMMARY_BY_LINE),
        compute=_order_summaries,
        shared={CUSTOMER_ORDERS: ORDER_COLUMNS},
    ),
    Step(
        name="contract_summary",
        reads=(CUSTOMER_CONTRACTS,),
        writes=(CONTRACT_SUMMARY, CONTRACT_SUMMARY_BY_LINE),
        compute=_contract_summaries,
        shared={CUSTOMER_CONTRACTS: CONTRACT_COLUMNS},
    ),
    Step(
        name="activity_summary",
        reads=(CUSTOMER_EVENTS, CUSTOMER_INTERACTIONS, CUSTOMER_MESSAGES, CUSTOMER_RESPONSES),
        writes=(ACTIVITY_SUMMARY,),
        compute=_activity_summary,
    ),
    Step(
        name="rfm_values",
        reads=(CUSTOMER_ORDERS, ORDER_SUMMARY, ORDER_SUMMARY_BY_LINE),
        writes=(RFM_VALUES, RFM_VALUES_BY_LINE),
        compute=_rfm_values,
    ),
    Step(
        name="rfm_bounds",
        reads=(RFM_VALUES,),
        writes=(RFM_BOUNDS,),
        compute=lambda inputs: {RFM_BOUNDS: bounds_in_force(inputs[RFM_VALUES])},
        by_shard=False,
    ),
    Step(
        name="rfm",
        reads=(RFM_VALUES, RFM_BOUNDS),
        writes=(RFM,),
        compute=lambda inputs: {RFM: rfm(inputs[RFM_VALUES], inputs[RFM_BOUNDS])},
    ),
)
