"""What rules may select on of what customers gave."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from django.utils.translation import gettext_lazy as _
from ibis.expr.types import Table

from zhike.understand.value.lifetime.tables import CUSTOMER_VALUE
from zhike.understand.value.renewals.tables import CUSTOMER_RENEWALS
from zhike.understand.value.tables import ACTIVITY_SUMMARY, CONTRACT_SUMMARY, ORDER_SUMMARY, RFM
from zhike.warehouse.attributes import Attribute, AttributeSet
from zhike.warehouse.contracts import Column, Contract, Kind

ORDERS = {
    "order_count": _("Orders"),
    "purchase_days": _("Days with an order"),
    "revenue_amount": _("Revenue"),
    "monetary_amount": _("Mean repeat purchase"),
    "first_ordered_on": _("First order"),
    "last_ordered_on": _("Last order"),
    "days_since_last": _("Days since the last order"),
}
CONTRACTS = {
    "contract_count": _("Contracts ever"),
    "active_contract_count": _("Contracts in force"),
    "ended_contract_count": _("Contracts ended"),
    "annual_premium_amount": _("Yearly premium"),
    "first_started_on": _("First contract began"),
    "last_started_on": _("Last contract began"),
    "last_terminated_on": _("Last ended before its time"),
}
ACTIVITY = {
    "event_count": _("Events"),
    "last_event_on": _("Last event"),
    "interaction_count": _("Interactions"),
    "last_interaction_on": _("Last interaction"),
    "message_count": _("Messages"),
    "last_message_on": _("Last message"),
    "response_count": _("Responses"),
    "last_response_on": _("Last response"),
}
SCORES = {
    "recency": _("Recency score"),
    "frequency": _("Frequency score"),
    "monetary": _("Monetary score"),
    "segment": _("RFM segment"),
}
EXPECTED = {
    "probability_alive": _("Chance of still buying"),
    "expected_purchases": _("Purchases expected in a year"),
    "expected_amount": _("Amount expected of a purchase"),
    "expected_revenue_amount": _("Revenue expected in a year"),
}
RENEWALS = {
    "renewal_probability": _("Chance of renewal"),
    "next_renewal_on": _("Next renewal"),
    "expected_premium_amount": _("Premium expected in a year"),
    "contract_lifetime_amount": _("All premium to come"),
}
LAST_SEEN_ON = Column(
    "last_seen_on",
    Kind.DATE,
    "Day of the last order, start of a contract, event, interaction or response; what we sent does not count.",
)


def _set(contract: Contract, titles: Mapping[str, object], group: str) -> AttributeSet:
    def attribute(name: str, title: object) -> Attribute:
        is_total = name.endswith(("_count", "_days")) or name in ("revenue_amount", "annual_premium_amount")
        return Attribute(contract[name], title, group, missing=0 if is_total else None)  # type: ignore[arg-type]

    return AttributeSet(
        reads=(contract,),
        attributes=tuple(attribute(name, title) for name, title in titles.items()),
        compute=lambda inputs: inputs[contract].select("customer_id", *titles),
    )


def last_seen(orders: Table, contracts: Table, activity: Table, *, as_of: object) -> Table:
    """One row per customer of whom there was a sign: the day of the last; days after `as_of` do not count."""
    days = [
        orders.select("customer_id", last_seen_on="last_ordered_on"),
        contracts.select("customer_id", last_seen_on="last_started_on"),
        *(
            activity.select("customer_id", last_seen_on=f"last_{what}_on")
            for what in ("event", "interaction", "response")
        ),
    ]
    known = [day.filter(day.last_seen_on <= ibis.literal(as_of)) for day in days]
    signs = ibis.union(*known)
    return signs.group_by("customer_id").agg(last_seen_on=signs.last_seen_on.max())


ATTRIBUTE_SETS = (
    _set(ORDER_SUMMARY, ORDERS, "orders"),
    _set(CONTRACT_SUMMARY, CONTRACTS, "contracts"),
    _set(ACTIVITY_SUMMARY, ACTIVITY, "activity"),
    _set(RFM, SCORES, "value"),
    _set(CUSTOMER_VALUE, EXPECTED, "value"),
    _set(CUSTOMER_RENEWALS, RENEWALS, "value"),
    AttributeSet(
        reads=(ORDER_SUMMARY, CONTRACT_SUMMARY, ACTIVITY_SUMMARY),
        attributes=(Attribute(LAST_SEEN_ON, _("Last seen"), "activity"),),
        compute=lambda inputs: last_seen(
            inputs[ORDER_SUMMARY], inputs[CONTRACT_SUMMARY], inputs[ACTIVITY_SUMMARY], as_of=inputs.as_of
        ),
    ),
)
