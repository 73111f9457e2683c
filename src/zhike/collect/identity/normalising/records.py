"""Records of people and firms as they are compared: every field in one spelling."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection

import ibis
from ibis.expr.types import StringValue, Table, Value

from zhike.collect.identity.normalising.addresses import normalised_address
from zhike.collect.identity.normalising.days import day_digits
from zhike.collect.identity.normalising.emails import email_address
from zhike.collect.identity.normalising.fields import SAID
from zhike.collect.identity.normalising.id_numbers import (
    born_on_of,
    gender_of,
    has_valid_check,
    id_number,
)
from zhike.collect.identity.normalising.names import person_name
from zhike.collect.identity.normalising.organisations import is_organisation_name, organisation_name
from zhike.collect.identity.normalising.phones import e164
from zhike.collect.identity.normalising.readings import with_readings
from zhike.collect.identity.normalising.text import HAN, half_width, plain

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
Spelling = Callable[[StringValue], StringValue]
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
    is_firm = is_organisation_name(rows.name).fill_null(False) if "name" in given else ibis.literal(False)
    kind = rows.kind.fill_null(is_firm.ifelse("organisation", "person"))
    rows = keep(rows.mutate(kind=kind, id_number=_if_said(rows, "id_number", given, id_number)))
    return keep(with_readings(keep(_spelt(rows, key, region, given, has_address=bool(parts))), keep=keep))


def _said(records: Table, name: str, given: Collection[str]) -> Value:
    return records[name].cast("string") if name in given else NOTHING


def _if_said(rows: Table, name: str, given: Collection[str], spelt: Spelling) -> StringValue:
    """What is made of a column; of one that nobody says anything in, the SQL is left out with it."""
    return spelt(rows[name]) if name in given else NOTHING


def _spelt(rows: Table, key: str, region: str, given: Collection[str], *, has_address: bool) -> Table:
    person = person_name(name=rows.name, family_name=rows.family_name, given_name=rows.given_name)
    in_full = functools.partial(_phone, region=region)
    phone, phone_2 = (_if_said(rows, name, given, in_full) for name in ("phone", "phone_2"))
    day = _if_said(rows, "born_on", given, day_digits)
    gender = _if_said(rows, "gender", given, _gender)
    is_sure = ibis.literal(False)
    if "id_number" in given:
        day = ibis.coalesce(day, born_on_of(rows.id_number).strftime("%Y%m%d"))
        gender = ibis.coalesce(gender, gender_of(rows.id_number))
        is_sure = has_valid_check(rows.id_number).fill_null(False)
    is_person = rows.kind == "person"
    return rows.select(
        key,
        "kind",
        family_name=is_person.ifelse(person.family, None),
        given_name=is_person.ifelse(person.given, None),
        script=person.whole.re_search(f"[{HAN}]").ifelse("han", "latin"),
        **{part: is_person.ifelse(None, of_firm) for part, of_firm in _firm(rows, given).items()},
        born_on=day,
        gender=gender,
        id_number=rows.id_number,
        id_is_sure=is_sure,
        phone=ibis.coalesce(phone, phone_2),
        phone_2=phone.isnull().ifelse(None, phone_2),
        email=_if_said(rows, "email", given, email_address),
        **_address(rows, has_address=has_address),
    )


def _firm(rows: Table, given: Collection[str]) -> dict[str, StringValue]:
    if "name" not in given:
        return dict.fromkeys(("core", "branch", "seat"), NOTHING)
    firm = organisation_name(rows.name)
    return {"core": firm.core, "branch": firm.branch, "seat": firm.seat}


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


def _phone(text: StringValue, *, region: str) -> StringValue:
    """The number as it is dialled from anywhere; its digits where no country is known."""
    digits = half_width(text).re_replace("[^0-9]", "")
    return ibis.coalesce(e164(text, region=region), (digits.length() >= SHORTEST_NUMBER).ifelse(digits, None))
