"""The words that pages use for what customers are worth."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

SEGMENTS: dict[str, Words] = {
    "champions": _("Champions"),
    "loyal": _("Loyal"),
    "promising": _("Promising"),
    "new": _("New"),
    "needs_attention": _("Needs attention"),
    "about_to_sleep": _("About to sleep"),
    "at_risk": _("At risk"),
    "cannot_lose": _("Cannot lose"),
    "hibernating": _("Hibernating"),
}
# Tones of marks: who is well, who begins to leave, who is worth a call today.
SEGMENT_MARKS = {
    "champions": "good",
    "loyal": "good",
    "needs_attention": "busy",
    "about_to_sleep": "busy",
    "at_risk": "busy",
    "cannot_lose": "bad",
}
SEGMENT_NOTES: dict[str, Words] = {
    "champions": _("Ordered lately and often."),
    "loyal": _("Order often, and did so not long ago."),
    "promising": _("Ordered lately, more than once."),
    "new": _("Ordered lately for the first time."),
    "needs_attention": _("Neither lately nor often."),
    "about_to_sleep": _("Seldom, and some time ago."),
    "at_risk": _("Ordered often, but some time ago."),
    "cannot_lose": _("Ordered most often, and have gone quiet."),
    "hibernating": _("Seldom, and long ago."),
}
SCORES: dict[str, Words] = {"recency": _("Recency"), "frequency": _("Frequency"), "monetary": _("Monetary")}
MEASURES: dict[str, Words] = {
    "days_since_last": _("Days since last order"),
    "order_count": _("Orders"),
    "revenue_amount": _("Revenue"),
}


def words_of(words: dict[str, Words], value: object) -> Words:
    """The words for a value; one that has none is shown as it is."""
    return words.get(str(value), str(value))
