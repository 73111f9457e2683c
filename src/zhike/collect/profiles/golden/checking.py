"""What staff may enter as the value of a field: the text in the form of the warehouse, or what is wrong with it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import ibis
from django.conf import settings
from django.utils.translation import gettext as _
from ibis.expr.types import StringValue, Value
from phonenumbers import SUPPORTED_REGIONS

from zhike.collect.identity.normalising.days import day
from zhike.collect.identity.normalising.emails import email_address
from zhike.collect.identity.normalising.id_numbers import has_valid_check, id_number
from zhike.collect.identity.normalising.phones import e164
from zhike.collect.profiles.fields import CORRECTABLE
from zhike.collect.profiles.staff import staff
from zhike.collect.profiles.words import VALUES, said
from zhike.errors import UserError
from zhike.govern.organisation.queries import unit_of, units
from zhike.warehouse.contracts import Column, Kind
from zhike.warehouse.engines import engine
from zhike.warehouse.entity_parts import PERSON

COLUMNS: Mapping[str, Column] = {column.name: column for column in PERSON if column.name in CORRECTABLE}
LONGEST = 500
UNWRITTEN = {"Cc", "Cs", "Cn"}  # kinds of characters that no text has: control characters, and what is none
INVISIBLE = "CZ"
EARLIEST = date(1850, 1, 1)
MOST_DIGITS = 14  # before the point, of an amount


def checked(field: str, text: str, *, today: date) -> str:
    """The text as the warehouse keeps it; empty where the field is to be emptied. Raises UserError."""
    if field not in COLUMNS:
        raise UserError(
            _("%(field)s cannot be corrected") % {"field": repr(field)},
            where="field",
            advice=_("There are %(names)s.") % {"names": ", ".join(COLUMNS)},
        )
    column, text = COLUMNS[field], text.strip()
    if not text:
        if column.required:
            raise _wrong(field, _("is required and empty"))
        return ""
    if len(text) > LONGEST:
        raise _wrong(field, _("has more than %(limit)s characters") % {"limit": LONGEST})
    kinds = {unicodedata.category(letter) for letter in text}
    if kinds & UNWRITTEN or all(kind[0] in INVISIBLE for kind in kinds):
        raise _wrong(field, _("has characters that cannot be seen"), _("Type it anew."))
    if column.one_of and text not in column.one_of:
        raise _wrong(field, _("is not one of %(names)s") % {"names": said(VALUES.get(field, {}), column.one_of)})
    match column.kind:
        case Kind.DATE:
            return _day(field, text, today)
        case Kind.DECIMAL:
            return _amount(field, text)
    return CHECKS[field](text) if field in CHECKS else text


def typed(field: str, text: str) -> object:
    """The value that a text of the warehouse stands for; None for none."""
    if not text:
        return None
    match COLUMNS[field].kind:
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.DECIMAL:
            return Decimal(text)
    return text


def _region() -> str:
    """The country of telephone numbers without a code. Raises UserError where no numbers of it are known."""
    country: str = settings.ZHIKE.country
    if country not in SUPPORTED_REGIONS:
        raise UserError(
            _("no telephone numbers of %(country)s are known") % {"country": country},
            where="ZHIKE_COUNTRY",
            advice=_("Use two capitals, such as CN or GB."),
        )
    return country


def day_of(field: str, text: str) -> date | None:
    """The day that a text names; None for an empty one. Raises UserError."""
    found = _found(text, day) if text.strip() else None
    if text.strip() and not isinstance(found, date):
        raise _wrong(field, _("is not a date such as %(example)s") % {"example": "2026-01-31"})
    return found if isinstance(found, date) else None


def computed(value: Value) -> object:
    """What a value of no table comes to."""
    found: object = engine().arrow(value.name("found").as_table())["found"][0].as_py()
    return found


def _wrong(field: str, message: str, advice: str = "") -> UserError:
    return UserError(message, where=field, advice=advice)


def _found(text: str, normal: Callable[[StringValue], Value]) -> object:
    """What a normaliser makes of one text."""
    return computed(normal(ibis.literal(text)))


def _day(field: str, text: str, today: date) -> str:
    found = day_of(field, text)
    assert found is not None
    if found > today:
        raise _wrong(field, _("lies in the future"))
    if found < EARLIEST:
        raise _wrong(field, _("lies before %(year)s") % {"year": EARLIEST.year})
    return found.isoformat()


def _amount(field: str, text: str) -> str:
    try:
        found = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise _wrong(field, _("is not a number")) from None
    if not found.is_finite() or found.adjusted() >= MOST_DIGITS or round(found, 4).adjusted() >= MOST_DIGITS:
        raise _wrong(field, _("is not a number"))
    minimum = COLUMNS[field].minimum
    if minimum is not None and found < Decimal(str(minimum)):
        raise _wrong(field, _("is less than %(minimum)s") % {"minimum": f"{minimum:g}"})
    return f"{round(found, 4).normalize():f}"


def _phone(field: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if _found(text, lambda value: e164(value, region=_region())) is None:
            advice = _("Write the area code, or + and the code of the country, before it.")
            raise _wrong(field, _("is no telephone number that can be dialled"), advice)
        return text

    return check


def _email(text: str) -> str:
    found = _found(text, email_address)
    if found is None:
        raise _wrong("email", _("is no e-mail address such as ann@example.com"))
    return str(found)


def _id_number(text: str) -> str:
    found = str(_found(text, id_number) or "")
    if not found:
        raise _wrong("id_number", _("is no number of a document"))
    if _found(found, has_valid_check) is False:
        raise _wrong("id_number", _("has a wrong check digit"), _("Compare it with the document, digit by digit."))
    return found


def _unit(text: str) -> str:
    if units() and unit_of(text) is None:
        raise _wrong("unit_id", _("no org unit has the number %(unit)s") % {"unit": repr(text)})
    return text


def _agent(text: str) -> str:
    if staff() and text not in staff():
        raise _wrong("agent_id", _("no member of staff has the number %(agent)s") % {"agent": repr(text)})
    return text


CHECKS: Mapping[str, Callable[[str], str]] = {
    "phone": _phone("phone"),
    "phone_2": _phone("phone_2"),
    "email": _email,
    "id_number": _id_number,
    "unit_id": _unit,
    "agent_id": _agent,
}
