"""The words for columns of facts and relations, and for the values that columns have."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.collect.profiles.words import VALUES
from zhike.collect.quality.words import MARK_VALUES
from zhike.ui.navigation import Words
from zhike.understand.behaviour.loyalty.words import LEVEL_WORDS
from zhike.understand.propensity.words import KINDS as WAYS_OF_LEAVING
from zhike.understand.propensity.words import REASONS, TRENDS
from zhike.understand.value.words import SEGMENTS

COLUMNS: dict[str, Words] = {
    "agent_id": _("Agent"),
    "amount": _("Amount"),
    "annual_premium_amount": _("Yearly premium"),
    "campaign": _("Campaign"),
    "category": _("Category"),
    "channel": _("Channel"),
    "current_status": _("Status"),
    "department": _("Department"),
    "direction": _("Direction"),
    "discount_amount": _("Discount"),
    "duration_seconds": _("Duration in seconds"),
    "ends_on": _("End"),
    "function": _("Function"),
    "is_auto_renewed": _("Renewed by itself"),
    "kind": _("Kind"),
    "layer": _("Layer"),
    "line_of_business": _("Line of business"),
    "occurred_on": _("Day"),
    "ordered_on": _("Day of the order"),
    "outcome": _("Outcome"),
    "premium_amount": _("Premium"),
    "premium_period": _("Period of the premium"),
    "product_id": _("Product number"),
    "product_name": _("Product"),
    "purpose": _("Purpose"),
    "quantity": _("Quantity"),
    "reason": _("Reason"),
    "relation_to_holder": _("Relation to the holder"),
    "role": _("Position or role"),
    "sent_on": _("Day of sending"),
    "share": _("Share"),
    "since_on": _("Since"),
    "source": _("Source"),
    "started_on": _("Beginning"),
    "subject": _("Subject"),
    "sum_insured_amount": _("Sum insured"),
    "terminated_on": _("Ended before its time"),
    "topic": _("Topic"),
    "unit_id": _("Org unit"),
    "unit_price": _("Unit price"),
}
# What the values of a column are called, whatever the table; others are shown as they are.
COLUMN_VALUES: dict[str, dict[str, Words]] = {
    **VALUES,
    **MARK_VALUES,
    "segment": SEGMENTS,
    "loyalty_level": LEVEL_WORDS,
    "churn_kind": WAYS_OF_LEAVING,
    "churn_reason": REASONS,
    "trend": TRENDS,
}
