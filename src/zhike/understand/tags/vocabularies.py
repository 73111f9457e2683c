"""What whoever acts may name in a rule."""

from __future__ import annotations

from collections.abc import Iterable

from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.vocabulary import KnownTag, Vocabulary
from zhike.understand.tags.circles import audience_names
from zhike.understand.tags.definitions import known_tags
from zhike.warehouse.attributes import registry


def vocabulary(*, extra: Iterable[KnownTag] = ()) -> Vocabulary:
    """What whoever acts now may name: of attributes that tell who somebody is, none without the right to see them.

    `extra` are tags that are not in force, or that are about to be something else.
    """
    declared = registry()
    identifying = {name for name, attribute in declared.attributes.items() if attribute.identifies}
    refused = frozenset() if may(Right.SEE_PERSONAL_DATA) else frozenset(identifying)
    return _vocabulary(refused, audience_names(), extra)


def whole_vocabulary(*, extra: Iterable[KnownTag] = ()) -> Vocabulary:
    """What rules may name whose author was asked for their rights already, and which may be older than an archive."""
    return _vocabulary(frozenset(), audience_names(archived=True), extra)


def _vocabulary(refused: frozenset[str], audiences: frozenset[str], extra: Iterable[KnownTag]) -> Vocabulary:
    declared = registry()
    return Vocabulary(
        attributes={name: one for name, one in declared.attributes.items() if name not in refused},
        facts=declared.facts,
        relations=declared.relations,
        tags={**known_tags(), **{tag.name: tag for tag in extra}},
        audiences=audiences,
        refused=refused,
    )
