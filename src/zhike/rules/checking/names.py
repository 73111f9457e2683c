"""What the names in a rule lead to, and which names a tree has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from zhike.rules import tree
from zhike.rules.grammar.spelling import text_of_text
from zhike.rules.nearest import did_you_mean, nearest_name
from zhike.rules.places import Path, Unfit, parts_of
from zhike.rules.vocabulary import VALUE_KINDS, KnownTag, ValueKind, Vocabulary
from zhike.warehouse.attributes import FactTable, Relation
from zhike.warehouse.contracts import Column


@dataclass(frozen=True)
class Names:
    """The names in a rule. Of facts and relations also what of them: columns, and attributes of those related."""

    attributes: frozenset[str] = frozenset()
    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    relations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


def names_in(node: tree.Node) -> Names:
    """All names in a tree."""
    found = Names()
    match node:
        case tree.Attribute(name=name) | tree.Since(attribute=name):
            found = Names(attributes=frozenset({name}))
        case tree.TagValue(tag=tag) | tree.HasTag(tag=tag):
            found = Names(tags=frozenset({tag}))
        case tree.InAudience(audience=audience):
            found = Names(audiences=frozenset({audience}))
        case tree.Related(relation=relation, where=where):
            return Names(relations={relation: names_in(where).attributes})
        case tree.Facts(table=table, where=where, window=window):
            inside = names_in(where).attributes if where else frozenset()
            of_window = names_in(window).attributes if window else frozenset()
            return Names(attributes=of_window, facts={table: inside})
    for _step, part in parts_of(node):
        found = _joined(found, names_in(part))
    if isinstance(node, tree.Aggregate) and node.column is not None:
        found = _joined(found, Names(facts={node.facts.table: frozenset({node.column})}))
    return found


def _joined(one: Names, other: Names) -> Names:
    def both(these: Mapping[str, frozenset[str]], those: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
        nothing: frozenset[str] = frozenset()
        return {name: these.get(name, nothing) | those.get(name, nothing) for name in {**these, **those}}

    return Names(
        attributes=one.attributes | other.attributes,
        facts=both(one.facts, other.facts),
        relations=both(one.relations, other.relations),
        tags=one.tags | other.tags,
        audiences=one.audiences | other.audiences,
    )


@dataclass(frozen=True)
class Scope:
    """The names that a part of a rule may use: the customer's, or those of facts or a relation that it stands in."""

    vocabulary: Vocabulary
    facts: FactTable | None = None
    relation: Relation | None = None

    def within(self, *, facts: FactTable | None = None, relation: Relation | None = None) -> Scope:
        """The names of a part that stands in facts, or in a relation."""
        return replace(self, facts=facts, relation=relation)

    def column(self, name: str, path: Path) -> Column:
        """The column that an attribute's name leads to here. Raises Unfit."""
        if self.facts:
            return self.column_of(self.facts, name, path)
        if self.relation and name in self.relation.columns:
            return self.relation.contract[name]
        return self.attribute(name, path)

    def attribute(self, name: str, path: Path) -> Column:
        """The column of an attribute of a customer. Raises Unfit."""
        if name in self.vocabulary.refused:
            raise _refused(name, path)
        if name in self.vocabulary.attributes:
            return self.vocabulary.attributes[name].column
        columns = self.relation.columns if self.relation else ()
        allowed = [one for one in self.vocabulary.attributes.values() if one.name not in self.vocabulary.refused]
        titles = {one.name: str(one.title) for one in allowed}
        if name in self.vocabulary.tags:
            advice = _("It is a tag: %(text)s.") % {"text": f"has tag {text_of_text(name)}"}
        elif near := nearest_name(name, (*columns, *titles), titles):
            advice = _("Did you mean “%(name)s”?") % {"name": near}
        else:
            advice = _("A text is put into quotation marks: %(text)s.") % {"text": text_of_text(name)}
        raise Unfit(_("there is no attribute “%(name)s”") % {"name": name}, path=path, advice=advice)

    def column_of(self, facts: FactTable, name: str, path: Path) -> Column:
        """A column of facts. Raises Unfit."""
        if name in facts.columns:
            return facts.contract[name]
        advice = did_you_mean(name, facts.columns)
        if name in self.vocabulary.attributes:
            advice = _("It is an attribute of the customer; put it beside the facts, not into them.")
        raise Unfit(
            _("“%(facts)s” have no column “%(name)s”") % {"facts": facts.name, "name": name},
            path=path,
            advice=advice,
        )

    def fact_table(self, name: str, path: Path) -> FactTable:
        """Facts of a customer. Raises Unfit."""
        if name in self.vocabulary.facts:
            return self.vocabulary.facts[name]
        titles = {name: str(facts.title) for name, facts in self.vocabulary.facts.items()}
        raise Unfit(
            _("there are no facts “%(name)s”") % {"name": name}, path=path, advice=did_you_mean(name, titles, titles)
        )

    def related(self, name: str, path: Path) -> Relation:
        """A relation of customers. Raises Unfit."""
        if name in self.vocabulary.relations:
            return self.vocabulary.relations[name]
        titles = {name: str(relation.title) for name, relation in self.vocabulary.relations.items()}
        raise Unfit(
            _("there is no relation “%(name)s”") % {"name": name}, path=path, advice=did_you_mean(name, titles, titles)
        )

    def tag(self, name: str, path: Path) -> KnownTag:
        """A tag. Raises Unfit."""
        if name in self.vocabulary.refused_tags:
            raise _refused(name, path)
        if name in self.vocabulary.tags:
            return self.vocabulary.tags[name]
        raise Unfit(
            _("there is no tag “%(name)s”") % {"name": name},
            path=path,
            advice=did_you_mean(name, self.vocabulary.tags),
        )

    def audience(self, name: str, path: Path) -> None:
        """Raises Unfit where there is no such audience, or its author may not select by it."""
        if name in self.vocabulary.refused_audiences:
            raise _refused(name, path)
        if name not in self.vocabulary.audiences:
            raise Unfit(
                _("there is no audience “%(name)s”") % {"name": name},
                path=path,
                advice=did_you_mean(name, self.vocabulary.audiences),
            )

    def known_values(self, value: tree.Value) -> tuple[str, ...]:
        """The texts that a value, which was checked, can have; empty where that is not known beforehand."""
        match value:
            case tree.Attribute(name=name):
                return self.column(name, ()).one_of
            case tree.TagValue(tag=tag):
                return self.vocabulary.tags[tag].values
            case tree.Aggregate(function="first" | "last", facts=facts, column=str() as column):
                return self.vocabulary.facts[facts.table].contract[column].one_of
        return ()


def _refused(name: str, path: Path) -> Unfit:
    return Unfit(
        _("to select by “%(name)s” takes the right to see personal data") % {"name": name},
        path=path,
        advice=_("Select by something that does not tell who a customer is, or ask for the right."),
    )


def kind_of_column(column: Column, path: Path) -> ValueKind:
    """What a column's values are in a rule. Raises Unfit for instants and documents, which rules do not compare."""
    if column.kind in VALUE_KINDS:
        return VALUE_KINDS[column.kind]
    raise Unfit(_("rules cannot select by “%(name)s”") % {"name": column.name}, path=path)
