"""Days as people write them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.collect.identity.normalising.conftest import Normalised

from zhike.collect.identity.normalising.days import day, day_digits

SECOND = date(1990, 1, 2)
SPELLINGS = (
    *("1990-01-02", "1990-1-2", "1990/01/02", "1990/1/2", "1990.1.2", "1990.01.02", "19900102", "1990年1月2日"),
    *("１９９０年１月２日", "1990 年 01 月 02 日", "1990年1月2号", "1990年1月2", " 1990-01-02 ", "1990-01-02 00:00:00"),
    *(
        "1990-01-02T10:30:00Z",
        "1990/1/2 8:05",
        "1990-01-02 10:30:00.123",
        "19900102103000",
        "2 Jan 1990",
        "2 January 1990",
    ),
    *("一九九〇年一月二日", "一九九零年一月二号", "民国79年1月2日", "民國七十九年一月二日", "民國79/01/02"),
    *("Jan 2, 1990", "January 2nd, 1990", "JAN. 2 1990", "02-Jan-1990", "2nd of January 1990", "Tue, 2 Jan 1990"),
)
NOTHING = (
    "",
    " ",
    None,
    "无",
    "不详",
    "N/A",
    "-",
    "abc",
    "1990",
    "1990-01",
    "0000-00-00",
    "1900-00-00",
    "1990-01-00",
    "05-06-07",  # of three parts below 32 none is clearly the year
    "050607",
    "90-13-02",
    "199001",
    "1990年",
    "12345",
    "3rd of Foo 1990",
)


def test_a_day_has_one_value_however_it_is_written(normalised: Normalised) -> None:
    assert normalised(day, SPELLINGS) == [SECOND] * len(SPELLINGS)
    assert normalised(day_digits, SPELLINGS) == ["19900102"] * len(SPELLINGS)


def test_what_names_no_day_is_nothing(normalised: Normalised) -> None:
    assert normalised(day, NOTHING) == [None] * len(NOTHING)
    assert normalised(day_digits, NOTHING) == [None] * len(NOTHING)


@pytest.mark.parametrize(
    ("day_first", "expected"),
    [
        (None, [None, date(1990, 1, 13), date(1990, 1, 13), date(1990, 2, 2), None]),
        (True, [date(1990, 1, 2), date(1990, 1, 13), None, date(1990, 2, 2), None]),
        (False, [date(1990, 2, 1), None, date(1990, 1, 13), date(1990, 2, 2), None]),
    ],
)
def test_the_order_of_day_and_month_is_told_or_clear(
    normalised: Normalised, day_first: bool | None, expected: list[date | None]
) -> None:
    texts = ["02/01/1990", "13/01/1990", "01.13.1990", "02-02-1990", "13/13/1990"]
    assert normalised(lambda text: day(text, day_first=day_first), texts) == expected


def test_a_day_that_there_is_not_is_nothing_but_has_digits(normalised: Normalised) -> None:
    texts = {
        "1990-02-30": "19900230",
        "1990年13月1日": "19901301",
        "19901332": "19901332",
        "31 Feb 1990": "19900231",
        "99999999": "99999999",
    }
    assert normalised(day, texts) == [None] * len(texts)
    assert dict(zip(texts, normalised(day_digits, texts), strict=True)) == texts


def test_every_day_of_four_years_is_read_in_every_form(normalised: Normalised) -> None:
    days = [date(1999, 1, 1) + timedelta(days=count) for count in range(1461)]
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%d %B %Y", "%b %d, %Y"):
        assert normalised(day, [one.strftime(form) for one in days]) == days, form


def test_a_year_of_two_digits_is_that_of_a_birthday_only(normalised: Normalised) -> None:
    texts = {
        "80-05-06": "19800506",
        "80/5/6": "19800506",
        "850506": "19850506",
        "31-Dec-72": "19721231",
        "5 Jan 04": "20040105",
    }
    assert dict(zip(texts, normalised(day_digits, texts), strict=True)) == texts
    assert normalised(day, texts) == [None] * len(texts)


def test_tens_in_chinese_are_read_wherever_they_stand(normalised: Normalised) -> None:
    texts = ("一九八〇年十月十日", "一九八〇年十二月二十日", "一九八〇年十一月三十一日", "一九八〇年五月廿一")
    assert normalised(day_digits, texts) == ["19801010", "19801220", "19801131", "19800521"]
