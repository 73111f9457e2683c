"""What the address asks of the page of how customers move."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from zhike.govern.access.actors import current_actor
from zhike.govern.organisation.queries import unit_of
from zhike.rules.vocabulary import TagKind
from zhike.understand.migration.asking import Asked, asked_by_month
from zhike.understand.tags.circles import hidden
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.wording.titles import titles

MOST_MONTHS, MONTHS, YEARLY = 36, 12, "10"
MARGIN, COST = "margin:", "cost:"


@dataclass(frozen=True)
class Wanted:
    """Which states, of which customers, how far ahead, and on what terms; what is not known counts as not asked."""

    tag: str  # empty: the stages of life
    unit: str
    state: str  # whose stock is drawn
    since: int | None  # number of the month from which flows are shown
    move: str  # whose drivers are shown
    months: int
    discount: str  # percent a year, as typed
    margins: Mapping[str, str]  # by state, as typed
    costs: Mapping[str, str]

    @property
    def is_priced(self) -> bool:
        """Whether terms were asked for."""
        return bool(self.margins or self.costs)


def wanted(query: QueryDict, tags: Mapping[str, str]) -> Wanted:
    """What is asked."""
    unit, months, since = query.get("unit", current_actor().unit), query.get("months", ""), query.get("since", "")
    return Wanted(
        tag=query.get("states", "") if query.get("states", "") in tags else "",
        unit=unit if unit_of(unit) else "",
        state=query.get("state", ""),
        since=int(since) if since.isdecimal() and len(since) < 7 else None,
        move=query.get("move", ""),
        months=min(max(int(months), 1), MOST_MONTHS) if months.isdecimal() and len(months) < 4 else MONTHS,
        discount=query.get("discount", YEARLY).strip(),
        margins=_amounts(query, MARGIN),
        costs=_amounts(query, COST),
    )


def tags_of_states() -> dict[str, str]:
    """Name and title of each tag whose values customers can move between."""
    unseen, called = hidden().tags, titles()
    return {
        tag.name: called[tag.name].title if tag.name in called else tag.name
        for tag in published_tags()
        if tag.kind in (TagKind.YES_NO, TagKind.CATEGORY) and tag.name not in unseen
    }


def asked_of(one: Wanted, margins: Mapping[str, str], costs: Mapping[str, str]) -> Asked:
    """The same in the words of the computation. A discount that is no number counts as that of the first look."""
    try:
        typed = float(one.discount)
    except ValueError:
        typed = math.nan
    yearly = float(YEARLY) if math.isnan(typed) else min(max(typed, 0.0), 1000.0)
    return asked_by_month(margins, costs, yearly=yearly, months=one.months)


def _amounts(query: QueryDict, prefix: str) -> dict[str, str]:
    found = {name.removeprefix(prefix): str(text).strip() for name, text in query.items() if name.startswith(prefix)}
    return {state: text for state, text in found.items() if text}
