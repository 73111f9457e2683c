"""What rules may select on of who may leave, and of each buyer's rhythm."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words
from zhike.understand.propensity.measures import WINDOW
from zhike.understand.propensity.tables import PROPENSITIES, RHYTHM
from zhike.warehouse.attributes import Attribute, AttributeSet
from zhike.warehouse.contracts import Column, Contract

CHURN: Mapping[str, Words] = {
    "churn_probability": format_lazy(_("Chance of leaving within {days} days"), days=WINDOW),
    "churn_kind": _("How they would leave"),
    "churn_reason": _("Main reason to expect it"),
}
BUYING: Mapping[str, Words] = {
    "usual_gap_days": _("Usual gap between purchases"),
    "quiet_against_rhythm": _("Gone quiet against their own rhythm"),
    "trend": _("Trend of purchases"),
}
QUIET = Column("quiet_against_rhythm", RHYTHM["is_quiet"].kind, RHYTHM["is_quiet"].doc)


def _attributes(contract: Contract, titles: Mapping[str, Words], **renamed: Column) -> tuple[Attribute, ...]:
    return tuple(
        Attribute(renamed.get(name) or contract[name], title, "value")  # type: ignore[arg-type]
        for name, title in titles.items()
    )


ATTRIBUTE_SETS = (
    AttributeSet(
        reads=(PROPENSITIES,),
        attributes=_attributes(PROPENSITIES, CHURN),
        compute=lambda inputs: inputs[PROPENSITIES].select("customer_id", *CHURN),
    ),
    AttributeSet(
        reads=(RHYTHM,),
        attributes=_attributes(RHYTHM, BUYING, quiet_against_rhythm=QUIET),
        compute=lambda inputs: inputs[RHYTHM].select(
            "customer_id", "usual_gap_days", "trend", quiet_against_rhythm=inputs[RHYTHM].is_quiet
        ),
    ),
)
