"""What rules may select on of how customers behave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.understand.behaviour.loyalty.tables import CUSTOMER_LOYALTY
from zhike.understand.behaviour.tables import CUSTOMER_BEHAVIOUR
from zhike.warehouse.attributes import Attribute, AttributeSet

VALUE = {
    "line_count": _("Lines of business in use"),
    "dormant_line_count": _("Dormant lines of business"),
    "main_line": _("Main line of business"),
    "main_line_share": _("Share of the main line"),
    "yearly_amount": _("Given in a year"),
}
ORDERS = {"days_to_second_order": _("Days to the second order")}
CONTRACTS = {
    "days_to_second_contract": _("Days to the second contract"),
    "insures_self": _("Insures themselves"),
    "insures_spouse": _("Insures their spouse"),
    "insures_child": _("Insures a child"),
    "insures_parent": _("Insures a parent"),
    "insures_other": _("Insures somebody else"),
}
LOYALTY = {
    "loyalty_level": _("Loyalty"),
    "satisfaction": _("Satisfaction"),
    "recommend_score": _("Would recommend"),
    "surveyed_on": _("Last answer to a survey"),
}
TOTALS = ("line_count", "dormant_line_count", "yearly_amount")

ATTRIBUTE_SETS = (
    AttributeSet(
        reads=(CUSTOMER_BEHAVIOUR,),
        attributes=tuple(
            Attribute(CUSTOMER_BEHAVIOUR[name], title, group, missing=0 if name in TOTALS else None)
            for group, titles in (("value", VALUE), ("orders", ORDERS), ("contracts", CONTRACTS))
            for name, title in titles.items()
        ),
        compute=lambda inputs: inputs[CUSTOMER_BEHAVIOUR].select("customer_id", *VALUE, *ORDERS, *CONTRACTS),
    ),
    AttributeSet(
        reads=(CUSTOMER_LOYALTY,),
        attributes=tuple(Attribute(CUSTOMER_LOYALTY[name], title, "value") for name, title in LOYALTY.items()),
        compute=lambda inputs: inputs[CUSTOMER_LOYALTY].select("customer_id", *LOYALTY),
    ),
)
