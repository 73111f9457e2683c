"""The words that pages use for who may leave."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

KINDS: dict[str, Words] = {"contract": _("Ends a contract early"), "order": _("Orders nothing")}
REASONS: dict[str, Words] = {
    "silence": _("Days since the last order"),
    "off_rhythm": _("Silence against their rhythm"),
    "repeats": _("Repeat purchases"),
    "age": _("Time with us"),
    "lately": _("Purchases of late"),
    "spent": _("Mean amount of a purchase"),
    "in_force": _("Contracts in force"),
    "newest": _("Time since the newest contract"),
    "premium": _("Yearly premium"),
    "left_before": _("Contracts left before"),
    "anniversary": _("Anniversaries of contracts soon"),
    "events": _("Events of late"),
    "interactions": _("Interactions of late"),
    "messages": _("Messages of late"),
    "answers": _("Answers of late"),
    "refusals": _("Refusals and complaints of late"),
}
TRENDS: dict[str, Words] = {"rising": _("Rising"), "steady": _("Steady"), "falling": _("Falling")}


def reason_in_words(name: str, *, is_high: bool) -> str:
    """What is known of a customer, and whether it is more or less than average."""
    said = _("%(what)s (high)") if is_high else _("%(what)s (low)")
    return str(said) % {"what": REASONS[name]}
