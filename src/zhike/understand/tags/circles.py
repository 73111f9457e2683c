"""What definitions are made of, seen as a whole: who names whom, that nothing is made of itself, what is personal."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from zhike.errors import UserError
from zhike.govern.access.masking import HIDDEN, mask
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.check import names_in
from zhike.rules.places import parts_of
from zhike.rules.tree import (
    Arithmetic,
    Attribute,
    DaysBetween,
    Definition,
    Facts,
    HasTag,
    Known,
    Node,
    Since,
    TagValue,
    tree_from_json,
)
from zhike.understand.tags.definitions import DefinitionsState, definitions_state, published_tags
from zhike.understand.tags.models import TagVersion
from zhike.warehouse.attributes import registry

TAG, AUDIENCE = "tag", "audience"
# What stands in place of a rule that whoever acts may not see: a rule as others, so that all that shows rules shows it.
HIDDEN_RULE = HasTag(tag=HIDDEN)
Named = tuple[str, str]  # tag or audience, and its name


class Circle(UserError):
    """A tag that is made of itself."""


class AudienceRules(Protocol):
    """What is known here of the saved audiences."""

    @property
    def state(self) -> Hashable:
        """What tells that none of them has changed."""

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


# What is personal


@dataclass(frozen=True)
class Personal:
    """The definitions that tell who somebody is, and the tags that say of a customer what a personal attribute does.

    A frozen list is not personal: who is on it somebody decided who had the right.
    """

    tags: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    told: Mapping[str, str] = field(default_factory=dict)  # tag → the attribute
    ever_in_force: frozenset[str] = frozenset()  # all tags that are, or were


def personal() -> Personal:
    """Those that read an attribute that identifies, themselves or by way of others."""
    rules = _audience_rules()
    return _personal(definitions_state(), rules.state)


def hidden() -> Personal:
    """What is hidden of whoever acts: nothing of who has the right to see personal data."""
    return Personal() if may(Right.SEE_PERSONAL_DATA) else personal()


def is_hidden(tree: Definition, known: Personal | None = None) -> bool:
    """Whether whoever acts may not see the rule, nor whom it has: it tells who somebody is.

    `known` is what is personal, where that was asked already.
    """
    if may(Right.SEE_PERSONAL_DATA):
        return False
    known = known or personal()
    waiting, seen = [tree], set[str]()
    while waiting:
        node = waiting.pop()
        named = names_in(node)
        if _identifies(node) or named.tags & known.tags or named.audiences & known.audiences:
            return True
        # A draft may name others that were never in force.
        drafted = named.tags - known.ever_in_force - seen
        drafts = TagVersion.objects.filter(tag__name__in=drafted, state__in=TagVersion.OPEN)
        seen |= drafted
        waiting += [tree_from_json(version) for version in drafts.values_list("tree", flat=True) if version]
    return False


def rule_seen(tree: Definition, known: Personal | None = None) -> Definition:
    """The rule as whoever acts may see it."""
    return HIDDEN_RULE if is_hidden(tree, known) else tree


def value_seen(tag: str, value: object) -> object:
    """What a tag says of one customer, as whoever acts may see it: masked as what the tag tells of them."""
    known = hidden()
    if tag in known.told:
        return mask(registry().attributes[known.told[tag]].column, value)
    return HIDDEN if tag in known.tags and value is not None else value


def found_seen(node: Node, value: object) -> object:
    """What a value in a rule comes to for one customer, as whoever acts may see it."""
    attribute = None if may(Right.SEE_PERSONAL_DATA) else _told(node, personal().told)
    return value if attribute is None else mask(registry().attributes[attribute].column, value)


@lru_cache(maxsize=2)
def _personal(_tags: DefinitionsState, _audiences: Hashable) -> Personal:
    made_of: dict[Named, list[Definition]] = {(AUDIENCE, name): [tree] for name, tree in audience_trees().items()}
    # Also by what was in force: it stands in the history, and in the refresh until the tag is computed anew.
    states = (TagVersion.State.PUBLISHED, TagVersion.State.REPLACED)
    for name, tree in TagVersion.objects.filter(state__in=states).values_list("tag__name", "tree"):
        made_of.setdefault((TAG, name), []).extend([tree_from_json(tree)] if tree else [])
    found = {one for one, trees in made_of.items() if any(map(_identifies, trees))}
    named = {one: {below for tree in trees for below in _named(tree)} for one, trees in made_of.items()}
    while more := {one for one, below in named.items() if one not in found and below & found}:
        found |= more
    told: dict[str, str] = {}
    trees = {tag.name: tag.tree for tag in published_tags() if tag.tree is not None}
    while news := {name: at for name, tree in trees.items() if name not in told and (at := _told(tree, told))}:
        told |= news
    return Personal(
        tags=frozenset(name for kind, name in found if kind == TAG),
        audiences=frozenset(name for kind, name in found if kind == AUDIENCE),
        told=told,
        ever_in_force=frozenset(name for kind, name in made_of if kind == TAG),
    )


def _identifies(node: Node) -> bool:
    """Whether a rule reads an attribute that identifies. That there is a phone tells nobody apart, only which one."""
    declared = registry().attributes
    match node:
        case Known(value=Attribute()):
            return False
        case Attribute(name=name) | Since(attribute=name):
            return name in declared and declared[name].identifies
        case Facts(window=window):  # what stands in it else are columns of facts
            return window is not None and _identifies(window)
    return any(_identifies(part) for _step, part in parts_of(node))


def _told(node: Node, tags: Mapping[str, str]) -> str | None:
    """The personal attribute that can be read from a value; the cases of a choice are coarser on purpose."""
    match node:
        case Attribute(name=name):
            declared = registry().attributes.get(name)
            return name if declared is not None and declared.column.personal else None
        case TagValue(tag=tag):
            return tags.get(tag)
        case Arithmetic(left=left, right=right):
            return _told(left, tags) or _told(right, tags)
        case DaysBetween(day=day):
            return _told(day, tags)
    return None


def _named(tree: Definition) -> Iterator[Named]:
    names = names_in(tree)
    yield from ((TAG, one) for one in sorted(names.tags))
    yield from ((AUDIENCE, one) for one in sorted(names.audiences))


def _below(trees: Mapping[str, Definition], audiences: Mapping[str, Definition], of: Named) -> Iterator[Named]:
    kind, name = of
    tree = (trees if kind == TAG else audiences).get(name)
    if tree is not None:
        yield from _named(tree)


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
