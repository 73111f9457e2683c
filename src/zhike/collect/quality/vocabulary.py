"""What a quality rule, or whom a review looks at, may name: attributes and facts.

Tags and audiences are made of them in rooms above, after the data were judged; a relation would judge somebody else.
"""

from __future__ import annotations

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.check import names_in, read_rule, read_tree
from zhike.rules.tree import All, Condition, Definition, Not
from zhike.rules.vocabulary import Vocabulary
from zhike.warehouse.attributes import registry


def quality_vocabulary() -> Vocabulary:
    """What whoever acts now may name: of what tells who somebody is, nothing without the right to see it."""
    return _vocabulary(frozenset() if may(Right.SEE_PERSONAL_DATA) else identifying())


def whole_vocabulary() -> Vocabulary:
    """What rules may name whose author was asked for their rights already."""
    return _vocabulary(frozenset())


def identifying() -> frozenset[str]:
    """Attributes that tell who somebody is."""
    return frozenset(name for name, one in registry().attributes.items() if one.identifies)


def is_personal(*trees: Definition | None) -> bool:
    """Whether to select by these tells who somebody is."""
    return any(names_in(tree).attributes & identifying() for tree in trees if tree is not None)


def read_condition(text: str) -> Condition | None:
    """The condition that a text says; none for an empty one. Raises RuleError with the place of what is wrong."""
    return read_rule(text, quality_vocabulary()) if text.strip() else None


def kept_condition(json: str) -> Condition | None:
    """The condition that was stored; none where nothing was. Raises RuleError where it means nothing any more."""
    return read_tree(json, whole_vocabulary()) if json else None  # type: ignore[return-value]


def failing(applies: Condition | None, good: Condition) -> Condition:
    """The condition of those to whom a rule applies and who do not fulfil it."""
    fails = Not(of=good)
    return fails if applies is None else All(of=(applies, fails))


def _vocabulary(refused: frozenset[str]) -> Vocabulary:
    declared = registry()
    return Vocabulary(
        attributes={name: one for name, one in declared.attributes.items() if name not in refused},
        facts=declared.facts,
        relations={},
        refused=refused,
    )
