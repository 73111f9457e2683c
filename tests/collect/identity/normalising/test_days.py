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
    "90-1-2",
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
        "1900-00-00": "19000000",
        "1990年13月1日": "19901301",
        "19901332": "19901332",
        "31 Feb 1990": "19900231",
        "0000-00-00": "00000000",
        "99999999": "99999999",
    }
    assert normalised(day, texts) == [None] * len(texts)
    assert dict(zip(texts, normalised(day_digits, texts), strict=True)) == texts


def test_every_day_of_four_years_is_read_in_every_form(normalised: Normalised) -> None:
    days = [date(1999, 1, 1) + timedelta(days=count) for count in range(1461)]
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y%m%d", "%d %B %Y", "%b %d, %Y"):
        assert normalised(day, [one.strftime(form) for one in days]) == days, form
