"""What rules may select on of the quality of customers' data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.collect.quality.tables import QUALITY_MARKS
from zhike.warehouse.attributes import Attribute, AttributeSet

TITLES = {
    "name_quality": _("Quality of the name"),
    "gender_quality": _("Quality of the gender"),
    "born_on_quality": _("Quality of the date of birth"),
    "id_number_quality": _("Quality of the identity number"),
    "phone_quality": _("Quality of the phone"),
    "email_quality": _("Quality of the e-mail"),
    "address_quality": _("Quality of the address"),
    "postal_code_quality": _("Quality of the postal code"),
    "phone_sharers": _("Others with the same phone"),
    "email_sharers": _("Others with the same e-mail"),
    "id_number_sharers": _("Others with the same identity number"),
    "updated_on": _("Record last changed"),
    "sales_channel": _("Sales channel"),
    "agent_left_on": _("Their agent left"),
}

ATTRIBUTE_SETS = (
    AttributeSet(
        reads=(QUALITY_MARKS,),
        attributes=tuple(Attribute(QUALITY_MARKS[name], title, "quality") for name, title in TITLES.items()),
        compute=lambda inputs: inputs[QUALITY_MARKS],
    ),
)
