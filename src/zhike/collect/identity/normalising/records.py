"""Records of people and firms as they are compared: every field in one spelling."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection

import ibis
from ibis.expr.types import StringValue, Table, Value

from zhike.collect.identity.normalising.addresses import normalised_address
from zhike.collect.identity.normalising.days import day_digits
from zhike.collect.identity.normalising.emails import email_address
from zhike.collect.identity.normalising.id_numbers import (
    born_on_of,
    gender_of,
    has_valid_check,
    id_number,
)
from zhike.collect.identity.normalising.names import person_name
from zhike.collect.identity.normalising.organisations import is_organisation_name, organisation_name
from zhike.collect.identity.normalising.phones import e164
from zhike.collect.identity.normalising.readings import COLUMNS as READINGS
from zhike.collect.identity.normalising.readings import with_readings
from zhike.collect.identity.normalising.text import HAN, half_width, plain

# What a record may say, each a text as it was received.
SAID = (
    *("kind", "name", "family_name", "given_name", "gender", "born_on", "id_number", "phone", "phone_2", "email"),
    *("address", "district", "city", "province", "postal_code", "number", "street", "place", "unit"),
)
# What `normalised` makes of it, besides `kind` and `id_is_sure`.
NORMALISED = (
    *("family_name", "given_name", "script", "core", "branch", "born_on", "gender", "id_number"),
    *("phone", "phone_2", "email", "area", "postal_code", "street", "number", "place", "door"),
    *READINGS,
    "seat",
)
# What of it is an address, and which part; an estate or a building has no part of its own there.
PARTS = {
    "address": "address",
    "province": "province",
    "city": "city",
    "district": "district",
    "street": "street",
    "number": "number",
    "unit": "unit",
    "postal_code": "postcode",
    "place": "",
}
FEMALE, MALE = ("f", "female", "woman", "w", "女", "女性"), ("m", "male", "man", "男", "男性")
NOTHING = ibis.null("string")
SHORTEST_NUMBER = 7  # digits of a telephone number of which no country is known


def normalised(records: Table, *, key: str, region: str, keep: Callable[[Table], Table]) -> Table:
    """The records with `NORMALISED`, their `kind` and whether a number `id_is_sure`, beside the column `key`.

    `records` has any columns of `SAID`, as texts. Telephone numbers without the code of a country are those of
    `region`. A record of no stated kind is an organisation's if its name is. What a resident number says of birthday
    and gender is taken where nothing else says it. `keep` computes a table at once: as one expression, all of this
    would be too deep to be put into SQL.
    """
    given = [name for name in SAID if name in records.columns]
    said = {f"said_{name}" if name in PARTS else name: _said(records, name, given) for name in SAID}
    rows = keep(records.select(key, **said))
    parts = {part: f"said_{name}" for name, part in PARTS.items() if name in given and part}
    if parts:
        rows = keep(normalised_address(rows, **parts, keep=keep))
    rows = keep(rows.mutate(id_number=id_number(rows.id_number)))
    return keep(with_readings(keep(_spelt(rows, key, region, has_address=bool(parts)))))


def _said(records: Table, name: str, given: Collection[str]) -> Value:
    return records[name].cast("string") if name in given else NOTHING


def _spelt(rows: Table, key: str, region: str, *, has_address: bool) -> Table:
    kind = rows.kind.fill_null(is_organisation_name(rows.name).fill_null(False).ifelse("organisation", "person"))
    person = person_name(name=rows.name, family_name=rows.family_name, given_name=rows.given_name)
    firm = organisation_name(rows.name)
    phone, phone_2 = _phone(rows.phone, region), _phone(rows.phone_2, region)
    is_person = kind == "person"
    return rows.select(
        key,
        kind=kind,
        family_name=is_person.ifelse(person.family, None),
        given_name=is_person.ifelse(person.given, None),
        script=person.whole.re_search(f"[{HAN}]").ifelse("han", "latin"),
        core=is_person.ifelse(None, firm.core),
        branch=is_person.ifelse(None, firm.branch),
        seat=is_person.ifelse(None, firm.seat),
        born_on=ibis.coalesce(day_digits(rows.born_on), born_on_of(rows.id_number).strftime("%Y%m%d")),
        gender=ibis.coalesce(_gender(rows.gender), gender_of(rows.id_number)),
        id_number=rows.id_number,
        id_is_sure=has_valid_check(rows.id_number).fill_null(False),
        phone=ibis.coalesce(phone, phone_2),
        phone_2=phone.isnull().ifelse(None, phone_2),
        email=email_address(rows.email),
        **_address(rows, has_address=has_address),
    )


def _address(rows: Table, *, has_address: bool) -> dict[str, Value]:
    said_place = plain(rows.said_place).upper()
    if not has_address:
        return {**dict.fromkeys(("area", "postal_code", "street", "number", "door"), NOTHING), "place": said_place}
    door = functools.reduce(
        lambda door, part: door + "-" + part, (rows[part].fill_null("") for part in ("building", "unit", "room"))
    )
    return {
        "area": ibis.coalesce(rows.district, rows.city),
        "postal_code": rows.postcode,
        "street": rows.street,
        "number": rows.number,
        "place": ibis.coalesce(rows["place"], said_place),
        "door": door.nullif("--"),
    }


def _gender(text: StringValue) -> StringValue:
    folded = half_width(text).lower().strip()
    return ibis.cases((folded.isin(FEMALE), "female"), (folded.isin(MALE), "male"), else_=NOTHING)


def _phone(text: StringValue, region: str) -> StringValue:
    """The number as it is dialled from anywhere; its digits where no country is known."""
    digits = half_width(text).re_replace("[^0-9]", "")
    return ibis.coalesce(e164(text, region=region), (digits.length() >= SHORTEST_NUMBER).ifelse(digits, None))
