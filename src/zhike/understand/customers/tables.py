"""The contract of the list of customers."""

from __future__ import annotations

from dataclasses import replace

from zhike.collect.profiles.tables import CUSTOMER_ID, CUSTOMERS
from zhike.understand.value.tables import CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.contracts import Column, Contract, Kind

IDENTITY = ("kind", "name", "phone", "email", "city", "province", "unit_id", "agent_id", "first_seen_on", "source")
ORDER_FIGURES = ("order_count", "revenue_amount", "last_ordered_on")
CONTRACT_FIGURES = ("active_contract_count", "annual_premium_amount")
SCORES = ("recency", "frequency", "monetary", "segment")

CUSTOMER_LIST = Contract(
    namespace="computed",
    name="customer_list",
    grain="one customer",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        *(CUSTOMERS[name] for name in IDENTITY),
        *(ORDER_SUMMARY[name] for name in ORDER_FIGURES),
        *(CONTRACT_SUMMARY[name] for name in CONTRACT_FIGURES),
        Column(
            "last_seen_on",
            Kind.DATE,
            "Day of the last order, start of a contract, event, interaction or response; what we sent does not count.",
        ),
        *(replace(RFM[name], doc=RFM[name].doc + " Empty for who never ordered.") for name in SCORES),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
