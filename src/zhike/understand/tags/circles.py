"""What definitions are made of, seen as a whole: who names whom, and that nothing is made of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.rules.check import names_in
from zhike.rules.tree import Definition

TAG, AUDIENCE = "tag", "audience"
Named = tuple[str, str]  # tag or audience, and its name


class Circle(UserError):
    """A tag that is made of itself."""


class AudienceRules(Protocol):
    """What is known here of the saved audiences."""

    trees: Mapping[str, Definition]  # of live ones by name; a frozen one is made of nothing
    archived: frozenset[str]

    def __iter__(self) -> Iterator[str]:
        """The names of all of them."""


def audience_names(*, archived: bool = False) -> frozenset[str]:
    """The names of the saved audiences; those that were archived only where they are asked for."""
    rules = _audience_rules()
    return frozenset(rules) if archived else frozenset(rules) - rules.archived


def audience_trees() -> Mapping[str, Definition]:
    """The rules of the saved audiences by name."""
    return _audience_rules().trees


def _audience_rules() -> AudienceRules:
    # Audiences lie above this room, so what tells of them is named in the settings.
    rules: AudienceRules = import_string(settings.AUDIENCE_RULES)()
    return rules


def check_circles(trees: Mapping[str, Definition], audiences: Mapping[str, Definition], names: Iterable[str]) -> None:
    """Raises Circle, which says the way round, if one of the named tags is made of itself."""
    below = partial(_below, trees, audiences)
    for name in names:
        way = _way_back((TAG, name), below)
        if way:
            spelt = " → ".join(_("audience “%(name)s”") % {"name": one} if of == AUDIENCE else one for of, one in way)
            raise Circle(
                _("the tag “%(name)s” is made of itself: %(way)s") % {"name": name, "way": spelt},
                where="rule",
                advice=_("Leave one of them out of the rule of the one before."),
            )


def users_of(tag: str, trees: Mapping[str, Definition]) -> tuple[str, ...]:
    """The names of those whose rules name the tag."""
    return tuple(sorted(name for name, tree in trees.items() if tag in names_in(tree).tags))


def _below(trees: Mapping[str, Definition], audiences: Mapping[str, Definition], of: Named) -> Iterator[Named]:
    kind, name = of
    tree = (trees if kind == TAG else audiences).get(name)
    if tree is not None:
        named = names_in(tree)
        yield from ((TAG, one) for one in sorted(named.tags))
        yield from ((AUDIENCE, one) for one in sorted(named.audiences))


def _way_back(start: Named, below: partial[Iterator[Named]]) -> tuple[Named, ...]:
    """The shortest way from something down to itself; nothing where there is none."""
    ways: list[tuple[Named, ...]] = [(start,)]
    seen: set[Named] = set()
    while ways:
        way = ways.pop(0)
        for one in below(way[-1]):
            if one == start:
                return (*way, one)
            if one not in seen:
                seen.add(one)
                ways.append((*way, one))
    return ()
