"""Customers in the search for everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.collect.profiles.search import search_customers
from zhike.errors import UserError
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.search import Found, FoundGroup
from zhike.understand.customers.words import MATCHED
from zhike.understand.value.words import words_of

MOST = 8


def find(text: str) -> FoundGroup:
    """Customers named by the text, with what of them matched; nobody while the text is too short to tell."""
    title = _("Customers")
    if not may(Right.SEE_CUSTOMERS):
        return FoundGroup(title, ())
    try:
        hits = search_customers(text, limit=MOST)
    except UserError:  # too short, or nothing published: there may be pages of that name
        return FoundGroup(title, ())
    found = tuple(
        Found(
            str(hit.customer["name"] or _("Customer %(id)s") % {"id": hit.customer["customer_id"]}),
            reverse("customer", args=[hit.customer["customer_id"]]),
            " · ".join(str(part) for part in (words_of(MATCHED, hit.matched), hit.customer["city"]) if part),
        )
        for hit in hits
    )
    return FoundGroup(title, found)
