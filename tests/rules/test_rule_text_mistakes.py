"""Texts that are no rule: each says where and what is wrong, and what to write."""

from __future__ import annotations

import time

import pytest

from zhike.rules.errors import RuleError
from zhike.rules.text import parse, parse_rule

EXAMPLE = 'Write a condition, such as has tag "rfm_segment" = "champions".'
NO_CONDITION = "this is a value, and no condition"
AND_OR = "Expected here: “and”, “or” or the end."
# What is written; the place that is pointed at; what is wrong with it; what to do.
MISTAKES = (
    ("", "", "there is no rule", EXAMPLE),
    ("  ", "", "there is no rule", EXAMPLE),
    ("gender =", "=", "the rule ends too early", "Expected here: a value."),
    ("a = 1 and ", "d", "the rule ends too early", "Expected here: a condition."),
    ("x is", "s", "the rule ends too early", "Expected here: “known”, “not” or “unknown”."),
    ("x within last", "t", "the rule ends too early", "Expected here: a number."),
    ("has tag", "g", "the rule ends too early", "Expected here: a name in quotation marks."),
    ('gender = "female', '"female', "the text that begins here does not end", 'Close it with ".'),
    ("gender = “female", "“female", "the text that begins here does not end", "Close it with ”."),
    (
        'gender = "female and city = "Berlin"',
        '"female and city = "',
        "a quotation mark is missing, or is one too many",
        "In a text, a quotation mark follows a backslash.",
    ),
    ('(a = 1 and (b = "x"', "(", "this parenthesis is not closed", "Close it with “)”."),
    ("a = 1)", ")", "this parenthesis was not opened", "Leave it out, or open it with “(”."),
    ("age betwen 3 and 4", "betwen", "“betwen” cannot stand here", "Did you mean “between”?"),
    ("count(orders were a = 1) > 2", "were", "“were” cannot stand here", "Did you mean “where”?"),
    ("count(orders in last 3 mnths) > 2", "mnths", "“mnths” cannot stand here", "Did you mean “months”?"),
    ('name like "x"', "like", "“like” cannot stand here", "Did you mean “contains”?"),
    ("x is null", "null", "“null” cannot stand here", "Did you mean “unknown”?"),
    ("conut(orders) > 2", "conut", "there is no function “conut”", "Did you mean “count”?"),
    ("avg(orders.amount) > 2", "avg", "there is no function “avg”", "Did you mean “average”?"),
    (
        "zzz(orders) > 2",
        "zzz",
        "there is no function “zzz”",
        "Known here: count, sum, average, min, max, distinct, first, last, streak, ever, days_since, days_until.",
    ),
    ("a = 1 && b = 2", "&", "“&” means nothing in a rule", "Write “and”."),
    ("a = 1; b = 2", ";", "“;” means nothing in a rule", "A text is put into quotation marks."),
    ("a = b = c", "=", "“=” cannot stand here", "A comparison has two sides; join several by “and”."),
    ("a = 1 b = 2", "b", "“b” cannot stand here", AND_OR),
    ("x = 5k", "k", "“k” cannot stand here", AND_OR),
    ("amount > 5,000", ",", "“,” cannot stand here", "Numbers are written without commas between their digits: 5000."),
    ("x in (red, blue)", "red", "a text is put into quotation marks", 'Write "red".'),
    ("x contains red", "red", "a text is put into quotation marks", 'Write "red".'),
    ("when a = 1 then red", "red", "a text is put into quotation marks", 'Write "red".'),
    (
        "a = 1 and and b = 2",
        "and",
        "“and” cannot stand here",
        "Expected here: a condition. A name that is spelt like this is put into backquotes: `and`.",
    ),
    (
        "x in last 30 days",
        "in",
        "“in” cannot stand here",
        "Of a day, write “within 30 days”; a window of facts stands in the parentheses of their function.",
    ),
    (
        "count(orders last 90 days) > 1",
        "last",
        "“last” cannot stand here",
        "A window begins with “in”: “in last 90 days”, “in this month”.",
    ),
    (
        'has tag "size" > 3',
        ">",
        "“>” cannot stand here",
        "Write “not has tag …” for other values, and “tag … > 5” for the value of a number or day.",
    ),
    (
        "count(orders in last 90) > 1",
        ")",
        "“)” cannot stand here",
        "Expected here: days, weeks, months, quarters or years.",
    ),
    ("any insured age > 3", "age", "“age” cannot stand here", "Expected here: an opening parenthesis."),
    (
        "is_auto_renewed and a = 1",
        "is_auto_renewed",
        NO_CONDITION,
        "Say what it should be: “is_auto_renewed = …”, “is_auto_renewed is known” and the like.",
    ),
    (
        "count(orders where ordered_on in last 30 days) > 2",
        "ordered_on",
        NO_CONDITION,
        "Of a day, write “ordered_on within 30 days”.",
    ),
    (
        "(a = 1) + 2 > 3",
        "(a = 1)",
        "this is a condition, and no value",
        "Conditions are joined by “and” and “or”; a value is an attribute, a number, a text, a day and the like.",
    ),
    (
        "ever(orders.amount)",
        "amount",
        "“ever” looks for facts, and not for a column or a unit of them",
        "Write the table only, such as “ever(orders)”, with “where” and a window if you like.",
    ),
    (
        "x = 2026-02-30",
        "2026-02-30",
        "there is no day 2026-02-30",
        "A day is written as year, month and day: 2026-01-31.",
    ),
    (
        'x = "C:\\dir"',
        "\\d",
        "“\\d” stands for no character",
        "A backslash that is meant as such is written twice.",
    ),
    ("x within 0 days", "0", "this must be a whole number, 1 or more", ""),
    ("x within 1.5 days", "1.5", "this must be a whole number, 1 or more", ""),
)


@pytest.mark.parametrize(("text", "pointed_at", "message", "advice"), MISTAKES)
def test_a_mistake_is_pointed_at_and_explained(text: str, pointed_at: str, message: str, advice: str) -> None:
    with pytest.raises(RuleError) as refused:
        parse(text)
    error = refused.value
    assert error.span is not None
    assert (text[error.span.start : error.span.end].strip(), error.message, error.advice) == (
        pointed_at,
        message,
        advice,
    )
    assert error.where == f"character {error.span.start + 1}"


def test_a_value_alone_is_no_rule() -> None:
    with pytest.raises(RuleError, match=NO_CONDITION) as refused:
        parse_rule("age + 1")
    assert refused.value.where == "character 1"
    assert parse_rule("age > 1")


def test_only_letters_of_keywords_make_keywords() -> None:
    """ſ is an s, and K a k, to whoever compares letters whatever their case."""
    for text in ("laſt(orders) = 1", "x iſ known", "x is \u212anown", "x within 1 dayſ"):
        with pytest.raises(RuleError):
            parse(text)


PATHOLOGICAL = {
    "open parentheses": "(" * 9_999,
    "too many parentheses": "(" * 10_000 + "age = 1" + ")" * 10_000,
    "nots": "not " * 2_400 + "a = 1",
    "sums": "a + " * 2_400 + "a > 1",
    "conditions": "a = 1 and " * 990 + "a = 1",
    "nested conditions": "(a = 1 and " * 900,
    "relations": "any insured (" * 700,
    "facts": "count(orders where " * 500,
    "cases": "when a = 1 then 1 " * 500,
    "options": "age in (" + "1," * 4_000 + "1)",
    "values of a tag": "has tag x in (" + "a," * 1_500 + "a)",
    "days of days": "days_since(" * 900,
    "minus": "-" * 9_999,
    "quotes": '"\\' * 4_999,
    "backslashes": "\\" * 9_999,
    "points": "a." * 4_999,
    "digits": "1" * 9_999,
    "units": "x within " + "9" * 5_000 + " days",
    "too long": "a = 1 and " * 1_001,
    "half a character": "a = '\ud800'",
    "no characters": "\x00" * 100,
}


@pytest.mark.parametrize("what", PATHOLOGICAL)
def test_no_text_takes_long_to_refuse(what: str) -> None:
    started = time.thread_time()
    with pytest.raises(RuleError):
        parse(PATHOLOGICAL[what])
    assert time.thread_time() - started < 2


def test_parentheses_that_change_nothing_may_be_many() -> None:
    assert parse("(" * 4_900 + "age = 1" + ")" * 4_900).tree == parse("age = 1").tree
