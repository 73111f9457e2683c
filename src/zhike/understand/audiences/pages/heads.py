"""What stands at the head of every page of one audience: its name, size, rule in words, and the other pages of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.ui.navigation import Words
from zhike.understand.audiences.history import FigureShown, audience_history
from zhike.understand.audiences.pages.listing import users
from zhike.understand.audiences.pages.overtaken import seen_of
from zhike.understand.audiences.queries import AudienceShown
from zhike.understand.audiences.words import rule_in_words
from zhike.understand.tags.wording.phrases import Phrases


@dataclass(frozen=True)
class Tab:
    """One page of an audience."""

    url_name: str
    title: Words
    of: str = ""  # live or frozen, where only such have it


TABS = (
    Tab("audience", gettext_lazy("Customers")),
    Tab("audience_profile", gettext_lazy("Profile")),
    Tab("audience_funnel", gettext_lazy("Funnel"), "live"),
    Tab("audience_history", gettext_lazy("History"), "live"),
    Tab("audience_now", gettext_lazy("Compared with now"), "frozen"),
    Tab("audience_overlap", gettext_lazy("Overlap")),
    Tab("audience_lookalikes", gettext_lazy("Look-alikes")),
    Tab("audience_lists", gettext_lazy("Lists")),
    Tab("audience_export", gettext_lazy("Export")),
)


def head(audience: AudienceShown, tab: str, phrases: Phrases | None = None) -> dict[str, Any]:
    """What the head shows, with `tab` as the page that is open."""
    figures = audience_history(audience.audience_id) if not audience.is_frozen else ()
    return {
        "audience": audience,
        "conditions": rule_in_words(audience.tree, phrases),
        "change": _change(figures),
        "used_by": _(", ").join(users().get(audience.name, [])),
        "may_define": may(Right.DEFINE_AUDIENCES),
        "seen": partial(seen_of, audience),  # asked by who may change it
        "tabs": [
            {
                "url": reverse(one.url_name, args=[audience.audience_id]),
                "title": one.title,
                "is_open": one.url_name == tab,
            }
            for one in TABS
            if one.of in ("", audience.kind)
        ],
        "origin": _origin(audience),
    }


def _tab(tab: Tab, audience: AudienceShown, *, is_open: bool) -> dict[str, Any]:
    return {"url": reverse(tab.url_name, args=[audience.audience_id]), "title": tab.title, "is_open": is_open}


def _change(figures: tuple[FigureShown, ...]) -> dict[str, Any] | None:
    if len(figures) < 2:
        return None
    return {"by": figures[-1].size - figures[-2].size, "since": figures[-2].as_of}


def _origin(audience: AudienceShown) -> str:
    """How the members of a frozen list were chosen."""
    if audience.frozen is None:
        return ""
    origin = audience.frozen.origin
    words: dict[object, str] = {
        "rule": _("everybody of the rule"),
        "random": _("part “%(part)s” of a split at random, salt %(salt)s"),
        "value": _("those with the value “%(value)s”"),
        "sample": _("a random sample of %(size)s, seed %(seed)s"),
        "lookalikes": _("the %(size)s most like those of the rule"),
    }
    said = words.get(origin.get("how"), "")
    return said % origin if "%(" in said else said
