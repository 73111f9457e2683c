"""What a condition can be about: attributes, tags, facts and their columns, audiences, relations; found by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.errors import UserError
from zhike.rules.builder.choices import EVER, FUNCTION_TITLES, HAS
from zhike.rules.builder.rows import AttributeRow, AudienceRow, FactsRow, Group, RelatedRow, Row, TagRow, TextRow
from zhike.rules.tree import Unit
from zhike.rules.vocabulary import VALUE_KINDS, TagKind, ValueKind, Vocabulary
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import currency_sign
from zhike.understand.tags.wording.rule_names import column_title
from zhike.understand.tags.wording.titles import TagTitle
from zhike.warehouse.attributes import FactTable
from zhike.warehouse.contracts import Column

NUMBER, TEXT, DAY, FLAG = ValueKind.NUMBER, ValueKind.TEXT, ValueKind.DAY, ValueKind.FLAG
GROUPS: Mapping[str, Words] = {
    "who": gettext_lazy("Who they are"),
    "quality": gettext_lazy("Quality of their data"),
    "orders": gettext_lazy("Orders"),
    "contracts": gettext_lazy("Contracts"),
    "activity": gettext_lazy("Activity"),
    "value": gettext_lazy("What they are worth"),
}
KINDS: Mapping[str, Words] = {
    NUMBER: gettext_lazy("number"),
    TEXT: gettext_lazy("text"),
    DAY: gettext_lazy("day"),
    FLAG: gettext_lazy("yes or no"),
    TagKind.YES_NO: gettext_lazy("yes or no"),
    TagKind.CATEGORY: gettext_lazy("category"),
    TagKind.DATE: gettext_lazy("day"),
}
# How a comparison of a kind of value begins: with what is asked most.
BEGINNINGS: Mapping[ValueKind, dict[str, object]] = {
    NUMBER: {"operator": ">="},
    TEXT: {"operator": "="},
    DAY: {"operator": "within", "values": ("30",), "unit": Unit.DAY},
    FLAG: {"operator": "=", "values": ("yes",)},
}
CATEGORY_UP_TO = 12  # values: then several are ticked, and not one is written


# Of the units that columns state, those that their titles do not say; money has the sign of the currency.
UNITS: Mapping[str, Words] = {
    "years": gettext_lazy("years old"),  # of a person
    "days": gettext_lazy("days"),
    "seconds": gettext_lazy("seconds"),
    "pieces": gettext_lazy("pieces"),
    "1 to 5": gettext_lazy("1 to 5"),
}


def unit_words(unit: str) -> str:
    """What stands behind a value of a column with this unit."""
    if unit == "currency a year":
        return _("%(currency)s a year") % {"currency": currency_sign()}
    return currency_sign() if unit == "currency" else str(UNITS.get(unit, ""))


@dataclass(frozen=True)
class Subject:
    """Something that a condition can be about; `make` gives the row to begin with."""

    ref: str
    title: str
    name: str  # as rules spell it
    group: str
    kind: str
    make: Callable[[], Row]
    figures_of: tuple[str, ...] = ()  # what its coverage and values are looked up by
    also: str = ""  # other words by which people may look for it

    @property
    def label(self) -> str:
        """What stands in the field where no script offers a choice: told from others by its name."""
        return f"{self.title} · {self.name}" if self.name else self.title


@dataclass(frozen=True)
class Names:
    """What may be named where a row stands: of the customer, or in the condition of facts or of a relation."""

    vocabulary: Vocabulary
    tags: Mapping[str, TagTitle]
    facts: str = ""
    relation: str = ""
    tag_themes: Mapping[str, str] = field(default_factory=dict)

    def inside(self, row: Row) -> Names:
        """The names in the condition that stands in a row; in a group the same."""
        if isinstance(row, FactsRow):
            return replace(self, facts=row.table, relation="")
        return replace(self, relation=row.relation) if isinstance(row, RelatedRow) else self

    def column(self, name: str) -> Column | None:
        """The column that an attribute's name leads to here."""
        if self.facts:
            table = self.vocabulary.facts.get(self.facts)
            return table.contract[name] if table and name in table.columns else None
        relation = self.vocabulary.relations.get(self.relation)
        if relation and name in relation.columns:
            return relation.contract[name]
        known = self.vocabulary.attributes.get(name)
        return known.column if known else None

    def title(self, name: str) -> str:
        """What an attribute is called here."""
        relation = self.vocabulary.relations.get(self.relation)
        if self.facts or (relation and name in relation.columns):
            return column_title(name)
        known = self.vocabulary.attributes.get(name)
        return str(known.title) if known else name

    def tag_title(self, name: str) -> TagTitle:
        """What a tag and its values are called."""
        return self.tags.get(name) or TagTitle(name)

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Everything that a condition can be about here."""
        if self.facts:
            return (*self._columns_of_facts(), *_as_text())
        if self.relation:
            return (*self._columns_of_relation(), *self._attributes(), *_as_text())
        return (
            *self._tags(),
            *self._attributes(),
            *self._facts(),
            *self._audiences(),
            *self._relations(),
            *_as_text(),
        )

    def subject(self, asked: str) -> Subject:
        """The subject that somebody chose, or whose name or title they wrote. Raises UserError."""
        wanted = asked.strip()
        by = (lambda one: one.ref, lambda one: one.label, lambda one: one.name, lambda one: one.title)
        for spelt in by:
            for one in self.subjects:
                if spelt(one).lower() == wanted.lower():
                    return one
        near = next(iter(self.found(wanted)), None) if wanted else None
        if near is None:
            raise UserError(
                _("there is nothing called “%(name)s” to select by") % {"name": wanted},
                advice=_("Choose one of the list."),
            )
        return near

    def found(self, text: str) -> list[Subject]:
        """The subjects that somebody may look for, the best first; all where nothing is asked."""
        words = text.lower().split()
        if not words:
            return list(self.subjects)
        ranked = [(rank, place) for place, one in enumerate(self.subjects) if (rank := _rank(one, words)) is not None]
        return [self.subjects[place] for _rank_, place in sorted(ranked)]

    def _attributes(self) -> Iterator[Subject]:
        for name, attribute in self.vocabulary.attributes.items():
            if attribute.column.kind in VALUE_KINDS:
                group = str(GROUPS.get(attribute.group, attribute.group))
                of = () if attribute.identifies or self.relation else ("attribute", name)
                yield _of_column(attribute.column, str(attribute.title), group, of)

    def _columns_of_relation(self) -> Iterator[Subject]:
        relation = self.vocabulary.relations.get(self.relation)
        for name in relation.columns if relation else ():
            yield _of_column(relation.contract[name], column_title(name), str(relation.title), ())  # type: ignore[union-attr]

    def _columns_of_facts(self) -> Iterator[Subject]:
        table = self.vocabulary.facts.get(self.facts)
        for name in table.columns if table else ():
            column = table.contract[name]  # type: ignore[union-attr]
            if column.kind in VALUE_KINDS:
                yield _of_column(column, column_title(name), str(table.title), ("facts", self.facts, name))  # type: ignore[union-attr]

    def _tags(self) -> Iterator[Subject]:
        for name, tag in self.vocabulary.tags.items():
            kind = tag.kind
            made: dict[str, object] = {"tag": name, "operator": HAS}
            if kind == TagKind.NUMBER:
                made |= BEGINNINGS[NUMBER] | {"value_kind": NUMBER}
            elif kind == TagKind.DATE:
                made |= BEGINNINGS[DAY] | {"value_kind": DAY}
            yield Subject(
                ref=f"tag:{name}",
                title=self.tag_title(name).title,
                name=name,
                group=_("Tags") + (f" · {theme}" if (theme := self.tag_themes.get(name, "")) else ""),
                kind=str(KINDS[kind]),
                make=lambda made=made: TagRow.model_validate(made),  # type: ignore[misc]
                figures_of=("tag", name),
                also=" ".join(self.tag_title(name).values.values()),
            )

    def _facts(self) -> Iterator[Subject]:
        for table in self.vocabulary.facts.values():
            for function in (EVER, "count", "last", "first", "streak"):
                yield _of_facts(table, function, None)
            for name in table.columns:
                kind = VALUE_KINDS.get(table.contract[name].kind)
                if kind == NUMBER:
                    yield from (_of_facts(table, function, name) for function in ("sum", "average", "max"))
                elif kind is not None and name != table.day:
                    yield _with_facts(table, name)

    def _audiences(self) -> Iterator[Subject]:
        for name in sorted(self.vocabulary.audiences):
            yield Subject(
                ref=f"audience:{name}",
                title=name,
                name="",
                group=_("Audiences"),
                kind=_("audience"),
                make=lambda name=name: AudienceRow(audience=name),  # type: ignore[misc]
                figures_of=("audience", name),
            )

    def _relations(self) -> Iterator[Subject]:
        for name, relation in self.vocabulary.relations.items():
            yield Subject(
                ref=f"relation:{name}",
                title=str(relation.title),
                name=name,
                group=_("Relations"),
                kind=_("customers"),
                make=lambda name=name: RelatedRow(relation=name, where=Group()),  # type: ignore[misc]
            )


def _rank(subject: Subject, words: list[str]) -> int | None:
    """How well a subject fits what was typed: 0 is best; None where a word of it is nowhere."""
    title, name = subject.title.lower(), subject.name.lower()
    around = f"{title} {name} {subject.group.lower()} {subject.also.lower()}"
    if not all(word in around for word in words):
        return None
    text = " ".join(words)
    if text in (title, name):
        return 0
    if title.startswith(text) or name.startswith(text):
        return 1
    if any(part.startswith(words[0]) for part in (*title.split(), *name.split("_"))):
        return 2
    return 3 if all(word in f"{title} {name}" for word in words) else 4


def _of_column(column: Column, title: str, group: str, of: tuple[str, ...]) -> Subject:
    kind = VALUE_KINDS[column.kind]
    made = {"name": column.name, "value_kind": kind, **BEGINNINGS[kind]}
    if 0 < len(column.one_of) <= CATEGORY_UP_TO:
        made |= {"operator": "in"}
    return Subject(
        ref=f"attribute:{column.name}",
        title=title,
        name=column.name,
        group=group,
        kind=_(", ").join(filter(None, (str(KINDS[kind]), unit_words(column.unit)))),
        make=lambda: AttributeRow.model_validate(made),
        figures_of=of,
    )


def _of_facts(table: FactTable, function: str, column: str | None) -> Subject:
    made: dict[str, object] = {"function": function, "table": table.name, "column": column or ""}
    if column is None and function in ("first", "last"):
        made |= {"value_kind": DAY, **BEGINNINGS[DAY]}
    else:
        made |= {"value_kind": NUMBER, "operator": ">="}
    if function == "streak":
        made |= {"by": Unit.MONTH}
    of = f"{table.title} · {column_title(column)}" if column else str(table.title)
    words = {EVER: _("any"), "first": _("day of the first"), "last": _("day of the last"), "streak": _("in a row")}
    said = str(FUNCTION_TITLES[function]) if column else words.get(function, str(FUNCTION_TITLES[function]))
    return Subject(
        ref=f"facts:{function}:{table.name}{f'.{column}' if column else ''}",
        title=_("%(what)s: %(how)s") % {"what": of, "how": said},
        name=f"{function}({table.name}{f'.{column}' if column else ''})",
        group=_("Facts · %(facts)s") % {"facts": table.title},
        kind=str(KINDS[DAY] if made["value_kind"] == DAY else KINDS[NUMBER if function != EVER else FLAG]),
        make=lambda: FactsRow.model_validate(made),
    )


def _with_facts(table: FactTable, column: str) -> Subject:
    """Facts with a value in one of their columns: “Orders with Category …”."""
    own = _of_column(table.contract[column], column_title(column), "", ("facts", table.name, column))

    def make() -> Row:
        return FactsRow(function=EVER, table=table.name, where=Group(rows=(own.make(),)))

    return Subject(
        ref=f"with:{table.name}.{column}",
        title=_("%(facts)s by %(column)s") % {"facts": table.title, "column": column_title(column)},
        name=f"{table.name}.{column}",
        group=_("Facts · %(facts)s") % {"facts": table.title},
        kind=own.kind,
        make=make,
        figures_of=("facts", table.name, column),
    )


def _as_text() -> Iterable[Subject]:
    title = _("Written as text")
    return (Subject("text", title, "", _("Anything else"), _("condition"), TextRow),)
