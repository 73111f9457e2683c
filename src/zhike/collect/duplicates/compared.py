"""Two customers field by field: what each record says, and whether they agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy

from zhike.collect.profiles.attributes import TITLES
from zhike.collect.profiles.words import DOCUMENTS, GENDERS, KINDS, MARITAL_STATUSES
from zhike.ui.navigation import Words
from zhike.ui.templatetags.formats import day

FIELDS: dict[str, Words] = {
    **{name: TITLES[name] for name in ("kind", "name", "gender", "born_on", "id_type", "id_number")},
    **{name: TITLES[name] for name in ("phone", "phone_2", "email", "address", "province", "city", "district")},
    **{name: TITLES[name] for name in ("postal_code", "employer", "job_title", "occupation", "marital_status")},
    "first_seen_on": TITLES["first_seen_on"],
}
WORDS: dict[str, Mapping[str, Words]] = {
    "kind": KINDS,
    "gender": GENDERS,
    "id_type": DOCUMENTS,
    "marital_status": MARITAL_STATUSES,
}
OF_THE_RECORD = ("kind", "first_seen_on")  # which all, or none, of the records of one customer share
SAME, DIFFERENT, UNTOLD = "same", "different", "untold"
Record = Mapping[str, object]


@dataclass(frozen=True)
class Said:
    """A value, and the sources that say so."""

    value: str
    sources: str


@dataclass(frozen=True)
class Line:
    """One field of two customers."""

    title: Words
    one: tuple[Said, ...]
    other: tuple[Said, ...]
    verdict: str


VERDICTS: dict[str, Words] = {
    SAME: gettext_lazy("the same"),
    DIFFERENT: gettext_lazy("different"),
    UNTOLD: "",
}


def lines(one: Sequence[Record], other: Sequence[Record]) -> tuple[Line, ...]:
    """The fields of which one of the two says anything."""
    found = (
        Line(title, left := said(name, one), right := said(name, other), _verdict(name, left, right))
        for name, title in FIELDS.items()
    )
    return tuple(line for line in found if line.one or line.other)


def table_of(records: Sequence[Record]) -> tuple[tuple[Words, tuple[str, ...]], ...]:
    """The fields of which any record says something, each with what every record says."""
    rows = ((title, tuple(_text(name, record.get(name)) for record in records)) for name, title in FIELDS.items())
    return tuple((title, texts) for title, texts in rows if any(texts))


def said(name: str, records: Sequence[Record]) -> tuple[Said, ...]:
    """The different values that the records of a customer have of a field, each with its sources."""
    sources: dict[str, list[str]] = {}
    for record in records:
        text = _text(name, record.get(name))
        if text:
            named = sources.setdefault(text, [])
            if str(record["source"]) not in named:
                named.append(str(record["source"]))
    return tuple(Said(text, ", ".join(named)) for text, named in sources.items())


def _verdict(name: str, one: Sequence[Said], other: Sequence[Said]) -> str:
    if not one or not other or name in OF_THE_RECORD:
        return UNTOLD
    return SAME if {value.value for value in one} & {value.value for value in other} else DIFFERENT


def _text(name: str, value: object) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, date):
        return str(day(value))
    return str(WORDS.get(name, {}).get(str(value), value))
