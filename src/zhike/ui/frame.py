"""What every page's frame shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from zhike.ui.navigation import group_of, navigation, page_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """The menu with the group in use, the languages, and how the reader likes pages to look."""
    user = getattr(request, "user", None)
    group = group_of(request.path)
    return {
        "menu": navigation(),
        "group": group,
        "page_in_use": page_of(request.path, group),
        "languages": settings.LANGUAGES,
        "language": translation.get_language() or "en",
        "theme": getattr(user, "theme", "") or "system",
        "density": getattr(user, "density", "") or "comfortable",
    }
