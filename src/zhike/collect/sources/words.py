"""The words that pages use for sources, imports and mappings."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from zhike.collect.sources.mapping import Constant, Expression, FromColumn, Join, Multiply, OccurrenceOf
from zhike.collect.sources.models import Import, Source
from zhike.ui.navigation import Words

EXAMPLE = datetime(2026, 1, 31, 18, 5, tzinfo=UTC)
ENTITIES: dict[str, Words] = {
    "source_records": _("Customer records"),
    "contracts": _("Contracts"),
    "parties": _("Parties to contracts"),
    "orders": _("Orders"),
    "events": _("Events"),
    "interactions": _("Conversations"),
    "messages": _("Messages"),
    "responses": _("Responses"),
    "relations": _("Relations"),
    "leads": _("Leads"),
    "products": _("Products"),
    "org_units": _("Org units"),
    "staff": _("Staff"),
}
# What is taken from one record together, by the field that stands for it.
UNITS: dict[str, Words] = {
    "kind": _("Person or organisation"),
    "name": _("Name"),
    "gender": _("Gender"),
    "born_on": _("Born on"),
    "id_number": _("Document"),
    "phone": _("Phone"),
    "phone_2": _("Second phone"),
    "email": _("E-mail"),
    "address": _("Address"),
    "country": _("Country"),
    "language": _("Language"),
    "occupation": _("Occupation"),
    "employer": _("Employer"),
    "marital_status": _("Marital status"),
    "income_amount": _("Yearly income"),
    "unit_id": _("Org unit"),
    "agent_id": _("Looked after by"),
    "referred_by": _("Referred by"),
}
STATES: tuple[tuple[str, Words], ...] = (
    (Import.State.FINISHED, _("finished")),
    (Import.State.RUNNING, _("running")),
    (Import.State.FAILED, _("failed")),
)
MARKS = {"finished": "good", "running": "busy", "failed": "bad"}
LAWFUL_BASES: tuple[tuple[str, Words], ...] = (
    (Source.LawfulBasis.CONSENT, _("consent")),
    (Source.LawfulBasis.CONTRACT, _("contract")),
    (Source.LawfulBasis.LEGAL_OBLIGATION, _("legal obligation")),
    (Source.LawfulBasis.VITAL_INTERESTS, _("vital interests")),
    (Source.LawfulBasis.PUBLIC_TASK, _("public task")),
    (Source.LawfulBasis.LEGITIMATE_INTERESTS, _("legitimate interests")),
    (Source.LawfulBasis.UNSTATED, _("not stated: quarantined")),
)
KINDS: dict[str, Words] = {
    "csv": _("text table"),
    "jsonl": _("JSON Lines"),
    "xlsx": _("Excel workbook"),
    "parquet": _("Parquet"),
}
# What the checks of an import say; what else a reason may be is a firm's own rule, in its own words.
REASONS: tuple[tuple[str, Words], ...] = (
    (r"is required and empty", _("is required and empty")),
    (r"is not a whole number", _("is not a whole number")),
    (r"is not a number", _("is not a number")),
    (r"is not yes or no", _("is not yes or no")),
    (r"is not a date such as (?P<example>.+)", _("is not a date such as %(example)s")),
    (r"is not a date and time such as (?P<example>.+)", _("is not a date and time such as %(example)s")),
    (r"is not a JSON document", _("is not a JSON document")),
    (r"is not one of (?P<names>.+)", _("is not one of %(names)s")),
    (r"is less than (?P<least>.+)", _("is less than %(least)s")),
    (
        r"is not (?P<own>\w{3}): convert the amounts before, or in the mapping",
        _("is not %(own)s: convert the amounts before, or in the mapping"),
    ),
    (r"lies before (?P<year>\d+)", _("lies before %(year)s")),
    (r"lies after (?P<year>\d+)", _("lies after %(year)s")),
    (r"lies in the future", _("lies in the future")),
    (r"not a JSON object", _("not a JSON object")),
    (
        r"ragged row: (?P<fields>\d+) fields where the header has (?P<expected>\d+)",
        _("ragged row: %(fields)s fields where the header has %(expected)s"),
    ),
)


def title_of(entity: str) -> str:
    """What pages call an entity."""
    return str(ENTITIES.get(entity, entity))


def in_words(reason: str) -> str:
    """Why a row was rejected, in the reader's language; `column: reason` keeps the name of its column."""
    for pattern, words in REASONS:
        found = re.fullmatch(rf"(?:(?P<column>\w+): )?{pattern}", reason)
        if found is not None:
            column = f"{found['column']}: " if found["column"] else ""
            return column + str(words) % {name: value for name, value in found.groupdict().items() if name != "column"}
    return reason


def said(expression: Expression) -> str:
    """Where a mapping takes a column from."""
    match expression:
        case FromColumn():
            return " · ".join([expression.column, *_turned(expression)])
        case Constant():
            return gettext("always “%(text)s”") % {"text": expression.constant}
        case Join():
            return gettext("%(columns)s set together") % {"columns": " + ".join(expression.join)}
        case Multiply():
            return " × ".join(expression.multiply)
        case OccurrenceOf():
            return gettext("numbered within %(columns)s") % {"columns": " + ".join(expression.occurrence_of)}


def example(form: str) -> str:
    """A day and time as a date format writes it: 31/01/2026."""
    counted = {"epoch": gettext("seconds since 1970"), "epoch_ms": gettext("milliseconds since 1970")}
    return counted.get(form) or EXAMPLE.strftime(form)


def _turned(expression: FromColumn) -> list[str]:
    """What happens to the values of a column on the way."""
    turned = []
    if expression.format:
        turned.append(gettext("written as %(examples)s") % {"examples": ", ".join(map(example, expression.format))})
    if expression.values is not None:
        count = len(expression.values)
        turned.append(ngettext("%(count)s value translated", "%(count)s values translated", count) % {"count": count})
    if expression.months_before is not None:
        turned.append(gettext("months before %(day)s") % {"day": expression.months_before})
    return turned
