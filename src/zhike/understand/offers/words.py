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
    return _("Bought %(name)s; of those who did, %(share)s (%(low)s to %(high)s) also bought this, lift %(lift)s.") % {
        "name": offer.because,
        "share": share(offer.score),
        "low": share(offer.score_low),
        "high": share(offer.score_high),
        "lift": number(round(offer.lift, 1)),
    }
