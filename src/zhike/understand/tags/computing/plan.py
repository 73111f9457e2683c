"""What a refresh does about each tag: compute it, write down what was set, keep what there is, or leave it alone.

A tag that cannot be computed any more keeps what it has; it stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from pyroaring import BitMap

from zhike.errors import UserError
from zhike.rules.check import checked
from zhike.rules.checking.names import names_in
from zhike.rules.needs import needed
from zhike.rules.tree import Definition
from zhike.rules.vocabulary import Vocabulary
from zhike.understand.tags.computing.due import is_due
from zhike.understand.tags.computing.states import TagState
from zhike.understand.tags.definitions import TagDefinition

AudienceRules = Mapping[str, "Definition | BitMap"]
Trees = Mapping[str, Definition]


@dataclass(frozen=True)
class Plan:
    """What is done about each tag."""

    computed: Mapping[str, TagDefinition]
    audiences: Trees  # the live audiences that the computed ones name, or are named by those
    set_by_hand: tuple[TagDefinition, ...]
    kept: Mapping[str, TagState]
    broken: Mapping[str, UserError]  # what cannot be computed, and why

    @property
    def definitions(self) -> Trees:
        """The rules of the tags that are computed."""
        return {name: tag.tree for name, tag in self.computed.items() if tag.tree is not None}


@dataclass(frozen=True)
class Planning:
    """What a plan is made from."""

    tags: Iterable[TagDefinition]
    audiences: AudienceRules
    before: Mapping[str, TagState]  # what is in force so far
    vocabulary: Vocabulary
    as_of: date
    check_past: Callable[[str, date], object]  # raises UserError where nothing is known of a tag as of a day
    only: Collection[str] | None = None  # tags to be computed alone, whether they are due or not

    def is_wanted(self, tag: TagDefinition) -> bool:
        """The tag is written anew."""
        if self.only is not None:
            return tag.name in self.only
        return tag.is_set or is_due(tag, self.before.get(tag.name), self.as_of)


def plan_of(planning: Planning) -> Plan:
    """The plan of a refresh, or of the computation of a few tags alone."""
    tags = {tag.name: tag for tag in planning.tags}
    wanted = {name: tag for name, tag in tags.items() if planning.is_wanted(tag)}
    trees = {name: tag.tree for name, tag in wanted.items() if tag.tree is not None}
    live = live_audiences(trees.values(), planning.audiences)
    broken = {name: problem for name, tree in trees.items() if (problem := _problem(tree, live, planning))}
    sound = {name: tree for name, tree in trees.items() if name not in broken}
    # Alone computed tags leave everything else as it is, what is no longer in force included.
    before = {name: state for name, state in planning.before.items() if planning.only is not None or name in tags}
    given = {name for name, tag in wanted.items() if tag.is_set} | (before.keys() - sound.keys())
    founded = _founded(sound, live, planning.vocabulary, given)
    broken |= {name: _unfounded(name) for name in sound.keys() - founded}
    rewritten = founded | {name for name, tag in wanted.items() if tag.is_set}
    return Plan(
        computed={name: wanted[name] for name in sorted(founded)},
        audiences=live_audiences([trees[name] for name in founded], planning.audiences),
        set_by_hand=tuple(tag for tag in wanted.values() if tag.is_set),
        kept={name: state for name, state in before.items() if name not in rewritten},
        broken=broken,
    )


def depending_on(
    names: Iterable[str], trees: Trees, audiences: AudienceRules, vocabulary: Vocabulary
) -> frozenset[str]:
    """The tags that are made of others as these stand today, straight or through further ones and audiences."""
    live = live_audiences(trees.values(), audiences)
    sound = {one: tree for one, tree in trees.items() if not _misfit(tree, live, vocabulary)}
    made_of = {one: _made_of(tree, live, vocabulary) for one, tree in sound.items()}
    found = set(names)
    while more := {one for one, parts in made_of.items() if one not in found and parts & found}:
        found |= more
    return frozenset(found.difference(names))


def live_audiences(trees: Iterable[Definition], audiences: AudienceRules) -> dict[str, Definition]:
    """The rules of the live audiences that the trees name, and that those are made of in their turn."""
    found: dict[str, Definition] = {}
    waiting = list(trees)
    while waiting:
        for name in names_in(waiting.pop()).audiences - found.keys():
            rule = audiences.get(name)
            if rule is not None and not isinstance(rule, BitMap):
                found[name] = rule
                waiting.append(rule)
    return found


def _problem(tree: Definition, live: Trees, planning: Planning) -> UserError | None:
    if misfit := _misfit(tree, live, planning.vocabulary):
        return misfit
    try:
        for name, day in needed({"": tree}, vocabulary=planning.vocabulary, audiences=live).tags:
            if day is not None:
                planning.check_past(name, day)
    except UserError as error:
        return error
    return None


def _misfit(tree: Definition, live: Trees, vocabulary: Vocabulary) -> UserError | None:
    """What is wrong with a rule, or with one of an audience that it is made of."""
    try:
        for one in (tree, *live_audiences([tree], live).values()):
            checked(one, vocabulary)
    except UserError as error:
        return error
    return None


def _unfounded(name: str) -> UserError:
    return UserError(
        _("the tag “%(name)s” is made of itself, or of what cannot be computed") % {"name": name},
        advice=_("Change its rule, or compute first what it names."),
    )


def _made_of(tree: Definition, live: Trees, vocabulary: Vocabulary) -> set[str]:
    """The tags that a rule names as they stand today, through audiences as well."""
    return {name for name, day in needed({"": tree}, vocabulary=vocabulary, audiences=live).tags if day is None}


def _founded(trees: Trees, live: Trees, vocabulary: Vocabulary, given: Collection[str]) -> frozenset[str]:
    """Those that are made of what is given, or of one another without a circle."""
    left = {name: _made_of(tree, live, vocabulary) for name, tree in trees.items()}
    there = set(given)
    while ready := {name for name, made_of in left.items() if made_of <= there}:
        there |= ready
        left = {name: made_of for name, made_of in left.items() if name not in ready}
    return frozenset(trees.keys() - left.keys())
