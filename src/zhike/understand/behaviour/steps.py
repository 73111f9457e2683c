"""Steps of the refresh that say how customers behave, and count how many do."""

from __future__ import annotations

from zhike.collect.profiles.tables import CONTRACT_PARTIES, CUSTOMER_CONTRACTS, CUSTOMER_ORDERS, CUSTOMERS
from zhike.understand.behaviour import measures
from zhike.understand.behaviour.tables import (
    AGENT_COUNTS,
    CONTRACTS_EACH,
    CUSTOMER_BEHAVIOUR,
    INSURED_COUNTS,
    LINE_COUNTS,
    LINE_PAIRS,
    LINE_USE,
    LINES_EACH,
    REPEAT_COUNTS,
)
from zhike.understand.value.tables import CONTRACT_SUMMARY, ORDER_SUMMARY
from zhike.warehouse.steps import Inputs, Outputs, Step


def _line_use(inputs: Inputs) -> Outputs:
    return {LINE_USE: measures.line_use(inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS], as_of=inputs.as_of)}


def _customer_behaviour(inputs: Inputs) -> Outputs:
    orders, contracts = inputs[CUSTOMER_ORDERS], inputs[CUSTOMER_CONTRACTS]
    said = measures.customer_behaviour(
        measures.lines_together(inputs[LINE_USE]),
        measures.days_to_second(
            orders.select("customer_id", bought_on="ordered_on"),
            inputs[ORDER_SUMMARY].select("customer_id", first_on="first_ordered_on"),
            as_of=inputs.as_of,
        ),
        measures.days_to_second(
            contracts.select("customer_id", bought_on="started_on"),
            inputs[CONTRACT_SUMMARY].select("customer_id", first_on="first_started_on"),
            as_of=inputs.as_of,
        ),
        measures.insured_of_holders(contracts, inputs[CONTRACT_PARTIES]),
    )
    return {CUSTOMER_BEHAVIOUR: said.select(*CUSTOMER_BEHAVIOUR.column_names)}


def _counts(inputs: Inputs) -> Outputs:
    customers, behaviour = inputs[CUSTOMERS], inputs[CUSTOMER_BEHAVIOUR]
    behaviour_by_unit = measures.by_unit(behaviour, customers)
    use = measures.by_unit(inputs[LINE_USE], customers)
    held = measures.by_unit(inputs[CONTRACT_SUMMARY], customers)
    first = [
        measures.repeat_counts(
            behaviour_by_unit.inner_join(inputs[summary].select("customer_id", first_on=day), "customer_id").select(
                "unit_id", "first_on", days=days
            ),
            kind=kind,
            as_of=inputs.as_of,
        )
        for kind, summary, day, days in (
            ("orders", ORDER_SUMMARY, "first_ordered_on", "days_to_second_order"),
            ("contracts", CONTRACT_SUMMARY, "first_started_on", "days_to_second_contract"),
        )
    ]
    counted = {
        REPEAT_COUNTS: first[0].union(first[1]),
        CONTRACTS_EACH: measures.contracts_each(held),
        INSURED_COUNTS: measures.insured_counts(behaviour_by_unit),
        AGENT_COUNTS: measures.agent_counts(customers, inputs[CONTRACT_SUMMARY], behaviour),
        LINE_COUNTS: measures.line_counts(use),
        LINE_PAIRS: measures.line_pairs(use),
        LINES_EACH: measures.lines_each(behaviour_by_unit),
    }
    return {contract: table.select(*contract.column_names) for contract, table in counted.items()}


STEPS = (
    Step(
        name="line_use",
        reads=(CUSTOMER_ORDERS, CUSTOMER_CONTRACTS),
        writes=(LINE_USE,),
        compute=_line_use,
    ),
    Step(
        name="customer_behaviour",
        reads=(LINE_USE, CUSTOMER_ORDERS, CUSTOMER_CONTRACTS, CONTRACT_PARTIES, ORDER_SUMMARY, CONTRACT_SUMMARY),
        writes=(CUSTOMER_BEHAVIOUR,),
        compute=_customer_behaviour,
    ),
    Step(
        name="behaviour_counts",
        reads=(CUSTOMERS, LINE_USE, CUSTOMER_BEHAVIOUR, ORDER_SUMMARY, CONTRACT_SUMMARY),
        writes=(REPEAT_COUNTS, CONTRACTS_EACH, INSURED_COUNTS, AGENT_COUNTS, LINE_COUNTS, LINE_PAIRS, LINES_EACH),
        compute=_counts,
        by_shard=False,
    ),
)
