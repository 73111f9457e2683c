"""Which days a window spans: both borders are included."""

from __future__ import annotations

import textwrap
from datetime import date

import pytest

from zhike.rules.text import parse_rule
from zhike.rules.tree import Compare, Unit, Within
from zhike.rules.windows import first_day, shifted, span_of, within_days


def rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in textwrap.dedent(text).strip().splitlines()]


WINDOWS = """
    in last 1 day                 | 2026-03-31 | 2026-03-31 | 2026-03-31
    in last 90 days               | 2026-03-31 | 2026-01-01 | 2026-03-31
    in last 1 week                | 2026-03-31 | 2026-03-25 | 2026-03-31
    in last 2 weeks               | 2026-03-31 | 2026-03-18 | 2026-03-31
    in last 1 month               | 2026-03-31 | 2026-03-01 | 2026-03-31
    in last 1 month               | 2026-03-30 | 2026-03-01 | 2026-03-30
    in last 1 month               | 2026-03-15 | 2026-02-16 | 2026-03-15
    in last 1 month               | 2024-03-31 | 2024-03-01 | 2024-03-31
    in last 1 month               | 2024-03-30 | 2024-03-01 | 2024-03-30
    in last 1 month               | 2024-03-29 | 2024-03-01 | 2024-03-29
    in last 1 month               | 2024-03-28 | 2024-02-29 | 2024-03-28
    in last 12 months             | 2024-02-29 | 2023-03-01 | 2024-02-29
    in last 1 year                | 2024-02-29 | 2023-03-01 | 2024-02-29
    in last 4 years               | 2024-02-29 | 2020-03-01 | 2024-02-29
    in last 2 quarters            | 2026-08-31 | 2026-03-01 | 2026-08-31
    in last 100 years             | 2026-03-31 | 1926-04-01 | 2026-03-31
    in this day                   | 2026-03-31 | 2026-03-31 | 2026-03-31
    in this week                  | 2026-03-31 | 2026-03-30 | 2026-03-31
    in this week                  | 2026-03-30 | 2026-03-30 | 2026-03-30
    in this week                  | 2026-03-29 | 2026-03-23 | 2026-03-29
    in this month                 | 2026-03-31 | 2026-03-01 | 2026-03-31
    in this quarter               | 2026-03-31 | 2026-01-01 | 2026-03-31
    in this quarter               | 2026-12-01 | 2026-10-01 | 2026-12-01
    in this year                  | 2026-03-31 | 2026-01-01 | 2026-03-31
    in last calendar day          | 2026-03-01 | 2026-02-28 | 2026-02-28
    in last calendar week         | 2026-01-01 | 2025-12-22 | 2025-12-28
    in last calendar month        | 2026-03-31 | 2026-02-01 | 2026-02-28
    in last calendar month        | 2026-01-15 | 2025-12-01 | 2025-12-31
    in last calendar quarter      | 2026-02-15 | 2025-10-01 | 2025-12-31
    in last calendar year         | 2026-02-15 | 2025-01-01 | 2025-12-31
    in 2026-01-01 to 2026-02-15   | 2026-03-31 | 2026-01-01 | 2026-02-15
    in 2026-01-01 to 2026-12-31   | 2026-03-31 | 2026-01-01 | 2026-03-31
    from 2026-01-01               | 2026-03-31 | 2026-01-01 | 2026-03-31
    until 2026-02-15              | 2026-03-31 |            | 2026-02-15
    until 2026-12-31              | 2026-03-31 |            | 2026-03-31
"""


@pytest.mark.parametrize(("window", "as_of", "first", "last"), rows(WINDOWS))
def test_a_window_spans_these_days(window: str, as_of: str, first: str, last: str) -> None:
    rule = parse_rule(f"count(events {window}) > 0")
    assert isinstance(rule, Compare)
    expected = date.fromisoformat(first) if first else None, date.fromisoformat(last)
    assert span_of(rule.left.facts.window, date.fromisoformat(as_of)) == expected


WITHIN = """
    within 1 day           | 2026-03-31 | 2026-03-31 | 2026-03-31
    within 30 days         | 2026-03-31 | 2026-03-02 | 2026-03-31
    within 1 month         | 2026-03-31 | 2026-03-01 | 2026-03-31
    within next 1 day      | 2026-03-31 | 2026-04-01 | 2026-04-01
    within next 2 weeks    | 2026-03-31 | 2026-04-01 | 2026-04-14
    within next 1 month    | 2026-03-31 | 2026-04-01 | 2026-04-30
    within next 1 month    | 2026-01-31 | 2026-02-01 | 2026-02-28
    within next 1 quarter  | 2026-11-30 | 2026-12-01 | 2027-02-28
    within next 1 year     | 2024-02-29 | 2024-03-01 | 2025-02-28
"""


@pytest.mark.parametrize(("within", "as_of", "first", "last"), rows(WITHIN))
def test_a_day_is_within_these_days(within: str, as_of: str, first: str, last: str) -> None:
    rule = parse_rule(f"born_on {within}")
    assert isinstance(rule, Within)
    assert within_days(rule, date.fromisoformat(as_of)) == (date.fromisoformat(first), date.fromisoformat(last))


def test_the_calendar_ends_somewhere() -> None:
    assert shifted(date(9, 1, 31), -10, Unit.YEAR) is None
    assert shifted(date(9, 1, 31), -8, Unit.YEAR) == date(1, 1, 31)
    assert shifted(date(9999, 12, 1), 1, Unit.MONTH) is None
    assert shifted(date(9999, 12, 31), 1, Unit.DAY) is None
    assert shifted(date(1, 1, 7), -1, Unit.WEEK) is None
    far_back = parse_rule("count(events in last 100 years) > 0 and born_on within next 100 years")
    count, within = far_back.of
    assert span_of(count.left.facts.window, date(50, 1, 1)) == (None, date(50, 1, 1))
    assert within_days(within, date(9950, 1, 1)) == (date(9950, 1, 2), date.max)


def test_a_week_begins_on_monday() -> None:
    assert [first_day(Unit.WEEK, date(2026, 3, day)).isoformat() for day in (29, 30, 31)] == [
        "2026-03-23",
        "2026-03-30",
        "2026-03-30",
    ]
