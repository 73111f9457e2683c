"""What definitions read, and in which order those that name one another are to be computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.errors import RuleError
from zhike.rules.places import parts_of
from zhike.rules.tree import Aggregate, Attribute, Condition, Definition, Ever, Function, Node, Related
from zhike.rules.vocabulary import Vocabulary

# A definition by what it is of, "tag" or "audience", and its name.
Key = tuple[str, str]
NOTHING: Mapping[str, Definition] = {}


@dataclass(frozen=True)
class Needed:
    """What definitions read: of each fact table its columns, of each relation what they ask the attributes of.

    `attributes` are those of the customers themselves. Tags that are defined, and live audiences, are computed
    and not read.
    """

    attributes: frozenset[str]
    facts: Mapping[str, frozenset[str]]
    tags: frozenset[tuple[str, date | None]]
    audiences: frozenset[str]
    related: Mapping[Related, frozenset[str]]


def needed(
    definitions: Mapping[str, Definition],
    *,
    vocabulary: Vocabulary,
    audiences: Mapping[str, Definition] = NOTHING,
) -> Needed:
    """What `evaluated` reads for these definitions, and for the live audiences that they name."""
    parts = list(read_parts(reached(definitions, audiences).values()))
    related = {part for part in parts if isinstance(part, Related)}
    return Needed(
        attributes=frozenset(_attributes(parts)),
        facts=_columns(parts, vocabulary),
        tags=frozenset(_tags(parts, definitions)),
        audiences=frozenset(
            part.audience for part in parts if isinstance(part, tree.InAudience) and part.audience not in audiences
        ),
        related={part: attributes_of_related(part, vocabulary) for part in related},
    )


def related_in(
    definitions: Mapping[str, Definition], audiences: Mapping[str, Definition] = NOTHING
) -> frozenset[Related]:
    """The conditions on relations, which are to be computed beforehand, over all customers."""
    parts = read_parts(reached(definitions, audiences).values())
    return frozenset(part for part in parts if isinstance(part, Related))


def is_read_tag(part: Node, definitions: Mapping[str, Definition]) -> bool:
    """Whether a part of a rule names a tag as it is stored, and not one of those that are being computed."""
    if isinstance(part, tree.HasTag):
        return part.as_of is not None or part.tag not in definitions
    return isinstance(part, tree.TagValue) and part.tag not in definitions


def attributes_of_related(related: Related, vocabulary: Vocabulary) -> frozenset[str]:
    """The attributes that a condition on a relation asks of those related; the relation's own columns go first."""
    named = {part.name for part in parts_in(related.where) if isinstance(part, Attribute)}
    return frozenset(named.difference(vocabulary.relations[related.relation].columns))


def reached(definitions: Mapping[str, Definition], audiences: Mapping[str, Definition]) -> dict[Key, Definition]:
    """The definitions, and those live audiences that they name, also by way of one another."""
    found: dict[Key, Definition] = {("tag", name): definition for name, definition in definitions.items()}
    waiting = list(found.values())
    while waiting:
        for part in read_parts([waiting.pop()]):
            if isinstance(part, tree.InAudience) and part.audience in audiences:
                key = ("audience", part.audience)
                if key not in found:
                    found[key] = audiences[part.audience]
                    waiting.append(found[key])
    return found


def in_levels(definitions: Mapping[Key, Definition]) -> list[list[Key]]:
    """The definitions in the order in which they can be computed, those that can be computed at once together.

    Raises RuleError where some refer to one another in a circle.
    """
    sorter = TopologicalSorter(
        {key: {name for name in _named(definition) if name in definitions} for key, definition in definitions.items()}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        circle = " → ".join(name for _what, name in reversed(error.args[1]))
        raise RuleError(
            _("these refer to one another in a circle: %(circle)s") % {"circle": circle},
            advice=_("Take one of them out of the definition of another."),
        ) from None
    levels = []
    while sorter.is_active():
        ready = list(sorter.get_ready())
        levels.append(ready)
        sorter.done(*ready)
    return levels


def _named(definition: Definition) -> Iterator[Key]:
    for part in read_parts([definition]):
        if isinstance(part, tree.TagValue) or (isinstance(part, tree.HasTag) and part.as_of is None):
            yield ("tag", part.tag)
        elif isinstance(part, tree.InAudience):
            yield ("audience", part.audience)


def read_parts(trees: Iterable[Node]) -> Iterator[Node]:
    """All parts that are said of the customers themselves: nothing inside facts and relations."""
    waiting = list(trees)
    while waiting:
        part = waiting.pop()
        yield part
        if not isinstance(part, Aggregate | Ever | Related):
            waiting += (inner for _step, inner in parts_of(part))


def parts_in(node: Node) -> Iterator[Node]:
    """A part of a tree and all parts in it."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        yield part
        waiting += (inner for _step, inner in parts_of(part))


def _attributes(parts: Iterable[Node]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Attribute):
            yield part.name
        elif isinstance(part, Aggregate | Ever) and isinstance(part.facts.window, tree.Since):
            yield part.facts.window.attribute


def _tags(parts: Iterable[Node], definitions: Mapping[str, Definition]) -> Iterator[tuple[str, date | None]]:
    for part in parts:
        match part:
            case tree.HasTag(tag=tag, as_of=as_of) if is_read_tag(part, definitions):
                yield tag, as_of
            case tree.TagValue(tag=tag) if is_read_tag(part, definitions):
                yield tag, None


def _columns(parts: Iterable[Node], vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for part in parts:
        if isinstance(part, Aggregate | Ever):
            table = vocabulary.facts[part.facts.table]
            columns = found.setdefault(table.name, {"customer_id", table.day})
            columns |= columns_in(part.facts.where)
            if isinstance(part, Aggregate):
                columns.update([part.column] if part.column else [])
                if part.column and part.function in (Function.FIRST, Function.LAST):
                    columns.add(table.at)
                if part.function is Function.COUNT:
                    columns.update(table.counted_by)
    return {table: frozenset(columns) for table, columns in found.items()}


def columns_in(where: Condition | None) -> set[str]:
    """The columns that a condition on facts names."""
    return {part.name for part in parts_in(where) if isinstance(part, Attribute)} if where is not None else set()
