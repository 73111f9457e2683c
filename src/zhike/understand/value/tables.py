"""Contracts of what is computed of each customer's value."""

from __future__ import annotations

from zhike.collect.profiles.tables import CUSTOMER_ID
from zhike.warehouse.contracts import Column, Contract, Kind

INTEGER, DECIMAL, DATE, TEXT = Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.TEXT

LINE_OF_BUSINESS = Column("line_of_business", TEXT, "Line of business.", required=True)

SUMMARY = (
    Column("order_count", INTEGER, "Orders.", unit="orders"),
    Column("purchase_days", INTEGER, "Days with an order.", unit="days"),
    Column("revenue_amount", DECIMAL, "Sum of all order lines.", unit="currency"),
    Column("first_ordered_on", DATE, "Day of the first order."),
    Column("last_ordered_on", DATE, "Day of the last order."),
    Column("frequency", INTEGER, "Repeat purchases x: days with an order after the first.", unit="days"),
    Column("recency_days", INTEGER, "Recency t_x: days from the first order to the last.", unit="days"),
    Column("age_days", INTEGER, "Age T: days from the first order to the day of the refresh.", unit="days"),
    Column("monetary_amount", DECIMAL, "Mean revenue of a repeat purchase day; empty without one.", unit="currency"),
    Column("days_since_last", INTEGER, "Days from the last order to the day of the refresh.", unit="days"),
)


def _summary(name: str, grain: str, *by: Column) -> Contract:
    return Contract(
        namespace="computed",
        name=name,
        grain=grain,
        key=("customer_id", *(column.name for column in by)),
        columns=(CUSTOMER_ID, *by, *SUMMARY),
        sorted_by=("customer_id", *(column.name for column in by)),
        by_customer=True,
    )


ORDER_SUMMARY = _summary("order_summary", "one customer who ordered")
ORDER_SUMMARY_BY_LINE = _summary(
    "order_summary_by_line", "one customer and line of business ordered in", LINE_OF_BUSINESS
)

CONTRACT_FIGURES = (
    Column("contract_count", INTEGER, "Contracts ever held.", unit="contracts"),
    Column("active_contract_count", INTEGER, "Contracts in force.", unit="contracts"),
    Column("ended_contract_count", INTEGER, "Contracts that ended, in time or before.", unit="contracts"),
    Column("annual_premium_amount", DECIMAL, "Yearly premium of those in force.", unit="currency a year"),
    Column("first_started_on", DATE, "Start of the first contract."),
    Column("last_started_on", DATE, "Start of the last contract."),
    Column("last_terminated_on", DATE, "Last end before its time."),
)

CONTRACT_SUMMARY = Contract(
    namespace="computed",
    name="contract_summary",
    grain="one holder of contracts",
    key=("customer_id",),
    columns=(CUSTOMER_ID, *CONTRACT_FIGURES),
    sorted_by=("customer_id",),
    by_customer=True,
)
CONTRACT_SUMMARY_BY_LINE = Contract(
    namespace="computed",
    name="contract_summary_by_line",
    grain="one holder of contracts and line of business",
    key=("customer_id", "line_of_business"),
    columns=(CUSTOMER_ID, LINE_OF_BUSINESS, *CONTRACT_FIGURES),
    sorted_by=("customer_id", "line_of_business"),
    by_customer=True,
)

ACTIVITY_SUMMARY = Contract(
    namespace="computed",
    name="activity_summary",
    grain="one customer with an event, interaction, message or response",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        *(
            column
            for what in ("event", "interaction", "message", "response")
            for column in (
                Column(f"{what}_count", INTEGER, f"{what.capitalize()}s.", unit=f"{what}s"),
                Column(f"last_{what}_on", DATE, f"Day of the last {what}."),
            )
        ),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)

RFM_FIGURES = (
    Column("days_since_last", INTEGER, "Days from the last order to the day of the refresh.", unit="days"),
    Column("order_count", INTEGER, "Orders.", unit="orders"),
    Column("revenue_amount", DECIMAL, "Sum of all order lines.", unit="currency"),
)


def _rfm_values(name: str, grain: str, *by: Column) -> Contract:
    return Contract(
        namespace="computed",
        name=name,
        grain=f"{grain} in the days that RFM looks at",
        key=("customer_id", *(column.name for column in by)),
        columns=(CUSTOMER_ID, *by, *RFM_FIGURES),
        sorted_by=("customer_id", *(column.name for column in by)),
        by_customer=True,
    )


RFM_VALUES = _rfm_values("rfm_values", "one customer who ordered")
RFM_VALUES_BY_LINE = _rfm_values("rfm_values_by_line", "one customer and line of business ordered in", LINE_OF_BUSINESS)

RFM_BOUNDS = Contract(
    namespace="computed",
    name="rfm_bounds",
    grain="one border between two scores: of the fifths of all buyers, or as `rfm_bands` says",
    key=("place",),
    columns=(
        Column("place", INTEGER, "1 to 4."),
        Column("days_since_last", Kind.NUMBER, "Border in days since the last order.", unit="days"),
        Column("order_count", Kind.NUMBER, "Border in orders.", unit="orders"),
        Column("revenue_amount", Kind.NUMBER, "Border in revenue.", unit="currency"),
    ),
)

RFM_SEGMENTS = (
    "champions",
    "loyal",
    "promising",
    "new",
    "needs_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
)

RFM = Contract(
    namespace="computed",
    name="rfm",
    grain="one customer who ordered in the days that RFM looks at",
    key=("customer_id",),
    columns=(
        CUSTOMER_ID,
        Column("recency", INTEGER, "5: among the fifth that ordered last; 1: longest ago.", unit="1 to 5"),
        Column("frequency", INTEGER, "5: among the fifth with the most orders.", unit="1 to 5"),
        Column("monetary", INTEGER, "5: among the fifth with the most revenue.", unit="1 to 5"),
        Column("segment", TEXT, "Named segment of recency and frequency.", one_of=RFM_SEGMENTS),
    ),
    sorted_by=("customer_id",),
    by_customer=True,
)
