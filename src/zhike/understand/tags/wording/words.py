"""The words that pages use for tags: states, origins, schedules, themes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words
from zhike.understand.tags.models import Tag, TagVersion
from zhike.understand.tags.wording.themes import theme_order, theme_title

# Of a tag, and of a version.
STATES: tuple[tuple[str, Words], ...] = (
    ("published", _("in force")),
    ("approved", _("approved")),
    ("draft", _("draft")),
    ("withdrawn", _("withdrawn")),
    ("retired", _("retired")),
)
VERSION_STATES: dict[str, Words] = {**dict(STATES), TagVersion.State.REPLACED: _("replaced")}
STATE_MARKS = {"published": "good", "approved": "busy", "draft": "busy", "retired": "bad", "withdrawn": "bad"}
WAITING: tuple[tuple[str, Words], ...] = (("yes", _("a change waits")),)
KINDS: tuple[tuple[str, Words], ...] = tuple(Tag.Kind.choices)
ORIGINS: tuple[tuple[str, Words], ...] = tuple(Tag.Origin.choices)
SCHEDULES: tuple[tuple[str, Words], ...] = tuple(Tag.Schedule.choices)


@dataclass(frozen=True)
class Theme:
    """A place in the tree, with the tags at it and below."""

    path: str
    title: str
    depth: int  # from 1
    count: int


def theme_path(path: str) -> str:
    """A path in words: “Business › Value”."""
    return " › ".join(theme_title(theme) for theme in _upwards(path))


def is_below(path: str, theme: str) -> bool:
    """Whether a path is a theme, or lies under it."""
    return not theme or path == theme or path.startswith(f"{theme}/")


def themes_of(paths: Iterable[str]) -> tuple[Theme, ...]:
    """The tree that these paths make, from top to bottom."""
    counts: dict[str, int] = {}
    for path in paths:
        for theme in _upwards(path):
            counts[theme] = counts.get(theme, 0) + 1
    return tuple(
        Theme(path, theme_title(path), path.count("/") + 1, counts[path]) for path in sorted(counts, key=theme_order)
    )


def _upwards(path: str) -> list[str]:
    """The theme and those above it, from the top."""
    words = path.split("/")
    return ["/".join(words[:depth]) for depth in range(1, len(words) + 1)]
