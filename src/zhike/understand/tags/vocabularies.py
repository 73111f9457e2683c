"""What whoever acts may name in a rule."""

from __future__ import annotations

from collections.abc import Iterable

from zhike.govern.access.masking import HIDDEN
from zhike.govern.access.rights import Right
from zhike.govern.access.services import may
from zhike.rules.vocabulary import KnownTag, Vocabulary
from zhike.understand.tags.circles import Personal, audience_names, hidden
from zhike.understand.tags.definitions import known_tags
from zhike.warehouse.attributes import registry


def vocabulary(*, extra: Iterable[KnownTag] = ()) -> Vocabulary:
    """What whoever acts now may name: of what tells who somebody is, nothing without the right to see it.

    `extra` are tags that are not in force, or that are about to be something else.
    """
    declared = registry()
    identifying = {name for name, attribute in declared.attributes.items() if attribute.identifies}
    refused = frozenset() if may(Right.SEE_PERSONAL_DATA) else frozenset(identifying)
    return _vocabulary(refused, hidden(), audience_names(), extra)


def whole_vocabulary(*, extra: Iterable[KnownTag] = ()) -> Vocabulary:
    """What rules may name whose author was asked for their rights already, and which may be older than an archive."""
    return _vocabulary(frozenset(), Personal(), audience_names(archived=True), extra)


def _vocabulary(
    refused: frozenset[str], kept: Personal, audiences: frozenset[str], extra: Iterable[KnownTag]
) -> Vocabulary:
    declared = registry()
    tags = {**known_tags(), **{tag.name: tag for tag in extra}}
    return Vocabulary(
        attributes={name: one for name, one in declared.attributes.items() if name not in refused},
        facts=declared.facts,
        relations=declared.relations,
        tags={name: tag for name, tag in tags.items() if name not in kept.tags},
        audiences=audiences - kept.audiences,
        refused=refused,
        refused_tags=kept.tags | {HIDDEN},
        refused_audiences=kept.audiences,
    )
