"""What the values in the rows of the builder are, as the attributes, tags and functions beside them say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from zhike.rules.builder.choices import kind_made
from zhike.rules.builder.rows import AttributeRow, FactsRow, Group, RelatedRow, Row, TagRow
from zhike.rules.checking.kinds import TAG_VALUES
from zhike.rules.vocabulary import VALUE_KINDS, ValueKind, Vocabulary
from zhike.warehouse.contracts import Column

Kinds = Mapping[str, ValueKind]


def with_kinds(form: Group, vocabulary: Vocabulary) -> Group:
    """The rows with the kind of every value that a name of the vocabulary tells; others keep theirs."""
    return _group(form, _kinds(attribute.column for attribute in vocabulary.attributes.values()), vocabulary)


def _kinds(columns: Iterable[Column]) -> Kinds:
    return {column.name: VALUE_KINDS[column.kind] for column in columns if column.kind in VALUE_KINDS}


def _group(group: Group, names: Kinds, vocabulary: Vocabulary) -> Group:
    return group.model_copy(update={"rows": tuple(_row(row, names, vocabulary) for row in group.rows)})


def _row(row: Row, names: Kinds, vocabulary: Vocabulary) -> Row:
    match row:
        case Group():
            return _group(row, names, vocabulary)
        case AttributeRow():
            return row.model_copy(update={"value_kind": names.get(row.name.strip(), row.value_kind)})
        case TagRow():
            tag = vocabulary.tags.get(row.tag.strip())
            return row.model_copy(update={"value_kind": TAG_VALUES.get(tag.kind, row.value_kind)}) if tag else row
        case RelatedRow():
            relation = vocabulary.relations.get(row.relation.strip())
            own = _kinds(relation.contract[name] for name in relation.columns) if relation else {}
            return row.model_copy(update={"where": _group(row.where, {**names, **own}, vocabulary)})
        case FactsRow():
            return _facts(row, vocabulary)
    return row


def _facts(row: FactsRow, vocabulary: Vocabulary) -> Row:
    facts = vocabulary.facts.get(row.table.strip())
    if facts is None:
        return row
    columns = _kinds(facts.contract[name] for name in facts.columns)
    column = row.column.strip()
    kind = kind_made(row.function, columns.get(column) if column else None)  # even where a column is called nothing
    where = None if row.where is None else _group(row.where, columns, vocabulary)
    return row.model_copy(update={"value_kind": kind or row.value_kind, "where": where})
