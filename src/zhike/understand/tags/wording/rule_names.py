"""What the names in rules are called: attributes, fact tables and their columns, relations, units, values."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, ngettext

from zhike.rules.tree import Unit
from zhike.ui.navigation import Words
from zhike.understand.tags.wording.column_words import COLUMN_VALUES, COLUMNS
from zhike.understand.value.words import words_of
from zhike.warehouse.attributes import registry

UNITS: dict[str, Words] = {
    Unit.DAY: gettext_lazy("days"),
    Unit.WEEK: gettext_lazy("weeks"),
    Unit.MONTH: gettext_lazy("months"),
    Unit.QUARTER: gettext_lazy("quarters"),
    Unit.YEAR: gettext_lazy("years"),
}


def attribute_title(name: str) -> str:
    """What an attribute is called; one that is not declared any more, by its name."""
    found = registry().attributes.get(name)
    return str(found.title if found else name)


def fact_title(table: str) -> str:
    """What a fact table is called."""
    found = registry().facts.get(table)
    return str(found.title if found else table)


def relation_title(name: str) -> str:
    """What those who stand in a relation are called."""
    found = registry().relations.get(name)
    return str(found.title if found else name)


def column_title(column: str) -> str:
    """What a column of facts, or of a relation, is called."""
    return str(COLUMNS.get(column, column))


def value_title(column: str, value: object) -> str:
    """What a value of an attribute, or of a column of facts, is called; mostly it says so itself."""
    return str(words_of(COLUMN_VALUES.get(column, {}), value))


def counted_units(count: int, unit: str) -> str:
    """So many units: “90 days”."""
    words = {
        Unit.DAY: ngettext("%(count)s day", "%(count)s days", count),
        Unit.WEEK: ngettext("%(count)s week", "%(count)s weeks", count),
        Unit.MONTH: ngettext("%(count)s month", "%(count)s months", count),
        Unit.QUARTER: ngettext("%(count)s quarter", "%(count)s quarters", count),
        Unit.YEAR: ngettext("%(count)s year", "%(count)s years", count),
    }
    return words[Unit(unit)] % {"count": count}


def in_a_sentence(title: Words) -> str:
    """A title as it stands inside a sentence; abbreviations and Chinese keep their letters."""
    text = str(title)
    return text[:1].lower() + text[1:] if text.isascii() and text[1:2].islower() else text


def as_sentence(words: str) -> str:
    """Words as they stand alone: with a capital, where the language has one."""
    return words[:1].upper() + words[1:]
