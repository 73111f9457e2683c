"""What a rule is made of, also by way of the audiences that it names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from zhike.rules.check import names_in
from zhike.rules.tree import Definition, tree_to_json
from zhike.understand.audiences.kept import audience_rules
from zhike.understand.tags.definitions import published_tags


@dataclass(frozen=True)
class Within:
    """The names in a rule and in the rules of all audiences in it."""

    attributes: frozenset[str]
    tags: frozenset[str]
    audiences: frozenset[str]


def named_within(tree: Definition) -> Within:
    """Everything that a rule names, however far down."""
    rules = audience_rules().trees
    attributes: set[str] = set()
    tags: set[str] = set()
    audiences: set[str] = set()
    waiting = [tree]
    while waiting:
        found = names_in(waiting.pop())
        attributes |= found.attributes
        tags |= found.tags
        waiting += [rules[name] for name in found.audiences - audiences if name in rules]
        audiences |= found.audiences
    return Within(frozenset(attributes), frozenset(tags), frozenset(audiences))


def tags_saying(tree: Definition) -> frozenset[str]:
    """The tags that a rule names, and those that are made of these, or of attributes or audiences that it names."""
    named = named_within(tree)
    made_of = {tag.name: named_within(tag.tree) for tag in published_tags() if tag.tree is not None}
    found = set(named.tags)
    while more := {
        name
        for name, of in made_of.items()
        if name not in found and (of.tags & found or of.attributes & named.attributes or of.audiences & named.audiences)
    }:
        found |= more
    return frozenset(found)


def digest_of(tree: Definition) -> str:
    """What tells the meaning of a rule from that of another: of its own text, and of all audiences in it."""
    rules = audience_rules().trees
    texts = [tree_to_json(tree)]
    texts += [f"{name}:{tree_to_json(rules[name])}" for name in sorted(named_within(tree).audiences) if name in rules]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
