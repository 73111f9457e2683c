"""The words for fields of golden records, and for why a value was taken."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from zhike.collect.profiles.golden.choosing import Decision
from zhike.collect.profiles.words import KINDS, VALUES
from zhike.govern.organisation.queries import unit_of
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import day, instant, money
from zhike.understand.customers.words import FIELDS, FIELDS_OF_ORGANISATIONS
from zhike.understand.value.words import words_of

DECISIONS: dict[Decision, Words] = {
    Decision.ONLY: _("No other record says anything of it."),
    Decision.AGREED: _("All records that say anything of it agree."),
    Decision.VALIDITY: _("What the other records say is ill-formed, implausible or incomplete."),
    Decision.PRIORITY: _("Its source goes first for this field."),
    Decision.RECENCY: _("Its record was changed last."),
    Decision.ORDER: _("Nothing tells the records apart; the first by source and number is taken."),
    Decision.ALL_RECORDS: _("The first day that any record knows them is taken, and the last change of any."),
    Decision.CORRECTION: _("Somebody corrected it, which goes before all records."),
}
FURTHER: dict[str, Words] = {
    "kind": _("Person or organisation"),
    "family_name": _("Family name"),
    "given_name": _("Given name"),
}


def field_title(name: str, kind: str) -> Words:
    """What a field is called, of a person or an organisation."""
    words = FIELDS | FURTHER | (FIELDS_OF_ORGANISATIONS if kind == "organisation" else {})
    return words_of(words, name)


def shown_value(name: str, value: object) -> Words:
    """A value as the page writes it; a dash for none."""
    match value:
        case None | "":
            return "–"
        case datetime():
            return instant(value)
        case date():
            return day(value)
        case Decimal():
            return money(value)
    if name == "unit_id":
        unit = unit_of(str(value))
        return unit.title if unit else str(value)
    return words_of(KINDS if name == "kind" else VALUES.get(name, {}), value)
