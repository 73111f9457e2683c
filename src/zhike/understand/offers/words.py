"""The words for offers and where they come from."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import number, share
from zhike.understand.offers.queries import Offer

SOURCES: dict[str, Words] = {
    "rule": gettext_lazy("Offer rule"),
    "affinity": gettext_lazy("Bought together"),
}


def why(offer: Offer) -> str:
    """The reason of an offer, as a sentence."""
    if offer.source == "rule":
        return (
            _("%(rule)s: %(reason)s") % {"rule": offer.rule, "reason": offer.reason}
            if offer.reason
            else offer.rule or ""
        )
    if offer.because is None or offer.score is None or offer.lift is None:
        return ""
    others = _(
        "Bought %(name)s; of those who did, %(share)s (%(low)s to %(high)s) also bought this, lift %(lift)s."
    ) % {
        "name": offer.because,
        "share": share(offer.score),
        "low": share(offer.score_low),
        "high": share(offer.score_high),
        "lift": number(round(offer.lift, 1)),
    }
    return " ".join((others, *own_chance(offer)))


def own_chance(offer: Offer) -> tuple[str, ...]:
    """How likely the customer is there to take an offer at all, as a sentence; nothing where no model says it."""
    if offer.activity is None or offer.chance is None:
        return ()
    said = (
        _("They order anything within a year with a chance of %(activity)s, so this is worth %(chance)s.")
        if offer.activity_kind == "order"
        else _("They keep their contracts for 90 days with a chance of %(activity)s, so this is worth %(chance)s.")
    )
    return (said % {"activity": share(offer.activity), "chance": share(offer.chance)},)
