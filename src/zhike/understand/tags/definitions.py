"""The definitions of tags that are in force, as a refresh computes them and rules name them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.db.models import QuerySet

from zhike.errors import NotFound
from zhike.rules.tree import Attribute, Choice, Definition, Text, tree_from_json
from zhike.rules.vocabulary import KnownTag, TagKind
from zhike.understand.tags.models import TagVersion
from zhike.warehouse.attributes import registry

STATE = """
    SELECT COUNT(*), SUM(version.id), SUM(version.id * version.id), MAX(version.published_at), MAX(tag.changed_at)
    FROM tags_tagversion version JOIN tags_tag tag ON tag.id = version.tag_id
    WHERE version.state = 'published' AND tag.retired_at IS NULL
"""


class NoSuchTag(NotFound):
    """No tag has this name."""


@dataclass(frozen=True)
class TagDefinition:
    """A published tag: `tree` is what is computed; None for a set tag, which is what its changes say."""

    name: str
    kind: TagKind
    origin: str
    schedule: str
    version: int
    tree: Definition | None
    values: tuple[str, ...]  # of a category, those that are known beforehand

    @property
    def is_set(self) -> bool:
        """Set by a person, an import or the API, and not computed."""
        return self.tree is None


@dataclass(frozen=True)
class DefinitionsState:
    """What tells that no tag came into force, or out of it, or was described since: equal states, equal definitions."""

    count: int
    ids: int
    squares: int
    published_at: object  # as the database writes it, which is compared and no more
    changed_at: object


def definitions_state() -> DefinitionsState:
    """The state that all definitions are in: one query, however many they are."""
    # By hand: every count asks for it, and to put the question together takes Django fifteen times as long.
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        count, ids, squares, published_at, changed_at = cursor.fetchone()
    return DefinitionsState(count, ids or 0, squares or 0, published_at, changed_at)


def published_tags() -> tuple[TagDefinition, ...]:
    """Every tag in force, by name. Tags that were retired, or never published, are none."""
    return _published(definitions_state())


def known_tags() -> dict[str, KnownTag]:
    """What rules may name of tags."""
    return dict(_known_in(definitions_state()))


@lru_cache(maxsize=2)
def _published(_state: DefinitionsState) -> tuple[TagDefinition, ...]:
    return tuple(_definition(version) for version in _in_force().select_related("tag").order_by("tag__name"))


@lru_cache(maxsize=2)
def _known_in(state: DefinitionsState) -> dict[str, KnownTag]:
    return {tag.name: _known(tag) for tag in _published(state)}


def _in_force() -> QuerySet[TagVersion]:
    return TagVersion.objects.filter(state=TagVersion.State.PUBLISHED, tag__retired_at=None)


def _definition(version: TagVersion) -> TagDefinition:
    tag = version.tag
    return TagDefinition(
        name=tag.name,
        kind=TagKind(tag.kind),
        origin=tag.origin,
        schedule=tag.schedule,
        version=version.number,
        tree=None if tag.is_set else tree_from_json(version.tree),
        values=tuple(str(value["value"]) for value in version.values),
    )


def drafted_tags() -> dict[str, KnownTag]:
    """Tags that were never published: a draft may name them, what is in force may not."""
    newest = TagVersion.objects.filter(state__in=TagVersion.OPEN, tag__retired_at=None).order_by("number")
    drafted = {version.tag.name: _definition(version) for version in newest.select_related("tag")}
    in_force = TagVersion.objects.filter(state=TagVersion.State.PUBLISHED).values_list("tag__name", flat=True)
    return {name: _known(tag) for name, tag in drafted.items() if name not in set(in_force)}


def _known(tag: TagDefinition) -> KnownTag:
    # Titles may be written for some values only, where the rule can give others too.
    return KnownTag(tag.name, tag.kind, tag.values if tag.tree is None else possible_values(tag.tree))


def possible_values(tree: Definition) -> tuple[str, ...]:
    """The texts that a definition can give, in its order; empty where that is not known beforehand."""
    if isinstance(tree, Attribute):
        declared = registry().attributes.get(tree.name)
        return declared.column.one_of if declared else ()
    if not isinstance(tree, Choice):
        return ()
    results = [case.then for case in tree.cases] + ([tree.otherwise] if tree.otherwise is not None else [])
    return tuple(dict.fromkeys(result.value for result in results if isinstance(result, Text)))
