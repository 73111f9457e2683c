"""Telephone numbers as E.164, by what the numbering plans of all countries say."""

from __future__ import annotations

import re
from functools import cache

import ibis
from ibis.expr.types import BooleanValue, StringValue
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberDesc

from zhike.collect.identity.normalising.text import half_width

# What stands before a number, and the zero that is written for those who call from inside: +44 (0)20.
_LABELS = r"tel(?:ephone)?|phone|mobile|mob|cell|fax|手机号?码?|電話|电话|座机|固话|传真|联系方式|号码|\( *0 *\)"
_EXTENSION = r"(?:转|轉|分机|#|\*|;? ?ext(?:ension|n)?[.:= ]*|x)[^0-9a-z]*([0-9]{1,6})[^0-9]*$"
# Behind a dash only where a whole number stands before: 010-62345678-801, but 138-1234-5678.
_DASHED = r"^((?:[+0]*86)?[^+0-9]*(?:[0-9]{3,4}[^0-9]+|0[0-9]{2,3})?[0-9]{7,8}) *[-–—] *([0-9]{1,5})$"
_DASHING = ("CN", "TW", "HK", "MO")
# The general pattern of China has local numbers too, and ranges of mobiles are opened faster than plans are published.
_OWN_PATTERNS = {"CN": ("1[3-9][0-9]{9}",)}
_KINDS = ("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan")
_MOBILE_REGIONS = ("CN", "HK", "MO", "TW", "GB", "DE", "AU", "FR", "ES", "JP", "KR")


def e164(phone: StringValue, *, region: str = "CN") -> StringValue:
    """`+`, code of the country and national number, or NULL where it is no number, or a local one without its area.

    A number without the code of a country is one of `region`. Its extension is not part of it.
    """
    dialled = _dialled(phone, region)
    zero = dialled.re_extract(rf"^\+({_codes_without_zero()})0", 1)
    abroad = (zero == "").ifelse(dialled, "+" + zero + dialled.substr(zero.length() + 2))
    # Every possible number of the world in one pattern: an engine walks it once, whatever its size.
    known = abroad.re_extract(_worldwide(), 1).nullif("")
    at_home = f"+{_plan(region).country_code}" + dialled.re_extract(_national(region), 1).nullif("")
    return dialled.startswith("+").ifelse(known, at_home)


def extension(phone: StringValue) -> StringValue:
    """The digits behind 转, ext., x or #, or behind a dash after a whole number of China; NULL where there are none."""
    text = _folded(phone)
    return ibis.coalesce(text.re_extract(_EXTENSION, 1).nullif(""), text.re_extract(_DASHED, 2).nullif(""))


def is_mobile(e164: StringValue) -> BooleanValue:
    """Whether a number as of `e164` is one of a mobile telephone; NULL in countries whose numbers do not say it."""
    plans = [_plan(region) for region in _MOBILE_REGIONS]
    codes = "|".join(str(plan.country_code) for plan in plans)
    mobiles = "|".join(f"{plan.country_code}(?:{_numbers(plan.mobile)})" for plan in plans)
    china = "|".join(f"86{pattern}" for pattern in _OWN_PATTERNS["CN"])
    return e164.re_search(rf"^\+(?:{codes})").ifelse(e164.re_search(rf"^\+(?:{mobiles}|{china})$"), None)


def _folded(phone: StringValue) -> StringValue:
    return half_width(phone).lower().re_replace(_LABELS, " ").re_replace("^[^+0-9(]+", "")


def _dialled(phone: StringValue, region: str) -> StringValue:
    """The digits, with `+` before them where they begin with the code of a country."""
    # Of several numbers the first; of a number and words nothing.
    text = _folded(phone).re_replace(_EXTENSION, "").re_replace("[;、|].*$", "")
    if region in _DASHING:
        text = text.re_extract(_DASHED, 1).nullif("").fill_null(text)
    digits = text.re_replace("^.*[a-z\u4e00-\u9fff].*$", "").re_replace("[^+0-9]", "")
    return digits.re_replace(f"^(?:{_international_prefix(region)})", "+").re_replace(r"^\++", "+")


@cache
def _plan(region: str) -> PhoneMetadata:
    plan = PhoneMetadata.metadata_for_region(region)
    if plan is None:
        raise ValueError(f"{region} is no region with telephone numbers of its own")
    return plan


def _digits(pattern: str | None) -> str:
    return (pattern or "").replace(r"\d", "[0-9]")


def _numbers(kind: PhoneNumberDesc | None) -> str:
    return _digits(kind.national_number_pattern) if kind else ""


def _international_prefix(region: str) -> str:
    """What is dialled before the code of a country; 00 is written in regions too where something else is dialled."""
    prefix = _digits(_plan(region).international_prefix)
    return f"00|{prefix}" if re.fullmatch(prefix, "00") else f"{prefix}|00"


@cache
def _pattern(region: str) -> str:
    plan = _plan(region)
    if region not in _OWN_PATTERNS:
        return _numbers(plan.general_desc)
    known = (_numbers(getattr(plan, kind)) for kind in _KINDS)
    return "|".join((*filter(None, known), *_OWN_PATTERNS[region]))


@cache
def _national(region: str) -> str:
    """How a number is dialled inside of the region: with its own prefix or without, with the code of the country if
    there is no other way to read it."""
    plan = _plan(region)
    prefix = _digits(plan.national_prefix_for_parsing or plan.national_prefix or "")
    prefix = f"(?:{prefix.replace('(?:', '(').replace('(', '(?:')})?" if prefix else ""
    return f"^(?:{plan.country_code})??{prefix}({_pattern(region)})$"


@cache
def _worldwide() -> str:
    patterns = [
        f"{code}(?:{_pattern(regions[0])})"
        for code, regions in COUNTRY_CODE_TO_REGION_CODE.items()
        if regions[0] != "001"
    ]
    return rf"^(\+(?:{'|'.join(patterns)}))$"


@cache
def _codes_without_zero() -> str:
    """Codes of countries whose zero is only dialled inside, which some write behind the code all the same."""
    plans = (_plan(regions[0]) for regions in COUNTRY_CODE_TO_REGION_CODE.values() if regions[0] != "001")
    return "|".join(
        str(plan.country_code)
        for plan in plans
        if plan.national_prefix == "0" and not re.search(r"(?:^|[|(:])0|^\[0", _numbers(plan.general_desc))
    )
