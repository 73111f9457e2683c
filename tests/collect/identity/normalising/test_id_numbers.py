"""Numbers of identity papers: spelling, kind, check digit, and what they say of their holder."""

from __future__ import annotations

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.collect.identity.normalising.conftest import Normalised

from zhike.collect.identity.normalising.id_numbers import born_on_of, gender_of, has_valid_check, id_kind, id_number

# The example of GB 11643 is 11010519491231002X.
SPELLINGS = {
    "11010519491231002X": "11010519491231002X",
    "11010519491231002x": "11010519491231002X",
    "１１０１０５１９４９１２３１００２Ｘ": "11010519491231002X",
    "110105 19491231 002X": "11010519491231002X",
    "110105-19491231-002X": "11010519491231002X",
    "(11010519491231002X)": "11010519491231002X",
    "身份证：11010519491231002X": "11010519491231002X",
    "130503670401001": "130503196704010016",
    "130503671301001": "130503671301001",
    "e 12345678": "E12345678",
    "91350100m000100y43": "91350100M000100Y43",
    **dict.fromkeys(["", " ", "-", "无", "不详", "N/A", "unknown", "0", "000000000000000000", "11111111", None]),
}
KINDS = {
    "11010519491231002X": "resident_id",
    "110105194912310021": "resident_id",
    "440524188001010014": "resident_id",
    "110105194902300025": "other",
    "91350100M000100Y43": "credit_code",
    "9144030071526726XG": "credit_code",
    "91350100I000100Y43": "other",
    "E12345678": "passport",
    "EA1234567": "passport",
    "G12345678": "passport",
    "D12345678": "passport",
    "PE1234567": "passport",
    "C01X00T47": "passport",
    "AB123456": "passport",
    "A1234567": "passport",
    "H12345678": "hk_mo_permit",
    "M1234567801": "hk_mo_permit",
    "12345678": "tw_permit",
    "1234567801B": "tw_permit",
    "123": "other",
    None: None,
}
CHECKS = {
    "11010519491231002X": True,
    "110105194912310021": False,
    "440524188001010014": True,
    "91350100M000100Y43": True,
    "91350100M000100Y44": False,
    "9144030071526726XG": True,
    "E12345678": None,
    "110105194902300025": None,
    None: None,
}
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def test_a_number_has_one_spelling(normalised: Normalised) -> None:
    assert dict(zip(SPELLINGS, normalised(id_number, SPELLINGS), strict=True)) == SPELLINGS
    normal = [text for text in SPELLINGS.values() if text]
    assert normalised(id_number, normal) == normal


def test_the_form_tells_the_kind(normalised: Normalised) -> None:
    assert dict(zip(KINDS, normalised(id_kind, KINDS), strict=True)) == KINDS


def test_the_check_digit_is_looked_at_where_there_is_one(normalised: Normalised) -> None:
    assert dict(zip(CHECKS, normalised(has_valid_check, CHECKS), strict=True)) == CHECKS


def test_a_sound_resident_number_says_day_of_birth_and_gender(normalised: Normalised) -> None:
    numbers = ["11010519491231002X", "440524188001010014", "110105194912310021", "91350100M000100Y43", None]
    assert normalised(born_on_of, numbers) == [date(1949, 12, 31), date(1880, 1, 1), None, None, None]
    assert normalised(gender_of, numbers) == ["female", "male", None, None, None]


def resident(region: int, born_on: date, order: int) -> str:
    first = f"{region}{born_on:%Y%m%d}{order:03}"
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(first))
    return first + "10X98765432"[total % 11]


residents = st.builds(
    resident, st.integers(110101, 659001), st.dates(date(1900, 1, 1), date(2030, 1, 1)), st.integers(1, 999)
)
lists = st.lists(residents, min_size=20, max_size=100)
few = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(numbers=lists)
def test_every_resident_number_is_sound_and_any_wrong_digit_is_noticed(
    normalised: Normalised, numbers: list[str]
) -> None:
    assert normalised(has_valid_check, numbers) == [True] * len(numbers)
    assert [f"{day:%Y%m%d}" for day in normalised(born_on_of, numbers)] == [number[6:14] for number in numbers]  # type: ignore[str-format]
    mistyped = [number[:16] + str((int(number[16]) + 3) % 10) + number[17:] for number in numbers]
    assert normalised(has_valid_check, mistyped) == [False] * len(numbers)


@few
@given(numbers=lists)
def test_an_old_number_becomes_the_one_that_replaced_it(normalised: Normalised, numbers: list[str]) -> None:
    of_then = [number for number in numbers if number[6:8] == "19"]
    assert normalised(id_number, [number[:6] + number[8:17] for number in of_then]) == of_then


@few
@given(
    firsts=st.lists(
        st.text(CREDIT, min_size=9, max_size=9).map(lambda text: f"91350100{text}"), min_size=9, max_size=60
    )
)
def test_every_credit_code_has_one_last_character(normalised: Normalised, firsts: list[str]) -> None:
    sound = [[f"{first}{last}" for last in CREDIT] for first in firsts]
    found = normalised(has_valid_check, [code for codes in sound for code in codes])
    assert [sum(bool(x) for x in found[start : start + 31]) for start in range(0, len(found), 31)] == [1] * len(firsts)
