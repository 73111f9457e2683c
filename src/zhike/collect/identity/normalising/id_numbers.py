"""Numbers of identity papers and of registered organisations."""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence

import ibis
from ibis.expr.types import BooleanValue, DateValue, IntegerValue, StringValue

from zhike.collect.identity.normalising.text import half_width, once

# GB 11643: weights of 17 digits, and the check digit by the remainder of 11 (ISO 7064, MOD 11-2).
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
# GB 32100: the place of a character is its value; I, O, S, V and Z are left out.
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_MONTH_AND_DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_OLD_RESIDENT = f"^[1-9][0-9]{{7}}{_MONTH_AND_DAY}[0-9]{{3}}$"
_RESIDENT = f"^[1-9][0-9]{{5}}(?:18|19|20)[0-9]{{2}}{_MONTH_AND_DAY}[0-9]{{3}}[0-9X]$"
_CREDIT_CODE = f"^[0-9A-HJ-NPQRTUWXY]{{2}}[0-9]{{6}}[{_CREDIT_CHARACTERS}]{{10}}$"
# Of residents of Hong Kong and Macao (with the count of renewals or without), and of Taiwan.
_HK_MO_PERMIT = "^[HM][0-9]{8}(?:[0-9]{2})?$"
_TW_PERMIT = "^[0-9]{8}$|^[0-9]{10}[A-Z]?$"
# Of China: E, and the kinds before it; of others, what ICAO 9303 has room for, with a letter first.
_CHINESE_PASSPORT = (
    "^(?:E[0-9A-HJ-NP-Z][0-9]{7}|[GDSP][0-9]{7,8}|(?:DE|SE|PE|MA)[0-9]{7}|K[0-9A-Z][0-9]{7}|1[45][0-9]{7})$"
)
_PASSPORT = "^[A-Z][A-Z0-9]*[0-9][A-Z0-9]*$"
_NOTHING = "^(?:NULL|NONE|NAN|NIL|NA|UNKNOWN|TEST|[A-Z]*|" + "|".join(f"{digit}*" for digit in "0123456789") + ")$"


def id_number(text: StringValue) -> StringValue:
    """The number in capitals without blanks and punctuation; an old one of 15 digits as the 18 that replaced it.

    NULL where there is no digit, or one digit throughout.
    """
    folded = half_width(text).upper().re_replace("[^0-9A-Z]", "").re_replace(_NOTHING, "").nullif("")
    return once(folded, lambda number: number.re_search(_OLD_RESIDENT).ifelse(_of_eighteen_digits(number), number))


def id_kind(normal: StringValue) -> StringValue:
    """What a number as of `id_number` is the number of, as far as its form tells.

    `resident_id` (with a day of birth that there is), `credit_code`, `hk_mo_permit`, `tw_permit`, `passport`, `other`.
    """
    passport = normal.re_search(f"{_CHINESE_PASSPORT}|{_PASSPORT}") & normal.length().between(6, 9)
    return ibis.cases(
        (_is_resident(normal), "resident_id"),
        # A day that there is not is a typing error, and no credit code.
        (normal.re_search(_RESIDENT), "other"),
        (normal.re_search(_CREDIT_CODE), "credit_code"),
        (normal.re_search(_HK_MO_PERMIT), "hk_mo_permit"),
        (passport, "passport"),
        (normal.re_search(_TW_PERMIT), "tw_permit"),
        (normal.notnull(), "other"),
    )


def has_valid_check(normal: StringValue) -> BooleanValue:
    """Whether the last character of a resident number or a credit code follows from the others; NULL of other kinds."""
    return once(
        normal,
        lambda number: ibis.cases(
            (_is_resident(number), number.right(1) == _resident_check(number)),
            (number.re_search(_RESIDENT), None),
            (number.re_search(_CREDIT_CODE), number.right(1) == _credit_check(number)),
        ),
    )


def born_on_of(normal: StringValue) -> DateValue:
    """The day of birth in a resident number whose check digit is right."""
    return once(normal, lambda number: _is_sound(number).ifelse(_day_in(number), None))


def gender_of(normal: StringValue) -> StringValue:
    """`female` or `male`, as a resident number says whose check digit is right: its last but one is even or odd."""
    return once(
        normal,
        lambda number: _is_sound(number).ifelse(
            number.substr(16, 1).isin(list("02468")).ifelse("female", "male"), None
        ),
    )


def _is_sound(number: StringValue) -> BooleanValue:
    return _is_resident(number) & (number.right(1) == _resident_check(number))


def _is_resident(number: StringValue) -> BooleanValue:
    return number.re_search(_RESIDENT) & _day_in(number).notnull()


def _day_in(number: StringValue) -> DateValue:
    return (number.substr(6, 4) + "-" + number.substr(10, 2) + "-" + number.substr(12, 2)).try_cast("date")


def _of_eighteen_digits(number: StringValue) -> StringValue:
    # The last number of 15 digits was given to somebody born in the 1900s.
    longer = number.left(6) + "19" + number.substr(6, 9)
    return once(longer, lambda longer: longer + _resident_check(longer))


def _resident_check(number: StringValue) -> StringValue:
    return _character(_RESIDENT_CHECKS, _weighted(number, "0123456789", _RESIDENT_WEIGHTS) % 11)


def _credit_check(number: StringValue) -> StringValue:
    return _character(_CREDIT_CHARACTERS, (31 - _weighted(number, _CREDIT_CHARACTERS, _CREDIT_WEIGHTS) % 31) % 31)


def _weighted(number: StringValue, characters: str, weights: Sequence[int]) -> IntegerValue:
    values = (ibis.literal(characters).find(number.substr(place, 1)) for place in range(len(weights)))
    return functools.reduce(operator.add, (value * weight for value, weight in zip(values, weights, strict=True)))


def _character(characters: str, place: IntegerValue) -> StringValue:
    return ibis.literal(characters).left(place + 1).right(1)
