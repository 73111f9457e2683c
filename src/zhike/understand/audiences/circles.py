"""That no audience is made of itself, be it by way of others or of tags."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.rules.check import names_in
from zhike.rules.tree import Definition
from zhike.understand.tags.circles import AUDIENCE, TAG, Named


class Circle(UserError):
    """An audience that is made of itself."""


def check_circle(name: str, audiences: Mapping[str, Definition], tags: Mapping[str, Definition]) -> None:
    """Raises Circle, which says the way round, if the audience is made of itself."""
    way = _way_back((AUDIENCE, name), {AUDIENCE: audiences, TAG: tags})
    if way:
        spelt = " → ".join(_("tag “%(name)s”") % {"name": one} if of == TAG else f"“{one}”" for of, one in way)
        raise Circle(
            _("the audience would be made of itself: %(way)s") % {"way": spelt},
            where="rule",
            advice=_("Leave one of them out of the rule of the one before."),
        )


def _way_back(start: Named, trees: Mapping[str, Mapping[str, Definition]]) -> tuple[Named, ...]:
    """The shortest way from an audience down to itself; nothing where there is none."""
    ways: deque[tuple[Named, ...]] = deque([(start,)])
    seen: set[Named] = set()
    while ways:
        way = ways.popleft()
        for one in _below(way[-1], trees):
            if one == start:
                return (*way, one)
            if one not in seen:
                seen.add(one)
                ways.append((*way, one))
    return ()


def _below(one: Named, trees: Mapping[str, Mapping[str, Definition]]) -> Iterator[Named]:
    tree = trees[one[0]].get(one[1])
    if tree is not None:
        named = names_in(tree)
        yield from ((AUDIENCE, name) for name in sorted(named.audiences))
        yield from ((TAG, name) for name in sorted(named.tags))
