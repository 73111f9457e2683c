"""Which values of a record are ill-formed or implausible, so that a better one of another record is taken."""

from __future__ import annotations

import functools
from datetime import date

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from zhike.collect.identity.normalising.text import HAN, half_width
from zhike.collect.profiles.fields import JUDGED

OLDEST = 120  # years
# Written where nobody knew: the first days of the calendars of computers.
PLACEHOLDERS = ("1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01")
# Numbers that end in a check digit: of residents, and of organisations.
CHECKED_NUMBER = "^(?:[0-9]{17}[0-9X]|[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10})$"
RESIDENT_NUMBER = "^[0-9]{17}[0-9X]$"
SAME_DIGITS = 7  # the last of a telephone number, by which one is told to be the same in another spelling
FULL_WIDTH_LETTERS = "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000]"
# Two English names run together, a digit or a sign, only a surname with a form of address, blanks between characters,
# one character, one word, letters of the width of a Chinese character.
POOR_NAME = (
    "^[A-Za-zÀ-ɏ]*[a-zà-ɏ][A-Z][A-Za-zÀ-ɏ]*$",
    "[0-9@_#?]",
    f"^[{HAN}]{{1,2}}(先生|女士|小姐|太太|总|经理)$",
    f"[{HAN}] [{HAN}]",
    f"^[{HAN}]$",
    "^[A-Za-zÀ-ɏ.]+$",
    FULL_WIDTH_LETTERS,
)
SPELT = ("kind", "phone", "phone_2", "email", "id_number", "id_is_sure")


def with_faults(records: Table, normalised: Table, *, as_of: date) -> Table:
    """The records with `faults`: the names of the fields whose value is ill-formed or implausible, or NULL.

    What the normalisers made of the same records says which telephone can be dialled, which address of e-mail is one,
    and whether a check digit is right; of a record that they have not seen, nothing of this is judged.
    """
    spelt = normalised.select(
        spelt_source=normalised.source,
        spelt_key=normalised.customer_key,
        **{f"spelt_{name}": normalised[name] for name in SPELT},
    )
    same = (records.source == spelt.spelt_source) & (records.customer_key == spelt.spelt_key)
    joined = records.left_join(spelt, same)
    is_person = joined.kind.fill_null("person") == "person"
    is_seen = joined.spelt_kind.notnull()
    is_wrong_number = joined.spelt_id_number.re_search(CHECKED_NUMBER) & ~joined.spelt_id_is_sure
    is_wrong = {
        "name": is_person & joined.name.re_search("|".join(f"(?:{pattern})" for pattern in POOR_NAME)),
        "born_on": _is_implausible_day(joined, is_person, as_of),
        "id_number": is_wrong_number,
        "phone": is_seen & ~_is_dialled(joined, joined.phone),
        "phone_2": is_seen & ~_is_dialled(joined, joined.phone_2),
        "email": is_seen & joined.email.notnull() & joined.spelt_email.isnull(),
        "address": joined.address.isnull() & (joined.city.notnull() | joined.province.notnull()),
    }
    texts = (is_wrong[name].fill_null(False).ifelse(f"{name} ", "") for name in JUDGED)
    faults = functools.reduce(lambda text, more: text + more, texts).strip().nullif("")
    return joined.select(*records.columns, faults=faults)


def has_fault(records: Table, field: str) -> BooleanValue:
    """Whether `faults` names a field."""
    if field not in JUDGED:
        return ibis.literal(False)
    return (" " + records.faults + " ").contains(f" {field} ").fill_null(False)


def _is_dialled(joined: Table, phone: StringValue) -> BooleanValue:
    """Whether a number is one of those that can be dialled; NULL where there is none.

    The first of the record's two that is any stands as the first in the one spelling, so both are looked at.
    """
    digits = half_width(phone).re_replace("[^0-9]", "")
    known = [
        (spelt.startswith("+") & digits.contains(spelt.right(SAME_DIGITS))).fill_null(False)
        for spelt in (joined.spelt_phone, joined.spelt_phone_2)
    ]
    return phone.notnull().ifelse(known[0] | known[1], None)


def _is_implausible_day(joined: Table, is_person: BooleanValue, as_of: date) -> BooleanValue:
    """In the future, older than anybody, a placeholder, or another than in a resident number that is right."""
    born, number = joined.born_on, joined.spelt_id_number
    earliest = as_of.replace(year=as_of.year - OLDEST, day=min(as_of.day, 28))
    says_another = number.re_search(RESIDENT_NUMBER).ifelse(number.substr(6, 8) != born.strftime("%Y%m%d"), False)
    return (
        (born > ibis.literal(as_of))
        | (is_person & (born < ibis.literal(earliest)))
        | born.isin([ibis.literal(day).cast("date") for day in PLACEHOLDERS])
        | (is_person & joined.spelt_id_is_sure & says_another).fill_null(False)
    )
