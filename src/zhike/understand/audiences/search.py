"""Audiences in the search for everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.search import Found, FoundGroup
from zhike.understand.audiences.models import Audience

MOST = 6


def find(text: str) -> FoundGroup:
    """Saved audiences with the text in their name."""
    found = Audience.objects.none()
    if may(Right.SEE_CUSTOMERS):
        found = Audience.objects.filter(name__icontains=text.strip(), archived_at=None)[:MOST]
    return FoundGroup(
        _("Audiences"),
        tuple(Found(audience.name, reverse("audience", args=[audience.pk]), audience.note) for audience in found),
    )
