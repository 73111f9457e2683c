"""The tree of themes that tags are grouped in: "3 + X", the first three and everything else."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from zhike.ui.navigation import Words

# In the order in which they are shown; a firm may add others below them or beside them.
THEMES: Mapping[str, Words] = {
    "three": _("Gender, age, income"),
    "population": _("Population"),
    "social": _("Social"),
    "social/family": _("Family"),
    "social/work": _("Work"),
    "social/circle": _("Circle"),
    "character": _("Character and interests"),
    "character/interests": _("Interests"),
    "character/attitude": _("Attitude"),
    "business": _("Business"),
    "business/product": _("Products"),
    "business/habit": _("Habits"),
    "business/service": _("Service"),
    "business/lifecycle": _("Life cycle"),
    "business/value": _("Customer value"),
    "business/risk": _("Risk"),
    "business/permission": _("Permission"),
}
_PLACES = {theme: place for place, theme in enumerate(THEMES)}


def theme_title(theme: str) -> str:
    """What a theme is called: one that Zhike does not know by the last word of its path."""
    return str(THEMES.get(theme) or theme.rpartition("/")[2].replace("_", " "))


def theme_order(theme: str) -> tuple[tuple[int, str], ...]:
    """A key that sorts themes as they are shown, those of the firm after those that Zhike knows."""
    parts = theme.split("/")
    paths = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    return tuple((_PLACES.get(path, len(_PLACES)), path) for path in paths)
