"""Search everywhere: each capability finds its own things; `settings.SEARCHES` names them in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from zhike.ui.navigation import Words, navigation


@dataclass(frozen=True)
class Found:
    """One thing that was found."""

    text: Words
    url: str
    note: Words = ""


@dataclass(frozen=True)
class FoundGroup:
    """What one capability found."""

    title: Words
    found: tuple[Found, ...]


def search_everything(text: str) -> list[FoundGroup]:
    """What every capability finds under the text, without those that find nothing."""
    if not text.strip():
        return [FoundGroup(_("Pages"), _pages(""))]
    searches: list[Callable[[str], FoundGroup]] = [import_string(name) for name in settings.SEARCHES]
    groups = [search(text) for search in searches] + [FoundGroup(_("Pages"), _pages(text))]
    return [group for group in groups if group.found]


def _pages(text: str) -> tuple[Found, ...]:
    wanted = text.strip().lower()
    return tuple(
        Found(page.title, reverse(page.url), entry.title if page.title != entry.title else "")
        for entry in navigation()
        for page in entry.pages
        if wanted in f"{entry.title} {page.title} {page.words}".lower()
    )
