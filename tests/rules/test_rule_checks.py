"""What a rule may say: names, kinds and rights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.rules.vocabularies import everything, without_personal_data

from zhike.rules import tree
from zhike.rules.check import Names, checked, kind_of, names_in, read_definition, read_rule, read_tree
from zhike.rules.errors import RuleError
from zhike.rules.text import parse
from zhike.rules.vocabulary import TagKind, ValueKind

PERSONAL = "Select by something that does not tell who a customer is, or ask for the right."
OF_FACTS = "There, only columns of these facts can; make a tag of it, and put that beside the facts."
OF_RELATION = "There, only attributes of those related can, and columns of the relation."
NOT_ORDERED = "Use “=”, “!=” or “in”; of a text also “contains”, “starts with” or “ends with”."
UNQUOTED = "Write it without quotation marks."
A_DAY = "A day is written as year, month and day: 2026-01-31."
DAYS_SINCE = "“days_since(…)” makes a number of a day."
# What is written; the place that is pointed at; what is wrong with it; what to do.
MISTAKES = (
    ('gendr = "female"', "gendr", "there is no attribute “gendr”", "Did you mean “gender”?"),
    (
        "rfm_segment is known",
        "rfm_segment",
        "there is no attribute “rfm_segment”",
        'It is a tag: has tag "rfm_segment".',
    ),
    ('Gender = "female"', "Gender", "there is no attribute “Gender”", "Did you mean “gender”?"),
    (
        "gender = female",
        "female",
        "there is no attribute “female”",
        'A text is put into quotation marks: "female".',
    ),
    ('name = "Li"', "name", "to select by “name” takes the right to see personal data", PERSONAL),
    ("any insured (phone is known)", "phone", "to select by “phone” takes the right to see personal data", PERSONAL),
    ('qam = "Li"', "qam", "there is no attribute “qam”", 'A text is put into quotation marks: "qam".'),
    ('age = "old"', '"old"', "“age” is a number, and “old” is a text", ""),
    ('age = "30"', '"30"', "“age” is a number, and “30” is a text", UNQUOTED),
    (
        'first_ordered_on > "2000-01-01"',
        '"2000-01-01"',
        "“first_ordered_on” is a day, and “2000-01-01” is a text",
        UNQUOTED,
    ),
    ("first_ordered_on > 2000", "2000", "“first_ordered_on” is a day, and “2000” is a number", A_DAY),
    ("city = 5", "5", "“city” is a text, and “5” is a number", 'A text is put into quotation marks: "5".'),
    (
        'last(contracts.is_auto_renewed) = "yes"',
        '"yes"',
        "“last(contracts.is_auto_renewed)” is yes or no, and “yes” is a text",
        "Write “yes” or “no”, without quotation marks.",
    ),
    ('age in (1, "2")', '"2"', "“age” is a number, and “2” is a text", UNQUOTED),
    ("age between 1 and today", "today", "“age” is a number, and “today” is a day", ""),
    ('gender < "male"', 'gender < "male"', "“<” compares numbers and days", NOT_ORDERED),
    ('gender = "Female"', '"Female"', "“gender” is never “Female”", "Did you mean “female”?"),
    ('gender in ("female", "x")', '"x"', "“gender” is never “x”", "Known here: female, male, other."),
    (
        'last(contracts.current_status) != "activ"',
        '"activ"',
        "“last(contracts.current_status)” is never “activ”",
        "Did you mean “active”?",
    ),
    ('age contains "1"', "age", "“contains” takes a text, and “age” is a number", ""),
    ('city contains ""', '""', "there is no text to look for", ""),
    ("age within 3 days", "age", "“within” takes a day, and “age” is a number", ""),
    ("days_since(age) > 2", "age", "“days_since” takes a day, and “age” is a number", ""),
    (
        "age + first_ordered_on > 3",
        "first_ordered_on",
        "“+” takes a number, and “first_ordered_on” is a day",
        DAYS_SINCE,
    ),
    (
        "age between 45 and 30",
        "age between 45 and 30",
        "nothing lies between these",
        "Write the smaller, or earlier, one first.",
    ),
    ("count(order) > 2", "order", "there are no facts “order”", "Did you mean “orders”?"),
    ("sum(orders.amuont) > 2", "amuont", "“orders” have no column “amuont”", "Did you mean “amount”?"),
    (
        "count(orders where age > 3) > 2",
        "age",
        "“orders” have no column “age”",
        "It is an attribute of the customer; put it beside the facts, not into them.",
    ),
    (
        "sum(orders) > 2",
        "sum(orders)",
        "“sum” needs a column of the facts",
        "Write one after a point: “sum(orders.amount)”.",
    ),
    ("sum(orders.category) > 2", "category", "“sum” takes a number, and “category” is a text", ""),
    ("min(orders.category) > 2", "category", "“min” takes a number or a day, and “category” is a text", ""),
    ("average(orders.ordered_on) > 2", "ordered_on", "“average” takes a number, and “ordered_on” is a day", DAYS_SINCE),
    (
        "count(orders.amount) > 2",
        "amount",
        "“count” takes no column",
        "“count” counts facts, “distinct” the different values of a column, “streak” units in a row.",
    ),
    (
        "streak(orders) > 2",
        "streak(orders)",
        "“streak” needs a unit of the calendar",
        "Write “streak(orders by month)”.",
    ),
    (
        "count(orders by month) > 2",
        "month",
        "“count” takes no unit of the calendar",
        "A window is written “in this month” or “in last 3 months”.",
    ),
    (
        "count(orders where count(events) > 2) > 2",
        "count(events)",
        "“count(events)” cannot stand in the condition of facts",
        OF_FACTS,
    ),
    (
        'count(orders where has tag "owns_smartphone") > 2',
        'has tag "owns_smartphone"',
        '“has tag "owns_smartphone"” cannot stand in the condition of facts',
        OF_FACTS,
    ),
    (
        "ever(orders where any insured (age > 3))",
        "any insured (age > 3)",
        "“any insured (age > 3)” cannot stand in the condition of facts",
        OF_FACTS,
    ),
    (
        'any insured (has tag "owns_smartphone")',
        'has tag "owns_smartphone"',
        '“has tag "owns_smartphone"” cannot stand in the condition of a relation',
        OF_RELATION,
    ),
    (
        "any insured (ever(orders))",
        "ever(orders)",
        "“ever(orders)” cannot stand in the condition of a relation",
        OF_RELATION,
    ),
    ("any insurd (age > 3)", "insurd", "there is no relation “insurd”", "Did you mean “insured”?"),
    ("count(orders since age) > 2", "age", "“since” takes a day, and “age” is a number", ""),
    (
        "count(orders since first_order_on) > 2",
        "first_order_on",
        "there is no attribute “first_order_on”",
        "Did you mean “first_ordered_on”?",
    ),
    ('has tag "rfm_segmnt"', '"rfm_segmnt"', "there is no tag “rfm_segmnt”", "Did you mean “rfm_segment”?"),
    ('tag "rfm" = "x"', '"rfm"', "there is no tag “rfm”", "Did you mean “rfm_segment”?"),
    (
        'has tag "rfm_segment" = "champion"',
        '"champion"',
        "“rfm_segment” is never “champion”",
        "Did you mean “champions”?",
    ),
    (
        'tag "owns_smartphone" = "yes"',
        'tag "owns_smartphone"',
        "the tag “owns_smartphone” has no values: a customer has it, or has it not",
        'Write “has tag "owns_smartphone"”, or “not …”.',
    ),
    (
        'has tag "basket_size" = "5"',
        'has tag "basket_size" = "5"',
        "the tag “basket_size” is a number for each customer",
        'Compare its value: “tag "basket_size" = …”.',
    ),
    ('in audience "our frends"', '"our frends"', "there is no audience “our frends”", "Did you mean “our friends”?"),
    ("age > 1234567890123456789", "1234567890123456789", "a number has at most 18 digits", ""),
    ("born_on within 101 years", "born_on within 101 years", "a window is at most 100 years long", ""),
    ("ever(orders in last 1201 months)", "in last 1201 months", "a window is at most 100 years long", ""),
    (
        "ever(orders in 2026-02-01 to 2026-01-01)",
        "in 2026-02-01 to 2026-01-01",
        "a window cannot end before it begins",
        "",
    ),
)


@pytest.mark.parametrize(("text", "pointed_at", "message", "advice"), MISTAKES)
def test_what_means_nothing_is_pointed_at_and_explained(text: str, pointed_at: str, message: str, advice: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_rule(text, without_personal_data())
    error = refused.value
    assert error.span is not None
    assert (text[error.span.start : error.span.end], error.message, error.advice) == (pointed_at, message, advice)
    assert error.where == f"character {error.span.start + 1}"


KINDS = {
    "age > 30": None,
    "age": ValueKind.NUMBER,
    "3": ValueKind.NUMBER,
    "age / 2 + 1": ValueKind.NUMBER,
    "days_until(today)": ValueKind.NUMBER,
    "city": ValueKind.TEXT,
    "born_on": ValueKind.DAY,
    "2026-01-31": ValueKind.DAY,
    "yes": ValueKind.FLAG,
    'tag "rfm_segment"': ValueKind.TEXT,
    'tag "basket_size"': ValueKind.NUMBER,
    'tag "tier_since"': ValueKind.DAY,
    'when age > 30 then "old" otherwise "young"': ValueKind.TEXT,
    "when age > 30 then 1": ValueKind.NUMBER,
    "count(orders)": ValueKind.NUMBER,
    "distinct(orders.category)": ValueKind.NUMBER,
    "streak(orders by week)": ValueKind.NUMBER,
    "sum(orders.amount)": ValueKind.NUMBER,
    "max(orders.amount)": ValueKind.NUMBER,
    "max(contracts.ends_on)": ValueKind.DAY,
    "first(orders)": ValueKind.DAY,
    "last(orders.category)": ValueKind.TEXT,
    "last(orders.amount)": ValueKind.NUMBER,
    "last(contracts.is_auto_renewed)": ValueKind.FLAG,
}


@pytest.mark.parametrize("text", KINDS)
def test_every_value_has_a_kind(text: str) -> None:
    assert checked(parse(text).tree, everything()) == KINDS[text]


def test_a_definition_says_what_kind_of_tag_it_makes() -> None:
    kinds = {"age > 3": TagKind.YES_NO, "city": TagKind.CATEGORY, "age": TagKind.NUMBER, "born_on": TagKind.DATE}
    assert {text: kind_of(read_definition(text, everything()), everything()) for text in kinds} == kinds


def test_a_flag_alone_defines_no_tag() -> None:
    with pytest.raises(RuleError, match="no definition of a tag") as refused:
        read_definition("last(contracts.is_auto_renewed)", everything())
    assert refused.value.advice == "Write the condition: “… = yes”."


def test_an_attribute_is_found_by_its_title_too() -> None:
    known = everything()
    attribute = replace(known.attributes["gender"], title="Sexe déclaré")
    with pytest.raises(RuleError, match="Did you mean “gender”"):
        read_rule('`sexe declaré` = "x"', replace(known, attributes={"gender": attribute}))


def test_what_may_not_be_seen_is_not_suggested() -> None:
    with pytest.raises(RuleError) as refused:
        read_rule('emial = "x"', without_personal_data())
    assert "email" not in refused.value.advice
    with pytest.raises(RuleError, match="Did you mean “email”"):
        read_rule('emial = "x"', everything())


def test_inside_a_relation_its_own_columns_come_first() -> None:
    assert read_rule('any insured (relation_to_holder = "child" and age < 12 and since_on < today)', everything())
    with pytest.raises(RuleError, match="there is no attribute “share”"):
        read_rule("share > 3", everything())


def test_a_window_since_an_attribute_names_one_of_the_customer() -> None:
    assert read_rule("count(orders since first_started_on) > 1", everything())
    with pytest.raises(RuleError, match="there is no attribute “ordered_on”"):
        read_rule("count(orders since ordered_on) > 1", everything())


def test_the_right_to_see_personal_data_opens_all_attributes() -> None:
    assert read_rule('name = "Li" and any insured (phone is known)', everything())


def test_the_names_in_a_rule_are_those_that_it_depends_on() -> None:
    rule = (
        'age > 30 and sum(orders.amount where category = "x" since first_ordered_on) > 1 and not ever(events) '
        'and any insured (relation_to_holder = "child" and city = "x") and tag "basket_size" > 1 '
        'and has tag "rfm_segment" and in audience "our friends" and distinct(orders.channel) > 1'
    )
    assert names_in(parse(rule).tree) == Names(
        attributes=frozenset({"age", "first_ordered_on"}),
        facts={"orders": frozenset({"amount", "category", "channel"}), "events": frozenset()},
        relations={"insured": frozenset({"relation_to_holder", "city"})},
        tags=frozenset({"basket_size", "rfm_segment"}),
        audiences=frozenset({"our friends"}),
    )


def test_a_tree_that_was_stored_is_checked_as_a_text_is() -> None:
    rule = read_rule("age > 30", everything())
    assert read_tree(tree.tree_to_json(rule), everything()) == rule
    with pytest.raises(RuleError, match="there is no attribute “aeg”"):
        read_tree('{"node": "known", "value": {"node": "attribute", "name": "aeg"}}', everything())


NO_TREES = {
    "is not finished": '{"node": "known"',
    "is no object": "[]",
    "is of no kind": '{"node": "execute", "value": 1}',
    "says more than it may": '{"node": "today", "table": "staff"}',
    "has no number": '{"node": "number", "value": "NaN"}',
    "has an endless number": '{"node": "number", "value": "1E+1000000000"}',
    "has half a character": '{"node": "attribute", "name": "\\ud800"}',
    "looks for nothing": '{"node": "matches", "operator": "~", "value": {"node": "today"}, "text": "x"}',
    "has a window without borders": '{"node": "ever", "facts": {"table": "orders", "window": {"node": "dates"}}}',
    "is too deep to read": '{"node": "not", "of": ' * 50_000 + "1" + "}" * 50_000,
    "is too deep": '{"node": "not", "of": ' * 60 + '{"node": "ever", "facts": {"table": "orders"}}' + "}" * 60,
    "is too long": '"' + "x" * 2_000_000 + '"',
}


@pytest.mark.parametrize("what", NO_TREES)
def test_json_that_is_no_rule_is_refused(what: str) -> None:
    with pytest.raises(RuleError):
        read_tree(NO_TREES[what], everything())
