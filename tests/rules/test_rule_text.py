"""The text of rules: what is read, and how it is written."""

from __future__ import annotations

import logging
from datetime import date
from decimal import Decimal

import lark
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rules import random_rules
from tests.rules.vocabularies import everything, odd_names

from zhike.rules import tree
from zhike.rules.check import checked
from zhike.rules.errors import RuleError
from zhike.rules.grammar import parsing
from zhike.rules.grammar.expected import SPELT
from zhike.rules.grammar.parsing import parser
from zhike.rules.grammar.spelling import KEYWORDS
from zhike.rules.text import parse, parse_rule, text_of, text_of_name
from zhike.warehouse.attributes import registry

often = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
AGE = tree.Attribute(name="age")
A, B, C = (tree.Compare(operator="=", left=tree.Attribute(name=n), right=tree.Number(value=1)) for n in "abc")


def number(value: str) -> tree.Number:
    return tree.Number(value=Decimal(value))


@often
@given(random_rules.definitions(everything()))
def test_every_valid_tree_is_read_back_from_its_text(definition: tree.Definition) -> None:
    checked(definition, everything())
    text = text_of(definition)
    assert parse(text).tree == definition
    assert text_of(parse(text).tree) == text
    assert tree.tree_from_json(tree.tree_to_json(definition)) == definition


@often
@given(random_rules.definitions(odd_names(), depth=2))
def test_names_may_be_as_odd_as_they_like(definition: tree.Definition) -> None:
    checked(definition, odd_names())
    assert parse(text_of(definition)).tree == definition


@often
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_any_text_and_any_name_is_read_back(written: str) -> None:
    condition = tree.Compare(operator="=", left=tree.Attribute(name=written), right=tree.Text(value=written))
    text = text_of(tree.All(of=(condition, tree.HasTag(tag=written, values=(written, written)))))
    assert parse(text).tree == tree.All(of=(condition, tree.HasTag(tag=written, values=(written, written))))
    assert "\n" not in text


@often
@given(
    st.text("ab( ),\"'`=<>.-01in最（）“”＝，\\")
    | st.lists(st.sampled_from(sorted(KEYWORDS) + list("(),=.")), max_size=12).map(" ".join)
)
def test_any_text_is_read_or_refused_with_its_place(text: str) -> None:
    refused = None
    try:
        parse(text)
    except RuleError as error:
        refused = error
    if refused:
        assert refused.message
        assert refused.span is not None
        assert 0 <= refused.span.start <= refused.span.end <= len(text)


EXAMPLE = (
    'gender = "female" and age between 30 and 45 and count(orders where category = "skincare" in last 90 days) >= 2 '
    'and sum(orders.amount in last 12 months) > 5000 and last(events where kind = "login") within 30 days and '
    'ever(interactions where channel = "call" and topic = "securities") and has tag "owns_smartphone" and '
    'not in audience "bought_this_quarter"'
)

# Texts that are written as they are read.
CANONICAL = (
    EXAMPLE,
    "a = 1 and b = 1 or c = 1",
    "a = 1 and (b = 1 or c = 1)",
    "a = 1 and (b = 1 and c = 1)",
    "(a = 1 or b = 1) or c = 1",
    "not (a = 1 and b = 1)",
    "not not a = 1",
    "not a = 1 and b = 1",
    "not a is unknown",
    "x not in (1, -2)",
    "not x between 1 and 2",
    "a - (b - c) > 0",
    "a - b - c > 0",
    "a + (b + c) > 0",
    "(a + b) * c > 0",
    "a * b / c > -3",
    "a - -3 > 0",
    "-3 * a > 0",
    "-3",
    "(when a = 1 then 1 otherwise -2) + 1 > 2",
    "days_since(when a = 1 then 2026-01-31) > 2",
    'when a = 1 or b = 1 then "x" when c = 1 then "y" otherwise "z"',
    "when a = 1 then yes",
    'x = "say \\"yes\\" \\\\ \\n \\u{200b} ’"',
    "`count` = 1 and `a b` = 2 and `a\\`` = 3",
    "count(orders) > 1",
    "count(orders in last 1 day) > 1",
    "count(orders in this quarter) > 1",
    "count(orders in last calendar month) > 1",
    "count(orders in 2026-01-01 to 2026-03-31) > 1",
    "count(orders from 2026-01-01) > 1",
    "count(orders until 2026-03-31) > 1",
    "count(orders since first_ordered_on) > 1",
    "streak(orders by month where a = 1 or b = 1 in last 2 years) > 3",
    'last(orders.category where a in (1, 2) in last 2 years) = "x"',
    "count(orders where x = 1 in last 2 years) > 3",
    "born_on within 1 week or born_on within next 2 quarters",
    'name contains "x" and name starts with "y" and name ends with "z"',
    "today = 2026-01-31",
    'has tag "x" as of 2026-01-31',
    'has tag "x" = "v" as of 2026-01-31 and not has tag "y" in ("v", "w")',
    'tag "x" = "v" or tag "y" > 3',
    'any insured (relation_to_holder = "child" and age < 12) and not all payer (age is unknown)',
)


@pytest.mark.parametrize("text", CANONICAL)
def test_a_text_is_written_as_it_was_read(text: str) -> None:
    assert text_of(parse(text).tree) == text


# What people write otherwise, and how it is written in the end.
OTHERWISE = {
    "GENDER": "GENDER",
    'gender="female"AND age>30': 'gender = "female" and age > 30',
    "a = 1\n  and\tb = 1": "a = 1 and b = 1",
    "(((a = 1)))": "a = 1",
    "a == 1 and b <> 2 and c ≠ 3 and d ≤ 4 and e ≥ 5": "a = 1 and b != 2 and c != 3 and d <= 4 and e >= 5",
    "a ＝ １２．５ and （b ＞＝ －３ or c ！= 2）": "a = 12.5 and (b >= -3 or c != 2)",
    "x in （“a”，‘b’、「c」，'d'）": 'x in ("a", "b", "c", "d")',
    "x　=　”a“": 'x = "a"',
    "a × b ÷ 2 − 1 > 0": "a * b / 2 - 1 > 0",
    "x = 'it\\'s'": 'x = "it\'s"',
    "x not between 1 and 2": "not x between 1 and 2",
    'x not contains "a"': 'not x contains "a"',
    "not x in (1)": "x not in (1)",
    "not x is known": "x is unknown",
    "x is not known": "x is unknown",
    "x within last 3 day": "x within 3 days",
    "x = true and y = FALSE": "x = yes and y = no",
    "count(orders in last month) > 1": "count(orders in last calendar month) > 1",
    "count(orders in this calendar month) > 1": "count(orders in this month) > 1",
    "count(orders from 2026-01-01 to 2026-02-01) > 1": "count(orders in 2026-01-01 to 2026-02-01) > 1",
    "count(orders from 2026-01-01 until 2026-02-01) > 1": "count(orders in 2026-01-01 to 2026-02-01) > 1",
    "COUNT (orders WHERE a = 1 IN LAST 2 Weeks) > 1": "count(orders where a = 1 in last 2 weeks) > 1",
    "has tag rfm_segment = champions": 'has tag "rfm_segment" = "champions"',
    "has tag 'x-y' = at-risk as of 2026-01-31": 'has tag "x-y" = "at-risk" as of 2026-01-31',
    "has tag rfm_recency = 5": 'has tag "rfm_recency" = "5"',
    "has tag x in (v, “w”)": 'has tag "x" in ("v", "w")',
    "not in audience friends": 'not in audience "friends"',
    "tag x = 'v'": 'tag "x" = "v"',
    "orders = 1 and last = 2 and count = 3": "orders = 1 and `last` = 2 and `count` = 3",
}


@pytest.mark.parametrize("text", OTHERWISE)
def test_what_can_mean_one_thing_only_is_understood(text: str) -> None:
    assert text_of(parse(text).tree) == OTHERWISE[text]


def test_rules_of_earlier_versions_are_read() -> None:
    active = tree.HasTag(tag="contract_holder", values=("active",))
    assert parse_rule('has tag "rfm_segment" = "champions" and not has tag "contract_holder" = "active"') == tree.All(
        of=(tree.HasTag(tag="rfm_segment", values=("champions",)), tree.Not(of=active))
    )


def test_and_binds_more_strongly_than_or_and_not_more_strongly_than_both() -> None:
    assert parse("a = 1 or b = 1 and c = 1").tree == tree.Any(of=(A, tree.All(of=(B, C))))
    assert parse("not a = 1 and b = 1").tree == tree.All(of=(tree.Not(of=A), B))


def test_parentheses_keep_a_group_apart() -> None:
    assert parse("a = 1 and b = 1 and c = 1").tree == tree.All(of=(A, B, C))
    assert parse("(a = 1 and b = 1) and c = 1").tree == tree.All(of=(tree.All(of=(A, B)), C))


def test_arithmetic_is_done_from_the_left_and_products_first() -> None:
    def sign(operator: str, left: tree.Value, right: tree.Value) -> tree.Value:
        return tree.Arithmetic(operator=operator, left=left, right=right)  # type: ignore[arg-type]

    assert parse("age - 1 - 2 * 3").tree == sign("-", sign("-", AGE, number("1")), sign("*", number("2"), number("3")))


def test_the_window_belongs_to_the_facts_and_not_to_their_condition() -> None:
    assert parse("count(orders where a = 1 or b = 1 in last 3 days)").tree == tree.Aggregate(
        function=tree.Function.COUNT,
        facts=tree.Facts(table="orders", where=tree.Any(of=(A, B)), window=tree.Last(number=3, unit=tree.Unit.DAY)),
    )


def test_a_list_in_the_condition_of_facts_is_no_window() -> None:
    facts = parse("ever(orders where a in (1) in 2026-01-01 to 2026-01-31)").tree
    assert facts == tree.Ever(
        facts=tree.Facts(
            table="orders",
            where=tree.OneOf(value=tree.Attribute(name="a"), options=(number("1"),)),
            window=tree.Dates(start=date(2026, 1, 1), end=date(2026, 1, 31)),
        )
    )


def test_every_part_knows_its_place() -> None:
    text = 'age > 30 and (not any insured (city = "上海"))'
    spans = {path: text[span.start : span.end] for path, span in parse(text).spans.items()}
    assert spans == {
        (): text,
        ("of", 0): "age > 30",
        ("of", 0, "left"): "age",
        ("of", 0, "right"): "30",
        ("of", 1): '(not any insured (city = "上海"))',
        ("of", 1, "of"): 'any insured (city = "上海")',
        ("of", 1, "of", "relation"): "insured",
        ("of", 1, "of", "where"): 'city = "上海"',
        ("of", 1, "of", "where", "left"): "city",
        ("of", 1, "of", "where", "right"): '"上海"',
    }


def test_names_of_facts_and_tags_have_a_place_too() -> None:
    text = 'sum(orders.amount where a = 1 since tier) > 1 and has tag "x" in ("v", w)'
    spans = {path: text[span.start : span.end] for path, span in parse(text).spans.items()}
    sum_of = ("of", 0, "left")
    assert spans[*sum_of, "facts", "table"] == "orders"
    assert spans[*sum_of, "column"] == "amount"
    assert spans[*sum_of, "facts", "where", "left"] == "a"
    assert spans[*sum_of, "facts", "window", "attribute"] == "tier"
    assert spans["of", 1, "tag"] == '"x"'
    assert spans["of", 1, "values", 1] == "w"


@pytest.mark.parametrize("keyword", sorted(KEYWORDS))
def test_a_name_that_is_a_keyword_stands_in_backquotes(keyword: str) -> None:
    condition = tree.Known(value=tree.Attribute(name=keyword))
    assert text_of(condition) == f"`{keyword}` is known"
    assert parse(f"`{keyword}` is known").tree == condition


def test_no_declared_name_needs_backquotes() -> None:
    known = registry()
    names = [*known.attributes, *known.facts, *known.relations]
    names += [column for facts in known.facts.values() for column in facts.columns]
    names += [column for relation in known.relations.values() for column in relation.columns]
    assert [name for name in names if text_of_name(name) != name] == []


def test_the_grammar_can_be_read_in_one_way_only(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lark decides in silence where a grammar lets it choose."""
    monkeypatch.setattr(lark.logger, "level", logging.DEBUG)
    monkeypatch.setattr(lark.logger, "propagate", True)
    monkeypatch.setattr(lark.logger, "handlers", [])
    lark.Lark.open("grammar.lark", rel_to=parsing.__file__, parser="lalr", debug=True)
    assert caplog.messages == []
    lark.Lark('start: sum\nsum: sum "+" sum | "1"', parser="lalr", debug=True)
    assert "Shift/Reduce" in caplog.text


def test_every_keyword_of_the_grammar_can_be_said_in_errors() -> None:
    signs = {"EQUALS", "COMPARES", "PLUS", "MINUS", "TIMES", "DIVIDED", "LPAR", "RPAR", "COMMA", "DOT"}
    literals = {"DAY", "NUMBER", "STRING", "NAME", "WORD"}
    terminals = {terminal.name for terminal in parser().terminals if not terminal.name.startswith("__")}
    assert terminals - signs - literals == set(SPELT)
