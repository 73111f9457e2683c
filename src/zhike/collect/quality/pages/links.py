"""Ways from a figure to its customers, and to the work that closes a gap."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from zhike.collect.profiles.links import customers_url
from zhike.collect.quality.places import Place
from zhike.collect.quality.vocabulary import is_personal
from zhike.rules.text import text_of
from zhike.rules.tree import Condition
from zhike.ui.drafts import keep_draft

LONGEST_ADDRESS = 1200  # characters of a rule that stands in an address; longer ones are kept as drafts


def failing_url(rule: str, place: Place | None = None) -> str:
    """Where those are listed who fail a rule in a place."""
    return f"{reverse('quality_customers')}?{urlencode({'rule': rule, **(place.asked if place else {})})}"


def board_url(by: str, place: Place) -> str:
    """The board of a place."""
    return f"{reverse('quality')}?{urlencode({'by': by, **place.asked})}"


def review_url(rule: str, place: Place | None = None) -> str:
    """Where a review of those is planned who fail a rule."""
    return f"{reverse('new_review')}?{urlencode({'failing': rule, **(place.asked if place else {})})}"


def condition_url(request: HttpRequest, condition: Condition | None) -> str:
    """The list of the customers for whom a condition holds; what names somebody does not stand in the address."""
    if condition is None:
        return reverse("customers")
    text = text_of(condition)
    if len(text) <= LONGEST_ADDRESS and not is_personal(condition):
        return customers_url(text)
    assert request.user.pk is not None
    return f"{reverse('customers')}?{urlencode({'draft': keep_draft(request.user.pk, text)})}"


def asked_place(request: HttpRequest, unit: str = "") -> Place:
    """The place that an address names; `unit` is what whoever reads looks at anyway."""
    asked = request.GET
    return Place(
        unit=asked.get("unit", unit).strip(),
        channel=asked.get("channel", "").strip(),
        source=asked.get("source", "").strip(),
        agent=asked.get("agent", "").strip(),
    )
