"""What rules may select on of the stage of life."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from zhike.understand.lifecycle.tables import LIFECYCLE
from zhike.warehouse.attributes import Attribute, AttributeSet

TITLES = {
    "stage": _("Stage of life"),
    "since_on": _("In the stage since"),
    "previous_stage": _("Stage before"),
}

ATTRIBUTE_SETS = (
    AttributeSet(
        reads=(LIFECYCLE,),
        attributes=tuple(
            Attribute(replace(LIFECYCLE[name], name=f"lifecycle_{name}"), title, "activity")
            for name, title in TITLES.items()
        ),
        compute=lambda inputs: inputs[LIFECYCLE].select(
            "customer_id", **{f"lifecycle_{name}": inputs[LIFECYCLE][name] for name in TITLES}
        ),
    ),
)
