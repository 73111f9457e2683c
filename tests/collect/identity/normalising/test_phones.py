"""Telephone numbers: one spelling of many, the same as the library whose plans they are read with."""

from __future__ import annotations

import random
from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType
from tests.collect.identity.normalising.conftest import Normalised

from zhike.collect.identity.normalising.phones import e164, extension, is_mobile

CHINA = {
    "13812345678": "+8613812345678",
    "138-1234-5678": "+8613812345678",
    "138 1234 5678": "+8613812345678",
    "１３８１２３４５６７８": "+8613812345678",
    "+86 138 1234 5678": "+8613812345678",
    "+8613812345678": "+8613812345678",
    "0086 13812345678": "+8613812345678",
    "86-13812345678": "+8613812345678",
    "8613812345678": "+8613812345678",
    "(86)13812345678": "+8613812345678",
    "013812345678": "+8613812345678",
    "手机：138.1234.5678": "+8613812345678",
    "tel:+86-138-1234-5678": "+8613812345678",
    "13812345678、13900000000": "+8613812345678",
    "010-62345678": "+861062345678",
    "(010) 6234 5678": "+861062345678",
    "+86-010-62345678": "+861062345678",
    "+86 (0)10 6234 5678": "+861062345678",
    "010-62345678-801": "+861062345678",
    "010-62345678转801": "+861062345678",
    "010-62345678 ext. 12": "+861062345678",
    "0755-26001234": "+8675526001234",
    "0891-6324567": "+868916324567",
    "400-800-1234": "+864008001234",
    "800 820 8820": "+868008208820",
    "+852 9123 4567": "+85291234567",
    "+1 (415) 555-2671": "+14155552671",
    "0044 20 7946 0958": "+442079460958",
    "+44 (0)20 7946 0958": "+442079460958",
    "+39 06 698 12345": "+390669812345",
    **dict.fromkeys(["62345678", "8123456", "95588", "110", "138123456789", "1381234567", "123", "0", "+", "+86"]),
    **dict.fromkeys(["无", "不详", "N/A", "-", "", "unknown", "00000000000", "张三", "12ab345678", None]),
}
EXTENSIONS = {
    "010-62345678-801": "801",
    "0755-26001234转12": "12",
    "010 6234 5678 轉 801": "801",
    "010-62345678分机８８": "88",
    "+86-21-61234567 ext. 12": "12",
    "+1 415 555 2671 x12": "12",
    "(415) 555-2671 extension 5": "5",
    "62345678#3": "3",
    **dict.fromkeys(["138-1234-5678", "010-62345678", "+44 20 7946 0958", "13812345678", "无", "", None]),
}
REGIONS = ("CN", "HK", "TW", "GB", "US", "AU", "DE")
KINDS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def test_a_number_of_china_has_one_spelling(normalised: Normalised) -> None:
    assert dict(zip(CHINA, normalised(e164, CHINA), strict=True)) == CHINA


def test_what_is_normalised_stays_as_it_is(normalised: Normalised) -> None:
    numbers = [number for number in CHINA.values() if number]
    for region in ("CN", "US", "HK"):
        assert normalised(lambda text, region=region: e164(text, region=region), numbers) == numbers  # type: ignore[misc]


def test_extensions_are_given_apart(normalised: Normalised) -> None:
    assert dict(zip(EXTENSIONS, normalised(extension, EXTENSIONS), strict=True)) == EXTENSIONS


def test_mobiles_are_told_from_fixed_lines_where_numbers_say_it(normalised: Normalised) -> None:
    numbers = {
        "+8613812345678": True,
        "+8619912345678": True,
        "+861062345678": False,
        "+864008001234": False,
        "+447400123456": True,
        "+442079460958": False,
        "+14155552671": None,
        None: None,
    }
    assert dict(zip(numbers, normalised(is_mobile, numbers), strict=True)) == numbers


def test_a_region_without_numbers_of_its_own_is_refused(normalised: Normalised) -> None:
    with pytest.raises(ValueError, match="ZZ is no region"):
        normalised(lambda text: e164(text, region="ZZ"), ["1"])


def valid_numbers(region: str, count: int) -> Iterator[PhoneNumber]:
    """Numbers that the plan of the region has, with other last digits than its examples."""
    draws = random.Random(f"numbers of {region}")
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in KINDS]
    while count:
        example = draws.choice([example for example in examples if example])
        digits = phonenumbers.national_significant_number(example)
        kept = digits[: -draws.randint(3, len(digits) - 2)]
        changed = kept + "".join(draws.choices("0123456789", k=len(digits) - len(kept)))
        number = PhoneNumber(country_code=example.country_code, national_number=int(changed))
        if phonenumbers.is_valid_number_for_region(number, region):
            count -= 1
            yield number


def spellings(number: PhoneNumber, draws: random.Random) -> str:
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    bare = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    forms = [international, national, bare, international.replace(" ", "-"), national.replace(" ", "  ")]
    written = draws.choice(
        [*forms, bare[1:], national.replace(" ", ""), international.replace(" ", "."), f"00{bare[1:]}"]
    )
    if draws.random() < 0.1:
        written = "".join(chr(ord(letter) + 0xFEE0) if letter.isdigit() else letter for letter in written)
    return written + draws.choice([""] * 8 + [" ext. 12", " x12"])


def library_says(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


@pytest.mark.parametrize("region", REGIONS)
def test_valid_numbers_are_read_as_the_library_reads_them(normalised: Normalised, region: str) -> None:
    draws = random.Random(f"spellings of {region}")
    numbers = list(valid_numbers(region, 700))
    written = [spellings(number, draws) for number in numbers]
    meant = [phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in numbers]
    ours = normalised(lambda text: e164(text, region=region), written)
    theirs = [library_says(text, region) for text in written]
    understood = [place for place in range(700) if theirs[place]]
    assert len(understood) > 500
    assert sum(ours[place] == theirs[place] for place in understood) >= 0.99 * len(understood)
    # Nor does it read fewer: Taiwan dials something else than 00, and it is written all the same.
    assert sum(a == b for a, b in zip(ours, meant, strict=True)) >= sum(
        a == b for a, b in zip(theirs, meant, strict=True)
    )
