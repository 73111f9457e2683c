"""Tags in the search for everything."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.search import Found, FoundGroup
from zhike.understand.tags.models import Tag
from zhike.understand.tags.wording.titles import title_of
from zhike.understand.tags.wording.words import theme_path

MOST = 6


def find(text: str) -> FoundGroup:
    """Tags with the text in their name or title; nothing for who may not see customers."""
    wanted = text.strip()
    tags = Tag.objects.none()
    if may(Right.SEE_CUSTOMERS):
        named = Q(name__icontains=wanted) | Q(title__icontains=wanted) | Q(title_zh__icontains=wanted)
        tags = Tag.objects.filter(named, retired_at=None)[:MOST]
    return FoundGroup(
        _("Tags"),
        tuple(Found(title_of(tag), reverse("tag", args=[tag.name]), theme_path(tag.theme)) for tag in tags),
    )
