"""The saved audiences as their list shows them: with their trend, and where each is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from zhike.rules.check import names_in
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.audiences.models import AudienceFigure
from zhike.understand.audiences.queries import AudienceShown, list_audiences
from zhike.understand.tags.circles import HIDDEN_RULE
from zhike.understand.tags.definitions import published_tags
from zhike.understand.tags.wording.titles import titles

POINTS_SHOWN = 24


@dataclass(frozen=True)
class Listed:
    """A saved audience with its sizes so far, the oldest first, and the names of what is made of it."""

    audience: AudienceShown
    sizes: tuple[int, ...]
    used_by: tuple[str, ...]

    @property
    def change(self) -> int | None:
        """By how many it has changed since the refresh before."""
        return self.sizes[-1] - self.sizes[-2] if len(self.sizes) > 1 else None


def listed_audiences(*, archived: bool = False) -> tuple[Listed, ...]:
    """All saved audiences, or those that were archived. Raises Denied."""
    found = list_audiences(archived=archived)
    sizes, used = _sizes(), users()
    sizes = {one.audience_id: sizes.get(one.audience_id, ()) for one in found if one.tree != HIDDEN_RULE}
    return tuple(
        Listed(one, sizes.get(one.audience_id, ())[-POINTS_SHOWN:], tuple(used.get(one.name, ()))) for one in found
    )


def users() -> Mapping[str, list[str]]:
    """Audience → the titles of the tags, and the names of the audiences, that are made of it."""
    used: dict[str, list[str]] = {}
    known = titles()
    tags = [(known[tag.name].title, tag.tree) for tag in published_tags() if tag.tree is not None]
    for name, tree in (*tags, *audience_rules().trees.items()):
        for audience in sorted(names_in(tree).audiences):
            used.setdefault(audience, []).append(name)
    return used


def _sizes() -> dict[int, tuple[int, ...]]:
    sizes: dict[int, list[int]] = {}
    for audience_id, size in AudienceFigure.objects.order_by("refresh_id").values_list("audience_id", "size"):
        sizes.setdefault(audience_id, []).append(size)
    return {audience_id: tuple(found) for audience_id, found in sizes.items()}
