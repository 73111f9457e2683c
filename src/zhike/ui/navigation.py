"""The menu: groups of pages by what people want to do."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.module_loading import import_string

Words = str | Promise  # text, or text that waits for the reader's language


@dataclass(frozen=True)
class Page:
    """One page of the menu: its title, and the name of its address."""

    title: Words
    url: str
    words: Words = ""  # what people may also call it when they search
    is_listed: bool = True  # shown in the menu, not only found by search


@dataclass(frozen=True)
class Group:
    """One entry of the menu, with the pages under it; its first page opens it."""

    name: str
    title: Words
    icon: str
    pages: tuple[Page, ...]


def navigation() -> tuple[Group, ...]:
    """The whole menu, as `config.navigation` defines it."""
    groups: tuple[Group, ...] = import_string(settings.NAVIGATION)
    return groups


def group_of(path: str) -> Group | None:
    """The entry that an address belongs to: its pages and what lies below them begin with the same word."""
    return next(
        (group for group in navigation() for page in group.pages if _first(reverse(page.url)) == _first(path)), None
    )


def page_of(path: str, group: Group | None) -> Page | None:
    """The listed page of the entry that an address is, or lies below."""
    above = [page for page in group.pages if page.is_listed and path.startswith(reverse(page.url))] if group else []
    return max(above, key=lambda page: len(reverse(page.url)), default=None)


def _first(path: str) -> str:
    return path.strip("/").partition("/")[0]
